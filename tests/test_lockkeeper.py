"""Around a lock: told once however often one looks, and what waits for it is woken."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from redis import Redis

from bot.faults import Refused
from bot.jobs import Jobs
from bot.ledger import Ledger
from bot.lifecycle import State
from bot.lockkeeper import LockKeeper
from bot.locks import Lock, Locks, Wish
from bot.operation import STARTS, UNLOCKED
from bot.outbox import Outbox
from bot.ports import Person
from tests.ledger_support import memory, opened


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with memory(tmp_path_factory.mktemp("keeper")) as redis:
        yield redis


class Woken(list[str]):
    """Stands where RQ does."""

    dies = False
    """Over the next one."""

    def wake(self, operation_id: str, queue: str = "changes") -> None:
        self.append(f"{queue}:{operation_id}")
        if self.dies:
            self.dies = False
            raise KeyboardInterrupt


class People:
    """Knows that Mei reads Chinese."""

    def person(self, user_id: str, team: str = "") -> Person:
        return Person(user_id, user_id, team=team, language="zh" if user_id == "U0MEI" else "")


class House:
    """A keeper with all that it needs, over an empty Redis."""

    def __init__(self, redis: Redis) -> None:
        redis.flushdb()
        self.redis: Any = redis
        self.ledger = Ledger(redis)
        self.locks = Locks(self.ledger, {})
        self.woken = Woken()
        self.keeper = LockKeeper(
            self.locks, self.ledger, cast(Jobs, self.woken), Outbox(redis), People(), remind=900
        )

    def told(self, user: str) -> list[str]:
        names = self.redis.zrange(f"shipmate:outbox:{user}", 0, -1)
        return [json.loads(self.redis.get("shipmate:" + name))["reply"]["summary"] for name in names]


@pytest.fixture
def house(server: Redis) -> House:
    return House(server)


def lock(**fields: Any) -> Lock:
    now = time.time()
    return Lock("lock", "web/trunk", "U0QA", "test", now, now + 7200, **fields)


def test_the_owner_is_reminded_once_and_then_the_end_is_looked_after(house: House) -> None:
    mine = house.keeper.take(lock())

    for _ in range(2):
        house.keeper.look_after(mine.until - 900)

    assert len(house.told("U0QA")) == 1
    assert house.redis.zscore("shipmate:locks:due", mine.name) == pytest.approx(mine.until)


def test_an_end_is_told_once_to_those_who_asked(house: House) -> None:
    mine = house.keeper.take(lock())
    house.keeper.ask(mine, Wish("U0OPS", "deploy web to trunk", True))

    for _ in range(2):
        house.keeper.look_after(mine.until)

    assert house.told("U0OPS") == [":unlock: The lock on web/trunk has ended."]
    assert house.locks.kept(mine.name) is None


def test_each_hears_of_the_end_in_their_own_language(house: House) -> None:
    mine = house.keeper.take(lock())
    for user in ("U0OPS", "U0MEI"):
        house.keeper.ask(house.locks.kept(mine.name) or mine, Wish(user))

    house.keeper.look_after(mine.until)

    assert house.told("U0OPS") == [":unlock: The lock on web/trunk has ended."]
    assert house.told("U0MEI") == [":unlock: web/trunk 的锁定已结束。"]


def test_what_waits_for_it_is_due_when_it_is_given_up(house: House) -> None:
    mine = house.keeper.take(lock())
    plan = {STARTS: mine.until, UNLOCKED: True}
    waits = opened(house.ledger, "web/trunk", state=State.SCHEDULED, plan=plan)
    elsewhere = opened(house.ledger, "api/trunk", state=State.SCHEDULED, plan=plan)

    house.keeper.release(mine, "U0QA", "", "C1:2")

    after, other = house.ledger.get(waits.id), house.ledger.get(elsewhere.id)
    assert after is not None
    assert after.plan[STARTS] <= time.time()
    assert house.woken == [f"changes:{waits.id}"]
    assert other == elsewhere


def test_who_asks_at_the_moment_of_the_end_is_told_too(house: House) -> None:
    stale = house.keeper.take(lock())
    house.keeper.ask(stale, Wish("U0OPS"))  # after the owner's `unlock` was read, before it was carried out

    house.keeper.release(stale, "U0QA", "done", "C1:2")

    assert house.told("U0OPS") == [":unlock: <@U0QA> has unlocked web/trunk: done."]
    assert not house.locks.standing(time.time())


@pytest.mark.parametrize("successor", ["the same request again", "the watcher"])
def test_who_dies_while_giving_it_up_is_succeeded(house: House, successor: str) -> None:
    mine = house.keeper.take(lock())
    house.keeper.ask(mine, Wish("U0OPS"))
    asked = house.locks.kept(mine.name)
    assert asked is not None
    plan = {STARTS: mine.until, UNLOCKED: True}
    waiting = [
        opened(house.ledger, f"{name}/trunk", state=State.SCHEDULED, plan=plan) for name in ("web", "web")
    ]
    house.woken.dies = True

    with pytest.raises(KeyboardInterrupt):
        house.keeper.release(asked, "U0QA", "done", "C1:2")
    assert not house.locks.standing(time.time())
    kept = house.locks.kept(mine.name)
    assert kept is not None
    assert kept.request == "C1:2"
    if successor == "the watcher":
        house.keeper.look_after(time.time() + 10)
    else:
        house.keeper.release(kept, "U0QA", "done", "C1:2")

    assert house.told("U0OPS") == [":unlock: <@U0QA> has unlocked web/trunk: done."]
    assert {f"changes:{one.id}" for one in waiting} == set(house.woken)


def test_what_waits_hears_that_it_takes_longer(house: House) -> None:
    mine = house.keeper.take(lock())
    waits = opened(
        house.ledger, "web/trunk", state=State.SCHEDULED, plan={STARTS: mine.until, UNLOCKED: True}
    )

    house.keeper.change(mine, replace(mine, until=mine.until + 3600, request="C1:2"))

    assert house.woken == [f"changes:{waits.id}"]


def test_what_was_given_up_is_forgotten_in_the_end(house: House) -> None:
    mine = house.keeper.take(lock())
    house.keeper.release(mine, "U0QA", "", "C1:2")

    house.keeper.look_after(time.time() + 700)

    assert house.locks.kept(mine.name) is None


def test_the_same_request_twice_takes_and_extends_once(house: House) -> None:
    mine = house.keeper.take(lock(request="C1:1"))

    again = house.keeper.take(replace(lock(request="C1:1"), until=mine.until + 60))

    assert again == mine


def test_an_end_that_nobody_looked_after_does_not_keep_the_next_one_out(house: House) -> None:
    old = replace(lock(), since=1.0, until=2.0, wishes=(Wish("U0OPS"),))
    house.locks.write(None, old, due=4e9)

    house.keeper.take(replace(lock(), owner="U0ENGINEER"))

    assert house.told("U0OPS") == [":unlock: The lock on web/trunk has ended."]
    held = house.locks.kept(old.name)
    assert held is not None
    assert held.owner == "U0ENGINEER"


def test_somebody_elses_lock_is_not_taken(house: House) -> None:
    house.keeper.take(lock())

    with pytest.raises(Refused, match="is locked by <@U0QA>"):
        house.keeper.take(replace(lock(), owner="U0OPS"))
