"""A command that says of itself that it only reads changes nothing; in doubt it is answered, others ask first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.command import discover
from bot.grammar import Parsed
from bot.ports import LogPage
from bot.reply import Reply
from tests.golden.quiet import Quiet
from tests.golden.test_told import runs

READING = [command for command in discover("commands") if command.reads]
OWN = ("person:", "group:", "home", "prefer", "file")
"""What is remembered of the asker alone, begins so: whoever it is about may change it by any word."""


def memory(shop: Quiet) -> dict[str, Any]:
    found = {}
    for key in shop.redis.scan_iter("shipmate:*"):
        if not key.removeprefix("shipmate:").startswith(OWN):
            found[key] = shop.redis.dump(key) if shop.redis.type(key) != "none" else None
    return found


@pytest.mark.parametrize("command", READING, ids=lambda command: command.verb)
def test_what_reads_changes_nothing(command: Any, quiet: Quiet) -> None:
    quiet.begin()
    quiet.systems.runs = dict.fromkeys(("dev", "trunk", "hidden", "product"), runs())
    quiet.systems.pages = [LogPage(newest=datetime.now(UTC)) for _question in range(50)]
    before = memory(quiet)

    answers = [quiet.asks(text) for text in command.examples if " follow" not in text]

    assert all(isinstance(answer, Reply) for answer in answers)
    assert memory(quiet) == before
    assert command.kind != "change"


def test_what_shows_something_reads() -> None:
    shows = {command.verb for command in discover("commands") if command.english().startswith("Show ")}

    assert shows <= {command.verb for command in READING}


@pytest.mark.parametrize("command", READING, ids=lambda command: command.verb)
def test_a_doubt_does_no_harm_in_what_reads(command: Any, quiet: Quiet) -> None:
    """`呢` makes a question of what is said: of an order that is asked about, of a question it is one."""
    text = command.examples[0]

    assert isinstance(quiet.app.catalogue.parse(f"{text} 呢"), Parsed)
    assert not isinstance(quiet.app.catalogue.parse("restart web in trunk 呢"), Parsed)
