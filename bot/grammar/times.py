"""Points in time as people say them: `18:00`, `tomorrow 06:30`, `Monday 09:00`, `2026-12-24 18:00`.

A `Moment` is what was said. Which instant that is depends on when it was said and in which zone: `at` works
that out, given both. Nothing here has a clock.
"""

import re
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from bot.grammar.lengths import LENGTH
from bot.grammar.values import Duration, Typed, shape
from bot.language import N_

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT = (
    "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
)
_EVENING = 17
_CLOCK = r"(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{2}))?(?: ?(?P<half>[ap])\.?m)?"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DAY = rf"yesterday|today|tonight|tomorrow|{_SHORT}|{_DATE}"
_SAID = re.compile(rf"(?:(?P<day>{_DAY})(?:,? (?:at )?|t))?{_CLOCK}")
# By its looks: the hour alone is a number, and `18` no time. `midnight` of a day may be its first or its last.
_TIME = r"[0-9]{1,2}:[0-9]{2}(?: ?[ap]\.?m)?|[0-9]{1,2} ?[ap]\.?m|noon"
_LOOKS = rf"(?:(?:{_DAY})(?:,? at | |t(?=[0-9]{{2}}:)))?(?:{_TIME})|midnight"
_DELAY = rf"in (?:{LENGTH})(?<! ago)"
_TURNED = rf"(?:{_TIME}),? (?:on )?(?:{_DAY})"


class Past(ValueError):
    """That day and time have gone by."""


class Moment(Typed, str):
    """A point in time, as it was said: an optional day and a time of day."""

    expected = N_("a time such as 18:00, tomorrow 06:30, Monday 09:00 or 2026-12-24 18:00")
    example = "18:00"
    phrase = bare = shape(f"{_TURNED}|{_LOOKS}|{_DELAY}")

    @classmethod
    def read(cls, text: str) -> Self:
        text = re.sub(f"^({_TIME}),? (?:on )?({_DAY})$", r"\2 \1", text.lower()).replace("noon", "12:00")
        text = re.sub("^midnight$", "0:00", text)
        if re.fullmatch(_DELAY, text):
            return cls(f"in {Duration.read(text[3:])}")  # not said: what is typed
        said = _SAID.fullmatch(text)
        if said is None or not re.fullmatch(_LOOKS, text):
            raise ValueError(f"{text} is not {cls.expected}")
        clock, day = _clock(said, cls.expected), _day(said["day"] or "")
        if day == "tonight":
            if clock.hour < _EVENING:
                raise ValueError(f"{text} may be tonight or tomorrow")
            day = "today"
        return cls(f"{day} {clock:%H:%M}".lstrip())

    def at(self, now: float, zone: str) -> float:
        """Epoch seconds of what was said at `now` in `zone` (IANA name; what is none counts as UTC).

        A time of day alone is the next one; a weekday the next such day, today if that time is still to come.
        A time that a change of clocks leaves out is as much later. Raises Past.
        """
        day, _, clock = self.rpartition(" ")
        if day == "in":
            return now + Duration.read(clock)
        here = zone_of(zone)
        today = datetime.fromtimestamp(now, here).date()
        for candidate in _candidates(day, today):
            instant = datetime.combine(candidate, time.fromisoformat(clock), here).timestamp()
            if instant > now:
                return instant
        raise Past(self)


def zone_of(name: str) -> ZoneInfo:
    """The zone of that name, or UTC."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # not known here, a folder of zones, or no name of one
        return ZoneInfo("UTC")


def joins(before: str, word: str, after: str) -> bool:
    """Whether `word` stands between a day and a time of day: `tomorrow at 9:00`, `9 am on Friday`."""
    if word == "at":
        return re.fullmatch(_DAY, before) is not None
    return re.fullmatch(_DAY, after) is not None and re.search("[0-9]$|m$|^noon$", before) is not None


def weekday(text: str) -> int:
    """0 for `mon`, `Monday`, ...; ValueError for what is none."""
    for number, day in enumerate(DAYS):
        if len(text) >= 3 and day.startswith(text.lower()):
            return number
    raise ValueError(f"{text} is no day of the week")


def _candidates(day: str, today: date) -> list[date]:
    """The dates that may be meant, soonest first."""
    match day:
        case "":
            return [today, today + timedelta(1), today + timedelta(2)]
        case "yesterday":  # known, so that it is no branch of that name: it has gone by
            return [today - timedelta(1)]
        case "today":
            return [today]
        case "tomorrow":
            return [today + timedelta(1)]
        case _ if day in DAYS:
            ahead = (weekday(day) - today.weekday()) % 7
            return [today + timedelta(ahead), today + timedelta(ahead + 7)]
    return [date.fromisoformat(day)]


def _clock(said: re.Match[str], expected: str) -> time:
    hour, minute, half = int(said["hour"]), int(said["minute"] or 0), said["half"]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(f"{hour} {half}m is not {expected}")
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        raise ValueError(f"{hour}:{minute:02} is not {expected}") from None


def _day(text: str) -> str:
    if not text or text in ("yesterday", "today", "tonight", "tomorrow"):
        return text
    return date.fromisoformat(text).isoformat() if text[0].isdigit() else DAYS[weekday(text)]
