"""Times gone by: which instant is meant, and that what is written reads back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grammar import Between, Grammar, Instant, Parsed, Problem, Since, write
from bot.grammar.values import Duration
from commands.logs import Logs

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 14, 14, 5, tzinfo=BERLIN)
"""A Saturday."""
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("14:05", "2026-03-14 14:05"),
        ("14:06", "2026-03-13 14:06"),
        ("14:04:30", "2026-03-14 14:04:30"),
        ("2:05 pm", "2026-03-14 14:05"),
        ("12:10 am", "2026-03-14 00:10"),
        ("today 10:00", "2026-03-14 10:00"),
        ("yesterday 18:00", "2026-03-13 18:00"),
        ("Mon 9:30", "2026-03-09 09:30"),
        ("saturday 14:00", "2026-03-14 14:00"),
        ("Saturday 15:00", "2026-03-07 15:00"),
        ("2026-03-01 14:05", "2026-03-01 14:05"),
        ("2026-03-14T12:00:00Z", "2026-03-14 13:00"),
        ("2026-03-14T12:00:00.250+02:00", "2026-03-14 11:00:00.250000"),
    ],
)
def test_which_instant_is_meant(said: str, meant: str) -> None:
    assert Instant.read(said).at(NOW) == datetime.fromisoformat(meant).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    "said", ["", "14", "25:00", "14:60", "13:00 pm", "2026-02-30 10:00", "14:05Z", "soon"]
)
def test_what_is_no_time(said: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Instant.read(said)


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        ("14:00 and 14:10", "14 14:00", "14 14:10"),
        ("23:50 and 00:02", "13 23:50", "14 00:02"),
        ("yesterday 14:00 AND yesterday 14:10", "13 14:00", "13 14:10"),
        ("yesterday 23:50 and 00:10", "13 23:50", "14 00:10"),
    ],
)
def test_a_stretch_of_time(said: str, since: str, until: str) -> None:
    bounds = Between.read(said).bounds(NOW)

    assert [f"{at:%d %H:%M}" for at in bounds] == [since, until]


@pytest.mark.parametrize(
    ("now", "said", "since", "minutes"),
    [
        # 2026-10-25: at 03:00 summer time clocks go back to 02:00, so 02:10 is at 00:10Z and at 01:10Z.
        ("2026-10-25T10:00+01:00", "01:50 and 03:10", "2026-10-24T23:50Z", 140),
        ("2026-10-25T10:00+01:00", "02:10 and 02:30", "2026-10-25T00:10Z", 80),
        ("2026-10-25T10:00+01:00", "02:50 and 02:10", "2026-10-25T00:50Z", 20),
        ("2026-10-25T02:05+01:00", "02:50 and 02:04", "2026-10-25T00:50Z", 14),
        ("2026-10-25T10:00+01:00", "yesterday 23:50 and 00:10", "2026-10-24T21:50Z", 20),
        ("2026-10-25T10:00+01:00", "2026-10-25T00:10Z and 2026-10-25T00:30Z", "2026-10-25T00:10Z", 20),
        # 2026-03-29: at 02:00 they go on to 03:00; 02:30 is as long after 02:00 as it would have been.
        ("2026-03-29T10:00+02:00", "01:50 and 03:10", "2026-03-29T00:50Z", 20),
        ("2026-03-29T10:00+02:00", "01:50 and 02:30", "2026-03-29T00:50Z", 40),
        ("2026-03-29T10:00+02:00", "02:30 and 03:40", "2026-03-29T01:30Z", 10),
        ("2026-03-29T00:05+01:00", "23:50 and 00:02", "2026-03-28T22:50Z", 12),
    ],
)
def test_a_stretch_of_time_when_clocks_change(now: str, said: str, since: str, minutes: int) -> None:
    here = datetime.fromisoformat(now).astimezone(BERLIN)

    first, last = (at.astimezone(UTC) for at in Between.read(said).bounds(here))

    assert first == datetime.fromisoformat(since)
    assert last - first == timedelta(minutes=minutes)


def test_a_time_that_clocks_show_again_has_gone_by() -> None:
    now = datetime.fromisoformat("2026-10-25T02:05+01:00").astimezone(BERLIN)

    assert Instant.read("02:50").at(now).astimezone(UTC) == datetime(2026, 10, 25, 0, 50, tzinfo=UTC)


def test_a_stretch_that_ends_before_it_begins() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        Between.read("today 14:00 and yesterday 14:00").bounds(NOW)


def test_since_is_a_length_or_an_instant() -> None:
    assert Since.read("90 min").start(NOW) == NOW - timedelta(minutes=90)
    after = datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN)  # an hour after the clocks went from 2 to 3
    assert Since.read("1h").start(after) == datetime(2026, 3, 29, 1, 30, tzinfo=BERLIN)
    assert Since.read("yesterday 18:00").start(NOW) == datetime(2026, 3, 13, 18, 0, tzinfo=BERLIN)
    assert Since.read("2h").duration == Duration(7200)
    assert Since.read("14:00").duration is None


def test_a_clock_that_goes_back_at_night_is_that_of_the_asker() -> None:
    after = datetime(2026, 10, 25, 12, 0, tzinfo=BERLIN)

    assert Instant.read("2026-10-25 01:30").at(after).astimezone(UTC).hour == 23


@given(INSTANTS)
def test_an_instant_reads_back_wherever_it_is_read(at: datetime) -> None:
    written = Instant.of(at)

    assert Instant.read(written) == written
    assert written.at(datetime.now(ZoneInfo("Asia/Shanghai"))) == at


@given(INSTANTS, st.timedeltas(timedelta(milliseconds=1), timedelta(days=400)))
def test_a_stretch_reads_back(since: datetime, length: timedelta) -> None:
    until = since + timedelta(milliseconds=max(1, length // timedelta(milliseconds=1)))
    written = Between.of(since, until)

    assert Between.read(written) == written
    instants = [
        bound.timestamp() for bound in written.bounds(NOW)
    ]  # zones differ where clocks are turned back
    assert instants == [since.timestamp(), until.timestamp()]


@pytest.mark.parametrize(
    ("said", "meant"), [("yesterday", "13 00:00"), ("Today", "14 00:00"), ("2026-03-02", "02 00:00")]
)
def test_since_a_day_is_since_its_first_moment(said: str, meant: str) -> None:
    start = Since.read(said).start(NOW)

    assert f"{start:%d %H:%M}" == meant


def test_a_day_without_a_time_ends_an_unquoted_text() -> None:
    grammar = Grammar([Logs], projects=["web"], environments=["dev"])

    parsed = grammar.parse("logs web dev grep error since yesterday")

    assert isinstance(parsed, Parsed)
    assert write(parsed.command) == "logs web in dev since yesterday 00:00 grep error"


@pytest.mark.parametrize("nothing", ["", ' ""'])
def test_a_text_that_is_missing_is_asked_for_by_the_word_before_it(nothing: str) -> None:
    grammar = Grammar([Logs], projects=["web"], environments=["dev"])

    problem = grammar.parse(f"logs web in dev grep{nothing}")

    assert isinstance(problem, Problem)
    assert problem.message == (
        "grep is missing: I need some text of up to 500 characters, in quotes. "
        'For example `logs web in dev grep "connection refused"`.'
    )
