"""How much of what the bot can say stands in a golden file. What does not is listed, and may only become less."""

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


def test_fewer_and_fewer_messages_stand_in_no_golden_file(request: pytest.FixtureRequest) -> None:
    """`make golden` lists them; whoever tells more of them in a scene makes the list shorter."""
    missing = unseen(said())
    if request.config.getoption("--rewrite-goldens"):
        UNSEEN.write_text(escaped(missing))

    new = sorted(set(escaped(missing).splitlines()) - set(UNSEEN.read_text().splitlines()))
    assert not new, f"in no golden file: {new}. Tell a scene with them, then: make golden"


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
