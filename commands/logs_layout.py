"""What log layouts put before a message: a time, a level, a thread. Pure.

`2026-11-24 11:34:57,516 WARN  [web] slow` is a document whose time and level stand in fields of their own:
said twice, they fill a phone's width with nothing.
"""

from __future__ import annotations

import re
from datetime import datetime

from bot.severity import SEVERITIES, rank_of

QUARTER = 15 * 60
"""Seconds by which zones differ, or a multiple of it: a program may write its own zone's time."""
SLACK = 2
"""Seconds between what a program wrote and what its document says."""

_DATE = r"\d{4}[-/.]\d\d[-/.]\d\d|\d\d[-/ .](?:\d\d|[A-Z][a-z]{2})[-/ .]\d{4}|[A-Z][a-z]{2} {1,2}\d{1,2}"
_CLOCK = r"\d\d:(?P<minute>\d\d):(?P<second>\d\d)(?:[.,:]\d{1,9})?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d)(?!\w))?"
_TIME = re.compile(rf"[\[(]?(?:(?:{_DATE})[T ,:]{{1,2}})?{_CLOCK}[\])]?(?!\w)[\s|,:-]*")
_WORDS = "|".join(sorted((word for group in SEVERITIES for word in group), key=len, reverse=True))
# In capitals, in brackets or before a colon: "error reading a file" is a sentence.
_LEVEL = re.compile(
    rf"(?:[\[(<](?P<boxed>{_WORDS})[\])>]|(?P<headed>{_WORDS})(?=\s?[:|])|(?P<loud>(?-i:{_WORDS.upper()}))(?=\s))"
    r"[\s:|,-]*",
    re.IGNORECASE,
)
_THREAD = re.compile(r"\[[^\[\]]{1,60}\][\s:-]*")
# host ident user [time]: https://httpd.apache.org/docs/current/logs.html#common, which nginx writes, too
_ACCESS = re.compile(rf"(?P<host>\S{{1,80}}) - - \[(?:\d\d/[A-Z][a-z]{{2}}/\d{{4}}):{_CLOCK}\] ")


def without_repetition(text: str, at: datetime, level: str) -> str:
    """`text` without a time and a level at its start that say what `at` and `level` do; any other stays."""
    return _shortened(text, at, level) or text


def _shortened(text: str, at: datetime, level: str) -> str:
    first = text[:160]  # a layout's beginning is short, and a line may be megabytes
    if found := _ACCESS.match(first):
        return f"{found['host']} {text[found.end() :]}" if _same_time(found, at) else text
    time = _TIME.match(first)
    if time is not None and not _same_time(time, at):
        return text
    place = time.end() if time else 0
    if found := _LEVEL.match(first, place):
        return text[found.end() :] if _same_level(found, level) else text[place:]
    thread = _THREAD.match(first, place)
    found = thread and _LEVEL.match(first, thread.end())
    if thread and found and _same_level(found, level):
        return f"{text[place : thread.end()]}{text[found.end() :]}"
    return text[place:]


def bare(line: str) -> str:
    """What a line says, whenever and wherever: without time, level and thread, in any order."""
    while found := next(filter(None, (part.match(line) for part in (_TIME, _LEVEL, _THREAD))), None):
        if found.end() == len(line):  # that is all it says
            break
        line = line[found.end() :]
    return line


def _same_time(found: re.Match[str], at: datetime) -> bool:
    """Whatever the zone."""
    apart = (at.minute - int(found["minute"])) * 60 + at.second - int(found["second"])
    return min(apart % QUARTER, -apart % QUARTER) <= SLACK


def _same_level(found: re.Match[str], level: str) -> bool:
    return rank_of(found["boxed"] or found["headed"] or found["loud"]) == rank_of(level)
