"""Log lines -> what is read of them: traces whole, repetitions folded, secrets hidden, matches marked. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from bot.language import counted
from bot.mrkdwn import code_block
from bot.ports import LogLine
from bot.redact import redact
from bot.severity import is_grave
from commands.logs_layout import bare, without_repetition

ROOM = 2_750
"""Characters of a message that lines may take: a section of Slack's has 3,000."""
LONGEST = 300
"""Characters of one line in a message; the file has all of it."""
_GOES_ON = re.compile(r"\s|Caused by: |Suppressed: |\.\.\. \d+ more|During handling of the above")
_RAISED = re.compile(r"(?:[A-Za-z_][\w$]*\.)*[A-Z][\w$]*(?:Exception|Error|Timeout|Interrupt|Exit)(?:: |$)")
"""What was thrown, in a line of its own: behind the message that reports it, or at the end of a traceback."""
_TOGETHER = timedelta(seconds=1)
_KEY_BEGINS, _KEY_ENDS = "-----BEGIN", "-----END"
_BETWEEN = "\x1e"
TICK = timedelta(milliseconds=1)
"""What times of lines, and of questions about them, are told to."""
_FENCES = len(code_block([]))
_VARIES = re.compile(r"(?<![\w.:+-])(?=[\w.:+-]*\d)[\w.:+-]+")
"""A word with a digit in it: a number, an id, a time, an address."""


@dataclass(frozen=True)
class Record:
    """One thing that was logged, with its stack trace; `count`: how often in a row.

    `at`: of its latest repetition. From `first` to `last` there are lines of it.
    """

    at: datetime
    first: datetime
    last: datetime
    level: str
    pods: tuple[str, ...]
    text: str
    count: int = 1

    @property
    def first_line(self) -> str:
        return next((line for line in self.text.splitlines() if line.strip()), "")


@dataclass(frozen=True)
class Records:
    """Oldest first. `hidden`: how many secrets were taken out."""

    all: tuple[Record, ...] = ()
    hidden: int = 0


@dataclass(frozen=True)
class Shown:
    """What fits into a message, newest kept. `left_out`: how many records did not."""

    lines: tuple[str, ...] = ()
    records: int = 0
    left_out: int = 0
    cut: int = 0
    """How many of those that did are not shown whole."""
    until: datetime | None = None
    """What is left out is earlier; None: nothing is."""
    pods: tuple[str, ...] = ()


def read(lines: Sequence[LogLine]) -> Records:
    """Whole records without secrets and without what their fields say; a key over several lines is found, too."""
    whole = _joined(lines)
    redacted = redact(_BETWEEN.join(record.text for record in whole))
    texts = redacted.text.split(_BETWEEN)
    if len(texts) != len(whole):  # what was hidden reached from one record into the next
        parts = [redact(record.text) for record in whole]
        texts, hidden = [part.text for part in parts], sum(part.hidden for part in parts)
    else:
        hidden = redacted.hidden
    clean = [
        replace(record, text=without_repetition(text, record.at, record.level))
        for record, text in zip(whole, texts, strict=True)
    ]
    return Records(tuple(clean), hidden)


def _joined(lines: Iterable[LogLine]) -> list[Record]:
    """Lines that go on with what the same pod said before belong to that."""
    found: list[Record] = []
    latest: dict[str, int] = {}
    for line in lines:
        text = line.message.replace(_BETWEEN, " ").rstrip()
        at = latest.get(line.pod)
        if at is not None and _belongs(line, text, found[at]):
            found[at] = replace(found[at], text=f"{found[at].text}\n{text}", last=line.at)
            continue
        latest[line.pod] = len(found)
        pods = (line.pod,) if line.pod else ()
        found.append(Record(line.at, line.at, line.at, line.level, pods, text))
    return found


def goes_on(text: str) -> bool:
    """Whether a line is not the first of what it belongs to: a frame of a stack trace, a cause."""
    return bool(_GOES_ON.match(text))


def _belongs(line: LogLine, text: str, before: Record) -> bool:
    if goes_on(text) or before.text.rfind(_KEY_BEGINS) > before.text.rfind(_KEY_ENDS):
        return True
    thrown = bool(_RAISED.match(text)) and line.at - before.last <= _TOGETHER
    return thrown and is_grave(before.level) and not _RAISED.match(before.first_line)


