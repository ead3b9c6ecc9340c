"""Dates as Elasticsearch reads and writes them: ISO 8601, epoch numbers, date math. All in milliseconds.

Rules: the Elasticsearch reference, "Date math" and "format" (mapping parameters).
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from sandbox.elasticsearch.errors import IllegalArgument, ShardError

DEFAULT_FORMAT = "strict_date_optional_time||epoch_millis"

_ISO = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?)?)?)?"
    r"(Z|[+-]\d\d(?::?\d\d)?)?"
)
_MATH = re.compile(r"([+-])(\d*)([yMwdhHms])|/([yMwdhHms])")
_UNIT_BY_FIELD = "yMdhms"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "H": 3600, "d": 86400, "w": 604800}
_ISO_NAMES = {
    "strict_date_optional_time",
    "date_optional_time",
    "strict_date_optional_time_nanos",
    "strict_date_time",
    "date_time",
    "iso8601",
}
_JAVA = (("yyyy", "%Y"), ("uuuu", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"))


def zone(name: str | None) -> tzinfo:
    """`+02:00`, `Z`, `UTC` or a name of the tz database."""
    if not name or name in ("Z", "UTC"):
        return UTC
    if match := re.fullmatch(r"([+-])(\d\d):?(\d\d)", name):
        sign = 1 if match[1] == "+" else -1
        return timezone(sign * timedelta(hours=int(match[2]), minutes=int(match[3])))
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError) as error:
        raise IllegalArgument(f"Unknown time-zone ID: {name}") from error


def parse(
    value: object, now: int, formats: str | None = None, tz: tzinfo = UTC, round_up: bool = False
) -> int:
    """Milliseconds since the epoch. `round_up`: the last millisecond of what is named (`lte`, `gt`)."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise _unreadable(value, formats)
    text = str(int(value)) if isinstance(value, float) else str(value)
    anchor, math = _split_math(text)
    if anchor == "now":
        moment = datetime.fromtimestamp(now / 1000, tz)
    else:
        moment = _anchor(anchor, formats or DEFAULT_FORMAT, tz, round_up and not math)
    return _millis(_apply(moment, math, round_up, text))


def _split_math(text: str) -> tuple[str, str]:
    if text.startswith("now"):
        return "now", text[3:]
    anchor, _, math = text.partition("||")
    return anchor, math


def _anchor(text: str, formats: str, tz: tzinfo, round_up: bool) -> datetime:
    for name in formats.split("||"):
        moment = _read(text, name, tz, round_up)
        if moment is not None:
            return moment
    raise _unreadable(text, formats)


def _read(text: str, name: str, tz: tzinfo, round_up: bool) -> datetime | None:
    if name in ("epoch_millis", "epoch_second"):
        if not re.fullmatch(r"-?\d{1,15}(\.\d+)?", text):
            return None
        return datetime.fromtimestamp(float(text) / (1000 if name == "epoch_millis" else 1), UTC)
    try:
        if name in _ISO_NAMES:
            return _read_iso(text, tz, round_up)
        return datetime.strptime(text, _pattern(name)).replace(tzinfo=tz)
    except ValueError:
        return None


def _read_iso(text: str, tz: tzinfo, round_up: bool) -> datetime | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    *parts, fraction, offset = match.groups()
    year, month, day, hour, minute, second = (int(part) if part else None for part in parts)
    micros = int((fraction or "0").ljust(6, "0")[:6])
    where = zone(offset + ":00" if offset and len(offset) == 3 else offset) if offset else tz
    moment = datetime(year or 1, month or 1, day or 1, hour or 0, minute or 0, second or 0, micros, where)
    given = sum(part is not None for part in parts)
    if round_up and fraction is None:
        return _end_of(moment, _UNIT_BY_FIELD[given - 1])
    return moment


def _pattern(java: str) -> str:
    """A Java date pattern in strptime's words. Raises the 400 of an invalid format."""
    pattern = java.replace("'", "")
    for theirs, ours in _JAVA:
        pattern = pattern.replace(theirs, ours)
    if re.search(r"[A-Za-z]", re.sub(r"%[A-Za-z]|T", "", pattern)):
        raise IllegalArgument(f"Invalid format: [{java}]: Unknown pattern letter")
    return pattern


def _apply(moment: datetime, math: str, round_up: bool, text: str) -> datetime:
    at = 0
    while at < len(math):
        step = _MATH.match(math, at)
        if step is None:
            raise ShardError("parse_exception", f"operator not supported for date math [{text}]")
        at = step.end()
        if step[4]:
            moment = _end_of(moment, step[4]) if round_up else _start_of(moment, step[4])
        else:
            count = int(step[2] or 1) * (1 if step[1] == "+" else -1)
            moment = _add(moment, count, step[3])
    return moment


def _add(moment: datetime, count: int, unit: str) -> datetime:
    try:
        if unit in _SECONDS:
            return moment + timedelta(seconds=count * _SECONDS[unit])
        months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "y" else 1)
        year, month = divmod(months, 12)
        day = min(moment.day, monthrange(year, month + 1)[1])
        return moment.replace(year=year, month=month + 1, day=day)
    except (OverflowError, ValueError) as error:
        raise ShardError("parse_exception", f"date out of range: {count}{unit}") from error


def _start_of(moment: datetime, unit: str) -> datetime:
    if unit == "w":
        moment -= timedelta(days=moment.weekday())
        unit = "d"
    fresh = {"month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0, "microsecond": 0}
    kept = {"y": 0, "M": 1, "d": 2, "h": 3, "H": 3, "m": 4, "s": 5}[unit]
    return moment.replace(**dict(list(fresh.items())[kept:]))  # type: ignore[arg-type]


def _end_of(moment: datetime, unit: str) -> datetime:
    return _add(_start_of(moment, unit), 1, unit) - timedelta(milliseconds=1)


def _millis(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _unreadable(value: object, formats: str | None) -> ShardError:
    reason = f"failed to parse date field [{value}] with format [{formats or DEFAULT_FORMAT}]"
    return ShardError("parse_exception", reason)


def render(millis: int, formats: str | None = None, tz: tzinfo = UTC) -> str:
    """The date as `format` asks for it; the first of several."""
    name = (formats or DEFAULT_FORMAT).split("||")[0]
    if name == "epoch_millis":
        return str(millis)
    if name == "epoch_second":
        return str(millis // 1000)
    moment = datetime.fromtimestamp(millis / 1000, tz)
    if name not in _ISO_NAMES:
        return moment.strftime(_pattern(name))
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def start_of(millis: int, unit: str, tz: tzinfo) -> int:
    """The start of the calendar unit (`y M w d h m s`) that holds `millis`."""
    return _millis(_start_of(datetime.fromtimestamp(millis / 1000, tz), unit))


def add(millis: int, count: int, unit: str, tz: tzinfo = UTC) -> int:
    return _millis(_add(datetime.fromtimestamp(millis / 1000, tz), count, unit))
