"""Log lines -> what is read of them: traces whole, repetitions folded, secrets hidden, matches marked. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from bot.mrkdwn import code_block
from bot.ports import LogLine
from bot.redact import redact
from bot.severity import is_grave

ROOM = 2_750
"""Characters of a message that lines may take: a section of Slack's has 3,000."""
LONGEST = 300
"""Characters of one line in a message; the file has all of it."""
_GOES_ON = re.compile(r"\s|Caused by: |Suppressed: |\.\.\. \d+ more|During handling of the above")
_KEY_BEGINS, _KEY_ENDS = "-----BEGIN", "-----END"
_BETWEEN = "\x1e"
_VARIES = re.compile(r"(?<![\w.:+-])(?=[\w.:+-]*\d)[\w.:+-]+")
"""A word with a digit in it: a number, an id, a time, an address."""


@dataclass(frozen=True)
class Record:
    """One thing that was logged, with its stack trace; `count`: how often in a row."""

    at: datetime
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
    """What fits into a message, newest kept. `left_out`: how many records did not, or not whole."""

    lines: tuple[str, ...] = ()
    left_out: int = 0
    pods: frozenset[str] = field(default_factory=frozenset)


def read(lines: Sequence[LogLine]) -> Records:
    """Whole records without secrets; a key that is printed over several lines is found, too."""
    whole = _joined(lines)
    redacted = redact(_BETWEEN.join(record.text for record in whole))
    texts = redacted.text.split(_BETWEEN)
    if len(texts) != len(whole):  # what was hidden reached from one record into the next
        parts = [redact(record.text) for record in whole]
        texts, hidden = [part.text for part in parts], sum(part.hidden for part in parts)
    else:
        hidden = redacted.hidden
    clean = [
        record if text == record.text else replace(record, text=text)
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
        if at is not None and _belongs(text, found[at].text):
            found[at] = replace(found[at], text=f"{found[at].text}\n{text}")
            continue
        latest[line.pod] = len(found)
        found.append(Record(line.at, line.level, (line.pod,) if line.pod else (), text))
    return found


def goes_on(text: str) -> bool:
    """Whether a line is not the first of what it belongs to: a frame of a stack trace, a cause."""
    return bool(_GOES_ON.match(text))


def _belongs(text: str, before: str) -> bool:
    return goes_on(text) or before.rfind(_KEY_BEGINS) > before.rfind(_KEY_ENDS)


def fold(records: Iterable[Record]) -> list[Record]:
    """What is said again right away, by whichever pod, is counted."""
    folded: list[Record] = []
    for record in records:
        last = folded[-1] if folded else None
        if last is not None and (last.level.lower(), last.text) == (record.level.lower(), record.text):
            pods = tuple(dict.fromkeys((*last.pods, *record.pods)))
            folded[-1] = replace(record, pods=pods, count=last.count + record.count)
        else:
            folded.append(record)
    return folded


def show(records: Records, zone: tzinfo, wanted: str = "", most: int = ROOM) -> Shown:
    """For a message: whole records, newest kept; `wanted` marked like «this»."""
    folded = fold(records.all)
    pods = frozenset(pod for record in folded for pod in record.pods)
    mark = _marker(wanted)
    dated = len({record.at.astimezone(zone).date() for record in folded}) > 1
    kept: list[str] = []
    left = len(folded)
    for record in reversed(folded):
        lines = _drawn(record, zone, dated, named=len(pods) > 1)
        drawn = [mark.sub(r"«\g<0>»", _cut(line)) if mark else _cut(line) for line in lines]
        size = len(code_block(drawn))
        if size > most and kept:
            break
        if size > most:
            kept = _ends(drawn, most)
            break
        kept[:0] = drawn
        most -= size - len(code_block([]))
        left -= 1
    return Shown(tuple(kept), left, pods)


def in_full(records: Records, zone: tzinfo) -> str:
    """For a file: everything, nothing folded."""
    lines = (line for record in records.all for line in _drawn(record, zone, dated=True, named=True))
    return "\n".join(lines) + "\n"


def _drawn(record: Record, zone: tzinfo, dated: bool, named: bool) -> list[str]:
    first, *rest = record.text.splitlines() or [""]
    at = record.at.astimezone(zone)
    pods = record.pods[0] if len(record.pods) == 1 else f"{len(record.pods)} pods" if record.pods else ""
    parts = [f"{at:%d %b %H:%M:%S}" if dated else f"{at:%H:%M:%S}", f"{record.level.upper():<5}"]
    parts += [pods] if named and pods else []
    times = f" (×{record.count})" if record.count > 1 else ""
    return [f"{' '.join(parts)} {first}{times}", *(f"  {line}" for line in rest)]


def _ends(lines: list[str], most: int) -> list[str]:
    """Of a trace that is longer than a message: how it begins, and the causes at its end."""
    head, tail = lines[:1], list[str]()
    turn = 0
    rest = lines[1:]
    while rest:
        line = rest.pop(0) if turn % 3 < 2 else rest.pop()
        gap = [f"  … {len(rest)} more lines …"]
        if len(code_block([*head, line, *gap, *tail])) > most:
            return [*head, f"  … {len(rest) + 1} more lines …", *tail]
        if turn % 3 < 2:
            head.append(line)
        else:
            tail.insert(0, line)
        turn += 1
    return [*head, *tail]


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


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
    text = re.sub(r"\s+", " ", _VARIES.sub("…", line)).strip()
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
