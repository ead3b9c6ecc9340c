"""How much of what the bot can say stands in a golden file. What does not is listed, and the list only shrinks."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from tests.golden.catalogue import UNSEEN, escaped, held, said, unseen
from tests.golden.telling import SAID, SCENES


def test_every_golden_file_belongs_to_a_scene() -> None:
    for path in Path(__file__).parent.glob("test_*.py"):
        import_module(f"tests.golden.{path.stem}")

    assert set(SAID.rglob("*.txt")) == SCENES


def test_what_stands_in_no_golden_file_is_listed(request: pytest.FixtureRequest) -> None:
    """A message that comes new is told in a scene; one of the list that is told now leaves it."""
    now = escaped(unseen(said()))
    if request.config.getoption("--rewrite-goldens"):
        UNSEEN.write_text(now)

    listed = UNSEEN.read_text()

    new, gone = (
        set(now.splitlines()) - set(listed.splitlines()),
        set(listed.splitlines()) - set(now.splitlines()),
    )
    assert not new, f"in no golden file: {sorted(new)}. Tell a scene with it, then: make golden"
    assert not gone, (
        f"they stand in one now, or are no more: {sorted(gone)}. make golden takes them off the list"
    )


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
