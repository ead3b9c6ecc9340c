"""Every value is written such that it is read again; and says what it means."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grammar import (
    Count,
    Duration,
    Environment,
    Level,
    Limit,
    Project,
    Ref,
    Text,
    Verb,
    Version,
    from_text,
    to_text,
)

READ: list[tuple[type[Any], str, str]] = [
    (Project, "web", "web"),
    (Environment, "product", "product"),
    (Verb, "deploy", "deploy"),
    (Count, "0", "0"),
    (Count, "10000", "10000"),
    (Count, "007", "7"),
    (Limit, "500", "500"),
    (Duration, "90s", "90s"),
    (Duration, "15 min", "15m"),
    (Duration, "120 minutes", "2h"),
    (Duration, "1d", "1d"),
    (Duration, "14d", "2w"),
    (Duration, "1 hr 5 secs ago", "3605s"),
    (Duration, "An hour", "1h"),
    (Duration, "a day", "1d"),
    (Duration, "a week", "1w"),
    (Duration, "twelve hours", "12h"),
    (Duration, "half an hour", "30m"),
    (Duration, "half hour", "30m"),
    (Duration, "half a minute", "30s"),
    (Duration, "an hour and a half", "90m"),
    (Duration, "one and a half hours", "90m"),
    (Duration, "2 and a half hours ago", "150m"),
    (Duration, "2h and a half", "150m"),
    (Duration, "two hours and 30 minutes", "150m"),
    (Duration, "an hour and a minute", "61m"),
    (Duration, "1.5h", "90m"),
    (Duration, "0.25 h", "15m"),
    (Level, "Warning", "warn"),
    (Level, "critical", "fatal"),
    (Ref, "r1841", "r1841"),
    (Ref, "R1841", "r1841"),
    (Ref, "revision 1841", "r1841"),
    (Ref, "rev r1841", "r1841"),
    (Ref, "1841", "1841"),
    (Ref, "HEAD", "HEAD"),
    (Ref, "Tag 3.2.0", "tag 3.2.0"),
    (Ref, "branch feature/a_b-c", "branch feature/a_b-c"),
    (Ref, "Release", "Release"),
    (Version, "3.2.0", "3.2.0"),
    (Version, "Revision 012", "revision 12"),
    (Version, "12", "12"),
    (Text, "timeout", "timeout"),
    (Text, "a b", '"a b"'),
    (Text, 'a "b" \\', '"a \\"b\\" \\\\"'),
    (Text, "<@U1> &lt;", '"&lt;@U1> &amp;lt;"'),
    (Text, "please", '"please"'),
]


@pytest.mark.parametrize(("kind", "text", "written"), READ)
def test_a_value_is_read_and_written(kind: type[Any], text: str, written: str) -> None:
    value = kind.read(text)

    assert isinstance(value, kind)
    assert to_text(value) == written
    assert from_text(kind, written) == value


REFUSED: list[tuple[type[Any], str]] = [
    *((Count, text) for text in ("-1", "10001", "dozens", "", "1e3", "1_000", "٣", "9" * 500)),
    *((Limit, text) for text in ("0", "501")),
    *((Duration, text) for text in ("15", "m", "0s", "-15m", "15x", "2000w", "1.5s", "1,5h", "1-2h", "")),
    *((Duration, text) for text in ("half a day", "half", "a couple of hours", "an hour or two", "a moment")),
    *(
        (Duration, text)
        for text in ("a day and a half", "half an hour and a half", "zero hours", "9" * 5000 + "h")
    ),
    *(
        (Duration, text)
        for text in ("15m a day", "an", "hour", "half two hours", "1.5.5h", "a half and a half h")
    ),
    *((Level, text) for text in ("loud", "")),
    *(
        (Ref, text)
        for text in ("-x", "a..b", "a b", "/a", "a/", "a//b", "a.", "a.lock", "a/.b", "a@{1}", "é", "")
    ),
    *((Ref, text) for text in ("a" * 201, "a;b", "$(x)", "other x", "a b c")),
    *((Version, text) for text in ("-x", "a/b", "a:b", "a" * 129, "", "a.", "revision x")),
    *((Text, text) for text in ("", "  ", "\x00", "a" * 501)),
]


@pytest.mark.parametrize(("kind", "text"), REFUSED)
def test_what_is_no_value_is_refused(kind: type[Any], text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        kind.read(text)


@given(st.integers(min_value=1, max_value=366 * 86_400))
def test_every_duration_is_read_again(seconds: int) -> None:
    duration = Duration(seconds)

    assert from_text(Duration, to_text(duration)) == duration
    assert duration.delta == timedelta(seconds=seconds)


@given(
    st.lists(
        st.tuples(st.integers(1, 17), st.sampled_from(["h", " hours", " min", "m", "s", " d", " weeks"])),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from([" ", " and "]),
)
def test_a_length_is_the_sum_of_its_parts(parts: list[tuple[int, str]], between: str) -> None:
    said = [f"{number}{unit}" for number, unit in parts]

    assert Duration.read(between.join(said)) == sum(map(Duration.read, said))


@given(st.text(alphabet="0123456789. adhmnsw", max_size=20) | st.text(max_size=20))
def test_what_is_read_as_a_length_is_one(text: str) -> None:
    try:
        length = Duration.read(text)
    except ValueError:
        return

    assert 0 < length <= 366 * 86_400
    assert Duration.read(to_text(length)) == length


@given(st.text(max_size=200).map(Text).filter(str.strip))
def test_every_text_is_read_again(text: Text) -> None:
    assert from_text(Text, to_text(text)) == text


def test_a_ref_and_a_version_tell_what_they_name() -> None:
    assert (Ref("tag 3.2.0").kind, Ref("tag 3.2.0").name) == ("tag", "3.2.0")
    assert (Ref("r1841").kind, Ref("r1841").name) == ("revision", "r1841")
    assert (Ref("trunk").kind, Ref("trunk").name) == ("", "trunk")
    assert Version("revision 12").revision == 12
    assert Version("3.2.0").revision is None
