"""What is said in a channel: once, in order, within Slack's limits, whatever Slack does meanwhile."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Literal

import pytest

from bot.ledger import PREFIX, Ledger
from bot.lifecycle import State
from sandbox.chat import Chat, Said, eventually
from sandbox.server import Call, Fault, Kind
from sandbox.stage import SAMPLE, Stage, staged
from sandbox.world import World
from tests.commands.test_cancel import id_of
from tests.conftest import PACE, open_shop, settle

MANY = 50
TWINS = "".join(
    f"  s{number:02}:\n    source: svn\n    environments: {{dev: {{name: web, container: web}}}}\n"
    for number in range(1, MANY + 1)
)
"""Projects that all are the one workload `web`: what they do to it ends at the same time."""
CHANNELS = {"#deploys": "deploy web to dev", "#web": "deploy api to dev", "#oncall": "deploy shop to dev"}


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("outbox")
    config = folder / "shipmate.yaml"
    config.write_text(SAMPLE.read_text().replace("\nprojects:\n", f"\nprojects:\n{TWINS}"))
    with staged(folder, PACE, config=config) as stage:
        yield stage


@pytest.fixture
def stage(busy: Stage) -> Stage:
    open_shop(busy)
    busy.world.slack.calls.clear()
    return busy


@pytest.fixture
def chat(stage: Stage) -> Chat:
    return stage.chat


def spoken(world: World, method: str = "chat.") -> list[Call]:
    """What Slack was asked to show since the shop opened."""
    return [call for call in list(world.slack.calls) if f"/{method}" in call.path]


def test_fifty_operations_that_end_at_once_end_in_fifty_true_messages(chat: Chat, stage: Stage) -> None:
    for fault in (
        Fault("throttle", rate=0.05, match="chat.", times=1, seconds=1),
        Fault("error", rate=0.05, match="chat.", times=1, when="after"),
        Fault("reset", rate=0.05, match="chat.", times=1, when="after"),
    ):
        stage.world.slack.faults.set(fault)

    for number in range(1, MANY + 1):
        chat.mutters(f"@shipmate scale s{number:02} in dev to 4", by="ops")

    def ended() -> list[Said]:
        return [said for said in chat.said() if said.replies]

    eventually(lambda: len(ended()) >= MANY, "fifty ends", within=40)
    settle(stage)
    ledger = Ledger(stage.redis)
    operations = {said.message.ts: ledger.get(id_of(said)) for said in chat.said()}
    assert len(operations) == MANY
    assert {o.target for o in operations.values() if o} == {f"s{n:02}/dev" for n in range(1, MANY + 1)}
    for said in chat.said():
        operation = operations[said.message.ts]
        assert operation is not None
        assert operation.state is State.SUCCEEDED
        assert operation.outcome is not None
        assert f"*{operation.text}* · done" in said.shown
        assert operation.outcome.summary in said.shown
        assert [operation.outcome.summary in reply.shown for reply in said.replies] == [True]


def test_first_messages_whose_answers_are_lost_are_found_again(chat: Chat, stage: Stage) -> None:
    for fault in posts_fail("after"):
        stage.world.slack.faults.set(fault)

    everywhere = [chat.says(text, by="engineer", channel=channel) for channel, text in CHANNELS.items()]

    assert not stage.world.slack.faults.active, "it happened, to each of them"
    for said in everywhere:
        chat.ends(said, within=10)
    settle(stage)
    assert [len(chat.said(channel)) for channel in CHANNELS] == [1, 1, 1]
    assert [len(said.replies) for said in everywhere] == [1, 1, 1]


@pytest.mark.parametrize("when", ["before", "after"])
def test_ends_are_told_once_although_slack_fails(
    chat: Chat, stage: Stage, when: Literal["before", "after"]
) -> None:
    stage.world.jenkins.faults.set(Fault("slow", match="buildWithParameters", seconds=0.7, times=1))
    everywhere = [chat.says(text, by="engineer", channel=channel) for channel, text in CHANNELS.items()]
    for fault in posts_fail(when):
        stage.world.slack.faults.set(fault)

    for said in everywhere:
        chat.ends(said, within=10)

    settle(stage)
    assert not stage.world.slack.faults.active, "it happened, to each of them"
    assert [len(chat.said(channel)) for channel in CHANNELS] == [1, 1, 1]
    assert [len(said.replies) for said in everywhere] == [1, 1, 1]


def test_what_is_asked_in_a_thread_ends_there_once(chat: Chat, stage: Stage) -> None:
    slack = stage.world.slack.slack
    above = chat.ends(chat.says("scale web in dev to 3", by="ops"))
    stage.world.jenkins.faults.set(Fault("slow", match="buildWithParameters", seconds=0.7, times=1))
    stage.thread.call(slack.say, "engineer", "#deploys", "@shipmate deploy web to dev", above.message.ts)
    eventually(lambda: len(above.replies) == 2, "the message, in the thread")
    stage.world.slack.faults.set(Fault("error", when="after", match="chat.postMessage", times=1))

    eventually(lambda: len(above.replies) == 3, "the end, in the thread")

    settle(stage)
    assert not stage.world.slack.faults.active, "its answer was lost"
    assert "is live on web/dev" in above.replies[1].shown
    assert len(above.replies) == 3


def posts_fail(when: Literal["before", "after"]) -> list[Fault]:
    """`after`: Slack posts the message, and nobody hears of it."""
    kinds: tuple[Kind, ...] = ("reset", "refuse", "error")
    return [Fault(kind, when=when, match="chat.postMessage", times=1) for kind in kinds]


def test_slack_is_left_alone_for_as_long_as_it_asks(chat: Chat, stage: Stage) -> None:
    said = chat.says("deploy web to dev", by="engineer")
    slack = stage.world.slack
    slack.faults.set(Fault("throttle", match="chat.", times=1, seconds=2))

    chat.ends(said)

    calls = spoken(stage.world)
    refused = next(number for number, call in enumerate(calls) if call.status == 429)
    assert calls[refused + 1].at - calls[refused].at >= 2
    assert "is live on web/dev" in said.shown


def test_first_messages_stand_in_the_order_in_which_people_asked(chat: Chat, stage: Stage) -> None:
    stage.world.slack.faults.set(Fault("slow", match="chat.postMessage", seconds=0.5, times=1))
    asked = [f"scale s{number:02} in dev to 2" for number in (7, 3, 9, 1, 5)]
    heard = [f"scale {name} in trunk to 2" for name in ("web", "api")]

    for text in asked:
        chat.mutters(f"@shipmate {text}", by="ops")
        eventually(lambda text=text: text in texts_kept(stage), f"{text} in the ledger")  # type: ignore[misc]
    for text in heard:
        chat.mutters(f"@shipmate {text}", by="oncall", channel="#oncall")

    eventually(lambda: len(chat.said()) == len(asked), "all first messages")
    eventually(lambda: len(chat.said("#oncall")) == len(heard), "those of the other channel")
    shown = [re.search(r"\*(.+)\* ·", said.shown) for said in chat.said()]
    assert [found[1] for found in shown if found] == asked


def texts_kept(stage: Stage) -> set[str]:
    ledger = Ledger(stage.redis)
    names = stage.redis.scan_iter(PREFIX + "op:*")
    ids = [str(name).rpartition(":")[2] for name in names]
    return {operation.text for operation in ledger.get_all(ids) if operation}


def test_many_changes_of_an_operation_are_few_updates_of_its_message(chat: Chat, stage: Stage) -> None:
    said = chat.ends(chat.says("deploy web to dev", by="engineer"))

    settle(stage)
    operation = Ledger(stage.redis).get(id_of(said))
    assert operation is not None
    updates = [revision.at for revision in said.message.revisions if revision.kind == "updated"]
    assert len(updates) < operation.version / 2
    pauses = [later - earlier for earlier, later in itertools.pairwise(updates[:-1])]
    assert all(pause > 0.9 for pause in pauses), "about one a second; only the end does not wait"
    assert len(spoken(stage.world, "chat.update")) == len(updates)


def test_a_message_that_somebody_deleted_is_posted_again(chat: Chat, stage: Stage) -> None:
    first = chat.says("deploy web to dev", by="engineer")
    stage.thread.call(stage.world.slack.slack.delete, first.message)

    second = eventually(lambda: next(iter(chat.said()), None), "the message again")

    assert second is not None
    assert id_of(second) == id_of(first)
    chat.ends(second)
    settle(stage)
    assert "is live on web/dev" in second.shown
    assert len(chat.said()) == 1


def test_a_channel_that_slack_fails_does_not_hold_up_the_others(chat: Chat, stage: Stage) -> None:
    slack = stage.world.slack
    slack.faults.set(Fault("hang", match="chat.postMessage", seconds=4, times=1))
    chat.mutters("@shipmate scale web in dev to 3", by="ops")
    eventually(lambda: not slack.faults.active, "Slack to hang")

    other = chat.says("scale api in dev to 3", by="oncall", channel="#oncall", within=3.5)

    chat.ends(other)
    first = eventually(lambda: next(iter(chat.said()), None), "the message that had to wait")
    assert first is not None
    chat.ends(first)
