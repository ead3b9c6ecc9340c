"""`make chaos`, `make chaos SEED=7`: a full run; writes benchmarks/chaos.json. Exit status 0 when it was sound."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.chaos.run import Size, run

FULL = Size(changes=380, seconds=80, calm=25, redis_every=15)
RESULT = Path(__file__).parents[1] / "chaos.json"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for logs and data (default: a temporary one)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="shipmate-chaos-") as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        result, wrong = run(options.seed, FULL, folder)
    for name, value in result.to_dict().items():
        print(f"{name:32} {value}")  # noqa: T201
    for name, items in wrong.items():
        for item in items[:20]:
            print(f"{name}: {item}")  # noqa: T201
    RESULT.write_text(json.dumps(result.to_dict(), indent=2) + "\n")
    return 0 if result.sound else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
