"""What ended is kept for a while, in little room, and then forgotten without a trace."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from redis import Redis

from bot.language import Told, _
from bot.ledger import PREFIX, Ledger
from bot.lifecycle import State
from bot.operation import Operation, Outcome, Step
from tests.ledger_support import CHANNEL, done, ended, memory, opened, running

DAY = 86_400
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


def test_what_ended_before_is_forgotten(ledger: Ledger) -> None:
    old = [done(ledger, LONG_AGO + day * DAY) for day in range(3)]

    assert ledger.forget(before=LONG_AGO + 1.5 * DAY, most=100) == 2

    assert [ledger.get(operation.id) for operation in old] == [None, None, old[2]]


def test_only_the_newest_are_kept(ledger: Ledger) -> None:
    old = [done(ledger, LONG_AGO + day * DAY) for day in range(5)]

    assert ledger.forget(before=0, most=2) == 3

    assert ledger.history("web/dev") == [old[4], old[3]]
    assert ledger.forget(before=0, most=2) == 0


def test_both_bounds_hold_at_once_and_a_call_does_a_little(ledger: Ledger) -> None:
    old = [done(ledger, LONG_AGO + day * DAY) for day in range(6)]

    forgotten = [ledger.forget(LONG_AGO + 1.5 * DAY, most=2, at_once=3) for _ in range(3)]

    assert forgotten == [3, 1, 0]
    assert ledger.history("web/dev") == [old[5], old[4]]


def test_nothing_of_the_forgotten_is_left(ledger: Ledger, redis: Any) -> None:
    operation = done(ledger, LONG_AGO)
    redis.hset(PREFIX + "message:" + operation.id, mapping={"channel": CHANNEL, "ts": "1.0"})

    ledger.forget(before=time.time(), most=100)

    left = {name.removeprefix(PREFIX) for name in redis.scan_iter(PREFIX + "*")}
    assert left <= {"outbox", f"outbox:{CHANNEL}", "outbox:marks", "outbox:wake"}  # it still has to be said


def test_what_is_under_way_is_never_forgotten(ledger: Ledger) -> None:
    first, second = running(ledger, opened=LONG_AGO), opened(ledger, opened=LONG_AGO)

    assert ledger.forget(before=time.time() + DAY, most=0) == 0

    assert ledger.holder("web/dev") == first
    assert ledger.line("web/dev") == [second.id]


def test_a_finished_change_keeps_to_4_kb_whatever_its_build_said(ledger: Ledger, redis: Any) -> None:
    console = tuple(f"[ERROR] line {number} of a long console: {'blah ' * 30}" for number in range(60))
    parameters = {f"PARAMETER_{number}": "value" * 20 for number in range(60)}
    plan = {"job": "web-build", "parameters": parameters}

    def end_one(number: int) -> Operation:
        operation = running(ledger, key=f"{CHANNEL}:0b54c04b-72d5-4a5c-9f3e-{number:012}", plan=plan)
        for name in ("runs now", "build requested", "image", "rollout started"):
            operation = operation.with_step(Step(name, LONG_AGO, LONG_AGO + 1.5, "web/web:trunk-r1841-42"))
        built = Step("build finished", LONG_AGO, LONG_AGO + 60, {"number": 42, "parameters": parameters})
        outcome = Outcome("Build #42 failed in stage Compile.", excerpt=console, events=console[:20])
        after = replace(operation.with_step(built), **{**ended(State.FAILED), "outcome": outcome})
        last = ledger.write(operation, after.slim(), None, announce=False)
        redis.hset(PREFIX + "message:" + last.id, mapping={"ts": "1.0", "shown": "5" * 64, "closed": 1})
        return last

    last = end_one(0)
    before = redis.info("memory")["used_memory"]
    for number in range(1, 101):
        last = end_one(number)
    redis.delete(PREFIX + f"outbox:{CHANNEL}", PREFIX + "outbox:marks")  # it has been said
    each = (redis.info("memory")["used_memory"] - before) / 100

    assert each <= 4096
    assert last.outcome is not None
    assert last.outcome.excerpt[-1:] == console[-1:], "the newest lines are those that are kept"
    assert last.steps[0].name == "runs now", "rolling back needs its result"
    assert last.steps[0].result == "web/web:trunk-r1841-42"


def test_the_log_is_worth_more_than_what_a_text_was_made_of(ledger: Ledger) -> None:
    why = _("{sentence}: {reason}.", sentence="x" * 400, reason=_("{sentence}.", sentence="y" * 400))
    log = tuple(f"line {number} {'z' * 90}" for number in range(10))
    operation = replace(running(ledger), plan={}, outcome=Outcome(why, excerpt=log))

    slim = operation.slim(len(operation.to_json()) - 1)

    assert slim.outcome is not None
    assert (str(slim.outcome.summary), slim.outcome.excerpt) == (str(why), log)
    assert not isinstance(slim.outcome.summary, Told)


def test_a_change_that_is_small_enough_stays_whole(ledger: Ledger) -> None:
    operation = replace(
        running(ledger, plan={"job": "web-build"}), outcome=Outcome("It failed.", excerpt=("why",))
    )

    assert operation.slim() == operation
