"""Colour is never the only signal: what is marked red says in words what is wrong, wherever it stands."""

from __future__ import annotations

import re
from pathlib import Path

SAID = Path(__file__).parents[1] / "golden" / "said"
NAMES = re.compile(r"`[^`]*`|\*[^*]*\*|:\w+:|<[^>]*>|\b(?:dev|trunk|hidden|product|section|says|told)\b")
WORDS = re.compile(r"[a-z]{3,}|[\u4e00-\u9fff]{2,}")


def red() -> list[str]:
    """Every red line that a golden file shows, in either language."""
    lines = (line for path in SAID.rglob("*.txt") for line in path.read_text("utf-8").splitlines())
    return [line.strip() for line in lines if ":red_circle:" in line]


def test_what_is_red_is_told_in_words_too() -> None:
    shown = red()
    assert len(shown) > 20

    assert [line for line in shown if not WORDS.search(NAMES.sub("", line))] == []


def test_a_line_that_tells_by_its_colour_alone_is_found() -> None:
    assert not WORDS.search(NAMES.sub("", ":red_circle: product: `releases-r1841-42` · :lock: <@U0QA>"))
