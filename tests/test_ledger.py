"""The ledger by example: indexes, the line, news, what is overdue, leases."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from redis import Redis

from bot.ledger import PREFIX, Ledger, Lost
from bot.lifecycle import State
from bot.operation import Operation, Step, Waiting
from bot.ports import Person, Seen, Topic
from bot.watcher import MOST_REDRAWN, Watcher
from tests.ledger_support import CHANNEL, change, done, ended, memory, move, opened, running

BUILD = Topic("jenkins", "main", "building", ("web-build", "42"))
ROLLOUT = Topic("kubernetes", "main", "rollout", ("dev", "web"))
LONG_AGO = 1_700_000_000.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with memory(tmp_path_factory.mktemp("ledger")) as redis:
        yield redis


@pytest.fixture
def redis(server: Redis) -> Any:
    server.flushdb()
    return server


@pytest.fixture
def ledger(redis: Redis) -> Ledger:
    return Ledger(redis)


def waits(ledger: Ledger, operation: Operation, topic: Topic) -> Operation:
    return move(ledger, operation, waiting=Waiting("built", 0, 0, topic=str(topic)))


# -- indexes


def test_finished_changes_are_found_by_target_project_actor_and_state(ledger: Ledger) -> None:
    web = done(ledger, LONG_AGO, "web/dev")
    failed = done(ledger, LONG_AGO + 1, "web/product", State.FAILED)
    api = done(ledger, LONG_AGO + 2, "api/dev")
    running(ledger, "web/dev")

    assert ledger.index("target:web/dev") == [web]
    assert ledger.index("project:web") == [failed, web]
    assert ledger.index("actor:U0ENGINEER", most=2) == [api, failed]
    assert ledger.index("state:failed") == [failed]
    assert ledger.index("state:running") == []
    assert ledger.counts() == {"active_changes": 1, "active_queries": 0, "waiting": 0, "finished": 3}


def test_the_past_is_read_newest_first_and_as_far_as_asked(ledger: Ledger) -> None:
    changes = [done(ledger, LONG_AGO + number) for number in range(25)]

    assert list(ledger.past("web/dev")) == changes[::-1]
    assert list(ledger.past("web/dev", most=9)) == changes[:-10:-1]
    assert next(ledger.past("web/dev")) == changes[-1]
    assert list(ledger.past("web/trunk")) == []


# -- the line


def test_where_a_change_stands_and_how_long_it_may_be(ledger: Ledger) -> None:
    for took in (50, 60, 300):
        before = running(ledger, opened=LONG_AGO)
        move(ledger, before, **{**ended(State.SUCCEEDED), "finished": LONG_AGO + took})
    holder = running(ledger, opened=time.time() - 20)
    first, second = opened(ledger), opened(ledger)

    place = ledger.place(second)

    assert place is not None
    assert (place.position, place.holder) == (2, holder)
    assert place.seconds_left == pytest.approx(40, abs=2)
    assert ledger.place(holder) is None
    assert not ledger.has_target(first)


def test_the_end_of_a_change_tells_whose_turn_it_is(redis: Redis) -> None:
    turns: list[str] = []
    ledger = Ledger(redis, on_turn=turns.append)
    holder, waiting = running(ledger), opened(ledger)

    move(ledger, holder, **ended(State.SUCCEEDED))

    assert turns == [waiting.id]
    assert ledger.has_target(waiting)
    assert ledger.overdue() == [waiting.id], "it is due too, should the word be lost"


def test_the_same_request_twice_is_one_operation(ledger: Ledger) -> None:
    operation = opened(ledger, key="C0DEPLOYS:1700000000.000100")

    again = ledger.open(change("web/trunk", "C0DEPLOYS:1700000000.000100"), announce=True)

    assert (again.result, again.operation) == ("again", operation)
    assert ledger.holder("web/trunk") is None


# -- news


def test_news_are_for_who_waits_for_them_and_only_once(ledger: Ledger) -> None:
    operation = waits(ledger, running(ledger), BUILD)
    seen = Seen(True, value={"number": 42}, excerpt=("one", "two"))

    assert not ledger.tell(operation.id, ROLLOUT, seen)
    assert ledger.tell(operation.id, BUILD, seen)
    assert not ledger.tell(operation.id, BUILD, seen)

    assert ledger.waiting() == {operation.id: BUILD}
    assert ledger.news(operation.id, BUILD) == seen
    assert ledger.news(operation.id, ROLLOUT) is None


def test_news_do_not_outlive_the_waiting(ledger: Ledger) -> None:
    operation = waits(ledger, running(ledger), BUILD)
    ledger.tell(operation.id, BUILD, Seen(False, "#42 is running"))

    operation = waits(ledger, operation, ROLLOUT)
    operation = waits(ledger, operation, BUILD)

    assert ledger.news(operation.id, BUILD) is None


@pytest.mark.parametrize("read", [False, True])
def test_news_that_came_after_the_last_look_are_soon_looked_at_though_their_job_is_lost(
    ledger: Ledger, redis: Redis, read: bool
) -> None:
    """A worker looks, sees nothing, and writes; in between the news come, and whoever brings them dies."""
    operation = waits(ledger, running(ledger), BUILD)
    lease = ledger.lease(operation.id)
    assert lease is not None
    assert ledger.news(operation.id, BUILD) is None

    ledger.tell(operation.id, BUILD, Seen(True, value=42))
    if read:
        assert ledger.news(operation.id, BUILD) is not None
    ledger.write(operation, operation, lease, announce=False, due=time.time() + 600)
    ledger.release(lease)

    due = redis.zscore(f"{PREFIX}due", operation.id)
    assert due is not None
    assert (due > time.time() + 500) == read


def test_whoever_waits_for_something_new_wakes_the_watcher(ledger: Ledger) -> None:
    waits(ledger, running(ledger), BUILD)

    began = time.monotonic()
    ledger.await_waiting(60)

    assert time.monotonic() - began < 30


# -- what is overdue


def test_overdue_are_those_whose_time_has_come_each_once(ledger: Ledger) -> None:
    late = move(ledger, running(ledger), due=time.time() - 1)
    move(ledger, running(ledger, "web/trunk"), due=time.time() + 60)
    opened(ledger, "web/dev")

    assert ledger.overdue() == [late.id]
    assert ledger.overdue() == [], "put off, so that two sweepers do not both take it"


def test_the_most_overdue_come_first(ledger: Ledger) -> None:
    now = time.time()
    ids = [move(ledger, running(ledger, f"web/e{n}"), due=now - n).id for n in range(1, 5)]

    assert ledger.overdue(most=2) == [ids[3], ids[2]]


# -- a system that does not answer


def unanswered(ledger: Ledger, operation: Operation, pause: float = 2) -> Operation:
    waiting = Waiting("build requested", 0, 0, system="Jenkins", trouble="Jenkins cannot be reached")
    after = replace(operation, waiting=waiting)
    return ledger.write(operation, after, None, announce=True, due=time.time() + 900, pause=pause)


def test_those_that_wait_for_a_silent_system_take_turns(ledger: Ledger, redis: Any) -> None:
    """However many wait, it is tried once in a pause, by whoever has waited longest."""
    first, *others = [unanswered(ledger, running(ledger, f"web/e{n}")) for n in range(50)]

    def tries_within(seconds: float) -> list[str]:
        return [str(i) for i in redis.zrangebyscore(PREFIX + "due", 0, time.time() + seconds)]

    assert tries_within(10) == [first.id]

    redis.zadd(PREFIX + "due", {first.id: time.time() + 900})
    unanswered(ledger, first, pause=3)

    assert tries_within(10) == [others[0].id]


def test_once_one_got_through_more_and_more_may_try(redis: Any) -> None:
    turns: list[str] = []
    ledger = Ledger(redis, on_turn=turns.append)
    waiting = [unanswered(ledger, running(ledger, f"web/e{n}")) for n in range(7)]

    move(ledger, waiting[0], waiting=None)
    assert turns == [waiting[1].id, waiting[2].id]
    move(ledger, waiting[1], waiting=None)
    move(ledger, waiting[2], **ended(State.FAILED))

    next_ones = {operation.id for operation in waiting[3:5]}
    assert next_ones <= set(turns)
    assert next_ones <= set(ledger.overdue()), "they are due too, should the word be lost"


def test_one_that_is_stopped_leaves_its_turn_to_the_next(ledger: Ledger, redis: Any) -> None:
    first, second = (unanswered(ledger, running(ledger, f"web/e{n}")) for n in range(2))

    ledger.stop(first.id, "U0OPS")

    assert redis.zrange(PREFIX + "silent:Jenkins", 0, -1) == [second.id]
    assert second.id in ledger.overdue()


# -- leases


def test_a_lease_is_for_one_and_word_left_meanwhile_is_found(ledger: Ledger) -> None:
    operation = running(ledger)
    lease = ledger.lease(operation.id)
    assert lease is not None

    assert ledger.lease(operation.id) is None

    assert ledger.release(lease), "somebody came meanwhile: look again"
    assert not ledger.release(lease)


def test_word_from_before_the_lease_is_no_word(ledger: Ledger, redis: Any) -> None:
    operation = running(ledger)
    assert ledger.lease(operation.id)
    assert ledger.lease(operation.id) is None
    redis.delete(PREFIX + "lease:" + operation.id)  # its holder died

    lease = ledger.lease(operation.id)

    assert lease is not None
    assert not ledger.release(lease)


def test_who_lost_the_lease_can_neither_keep_it_nor_write(ledger: Ledger, redis: Any) -> None:
    operation = running(ledger)
    lost = ledger.lease(operation.id)
    redis.delete(PREFIX + "lease:" + operation.id)
    assert lost is not None

    assert not ledger.heartbeat(lost)
    with pytest.raises(Lost):
        ledger.write(operation, replace(operation, plan={}), lost, announce=False)

    assert ledger.get(operation.id) == operation


def test_a_worker_that_dies_is_succeeded_soon(ledger: Ledger, redis: Any) -> None:
    operation = move(ledger, running(ledger), due=time.time() + 3600)

    ledger.lease(operation.id)

    assert redis.zscore(PREFIX + "due", operation.id) <= time.time() + 10


def test_people_who_may_not_write_at_once_are_told(ledger: Ledger) -> None:
    asked = opened(ledger, state=State.AWAITING_APPROVAL, actor=Person("U0OPS", "ops"))
    move(ledger, asked, approvals=("U0ONCALL",))

    with pytest.raises(Lost):
        move(ledger, asked, state=State.QUEUED, approvals=("U0QA",))


def test_a_lane_is_reserved_beside_its_target(ledger: Ledger) -> None:
    deploy = running(ledger)

    pause = ledger.open(change(verb="pause", lane="rollout"), announce=True)
    second = ledger.open(change(verb="resume", lane="rollout"), announce=True)

    assert pause.operation is not None
    assert second.operation is not None
    assert pause.holder == "", "the deploy has the target, and not the lane"
    assert second.holder == pause.operation.id
    paused = move(ledger, move(ledger, pause.operation, state=State.RUNNING), **ended(State.SUCCEEDED))
    assert ledger.has_target(second.operation)
    assert ledger.holder("web/dev") == ledger.get(deploy.id)
    assert [operation.id for operation in ledger.history("web/dev")] == [paused.id]


# -- how long it takes


def test_what_the_same_took_there_before_says_what_is_usual(ledger: Ledger) -> None:
    for number, took in enumerate((10, 20, 300, 40, 50, 60)):
        began = LONG_AGO + number * 1_000
        step = Step("runs now", began, began + 1, "image")
        move(
            ledger,
            running(ledger, "web/dev"),
            **{**ended(State.SUCCEEDED), "steps": (step,), "finished": began + took},
        )
    done(ledger, LONG_AGO + 9_000, "web/dev", State.FAILED)

    assert ledger.usual(running(ledger, "web/dev")) == 50, "the median of the latest five that ended well"
    assert ledger.usual(running(ledger, "api/dev")) is None


def test_a_message_is_drawn_again_only_while_something_runs(ledger: Ledger, redis: Any) -> None:
    under_way, over = running(ledger, "web/dev"), done(ledger, LONG_AGO, "api/dev")
    redis.delete(PREFIX + "outbox:" + CHANNEL)

    for operation in (under_way, over):
        ledger.announce(operation.id)

    assert redis.zrange(PREFIX + "outbox:" + CHANNEL, 0, -1) == [under_way.id]


def test_messages_are_drawn_again_a_few_at_a_time_and_in_turn(ledger: Ledger, redis: Any) -> None:
    """The watcher does it, as what they say of the time left changes by itself."""
    for number in range(2 * MOST_REDRAWN):
        waits(ledger, running(ledger, f"web/env{number}"), BUILD)
    watcher = Watcher(redis, ledger, None, None)  # type: ignore[arg-type]  # neither jobs nor backends are asked

    drawn: list[set[str]] = []
    for _look in range(2):
        redis.delete(PREFIX + "outbox:" + CHANNEL)
        watcher._next_redrawing = 0.0
        watcher._redraw()
        drawn.append(set(redis.zrange(PREFIX + "outbox:" + CHANNEL, 0, -1)))

    assert [len(ids) for ids in drawn] == [MOST_REDRAWN, MOST_REDRAWN]
    assert not drawn[0] & drawn[1]
