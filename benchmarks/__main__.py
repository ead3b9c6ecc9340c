"""`make bench`: measure, print a table, write benchmarks/results.json. Exit status 1 when a bound does not hold."""

from __future__ import annotations

import sys
from types import ModuleType

from benchmarks import causes, flight, latency, logs, startup, store, type_ahead
from benchmarks.results import Result, table, write

SUBJECTS: dict[str, ModuleType] = {
    "startup": startup,
    "latency": latency,
    "flight": flight,
    "causes": causes,
    "store": store,
    "logs": logs,
    "type-ahead": type_ahead,
}


def main(names: list[str]) -> int:
    """All subjects, or those named; what was not measured now keeps its place in the list."""
    results: list[Result] = []
    for name in names or SUBJECTS:
        print(f"... {name}", flush=True)  # noqa: T201
        results += SUBJECTS[name].measure()
    print(table(results))  # noqa: T201
    write(results)
    return 0 if all(result.holds for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
