"""Slack repeats itself, people tap twice, bots come in pairs, hooks fire again: it happens once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.app import App
from bot.dispatcher import Request
from bot.environment import Environment
from bot.ledger import PREFIX, Ledger
from bot.lifecycle import State
from bot.operation import Operation, Origin
from sandbox.chat import Chat, Said, eventually
from sandbox.server import Fault
from sandbox.slack.delivery import Envelope
from sandbox.slack.records import TEAM
from sandbox.stage import Stage
from tests.commands.test_cancel import id_of
from tests.conftest import settle


def repeat(stage: Stage, text: str, times: int = 2) -> None:
    """Slack delivers what somebody said again although it was acknowledged."""
    envelope = next(e for e in reversed(stage.world.slack.envelopes) if text in spoken(e))
    eventually(lambda: envelope.acked, "the first acknowledgement")
    sent = len(envelope.sent)
    for _ in range(times):
        stage.thread.call(stage.world.slack.delivery.send_again, envelope)
    eventually(lambda: len(envelope.sent) == sent + times, "the repetitions")


def spoken(envelope: Envelope) -> str:
    return str(envelope.payload.get("event", {}).get("text", ""))


def heard_everything(chat: Chat) -> None:
    """Whatever was delivered before has been answered: one socket's envelopes are taken in order."""
    chat.says("whoami", by="qa", channel="#web")


def kept(stage: Stage) -> list[Operation]:
    names = [str(name).rpartition(":")[2] for name in stage.redis.scan_iter(PREFIX + "op:*")]
    found = [operation for operation in Ledger(stage.redis).get_all(names) if operation is not None]
    return sorted(found, key=lambda operation: operation.opened)


# -- events


def test_a_change_that_is_delivered_again_is_one_operation(chat: Chat, stage: Stage) -> None:
    said = chat.says("deploy web to dev", by="engineer")

    repeat(stage, "deploy web to dev")

    chat.ends(said)
    repeat(stage, "deploy web to dev")
    heard_everything(chat)
    settle(stage)
    assert len(chat.said()) == 1
    assert len(said.replies) == 1
    assert len(stage.world.jenkins.triggers) == 1


def test_a_question_that_is_delivered_again_is_answered_once(chat: Chat, stage: Stage) -> None:
    chat.says("status web in dev", by="qa")

    repeat(stage, "status web in dev")

    heard_everything(chat)
    settle(stage)
    assert len(chat.said()) == 1


@pytest.mark.parametrize("text", ["deploy web to product", "whoami", "dploy web to trunk"])
def test_what_is_answered_at_the_door_is_answered_once(chat: Chat, stage: Stage, text: str) -> None:
    """Refusals, controls and questions back are no operations, but repetitions of them are none either."""
    chat.says(text, by="engineer")

    repeat(stage, text)

    heard_everything(chat)
    settle(stage)
    assert len(chat.said()) == 1


# -- taps


def failed(chat: Chat, stage: Stage) -> Said:
    stage.thread.call(stage.world.jenkins.fail_next, "web-build")
    return chat.ends(chat.says("deploy web to dev", by="engineer"))


def test_a_button_tapped_twice_is_one_operation(chat: Chat, stage: Stage) -> None:
    before = failed(chat, stage)
    button = before.buttons["Try again"]
    message = before.message
    slack = stage.world.slack.slack

    for person in ("engineer", "engineer", "ops"):
        stage.thread.call(
            slack.press, person, message.channel, message.ts, button["action_id"], None, button["value"]
        )

    eventually(lambda: len(chat.said()) == 4, "one more operation, and answers to the taps too many")
    answers = [said for said in chat.said() if said.only_for]
    (second,) = [said for said in chat.said() if not said.only_for and said.message is not message]
    chat.ends(second)
    assert len(stage.world.jenkins.triggers) == 2
    assert all("That button was used already" in answer.shown for answer in answers)
    assert all(id_of(second) in answer.shown for answer in answers)


def test_what_a_button_starts_is_told_where_the_button_is(chat: Chat, stage: Stage) -> None:
    before = failed(chat, stage)

    second = chat.taps(before, "Try again", by="engineer")

    chat.ends(second)
    assert second.message.thread_ts is None, "a message of its own, not hidden in the thread of the old one"
    assert len(before.replies) == 1


