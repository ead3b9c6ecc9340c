"""Locks: whom they hold back and when, and that two writers never both win."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from bot.ledger import Ledger
from bot.locks import Lock, Locks, Wish, holding_back, window
from bot.settings.release import Freeze, week_time
from tests.ledger_support import memory

NOW = 1_800_000_000.0
WEEKEND = Freeze(starts="Fri 18:00", ends="Mon 08:00", zone="Asia/Shanghai", because="weekend")

subjects = st.sampled_from(["web/trunk", "api/trunk", "web/product", "trunk", "product"])
targets = st.sampled_from(["web/trunk", "api/trunk", "web/product", "api/product"])
people = st.sampled_from(["U0QA", "U0OPS", "U0ENGINEER"])
ends = st.floats(NOW + 1, NOW + 1e6)
locks = st.lists(
    st.builds(
        Lock, st.sampled_from(["lock", "freeze"]), subjects, people, st.just("test"), st.just(NOW), ends
    ),
    max_size=6,
)
clocks = st.times().map(lambda clock: clock.strftime("%H:%M"))
week_times = st.builds("{} {}".format, st.sampled_from(["Mon", "Wed", "Fri", "Sat", "Sun"]), clocks)
zones = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC"])
instants = st.integers(1_700_000_000, 1_900_000_000).map(float)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()


# -- whom they hold back


@given(locks, targets, people)
def test_only_what_covers_the_target_and_is_not_ones_own_holds_back(
    standing: list[Lock], target: str, person: str
) -> None:
    held = holding_back(standing, target, person)

    for lock in standing:
        covers = lock.subject in (target, target.split("/")[1])
        assert (lock in held) == (covers and (lock.kind == "freeze" or lock.owner != person))
    assert [lock.until for lock in held] == sorted((lock.until for lock in held), reverse=True)


@given(locks, targets, people)
def test_a_commit_is_held_back_by_every_lock_and_a_rollback_by_none(
    standing: list[Lock], target: str, person: str
) -> None:
    by_itself, by_hand = holding_back(standing, target, ""), holding_back(standing, target, person)

    assert set(by_hand) <= set(by_itself)
    assert set(by_itself) == {lock for lock in standing if lock.covers(target)}
    assert holding_back(standing, target, person, {"lock", "freeze"}) == ()


@given(locks)
def test_a_lock_is_kept_as_it_is(standing: list[Lock]) -> None:
    for lock in standing:
        asked = replace(lock, wishes=(Wish("U0OPS", "deploy web to trunk", True),))
        assert Lock.from_json(asked.to_json()) == asked


# -- freezes of the week


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-27 17:59", None),  # a Friday
        ("2026-11-27 18:00", "2026-11-30 08:00"),
        ("2026-11-29 12:00", "2026-11-30 08:00"),
        ("2026-11-30 07:59", "2026-11-30 08:00"),
        ("2026-11-30 08:00", None),
        ("2026-12-02 12:00", None),
    ],
)
def test_the_weekend_is_frozen_where_it_is_the_weekend(now: str, until: str | None) -> None:
    found = window(WEEKEND, "product", at(now))

    assert (found.until if found else None) == (at(until) if until else None)


@given(week_times, week_times, zones, instants)
def test_a_weekly_freeze_begins_and_ends_as_configured(starts: str, ends: str, zone: str, now: float) -> None:
    if week_time(starts) == week_time(ends):
        return
    found = window(Freeze(starts=starts, ends=ends, zone=zone, because="x"), "product", now)

    if found is not None:
        assert found.since <= now < found.until
        assert found.until - found.since < 7 * 86_400 + 3_600
        assert window(Freeze(starts=ends, ends=starts, zone=zone, because="x"), "product", now) is None
        assert found.binds("U0OPS")


@given(week_times, week_times, zones, instants)
def test_a_week_is_its_freeze_and_the_rest(starts: str, ends: str, zone: str, now: float) -> None:
    """But for the hour in which clocks change."""
    if week_time(starts) == week_time(ends):
        return
    one = window(Freeze(starts=starts, ends=ends, zone=zone, because="x"), "product", now)
    other = window(Freeze(starts=ends, ends=starts, zone=zone, because="x"), "product", now)

    assert (one is None) != (other is None) or _clocks_change(now, zone)


def _clocks_change(now: float, zone: str) -> bool:
    here = ZoneInfo(zone)
    near = [datetime.fromtimestamp(now + hours * 3600, here).utcoffset() for hours in (-3, 3)]
    return near[0] != near[1]


# -- the writer


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    folder: Path = tmp_path_factory.mktemp("locks")
    with memory(folder) as server:
        yield server


@pytest.fixture
def kept(redis: Redis) -> Locks:
    redis.flushdb()
    return Locks(Ledger(redis), {"product": (WEEKEND,)})


MINE = Lock("lock", "web/trunk", "U0QA", "regression", NOW, NOW + 3600)
THEIRS = replace(MINE, owner="U0OPS")


def test_of_two_who_lock_at_once_one_wins(kept: Locks) -> None:
    assert kept.write(None, MINE, NOW + 3000)
    assert not kept.write(None, THEIRS, NOW + 3000)
    assert kept.kept(MINE.name) == MINE


def test_a_lock_that_changed_meanwhile_is_not_written_over(kept: Locks) -> None:
    kept.write(None, MINE, NOW)
    longer = replace(MINE, until=NOW + 7200)
    kept.write(MINE, longer, NOW)

    assert not kept.write(MINE, None)
    assert not kept.write(MINE, replace(MINE, reason="another"), NOW)
    assert kept.write(longer, None)
    assert kept.standing(NOW) == []


def test_a_lock_holds_back_until_its_end_and_no_longer(kept: Locks) -> None:
    kept.write(None, MINE, NOW + 3000)

    assert kept.standing(NOW + 3599) == [MINE]
    assert kept.standing(NOW + 3600) == []
    assert kept.due(NOW + 2999) == []
    assert kept.due(NOW + 3000) == [MINE]


def test_freezes_of_the_week_stand_beside_the_locks(kept: Locks) -> None:
    saturday = at("2026-11-28 12:00")
    lock = replace(MINE, since=saturday, until=saturday + 3600)
    kept.write(None, lock, saturday)

    assert [held.subject for held in kept.standing(saturday)] == ["web/trunk", "product"]
