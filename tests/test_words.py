"""Lengths of time as they are read aloud, and emoji where there are none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.plain import SIGNS, with_signs
from bot.words import duration

SOURCES = [
    path for folder in ("bot", "commands") for path in (Path(__file__).parents[1] / folder).rglob("*.py")
]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "0 s"),
        (45, "45 s"),
        (59.6, "1 min"),
        (60, "1 min"),
        (81, "1 min 21 s"),
        (119.6, "2 min"),
        (120, "2 min"),
        (600, "10 min"),
        (7_500, "2 h 5 min"),
        (345_600, "4 d"),
    ],
)
def test_a_length_of_time_is_read_aloud(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_a_terminal_shows_a_sign_for_every_emoji_that_is_ever_said() -> None:
    said = {
        name
        for path in SOURCES
        for name in re.findall(r"""["' \\n{}]:([a-z]+(?:_[a-z]+)*):(?=["' ])""", path.read_text())
    }

    assert {"white_check_mark", "lock", "grey_question"} <= said
    assert said - SIGNS.keys() == set()
    assert with_signs(":lock: web :x:") == "[locked] web ✗"
