"""The figures' format and their bounds; what is measured is `make bench`'s own business."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.results import Result, table, write

REPORTED = Result("resident memory of bot", 61.23456, "MB")
KEPT = Result("event to trigger, p50", 12.5, "ms", 20)
BROKEN = Result("commands at once", 35, "/s", 100, at_least=True)


@pytest.mark.parametrize(
    ("value", "at_least", "holds"),
    [(19.9, False, True), (20.1, False, False), (19.9, True, False), (20.1, True, True)],
)
def test_a_bound_is_the_largest_or_the_smallest_value_that_will_do(
    value: float, at_least: bool, holds: bool
) -> None:
    assert Result("x", value, "ms", 20, at_least).holds is holds


def test_what_has_no_bound_is_only_reported() -> None:
    assert REPORTED.holds


def test_results_are_a_list_of_five_keys_each(tmp_path: Path) -> None:
    file = tmp_path / "results.json"

    write([REPORTED, KEPT, BROKEN], file)

    assert json.loads(file.read_text()) == [
        {"name": "resident memory of bot", "value": 61.235, "unit": "MB", "bound": None, "holds": True},
        {"name": "event to trigger, p50", "value": 12.5, "unit": "ms", "bound": 20, "holds": True},
        {"name": "commands at once", "value": 35, "unit": "/s", "bound": 100, "holds": False},
    ]


def test_the_table_has_a_line_for_each_and_points_at_what_does_not_hold() -> None:
    reported, kept, broken = table([REPORTED, KEPT, BROKEN]).splitlines()

    assert reported.endswith("61.23 MB")
    assert "<= 20" in kept
    assert kept.endswith("ok")
    assert ">= 100" in broken
    assert broken.endswith("TOO MUCH")
