"""The part of a failing build's console that explains it. Pure; what errors look like is data (patterns.py).

The tail of a console tells that a build failed. Why stands earlier, but not at the first word of trouble
either: builds retry, and tests log errors on purpose. What ended the build is looked for where it ended:
after the last command that Jenkins ran, then in what Jenkins itself said afterwards, then in all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain

from bot.excerpt import patterns
from bot.redact import redact

MOST_COLUMNS = 300
"""Longer lines are cut."""
_LOOKED_AT = 500
"""Columns that are searched: an error says so early in its line, and lines can be megabytes long."""
_REDACTED = 20_000
"""Columns of a line that is cut in which secrets are looked for."""
_BEFORE = 3
"""Lines of context above the error."""
_NEAR = 20
"""Lines between two signs of the same trouble, at most."""
_ENDING = 120
"""Lines before the end in which trouble is taken for what ended it."""
_FRAMES = 2
"""Lines of a stack trace that are kept of each run of them."""

UNSEEN = re.compile(
    r"\x1b\[8mha:[A-Za-z0-9+/=]*\x1b\[0m"  # annotations that Jenkins hides in its consoles
    r"|\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-_]|\x1b[()][0-9A-Za-z]"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
"""What a terminal does not show: colours, movements, control characters."""
_PREFIX = re.compile(
    r"(?:\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d[\d.,]*(?:Z|[+-]\d\d:?\d\d)?\]? +"  # a time
    r"|\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]? +"
    r"|\#\d+ \d+\.\d+ )"  # BuildKit: step and seconds
)


_STAMP = re.compile(r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] ?")
"""What Jenkins' Timestamper puts before each line of a pipeline: a phone's width of nothing."""


def _any(table: Mapping[str, str], flags: int = 0) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in table.values()), flags)


_PROVEN, _LIKELY, _REPORTED = map(_any, (patterns.PROVEN, patterns.LIKELY, patterns.REPORTED))
_MENTIONED = _any(patterns.MENTIONED, re.IGNORECASE)
_STRONG = re.compile("|".join(rank.pattern for rank in (_PROVEN, _LIKELY, _REPORTED)))
_ANY = re.compile(f"{_STRONG.pattern}|(?i:{_MENTIONED.pattern})")
_HARMLESS = re.compile(patterns.HARMLESS, re.IGNORECASE)
_NOISE = re.compile("|".join(patterns.NOISE))
_COMMAND, _AFTERWARDS = re.compile(patterns.COMMAND), re.compile(patterns.AFTERWARDS)
_FRAME = re.compile(patterns.FRAME)


def console_excerpt(text: str, most: int = 20, stage: str = "") -> list[str]:
    """At most `most` lines around the first real error; the last lines when nothing looks like one.

    `stage`: name of the pipeline's stage that failed, if it is known.
    """
    lines = _readable(text)
    heads = [_head(line) for line in lines]
    work = _failed_work(heads, stage)
    at = _error(heads, work)
    if at is None:
        return [_cut(line) for line in _telling(lines[: work.stop])[-most:]]
    stop = work.stop if at < work.stop else len(lines)
    before, after = _telling(lines[max(0, at - 200) : at]), _telling(lines[at : min(stop, at + 200)])
    context = max(min(_BEFORE, most // 4), most - len(after))
    return [_cut(line) for line in [*before[max(0, len(before) - context) :], *after][:most]]


def _readable(text: str) -> list[str]:
    """Lines as a terminal shows them: no escape codes, no overwritten progress."""
    plain = (raw.rstrip().rsplit("\r", 1)[-1].rstrip() for raw in UNSEEN.sub("", text).split("\n"))
    return [_STAMP.sub("", line) for line in plain]


def _telling(lines: list[str]) -> list[str]:
    """Without noise, runs of blank lines, and the middle of stack traces."""
    kept: list[str] = []
    frames = 0
    for line in lines:
        head = _head(line)
        if _NOISE.match(head) or (not head and (not kept or not kept[-1])):
            continue
        frames = frames + 1 if _FRAME.match(head) else 0
        if frames <= _FRAMES:
            kept.append(line)
        elif frames == _FRAMES + 1:
            kept.append("    …")
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _failed_work(heads: list[str], stage: str) -> range:
    """The lines of the stage that failed, without what Jenkins did afterwards."""
    begin = next((n for n, head in enumerate(heads) if head == f"[Pipeline] {{ ({stage})"), 0)
    return range(
        begin, next((n for n in range(begin, len(heads)) if _AFTERWARDS.match(heads[n])), len(heads))
    )


def _error(heads: list[str], work: range) -> int | None:
    """The line to show."""
    command = next((n for n in reversed(work) if _COMMAND.match(heads[n])), work.start)
    last, afterwards = range(command, work.stop), range(work.stop, len(heads))
    proven = partial(_signs, _PROVEN, heads)
    for signs in (
        proven(last),
        proven(afterwards),
        _last_trouble(heads, range(max(work.start, work.stop - _ENDING), work.stop)),
        proven(work),
        proven(range(work.start)),
        _last_trouble(heads, last),
        _last_trouble(heads, afterwards),
    ):
        first = next(signs, None)
        if first is not None:
            return first
    return None


def _last_trouble(heads: list[str], place: range) -> Iterator[int]:
    """The lines that tell most in the last trouble there: a group of signs that stand near each other.

    A mere mention binds nothing to the group from further away: builds talk about errors all the time.
    """
    group: list[int] = []
    nearest = 0
    for sign in _signs(_ANY, heads, reversed(place)):
        strong = bool(_STRONG.match(heads[sign]))
        if group and nearest - sign > (_NEAR if strong else _BEFORE):
            if strong or nearest - sign > _NEAR:
                break
            continue
        if strong or not group:
            nearest = sign
        group.append(sign)
    group.reverse()
    ranks = (_signs(rank, heads, group) for rank in (_PROVEN, _LIKELY, _REPORTED, _MENTIONED))
    return chain.from_iterable(ranks)


def _signs(pattern: re.Pattern[str], heads: list[str], place: Iterable[int]) -> Iterator[int]:
    return (n for n in place if pattern.match(heads[n]) and not _HARMLESS.search(heads[n]))


def _head(line: str) -> str:
    head = line[:_LOOKED_AT]
    while prefix := _PREFIX.match(head):
        head = head[prefix.end() :]
    return head


def _cut(line: str) -> str:
    """A secret at the edge is hidden first: of half of it nobody could tell any more that it is one."""
    if len(line) > MOST_COLUMNS:
        line = redact(line[:_REDACTED]).text
    return line if len(line) <= MOST_COLUMNS else line[: MOST_COLUMNS - 1] + "…"
