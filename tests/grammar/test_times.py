"""Points in time: what is read, which instant is meant, and where in a sentence they may stand."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grammar import Environment, Invalid, Moment, Parsed, Past, Project, Ref, from_text, to_text
from tests.grammar.sample import Deploy, grammar

GRAMMAR = grammar()

BERLIN = "Europe/Berlin"
NOON = datetime(2026, 3, 25, 12, 0, tzinfo=ZoneInfo(BERLIN)).timestamp()
"""A Wednesday; clocks go forward on the next Sunday at 02:00."""

clocks = st.times().map(lambda clock: clock.strftime("%H:%M"))
days = st.sampled_from(["", "today ", "tomorrow ", "monday ", "thursday ", "sunday ", "2026-12-24 "])
moments = st.builds(str.__add__, days, clocks).map(Moment.read)
zones = st.sampled_from(
    [BERLIN, "Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "UTC"]
)
nows = st.integers(1_700_000_000, 2_000_000_000).map(float)


@pytest.mark.parametrize(
    ("said", "canonical"),
    [
        ("18:00", "18:00"),
        ("6pm", "18:00"),
        ("6:30 PM", "18:30"),
        ("12am", "00:00"),
        ("tomorrow 06:30", "tomorrow 06:30"),
        ("Tomorrow 6:30", "tomorrow 06:30"),
        ("Mon 9:00", "monday 09:00"),
        ("thurs 9am", "thursday 09:00"),
        ("2026-12-24 18:00", "2026-12-24 18:00"),
        ("noon", "12:00"),
        ("Friday noon", "friday 12:00"),
        ("midnight", "00:00"),
        ("10 p.m", "22:00"),
        ("6:30 tomorrow", "tomorrow 06:30"),
        ("9am on Friday", "friday 09:00"),
        ("tomorrow at 6:30", "tomorrow 06:30"),
        ("tonight 22:00", "today 22:00"),
        ("in 90 minutes", "in 90m"),
        ("in an hour", "in 1h"),
        ("2026-12-24T18:00", "2026-12-24 18:00"),
    ],
)
def test_it_is_read_as_people_write_it(said: str, canonical: str) -> None:
    assert Moment.read(said) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        "18",
        "25:00",
        "13pm",
        "tomorrow",
        "tomorrow midnight",
        "2026-13-01 10:00",
        "12:60",
        "in a while",
        "in 0h",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Moment.read(text)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("18:00", "2026-03-25 18:00"),
        ("12:00", "2026-03-26 12:00"),
        ("06:30", "2026-03-26 06:30"),
        ("today 18:00", "2026-03-25 18:00"),
        ("tomorrow 06:30", "2026-03-26 06:30"),
        ("wednesday 18:00", "2026-03-25 18:00"),
        ("wednesday 09:00", "2026-04-01 09:00"),
        ("monday 09:00", "2026-03-30 09:00"),
        ("2026-12-24 18:00", "2026-12-24 18:00"),
        ("sunday 02:30", "2026-03-29 03:30"),  # there is no 02:30 on that day
    ],
)
def test_it_means_the_next_such_time_where_it_was_said(said: str, meant: str) -> None:
    instant = Moment.read(said).at(NOON, BERLIN)

    assert datetime.fromtimestamp(instant, ZoneInfo(BERLIN)).strftime("%Y-%m-%d %H:%M") == meant


def test_in_a_while_is_counted_from_when_it_is_said() -> None:
    assert Moment.read("in 90 min").at(NOON, BERLIN) == NOON + 5_400


@pytest.mark.parametrize("said", ["today 11:00", "yesterday 23:59", "2026-03-25 12:00", "2020-01-01 10:00"])
def test_what_has_gone_by_is_refused(said: str) -> None:
    with pytest.raises(Past):
        Moment.read(said).at(NOON, BERLIN)


@pytest.mark.parametrize("zone", ["", "Middle/Earth", "../../etc/passwd", "\0"])
def test_an_unknown_zone_is_utc(zone: str) -> None:
    assert Moment.read("18:00").at(NOON, zone) == Moment.read("18:00").at(NOON, "UTC")


@given(moments, nows, zones)
def test_it_is_ahead_and_shows_the_time_that_was_said(moment: Moment, now: float, zone: str) -> None:
    try:
        instant = moment.at(now, zone)
    except Past:
        assert moment[:4] in ("toda", "2026", "tomo")  # tomorrow: Apia once left a day out
        return
    shown = datetime.fromtimestamp(instant, ZoneInfo(zone)).strftime("%H:%M")
    assert instant > now
    assert instant - now <= 8 * 86_400 + 3_600 or moment.startswith("2026")
    assert shown == moment[-5:] or _left_out(instant, zone)


def _left_out(instant: float, zone: str) -> bool:
    """Whether clocks were changed around that time."""
    here = ZoneInfo(zone)
    near = [datetime.fromtimestamp(instant + hours * 3600, here).utcoffset() for hours in (-2, 2)]
    return near[0] != near[1]


@given(moments)
def test_it_is_written_such_that_it_is_read_again(moment: Moment) -> None:
    assert from_text(Moment, to_text(moment)) == moment


@pytest.mark.parametrize(
    ("text", "ref", "time"),
    [
        ("deploy web to product at 22:00", None, "22:00"),
        ("deploy web to product 22:00", None, "22:00"),
        ("deploy web to product tomorrow 06:30", None, "tomorrow 06:30"),
        ("Deploy web to product at tomorrow 6:30.", None, "tomorrow 06:30"),
        ("deploy web to product at r1841 at 22:00", "r1841", "22:00"),
        ("deploy web to product at 22:00 at r1841", "r1841", "22:00"),
        ("deploy web to product on Monday 09:00 from r1841", "r1841", "monday 09:00"),
        ("deploy web to product at 10pm", None, "22:00"),
        ("deploy web to product at 2026-12-24 18:00", None, "2026-12-24 18:00"),
        ("deploy web to product at 3.2.0", "3.2.0", None),
        ("deploy web to product at 9 am", None, "09:00"),
        ("deploy web to product at noon", None, "12:00"),
        ("deploy web to product tomorrow at 06:30", None, "tomorrow 06:30"),
        ("deploy web to product on Friday at 9am", None, "friday 09:00"),
        ("deploy web to product at 9 am on Friday", None, "friday 09:00"),
        ("deploy web to product tonight at 22:00", None, "today 22:00"),
        ("deploy web to product at 10pm tonight", None, "today 22:00"),
        ("deploy web to product in 2 hours", None, "in 2h"),
        ("deploy web to product in half an hour at r1841", "r1841", "in 30m"),
        ("deploy web in 30 min to product", None, "in 30m"),
    ],
)
def test_after_at_what_looks_like_a_time_is_one(text: str, ref: str | None, time: str | None) -> None:
    meant = Deploy(
        Project("web"),
        Environment("product"),
        Ref.read(ref) if ref else None,
        Moment.read(time) if time else None,
    )

    assert GRAMMAR.parse(text) == Parsed(meant)


def test_a_time_that_there_is_not_is_explained() -> None:
    problem = GRAMMAR.parse("deploy web to product at 25:00")

    assert isinstance(problem, Invalid)
    assert "25:00" in problem.message


@pytest.mark.parametrize(
    ("said", "offers"),
    [
        ("at 22", ("at 22:00", "at r22")),
        ("at 6", ("at 06:00", "at r6")),
        ("at 0900", ("at 09:00", "at r0900")),
        ("at 1841", ("at 18:41", "at r1841")),
        ("at 9.30", ("at 09:30", "at tag 9.30")),
        ("9.30", ("at 09:30", "at tag 9.30")),
        ("at 22h", ("at 22:00", "at tag 22h")),
        *((f"at {word}", ()) for word in ("tonight", "monday", "tomorrow", "later")),
        *(
            (f"at {word}", ())
            for word in ("now", "once", "lunch", "end of day", "half past nine", "9ish", "not")
        ),
        ("22", ("at 22:00", "at r22")),
        ("1841", ("at 18:41", "at r1841")),
        ("22h", ("at 22:00", "at tag 22h")),
        ("@22:00", ("at 22:00",)),
        ("at ten", ("at 10:00",)),
        ("at 24.12.2026", ("at tag 24.12.2026",)),
        ("at 2026-12-24", ("at tag 2026-12-24",)),
        ("at 20261224", ("at r20261224",)),
        ("at 24/12", ("at tag 24/12",)),
        *((words, ()) for words in ("after 2 hours", "2 hours", "2 hours ago", "tonight at 10:00", "soon")),
        *((words, ()) for words in ("at 2026-11-24 22:00 UTC", "in 400 days", "before lunch")),
    ],
)
def test_what_may_be_meant_for_later_is_never_started_at_once(said: str, offers: tuple[str, ...]) -> None:
    problem = GRAMMAR.parse(f"deploy web to product {said}")

    assert not isinstance(problem, Parsed)
    assert problem.offers == tuple(f"deploy web to product {offer}" for offer in offers)


@pytest.mark.parametrize(
    "ref", ["r22", "tag 9.30", "branch noon", "3.2.0", "18417", '"22"', '"noon"', "trunk"]
)
def test_what_is_said_to_be_code_is_code(ref: str) -> None:
    parsed = GRAMMAR.parse(f"deploy web to product at {ref}")

    assert isinstance(parsed, Parsed), parsed
    assert parsed.command == Deploy(Project("web"), Environment("product"), Ref(ref.strip('"')))
