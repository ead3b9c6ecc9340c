"""What was logged -> lines of a message or a file: repetitions folded, matches marked. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from bot.excerpt import UNSEEN
from bot.language import _, counted
from bot.redact import redact
from commands.logs_records import Record, Records, fold, shortened

ROOM = 2_750
"""Characters of a message that lines may take: a section of Slack's has 3,000."""
ROW = 60
"""So many characters a row is worth, however short: nobody scrolls through hundreds of them."""
ROOM_FOR_ENDS = 1_000
"""Of what does not fit whole, its beginning and end are shown where so many characters are left."""
LONGEST = 300
"""Characters of one line in a message; the file has all of it."""
TICK = timedelta(milliseconds=1)
"""What times of lines, and of questions about them, are told to."""


@dataclass(frozen=True)
class Shown:
    """What fits into a message, newest kept. `left_out`: how many records did not."""

    lines: tuple[str, ...] = ()
    records: int = 0
    """How many did, each repetition counted."""
    left_out: int = 0
    cut: int = 0
    """How many of those that did are not shown whole."""
    until: datetime | None = None
    """What is left out is earlier; None: nothing is."""
    pods: tuple[str, ...] = ()


def show(records: Records, zone: tzinfo, wanted: str = "", most: int = ROOM) -> Shown:
    """For a message: whole records, newest kept; `wanted` marked like «this»."""
    folded = fold(records.all)
    pods = tuple(dict.fromkeys(pod for record in folded for pod in record.pods))
    mark = _marker(wanted)
    draw = _Drawing(_clock(folded, zone), _short(pods))
    kept: list[list[str]] = []
    cut = 0
    for record in reversed(folded):
        whole = draw(record)
        drawn = list(map(_cut, whole))
        if mark:
            drawn = [mark.sub(r"«\g<0>»", line) for line in drawn]
        size = _size(drawn)
        if size > most and (not kept or most > ROOM_FOR_ENDS):
            kept.append(_ends(drawn, most))
            cut += 1
        if size > most:
            break
        kept.append(drawn)
        cut += any(len(line) > LONGEST for line in whole)
        most -= size
    count = _without_halves(folded, len(kept))
    lines = tuple(line for drawn in reversed(kept[:count]) for line in drawn)
    number = sum(record.count for record in folded[len(folded) - count :])
    return Shown(lines, number, len(folded) - count, cut, _until(folded, count), pods)


def _size(lines: Iterable[str]) -> int:
    """Characters in a message, at most: a few of them are escaped there. A row of its own counts as some, too."""
    return sum(
        max(len(line) + 1, ROW) + 4 * (line.count("&") + line.count("<") + line.count(">")) + line.count("@")
        for line in lines
    )


def _without_halves(folded: Sequence[Record], count: int) -> int:
    """How many of the last `count` are shown so that none of the others is of the same moment as one of them.

    What is older can then be asked for by time. All of them where it would be more than half that goes.
    """
    rest = len(folded) - count
    places = range(rest, rest + count // 2 + 1)
    whole = next((n for n in places if not n or folded[n - 1].last < folded[n].first), rest)
    return len(folded) - whole


def _until(folded: Sequence[Record], count: int) -> datetime | None:
    """The moment before which all is that is left out, unless that would be everything once more."""
    rest = folded[: len(folded) - count]
    if not rest:
        return None
    until = max(record.last for record in rest) + TICK
    return until if until <= folded[-1].first else folded[-count].first


def in_full(records: Records, zone: tzinfo) -> str:
    """For a file: everything, nothing folded."""
    draw = _Drawing(lambda at: at.astimezone(zone).isoformat(" ", "milliseconds"), {})
    return "\n".join(line for record in records.all for line in draw(record)) + "\n"


def _clock(folded: Sequence[Record], zone: tzinfo) -> Callable[[datetime], str]:
    """The time of day; with its day when there are several. They are in order."""
    days = {record.at.astimezone(zone).date() for record in (*folded[:1], *folded[-1:])}
    if len(days) > 1:
        return lambda at: at.astimezone(zone).strftime("%m-%d %H:%M:%S")
    return lambda at: at.astimezone(zone).time().isoformat("seconds")


@dataclass(frozen=True)
class _Drawing:
    """`names`: what a pod is called, where that is not its whole name."""

    when: Callable[[datetime], str]
    names: Mapping[str, str]

    def __call__(self, record: Record) -> list[str]:
        first, *rest = record.text.splitlines() or [""]
        parts = [self.when(record.at)]
        if record.level:
            parts.append(record.level.upper().ljust(5))
        if name := self._pods(record.pods):
            parts.append(name)
        if record.count > 1:
            parts += [shortened(first, LONGEST - 60), f"(×{record.count})"]  # which is not to be cut off
        else:
            parts.append(first or _("(no text)"))
        return [" ".join(parts), *(f"  {line}" for line in rest)]

    def _pods(self, pods: tuple[str, ...]) -> str:
        if len(pods) > 1:
            return counted("{n} pod", "{n} pods", len(pods))
        return self.names.get(pods[0], pods[0]) if pods else ""


def _short(pods: Sequence[str]) -> dict[str, str]:
    """Their last parts, as long as these tell them apart; nothing where there is but one pod to speak of."""
    ends = [pod.rpartition("-")[2] for pod in pods]
    if len(pods) < 2:
        return dict.fromkeys(pods, "")
    return dict(zip(pods, ends, strict=True)) if len(set(ends)) == len(ends) else {}


def _ends(lines: list[str], most: int) -> list[str]:
    """Of a trace that is longer than a message: how it begins, and the causes at its end."""
    head, tail = lines[:1], list[str]()
    turn = 0
    rest = lines[1:]
    while rest:
        line = rest.pop(0) if turn % 3 < 2 else rest.pop()
        gap = [f"  {_more(len(rest))}"]
        if _size([*head, line, *gap, *tail]) > most:
            return [*head, f"  {_more(len(rest) + 1)}", *tail]
        if turn % 3 < 2:
            head.append(line)
        else:
            tail.insert(0, line)
        turn += 1
    return [*head, *tail]


def _more(count: int) -> str:
    return counted("… {n} more line …", "… {n} more lines …", count)


def _cut(line: str) -> str:
    return shortened(line, LONGEST)


def _marker(wanted: str) -> re.Pattern[str] | None:
    """Finds the words of `wanted` in a row, as a phrase search does."""
    words = re.findall(r"\w+", wanted)
    return re.compile(r"\W{1,3}".join(map(re.escape, words)), re.IGNORECASE) if words else None


@dataclass(frozen=True)
class Plain:
    """Lines without a time or level of their own. `all`: without secrets, nothing left out."""

    lines: tuple[str, ...]
    all: tuple[str, ...]
    left_out: int
    hidden: int


def show_plain(lines: Sequence[str], wanted: str, most: int = ROOM) -> Plain:
    """The newest that fit into a message."""
    clean = redact(UNSEEN.sub("", "\n".join(lines)))
    whole = tuple(clean.text.split("\n")) if lines else ()
    mark = _marker(wanted)
    kept: list[str] = []
    for line in reversed(whole):
        drawn = mark.sub(r"«\g<0>»", _cut(line)) if mark else _cut(line)
        most -= _size([drawn])
        if most < 0:
            break
        kept.insert(0, drawn)
    return Plain(tuple(kept), whole, len(whole) - len(kept), clean.hidden)
