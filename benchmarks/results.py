"""What was measured, and whether it keeps its bound."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = Path(__file__).parent / "results.json"


@dataclass(frozen=True)
class Result:
    """`bound`: the largest value that is good enough, or the smallest where `at_least`; None: only reported."""

    name: str
    value: float
    unit: str
    bound: float | None = None
    at_least: bool = False

    @property
    def holds(self) -> bool:
        if self.bound is None:
            return True
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def table(results: Sequence[Result]) -> str:
    width = max(len(result.name) for result in results)
    lines = []
    for result in results:
        sign = ">=" if result.at_least else "<="
        bound = "" if result.bound is None else f"{sign} {result.bound:g}"
        verdict = "" if result.bound is None else ("ok" if result.holds else "TOO MUCH")
        lines.append(
            f"{result.name:<{width}}  {result.value:>10.2f} {result.unit:<6} {bound:>9}  {verdict}".rstrip()
        )
    return "\n".join(lines)


def write(results: Sequence[Result], path: Path = FILE) -> None:
    """A list of {"name", "value", "unit", "bound", "holds"}; new figures replace those of the same name."""
    rows = json.loads(path.read_text()) if path.exists() else []
    rows = [row for row in rows if row["name"] not in {result.name for result in results}]
    for result in results:
        row = {**asdict(result), "value": round(result.value, 3), "holds": result.holds}
        del row["at_least"]
        rows.append(row)
    path.write_text(json.dumps(rows, indent=2) + "\n")