def fold(records: Iterable[Record]) -> list[Record]:
    """What is said again right away, by whichever pod, is counted."""
    folded: list[Record] = []
    for record in records:
        last = folded[-1] if folded else None
        if last is not None and (last.level.lower(), last.text) == (record.level.lower(), record.text):
            pods = tuple(dict.fromkeys((*last.pods, *record.pods)))
            folded[-1] = replace(record, pods=pods, count=last.count + record.count, first=last.first)
        else:
            folded.append(record)
    return folded


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
        drawn = [mark.sub(r"«\g<0>»", _cut(line)) if mark else _cut(line) for line in whole]
        size = len(code_block(drawn)) - _FENCES + 1
        if size > most and not kept:
            kept.append(_ends(drawn, most))
            cut += 1
        if size > most:
            break
        kept.append(drawn)
        cut += any(len(line) > LONGEST for line in whole)
        most -= size
    count = _without_halves(folded, len(kept))
    lines = tuple(line for drawn in reversed(kept[:count]) for line in drawn)
    return Shown(lines, count, len(folded) - count, cut, _until(folded, count), pods)


def _without_halves(folded: Sequence[Record], count: int) -> int:
    """How many of the last `count` are shown so that none of the others is of the same moment as one of them.

    What is older can then be asked for by time. As many as fit where all are of one moment.
    """
    rest = len(folded) - count
    whole = next((n for n in range(rest, len(folded)) if not n or folded[n - 1].last < folded[n].first), rest)
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
    """The time of day; with its day when there are several."""
    days = {record.at.astimezone(zone).date() for record in folded}
    style = "%m-%d %H:%M:%S" if len(days) > 1 else "%H:%M:%S"
    return lambda at: at.astimezone(zone).strftime(style)


@dataclass(frozen=True)
class _Drawing:
    """`names`: what a pod is called, where that is not its whole name."""

    when: Callable[[datetime], str]
    names: Mapping[str, str]

    def __call__(self, record: Record) -> list[str]:
        first, *rest = record.text.splitlines() or [""]
        level = f"{record.level.upper():<5}" if record.level else ""
        head = " ".join(filter(None, (self.when(record.at), level, self._pods(record), first)))
        times = f" (×{record.count})" if record.count > 1 else ""
        return [f"{head}{times}", *(f"  {line}" for line in rest)]

    def _pods(self, record: Record) -> str:
        if len(record.pods) > 1:
            return counted("{n} pod", "{n} pods", len(record.pods))
        return "".join(self.names.get(pod, pod) for pod in record.pods)


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
        if len(code_block([*head, line, *gap, *tail])) > most:
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


def mostly(records: Records) -> str:
    """What most of the errors say, numbers and ids left out; "" when no kind of them stands out."""
    errors = [record for record in records.all if is_grave(record.level)]
    kinds = Counter(kind(record.first_line) for record in errors)
    (said, count), *_ = kinds.most_common(1) or [("", 0)]
    return said if count > 1 and count * 2 >= len(errors) else ""


def kind(line: str, most: int = 80) -> str:
    """A line without what varies from one to the next."""
    text = re.sub(r"\s+", " ", _VARIES.sub("…", bare(line))).strip()
    return shortened(text, most)


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


@dataclass(frozen=True)
class Plain:
    """Lines without a time or level of their own. `all`: without secrets, nothing left out."""

    lines: tuple[str, ...]
    all: tuple[str, ...]
    left_out: int
    hidden: int


def show_plain(lines: Sequence[str], wanted: str, most: int = ROOM) -> Plain:
    """The newest that fit into a message."""
    clean = redact("\n".join(lines))
    whole = tuple(clean.text.split("\n")) if lines else ()
    mark = _marker(wanted)
    kept: list[str] = []
    for line in reversed(whole):
        drawn = mark.sub(r"«\g<0>»", _cut(line)) if mark else _cut(line)
        most -= len(code_block([drawn])) - len(code_block([])) + 1
        if most < 0:
            break
        kept.insert(0, drawn)
    return Plain(tuple(kept), whole, len(whole) - len(kept), clean.hidden)
