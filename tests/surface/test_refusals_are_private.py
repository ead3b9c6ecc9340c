"""What everybody sees is what became of a change and what was asked of the systems: refusals, questions and help
are for whoever asked, of every command there is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.catalogue import Catalogue
from bot.grammar import Parsed
from sandbox.chat import Chat
from sandbox.stage import Stage
from tests import sample
from tests.conftest import settle
from tests.surface.discipline import breaches, in_channels

CATALOGUE = Catalogue(sample.settings())


def lines(what: str) -> Iterator[str]:
    """One line for each command where there can be such a one."""
    for command in CATALOGUE.commands:
        if what == "not allowed":
            yield (command.examples or (command.verb,))[0]
        elif what == "missing words" and not isinstance(CATALOGUE.parse(command.verb), Parsed):
            yield command.verb
        elif what == "an unknown name" and command.examples and "web" in command.examples[0]:
            yield command.examples[0].replace("web", "wbexyz", 1)
        elif what == "an unknown operation" and "<operation>" in command.usage:
            yield command.examples[0].replace("k7f3", "zzz9") if command.examples else f"{command.verb} zzz9"
        elif what == "help" and command.verb not in ("adopt",):
            yield f"help {command.verb}"


@pytest.mark.parametrize(
    ("what", "by", "least"),
    [
        ("not allowed", "guest", 45),
        ("missing words", "ops", 25),
        ("an unknown name", "ops", 20),
        ("an unknown operation", "ops", 7),
        ("help", "ops", 40),
    ],
)
def test_of_every_command(chat: Chat, stage: Stage, what: str, by: str, least: int) -> None:
    asked = list(lines(what))
    assert len(asked) >= least, asked

    public = [text for text in asked if chat.says(text, by=by).only_for is None]

    assert public == []
    settle(stage)
    slack = stage.world.slack.slack
    assert stage.thread.call(in_channels, slack) == []
    assert stage.thread.call(breaches, slack) == []


@pytest.mark.parametrize(
    "text",
    [
        "effect zzz9",
        "promote web to product",  # nobody has passed what runs in hidden
        "promote web to trunk",  # nothing is promoted there
        "scale web in trunk to 99",
        "logs pay in trunk from build 4711",
        "changes web in product from nowhere",
        "extend by 1h",
        "keep web in trunk",
        "unlock web in trunk",
        "here is product",
        "settings quiet 7",
        "mail perhaps",
    ],
)
def test_of_what_cannot_be_done(chat: Chat, text: str) -> None:
    said = chat.says(text, by="ops")

    assert said.only_for == "U0OPS", said.shown


@pytest.mark.parametrize("text", ["status web in trunk", "board", "oncall", "images web"])
def test_what_was_asked_of_the_systems_is_for_everybody(chat: Chat, text: str) -> None:
    assert chat.says(text, by="ops").only_for is None
