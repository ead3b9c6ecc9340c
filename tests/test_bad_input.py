"""What cannot be: unknown and ended operations, other people's targets, buttons of last week. One line each."""

from __future__ import annotations

import pytest

from bot.ledger import PREFIX
from sandbox.chat import Chat, Said, eventually
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World
from tests.commands.test_cancel import id_of

NAMING = ("cancel {}", "approve {}", "deny {}", "retry {}", "adopt {} build 1", "giveup {}", "proceed {}")
WEEK = 7 * 24 * 3600


def one_clear_line(said: Said) -> bool:
    return said.only_for is not None and len(said.shown.splitlines()) == 1 and not said.buttons


def one_change(world: World, stage: Stage) -> bool:
    """Of the cluster, by the one operation there is."""
    changed = sum(patch.changed for patch in world.kubernetes.patches)
    return changed == 1 and len(list(stage.redis.scan_iter(f"{PREFIX}op:*"))) == 1


@pytest.fixture
def ended(chat: Chat) -> Said:
    return chat.ends(chat.says("scale web in dev to 2", by="ops"))


@pytest.mark.parametrize("text", NAMING)
def test_an_operation_that_does_not_exist_is_said_not_to(chat: Chat, world: World, text: str) -> None:
    answer = chat.says(text.format("zzz9"), by="ops")

    assert one_clear_line(answer)
    assert "There is no operation `zzz9`" in answer.shown


@pytest.mark.parametrize("text", NAMING)
def test_what_has_ended_stays_as_it_is(
    chat: Chat, stage: Stage, world: World, ended: Said, text: str
) -> None:
    before = ended.shown

    answer = chat.says(text.format(id_of(ended)), by="ops")

    assert one_clear_line(answer)
    assert ": done." in answer.shown
    assert one_change(world, stage)
    assert ended.shown == before


def test_cancelling_twice_is_one_end(chat: Chat, world: World) -> None:
    said = chat.says("deploy web to trunk", by="engineer")
    eventually(lambda: world.jenkins.builds("web-build"), "the build")
    answers = [chat.says(f"cancel {id_of(said)}", by=name) for name in ("engineer", "ops")]

    assert all(one_clear_line(answer) for answer in answers)
    chat.ends(said)
    assert "cancelled" in said.shown
    assert len(said.replies) == 1
    assert world.jenkins.builds("web-build")[0].result == "ABORTED"


def last_week(stage: Stage, said: Said) -> None:
    """As if the message had stood there since."""

    def age() -> None:
        channel = stage.world.slack.slack.messages[said.message.channel]
        message = channel.pop(said.message.ts)
        message.ts = f"{float(message.ts) - WEEK:.6f}"
        channel[message.ts] = message

    stage.thread.call(age)


def test_a_button_of_last_week_starts_nothing(chat: Chat, stage: Stage, world: World) -> None:
    stage.thread.call(world.jenkins.fail_next, "web-build")
    failed = chat.ends(chat.says("deploy web to trunk", by="engineer"))
    last_week(stage, failed)

    answer = chat.taps(failed, "Try again", by="engineer")

    assert one_clear_line(answer)
    assert "That button is 7 d old" in answer.shown
    assert "Type `deploy web to trunk`" in answer.shown
    assert len(world.jenkins.triggers) == 1


def test_a_button_of_what_is_forgotten_is_told_so(chat: Chat, stage: Stage, world: World) -> None:
    """Its operation has ended, and was kept no longer."""
    broken = Fault("error", match="buildWithParameters", status=503)
    world.jenkins.faults.set(broken)
    said = chat.says("deploy web to trunk", by="engineer")
    eventually(lambda: "Stop" in said.buttons, "the button")
    button, operation_id = said.buttons["Stop"], id_of(said)
    chat.taps(said, "Stop", by="engineer")
    chat.ends(said)
    stage.redis.delete(f"{PREFIX}op:{operation_id}")

    answer = chat.says(button["value"], by="engineer")

    assert one_clear_line(answer)
    assert f"There is no operation `{operation_id}`" in answer.shown
