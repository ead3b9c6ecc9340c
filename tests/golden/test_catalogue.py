"""All that the bot can say stands in a golden file."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from tests.golden.catalogue import held, said, unseen
from tests.golden.telling import SAID, SCENES


def test_every_golden_file_belongs_to_a_scene() -> None:
    for path in Path(__file__).parent.glob("test_*.py"):
        import_module(f"tests.golden.{path.stem}")

    assert set(SAID.rglob("*.txt")) == SCENES


def test_every_message_of_the_catalogue_stands_in_a_golden_file() -> None:
    """Those in which the bot speaks English; what has a Chinese one beside it is rendered in both languages."""
    missing = unseen(said())

    assert not missing, f"in no golden file: {missing}. Tell a scene with them, then: make golden"


@pytest.mark.parametrize(
    ("message", "text", "found"),
    [
        ("{who} has unlocked {what}.", "qa has unlocked web/trunk.", True),
        ("Stop {id}?", "Stop k7f3 and put back?", True),
        ("Stop {id}!", "Stop k7f3 and put back?", False),
        ("Open", "Opened", False),
        (("{n} change", "{n} changes"), "9 changes", True),
        ("a < b", "a < b", True),
    ],
)
def test_a_message_is_found_by_its_own_words(message: str | tuple[str, str], text: str, found: bool) -> None:
    assert held(message, text) is found
