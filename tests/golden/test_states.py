"""The one message of an operation in each of its states, in both languages; drawn from a record, as in the bot."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from bot.language import LANGUAGES, speaking
from bot.lifecycle import State
from bot.reply import Reply
from bot.views import calling, closing, showing
from integrations import slack_blocks
from tests.golden import drawn
from tests.golden.plainly import same
from tests.golden.states import every
from tests.golden.telling import INDENT, SAID, SCENES, golden

PATHS = {language: SAID / "states" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())


def _drawn(place: str, reply: Reply) -> list[str]:
    shown = drawn.message(slack_blocks.summary(reply), slack_blocks.blocks(reply))
    return [f"  {place}", *(f"{INDENT}{line}" for line in shown), ""]


@pytest.mark.parametrize("language", LANGUAGES)
def test_states(language: str, request: pytest.FixtureRequest) -> None:
    lines = ["# The one message of an operation, in each state.", ""]
    with speaking(language):
        for name, (operation, place, usual) in every(time.time()).items():
            lines += [f"({name})", "", *_drawn("in #deploys", showing(operation, place, usual))]
            late = replace(operation, opened=operation.opened - 3600)
            if question := calling(late):
                lines += _drawn("in #deploys, in the thread", question[1])
            if end := closing(operation):
                lines += _drawn("in #deploys, in the thread", end)

    golden(
        PATHS[language],
        same("\n".join(lines), ["k7f3", "m2p4"]),
        request.config.getoption("--rewrite-goldens"),
    )


def test_every_state_is_told_of() -> None:
    assert {shown.operation.state for shown in every(time.time()).values()} == set(State)
