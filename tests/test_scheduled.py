"""Changes that are recorded now and start later: by the ledger, then through the workers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from redis import Redis

from bot.command import Change
from bot.grammar import Count, Environment, Project
from bot.ledger import Ledger
from bot.lifecycle import State
from bot.operation import PART_OF, STARTS, Operation, Origin
from bot.ports import Person
from bot.story import Story, Suspended
from commands.scale import Scale
from sandbox.chat import Chat, Said, eventually
from sandbox.stage import Stage
from tests.commands.test_cancel import id_of
from tests.ledger_support import memory, running

OPS = Person("U0OPS", "ops", team="T0SHOP")


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with memory(tmp_path_factory.mktemp("scheduled")) as own:
        yield own


# -- what a story may ask of the ledger


def story(redis: Redis) -> Story:
    redis.flushdb()
    ledger = Ledger(redis)
    operation = running(ledger)
    lease = ledger.lease(operation.id)
    assert lease is not None
    return Story(operation, lease, ledger, patience=60)


def test_a_question_suspends_the_story_until_it_is_answered(redis: Redis) -> None:
    asking = story(redis)

    with pytest.raises(Suspended):
        asking.ask("asked", "Really?", within=30)

    recorded = asking.operation
    assert recorded.state is State.ASKING
    assert recorded.stuck is not None
    assert recorded.stuck.problem == "Really?"
    due = redis.zscore("shipmate:due", recorded.id)
    assert due is not None, "somebody looks when time is up"
    assert due <= time.time() + 31


def test_what_a_story_schedules_it_schedules_once(redis: Redis, stage: Stage) -> None:
    from bot.app import App
    from bot.environment import Environment as Variables

    backends = App(Variables.read(stage.variables)).backends
    first = story(redis)
    back: Change = Scale(Project("web"), Environment("product"), Count(3))
    at = time.time() + 7200

    scheduled = first.schedule("put back later", back, at, backends)
    crashed = replace(first.operation, steps=())
    lease = first._lease  # the same worker tells the story again, the record lost
    again = Story(crashed, lease, Ledger(redis), patience=60).schedule("put back later", back, at, backends)

    assert again == scheduled
    later = Ledger(redis).get(scheduled)
    assert later is not None
    assert (later.state, later.text) == (State.SCHEDULED, "scale web in product to 3")
    assert later.plan[STARTS] == at
    assert later.plan[PART_OF] == first.operation.id
    assert redis.zscore("shipmate:due", scheduled) == at
    assert redis.hget("shipmate:reserved", "web/product") is None


# -- what becomes of it


def scheduled(stage: Stage, at: float, by: Person = OPS) -> Operation:
    channel = stage.world.slack.slack.channel("#deploys").id
    operation = Operation(
        id="",
        verb="scale",
        text="scale web in product to 5",
        kind="change",
        actor=by,
        origin=Origin(channel, key=f"scheduled-{time.time()}"),
        target="web/product",
        plan={STARTS: at},
        state=State.SCHEDULED,
        story=Scale.story,
    )
    opened = Ledger(stage.redis).open(operation, announce=True, due=at).operation
    assert opened is not None
    return opened


def message(chat: Chat, operation: Operation) -> Said:
    found = eventually(lambda: next((s for s in chat.said() if operation.id in s.shown), None), "its message")
    assert found is not None
    return found


def test_it_starts_by_itself_when_its_time_has_come(chat: Chat, stage: Stage) -> None:
    operation = scheduled(stage, time.time() + 1)
    said = message(chat, operation)
    assert "scheduled" in said.shown
    assert "Starts <!date^" in said.shown

    chat.ends(said)

    assert "has 5 of 5 replicas ready" in said.shown
    assert stage.world.kubernetes.deployment("product", "web")["spec"]["replicas"] == 5


def test_it_can_be_cancelled_before(chat: Chat, stage: Stage) -> None:
    said = message(chat, scheduled(stage, time.time() + 3600))

    chat.taps(said, "Cancel", by="ops")

    chat.ends(said)
    assert "Cancelled before it began. Nothing was started." in said.shown
    assert not stage.world.kubernetes.patches
    assert not stage.redis.zcard("shipmate:due")


def test_who_may_no_longer_do_it_then_does_not(chat: Chat, stage: Stage) -> None:
    engineer = Person("U0ENGINEER", "engineer", team="T0SHOP")
    said = message(chat, scheduled(stage, time.time(), by=engineer))

    chat.ends(said)

    assert "may not scale web in product" in said.shown
    assert not stage.world.kubernetes.patches


def test_it_takes_its_place_in_line(chat: Chat, stage: Stage) -> None:
    deploy = chat.says("deploy web to product", by="ops")
    said = message(chat, scheduled(stage, time.time()))

    chat.ends(deploy)
    chat.ends(said)

    assert "is live on web/product" in deploy.shown
    assert "has 5 of 5 replicas ready" in said.shown
    assert id_of(said) in said.shown
