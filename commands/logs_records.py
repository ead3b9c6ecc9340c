"""Log lines -> what was logged: traces whole, secrets hidden, nothing said twice. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.excerpt import UNSEEN
from bot.language import _, counted
from bot.ports import LogLine
from bot.redact import redact
from bot.severity import is_grave
from commands.logs_layout import bare, without_repetition

_GOES_ON = re.compile(r"\s|Caused by: |Suppressed: |\.\.\. \d+ more|During handling of the above")
_RAISED = re.compile(r"(?:[A-Za-z_][\w$]*\.)*[A-Z][\w$]*(?:Exception|Error|Timeout|Interrupt|Exit)(?:: |$)")
"""What was thrown, in a line of its own: behind the message that reports it, or at the end of a traceback."""
_TOGETHER = timedelta(seconds=1)
_KEY_BEGINS, _KEY_ENDS = "-----BEGIN", "-----END"
_OF_A_KEY = re.compile(r"[A-Za-z0-9+/=]{1,100}|[A-Za-z-]{1,40}: .{1,100}|-----END [A-Z0-9 ]{1,60}-----")
"""A line, a header and the end of a PEM file (RFC 7468, RFC 1421)."""
_SEPARATOR = "\x1e"
_BETWEEN = f"\n{_SEPARATOR}\n"
"""A line of its own, so that nothing is taken for a secret because of what the record before it says."""
KIND_OF = 1_000
"""Characters of a line that say what kind it is."""
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
        _with(record, without_repetition(text, record.at, record.level))
        for record, text in zip(whole, texts, strict=True)
    ]
    return Records(tuple(clean), hidden)


def _with(record: Record, text: str) -> Record:
    return record if text == record.text else replace(record, text=text)


def _joined(lines: Iterable[LogLine]) -> list[Record]:
    """Lines that go on with what the same pod said before belong to that."""
    found: list[Record] = []
    latest: dict[str, int] = {}
    for line in lines:
        text = UNSEEN.sub("", line.message).rstrip()  # the separator, too
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
    if goes_on(text):
        return True
    if before.text.rfind(_KEY_BEGINS) > before.text.rfind(_KEY_ENDS) and _OF_A_KEY.fullmatch(text):
        return True
    if not is_grave(before.level) or line.at - before.last > _TOGETHER:
        return False
    return bool(_RAISED.match(text)) and not _RAISED.match(before.first_line)


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


def mostly(records: Records) -> str:
    """What most of the errors say, numbers and ids left out; "" when no kind of them stands out."""
    errors = [record for record in records.all if is_grave(record.level)]
    kinds = Counter[str]()
    for line, count in Counter(record.first_line for record in errors).items():
        kinds[kind(line)] += count
    (said, count), *_ = kinds.most_common(1) or [("", 0)]
    return said if count > 1 and count * 2 >= len(errors) else ""


def kind(line: str, most: int = 80) -> str:
    """A line without what varies from one to the next."""
    text = re.sub(r"\s+", " ", _VARIES.sub("…", bare(line[:KIND_OF]))).strip()
    return shortened(text, most) or _("(no text)")


def hidden(count: int) -> str:
    return counted("{n} value hidden.", "{n} values hidden.", count)


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