# -- replicas


@pytest.fixture
def replica(stage: Stage) -> Iterator[str]:
    sockets = stage.world.slack.sockets.sockets
    stage.crew.start("bot.2")
    eventually(lambda: len(sockets) == 2, "a second bot")
    yield "bot.2"
    stage.crew.kill("bot.2")
    eventually(lambda: len(sockets) == 1, "the second bot to be gone")


def test_two_bots_are_one_voice(chat: Chat, stage: Stage, replica: str) -> None:
    texts = [f"scale {name} in {place} to 3" for name in ("web", "api", "shop") for place in ("dev", "trunk")]

    for text in texts:
        chat.mutters(f"@shipmate {text}", by="ops")
    for text in texts:
        eventually(lambda text=text: text in {one.text for one in kept(stage)}, text)  # type: ignore[misc]
        repeat(stage, text, times=2)  # each bot gets one

    eventually(lambda: sum(bool(said.replies) for said in chat.said()) == len(texts), "all ends")
    settle(stage)
    assert sorted(one.text for one in kept(stage)) == sorted(texts)
    assert [len(said.replies) for said in chat.said()] == [1] * len(texts)


# -- connections


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
def test_nothing_said_while_the_socket_is_renewed_is_missed(chat: Chat, stage: Stage, reason: str) -> None:
    stage.thread.run(stage.world.slack.disconnect(reason))

    said = chat.says("scale web in dev to 3", by="ops")

    chat.ends(said)
    assert len(chat.said()) == 1
    eventually(lambda: len(stage.world.slack.sockets.sockets) == 1, "the socket")


def test_nothing_said_while_the_socket_is_lost_is_missed_and_the_gap_is_logged(
    chat: Chat, stage: Stage
) -> None:
    gaps = stage.crew.log("bot").count("slack gap=")
    stage.thread.run(stage.world.slack.sockets.close())

    said = chat.says("scale web in dev to 3", by="ops")

    chat.ends(said)
    settle(stage)
    assert len(chat.said()) == 1
    eventually(lambda: stage.crew.log("bot").count("slack gap=") > gaps, "the gap in the log")


# -- automatic origins


def asks(stage: Stage, text: str, key: str, source: str = "hook") -> None:
    channel = stage.world.slack.slack.channel("#deploys").id
    origin = Origin(channel, source=source, key=key)
    App(Environment.read(stage.variables)).dispatcher.handle(Request(text, "U0OPS", TEAM, origin))


def test_a_newer_automatic_change_replaces_the_one_that_waits(chat: Chat, stage: Stage) -> None:
    stage.world.jenkins.faults.set(Fault("slow", match="buildWithParameters", seconds=3, times=1))
    running = chat.says("deploy web to dev", by="engineer")
    chat.says("deploy web to dev at r1839", by="engineer")

    for revision in ("r1840", "r1841", "r1842"):
        asks(stage, f"deploy web to dev at {revision}", key=f"push:{revision}")
    asks(stage, "deploy web to dev at r1840", key="push:r1840")  # and one comes again

    states = {one.text.rpartition(" ")[2]: one.state for one in kept(stage)[1:]}
    assert states == {
        "r1839": State.QUEUED,
        "r1840": State.CANCELLED,
        "r1841": State.CANCELLED,
        "r1842": State.QUEUED,
    }
    eventually(lambda: len(chat.said()) == 5, "all messages")
    for said in (running, *chat.said()):
        chat.ends(said)
    built = [trigger.parameters["REVISION"] for trigger in stage.world.jenkins.triggers]
    assert built == ["HEAD", "r1839", "r1842"]


def test_automatic_changes_of_other_targets_are_left_alone(chat: Chat, stage: Stage) -> None:
    stage.world.jenkins.faults.set(Fault("slow", match="buildWithParameters", seconds=1, times=1))
    for place in ("dev", "trunk"):
        asks(stage, f"deploy web to {place}", key=f"push:{place}:1")
        asks(stage, f"deploy web to {place} at r1839", key=f"push:{place}:2")

    eventually(lambda: len(chat.said()) == 4, "all messages")
    for said in chat.said():
        chat.ends(said)

    assert {one.state for one in kept(stage)} == {State.SUCCEEDED}
