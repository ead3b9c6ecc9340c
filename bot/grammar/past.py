"""Times gone by as people say them: `14:05`, `yesterday 18:00`, `Monday 09:30`, `2026-03-14 14:05`, `2h`.

A value is what was said. Which instant that is depends on when it was said and in which zone: `now`, an aware
datetime in that zone, is given by whoever asks. Nothing here has a clock.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from bot.grammar.lengths import LENGTH as _LENGTH
from bot.grammar.values import Duration, Typed, shape
from bot.language import N_

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = rf"today|yesterday|{'|'.join(f'{day[:3]}(?:{day[3:]})?' for day in _DAYS)}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}"
_INSTANT = (
    rf"(?:(?:{_DAY})(?:,? (?:at )?|t))?[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]{{1,6}})?)?(?: ?[ap]m)?"
    r"(?:z|[+-][0-9]{2}:?[0-9]{2})?"
)
_SAID = re.compile(
    rf"(?:(?P<day>{_DAY})(?:,? (?:at )?|t))?(?P<clock>[0-9:.]+)(?: ?(?P<half>[ap]m))?(?P<zone>z|[+-].+)?"
)


class Instant(Typed, str):
    """A point in time that has gone by: a time of day, with or without a day."""

    expected = N_("a time such as 14:05, yesterday 14:05 or 2026-03-14 14:05")
    example = "14:05"
    phrase = shape(_INSTANT)

    @classmethod
    def read(cls, text: str) -> Self:
        said = _SAID.fullmatch(text.lower()) if re.fullmatch(_INSTANT, text.lower()) else None
        if said is None:
            raise ValueError(f"{text} is not {cls.expected}")
        clock = _clock(said["clock"], said["half"] or "")
        day = _day(said["day"] or "")
        zone = (said["zone"] or "").upper()
        if zone and day[:1].isdigit():
            return cls(f"{day}T{clock}{zone}")
        if zone:
            raise ValueError(f"{text}: a time zone needs a date")
        return cls(f"{day} {clock}".strip())

    @classmethod
    def of(cls, at: datetime) -> Self:
        """The same instant, written so that it is read alike whoever says it and whenever; to the millisecond."""
        written = at.astimezone(UTC).isoformat(timespec="milliseconds")
        return cls(written.replace("+00:00", "Z").replace(".000Z", "Z"))

    def at(self, now: datetime) -> datetime:
        """In the zone of `now`. A time of day alone is the latest one; so is a weekday."""
        if "T" in self:
            return datetime.fromisoformat(self).astimezone(now.tzinfo)
        day, _, clock = self.rpartition(" ")
        candidates = [
            datetime.combine(day_meant, time.fromisoformat(clock), now.tzinfo)
            for day_meant in _candidates(day, now.date())
        ]
        # In UTC: within one zone Python compares what clocks show, which is the same twice a year.
        return next((at for at in candidates if at.astimezone(UTC) <= now.astimezone(UTC)), candidates[-1])


class Since(Typed, str):
    """Where a stretch of time that reaches to now begins: a length of time, a point in time, or a day."""

    expected, example = N_("a time such as 15m, 2h, 14:00 or yesterday 14:00"), "15m"
    phrase = shape(f"{_LENGTH}|{_INSTANT}|{_DAY}")
    bare = Duration.bare

    @classmethod
    def read(cls, text: str) -> Self:
        try:
            return cls(Duration.read(text))
        except ValueError:
            pass
        whole_day = re.fullmatch(_DAY, text.lower()) is not None
        try:
            return cls(Instant.read(f"{text} 00:00" if whole_day else text))
        except ValueError:
            raise ValueError(f"{text} is not {cls.expected}") from None

    @property
    def duration(self) -> Duration | None:
        """None when a point in time was said."""
        return None if ":" in self else Duration.read(self)

    def start(self, now: datetime) -> datetime:
        """In the zone of `now`; a length is time that passed, whatever clocks did meanwhile."""
        length = self.duration
        if length is None:
            return Instant(self).at(now)
        return (now.astimezone(UTC) - length.delta).astimezone(now.tzinfo)


class Between(Typed, str):
    """A stretch of time with both its ends: `14:00 and 14:10`."""

    expected = N_("two times such as 14:00 and 14:10")
    example = "14:00 and 14:10"
    phrase = shape(f"(?:{_INSTANT}) and (?:{_INSTANT})")

    @classmethod
    def read(cls, text: str) -> Self:
        first, joint, second = re.sub(r"(?i) and ", " and ", text).partition(" and ")
        if not joint:
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(f"{Instant.read(first)} and {Instant.read(second)}")  # not said: what is typed

    @classmethod
    def of(cls, since: datetime, until: datetime) -> Self:
        return cls(f"{Instant.of(since)} and {Instant.of(until)}")  # not said: what is typed

    def bounds(self, now: datetime) -> tuple[datetime, datetime]:
        """From and to, in the zone of `now`; the later one is the first such time after the earlier one.

        Over midnight it is read only where that is less than half a day, or has gone by: `14:10 and 14:00` was
        turned round, and `14:00 and 14:00` is a moment.
        In the night in which clocks show an hour twice it is from the first to the second of both, so that
        nothing is left out. ValueError when it ends before it begins.
        """
        first, _, second = self.partition(" and ")
        since = Instant(first).at(now)
        until = Instant(second).at(now)
        until = until if "T" in second else _second(until)
        if " " not in second and "T" not in second:
            until = _second(datetime.combine(since.date(), time.fromisoformat(second), now.tzinfo))
            after = _second(until + timedelta(days=1))
            if until.astimezone(UTC) <= since.astimezone(UTC) and _over_midnight(since, after, now):
                until = after
        if until.astimezone(UTC) <= since.astimezone(UTC):
            raise ValueError(f"{self}: that ends before it begins")
        return since, until


class Length(Duration):
    """A length of time that is told from other times by its keyword only."""

    bare = None


def _second(at: datetime) -> datetime:
    """The later of the two moments at which clocks show this time, if there are two."""
    return max(at.replace(fold=0), at.replace(fold=1), key=lambda one: one.astimezone(UTC))


def _over_midnight(since: datetime, until: datetime, now: datetime) -> bool:
    here = (one.astimezone(UTC) for one in (since, until, now))
    begins, ends, asked = here
    return ends <= asked or ends - begins < timedelta(hours=12)


def _clock(text: str, half: str) -> str:
    hour, _, rest = text.partition(":")
    number = int(hour)
    if half:
        if not 1 <= number <= 12:
            raise ValueError(f"{number} {half} is no time of day")
        number = number % 12 + (12 if half == "pm" else 0)
    clock = time.fromisoformat(f"{number:02}:{rest}")
    if ":" not in rest:
        return f"{clock:%H:%M}"
    return clock.isoformat(timespec="milliseconds" if clock.microsecond else "seconds")


def _day(text: str) -> str:
    if text[:1].isdigit():
        return date.fromisoformat(text).isoformat()
    return next((day for day in _DAYS if text and day.startswith(text)), text)


def _candidates(day: str, today: date) -> list[date]:
    """The dates that may be meant, latest first."""
    match day:
        case "":
            return [today, today - timedelta(1)]
        case "today":
            return [today]
        case "yesterday":
            return [today - timedelta(1)]
        case _ if day in _DAYS:
            back = (today.weekday() - _DAYS.index(day)) % 7
            return [today - timedelta(back), today - timedelta(back + 7)]
    return [date.fromisoformat(day)]
