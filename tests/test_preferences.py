"""What people chose for themselves, and when their quiet hours end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from bot.preferences import Chosen, Preferences, Quiet
from tests.ledger_support import memory

BERLIN = "Europe/Berlin"


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with memory(tmp_path_factory.mktemp("redis")) as client:
        yield client


@pytest.fixture
def kept(redis: Redis) -> Preferences:
    redis.flushall()
    return Preferences(redis)


def berlin(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN)).timestamp()


@pytest.mark.parametrize(
    ("hours", "now", "ends"),
    [
        ("22:00-07:00", "2026-11-24 23:30", "2026-11-25 07:00"),
        ("22:00-07:00", "2026-11-25 03:00", "2026-11-25 07:00"),
        ("22:00-07:00", "2026-11-24 22:00", "2026-11-25 07:00"),
        ("12:00-13:30", "2026-11-24 12:45", "2026-11-24 13:30"),
        ("22:00-07:00", "2026-10-24 23:00", "2026-10-25 07:00"),  # clocks go back that night
        ("22-7", "2026-11-24 23:30", "2026-11-25 07:00"),
    ],
)
def test_news_waits_until_the_quiet_hours_end(hours: str, now: str, ends: str) -> None:
    assert Quiet.read(hours).ends(berlin(now), BERLIN) == berlin(ends)


@pytest.mark.parametrize(
    ("hours", "now"),
    [
        ("22:00-07:00", "2026-11-25 07:00"),
        ("22:00-07:00", "2026-11-24 21:59"),
        ("12:00-13:30", "2026-11-24 13:30"),
        ("off", "2026-11-24 03:00"),
    ],
)
def test_outside_of_them_nothing_waits(hours: str, now: str) -> None:
    assert Quiet.read(hours).ends(berlin(now), BERLIN) == 0


@pytest.mark.parametrize("text", ["22:00", "22:00-22:00", "25:00-07:00", "22:61-07:00", "night", "-07:00"])
def test_what_are_no_hours(text: str) -> None:
    with pytest.raises(ValueError, match="is not hours such as"):
        Quiet.read(text)


@given(
    st.times().map(lambda clock: f"{clock:%H:%M}"),
    st.times().map(lambda clock: f"{clock:%H:%M}"),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    st.sampled_from([BERLIN, "Asia/Shanghai", "America/St_Johns", "nowhere", ""]),
)
def test_an_end_is_ahead_and_within_a_day(first: str, last: str, when: datetime, zone: str) -> None:
    if first == last:
        return
    now = when.replace(tzinfo=UTC).timestamp()

    ends = Quiet.read(f"{first}-{last}").ends(now, zone)

    assert ends == 0 or now < ends <= now + 26 * 3600  # with a change of clocks
    assert not ends or Quiet.read(f"{first}-{last}").ends(ends, zone) != ends


def test_what_was_chosen_is_kept_and_taken_back(kept: Preferences) -> None:
    kept.choose("U1", language="zh", quiet="22:00-07:00", messages="on")
    kept.choose("U1", quiet="")
    kept.choose_mail("U1", "on")
    kept.choose_mail("U1", "off", "web")

    assert kept.of("U1") == Chosen("zh", "on", "on", "", {"web": "off"})
    assert kept.language("U1") == "zh"
    assert kept.of("U2") == Chosen()


def test_a_projects_mail_counts_before_all_mail() -> None:
    chosen = Chosen(mail="on", mails={"web": "off"})

    assert not chosen.mail_of("web", otherwise=True)
    assert chosen.mail_of("api", otherwise=False)
    assert Chosen().mail_of("web", otherwise=True)
    assert not Chosen().mail_of("web", otherwise=False)


def test_whoever_follows_is_found_by_project(kept: Preferences) -> None:
    kept.follow("U1", "web")
    kept.follow("U2", "web")
    kept.follow("U1", "api")
    kept.follow("U2", "web", wanted=False)

    assert kept.followers("web") == {"U1"}
    assert kept.of("U1").follows == ("api", "web")
    assert kept.of("U2").follows == ()
