"""Where a channel or a message cannot be had, people are told another way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.app import App
from bot.dispatcher import Request
from bot.environment import Environment
from bot.operation import Origin
from bot.reply import Button, Reply, Text, says
from sandbox.chat import Chat, Said, eventually
from sandbox.slack.records import TEAM
from sandbox.stage import Stage
from tests.conftest import settle, witness

ASKED = "scale web in dev to 3"


def people_only(stage: Stage) -> str:
    """not_in_channel: nobody invited the bot."""
    return stage.thread.call(stage.world.slack.slack.add_channel, "people-only", ["ops"], bot=False)


def closed(stage: Stage) -> str:
    """is_archived"""
    slack = stage.world.slack.slack
    channel = stage.thread.call(slack.add_channel, "closed", ["ops"])
    stage.thread.call(slack.archive, channel)
    return channel


def nowhere(_stage: Stage) -> str:
    """channel_not_found: what the bot sees of a private channel that it is not in."""
    return "G0PRIVATE"


def app(stage: Stage) -> App:
    return App(Environment.read(stage.variables))


def asks(stage: Stage, channel: str, text: str) -> None:
    """As after a slash command, which can be given in any channel."""
    origin = Origin(channel, source="slash", key=f"slash:{channel}:{text}")
    app(stage).dispatcher.handle(Request(text, "U0OPS", TEAM, origin))


def direct(stage: Stage) -> list[Said]:
    """What the bot wrote to the requester alone."""
    return stage.chat.said(stage.thread.call(stage.world.slack.slack.dm, "ops"))


def told_directly(stage: Stage) -> Said:
    found = eventually(lambda: next(iter(direct(stage)), None), "a direct message")
    assert found is not None
    return found


@pytest.mark.parametrize("make", [people_only, closed, nowhere])
def test_an_operation_asked_for_where_the_bot_cannot_write_is_told_directly(
    chat: Chat, stage: Stage, make: Callable[[Stage], str]
) -> None:
    channel = make(stage)

    asks(stage, channel, ASKED)

    said = chat.ends(told_directly(stage))
    settle(stage)
    assert "3 of 3 replicas ready" in said.shown
    assert len(direct(stage)) == 1
    assert len(said.replies) == 1


@pytest.mark.parametrize("make", [people_only, closed, nowhere])
def test_a_refusal_where_the_bot_cannot_write_is_told_directly(
    stage: Stage, make: Callable[[Stage], str]
) -> None:
    channel = make(stage)

    asks(stage, channel, "scale web in dev to 300")

    assert "takes 1 to 20 replicas, not 300" in told_directly(stage).shown


def test_an_operation_whose_channel_is_archived_meanwhile_ends_in_a_direct_message(
    chat: Chat, stage: Stage
) -> None:
    slack = stage.world.slack.slack
    channel = stage.thread.call(slack.add_channel, "closing", ["ops"])
    deploy = chat.says("deploy web to dev", by="ops", channel="#closing")

    stage.thread.call(slack.archive, channel)

    said = told_directly(stage)
    eventually(lambda: "is live on web/dev" in said.shown, "the end, told directly")
    settle(stage)
    assert not deploy.replies
    assert len(direct(stage)) == 1


def test_an_operation_whose_channel_the_bot_had_to_leave_ends_in_a_direct_message(
    chat: Chat, stage: Stage
) -> None:
    slack = stage.world.slack.slack
    stage.thread.call(slack.add_channel, "leaving", ["ops"])
    deploy = chat.says("deploy web to dev", by="ops", channel="#leaving")

    stage.thread.call(slack.remove, "shipmate", "#leaving")

    said = told_directly(stage)
    eventually(lambda: "is live on web/dev" in said.shown, "the end, told directly")
    settle(stage)
    assert not deploy.replies
    assert len(direct(stage)) == 1


TOO_MUCH = Button("Try again", "deploy web to dev at " + "r" * 3_000)
"""Slack takes 2,000 characters of a button's value: `invalid_blocks`."""


def test_blocks_that_slack_refuses_are_told_as_plain_text(stage: Stage) -> None:
    origin = Origin(stage.world.slack.slack.channel("#deploys").id)

    posted = app(stage).chat.post(origin, says("It failed.", TOO_MUCH, private=False), "U0OPS", "k7f3")

    (said,) = stage.chat.said()
    assert (said.message.ts, said.shown) == (posted.ts, "It failed.")
    assert app(stage).chat.find(origin, "k7f3", float(posted.ts)) == posted, "and it is found again"
    assert_was_beyond_the_limits()


def test_an_update_that_slack_refuses_is_told_as_plain_text(stage: Stage) -> None:
    origin = Origin(stage.world.slack.slack.channel("#deploys").id)
    posted = app(stage).chat.post(origin, says("It runs.", private=False), "U0OPS", "k7f3")

    app(stage).chat.update(posted, says("It failed.", TOO_MUCH))

    (said,) = stage.chat.said()
    assert said.shown == "It failed."
    assert_was_beyond_the_limits()


def assert_was_beyond_the_limits() -> None:
    """What was tried here on purpose, and is forgotten by this: `tests/conftest.py` would fail the test for it."""
    with pytest.raises(AssertionError, match="is too long"):
        witness.check()


def test_a_message_longer_than_slack_takes_is_cut(stage: Stage) -> None:
    origin = Origin(stage.world.slack.slack.channel("#deploys").id)
    reply = Reply("s" * 50_000, tuple(Text("line\n" * 2_000) for _ in range(60)))
    posted = app(stage).chat.post(origin, reply, "U0OPS", "k7f3")

    app(stage).chat.update(posted, reply)

    (said,) = stage.chat.said()
    assert said.message.blocks, "with its blocks, as many as fit"
    assert "the rest does not fit here" in said.shown
