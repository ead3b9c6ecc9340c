"""What stands out in many lines: the most frequent kinds of errors, and which are new since a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from bot.backends import Backends
from bot.faults import Refused
from bot.grammar import write
from bot.mrkdwn import inert
from bot.ports import LogQuery, LogStore, Signature
from bot.redact import redact
from bot.reply import Block, Button, Buttons, Code, Context, Reply, Text
from bot.severity import ERROR
from bot.words import duration
from commands import logs_lines
from commands.last_change import Changed, last_change

if TYPE_CHECKING:
    from commands.logs_answer import Asked

MOST = 8
COMPARED = timedelta(minutes=15)
LOOKED_BACK = timedelta(days=7)
"""How far back the first line of a kind is looked for."""


@dataclass(frozen=True)
class Kind:
    """Lines that are alike. `first`: when the first of them was seen in the days that were looked at."""

    signature: Signature
    first: datetime
    text: str
    """For people: the first line of the example, without secrets and without what varies."""


def top(asked: Asked, on: Backends) -> Reply:
    """The most frequent kinds of errors, when each was first seen, and one example each."""
    store = on.logs(asked.source.elasticsearch)
    query = replace(asked.query, level=asked.query.level or ERROR)
    changed = last_change(asked.command.target, on)
    kinds = kinds_of(store, query, asked.window.now, changed.at if changed else asked.window.since)
    new = [kind for kind in kinds if changed and kind.first >= changed.at]
    zone = asked.window.now.tzinfo
    blocks: list[Block] = [Text(f"*{_summary(asked, kinds, new, changed)}*")]
    for kind in kinds:
        blocks += _block(kind, kind in new, zone, asked.window.now)
    if kinds:
        blocks.append(Context(f"First seen: of the last {LOOKED_BACK.days} days. Times are {zone}."))
    blocks.append(Buttons(_buttons(asked, changed)))
    return Reply(_summary(asked, kinds, new, changed), tuple(blocks))


def kinds_of(store: LogStore, query: LogQuery, now: datetime, split: datetime) -> list[Kind]:
    """Most frequent first; those before `split` are counted apart.

    Where each line of a stack trace is a document of its own, only the first one is a kind.
    """
    kinds = store.signatures(query, 2 * MOST, split)
    found = [one for one in kinds if not logs_lines.goes_on(one.example.message)][:MOST]
    back = replace(query, since=now - LOOKED_BACK, until=None)
    first = store.first_seen(back, [signature.text for signature in found])
    return [_kind(signature, earliest) for signature, earliest in zip(found, first, strict=True)]


def _kind(signature: Signature, earliest: datetime | None) -> Kind:
    said = redact(signature.example.message).text
    line = next((line for line in said.splitlines() if line.strip()), signature.text)
    return Kind(signature, min(signature.first, earliest or signature.first), logs_lines.kind(line, 100))


def _summary(asked: Asked, kinds: Sequence[Kind], new: Sequence[Kind], changed: Changed | None) -> str:
    level = asked.command.level or ERROR
    if not kinds:
        return f"{asked.command.target}: no lines at {level} or worse {asked.window.words}"
    most = f", mostly `{inert(kinds[0].text)}` ({kinds[0].signature.count:,}×)"
    number = f"{len(kinds)} kind{'s' if len(kinds) > 1 else ''}"
    fresh = f"; {len(new)} new since {_named(changed)}" if changed and new else ""
    return f"{asked.command.target}: {number} of {level} lines {asked.window.words}{most}{fresh}"


def _named(changed: Changed) -> str:
    return f"{changed.operation.verb} `{changed.operation.id}`"


def _block(kind: Kind, new: bool, zone: tzinfo | None, now: datetime) -> list[Block]:
    mark = ":new: " if new else ""
    head = f"{mark}*{kind.signature.count:,}×* {inert(kind.text)}\nfirst seen {_when(kind.first, zone, now)}"
    example = logs_lines.read([kind.signature.example])
    assert zone is not None
    return [Text(head), Code(logs_lines.show(example, zone, most=500).lines)]


def _when(at: datetime, zone: tzinfo | None, now: datetime) -> str:
    at = at.astimezone(zone)
    if now - at > LOOKED_BACK - timedelta(hours=1):
        return f"over {LOOKED_BACK.days} days ago"
    return f"{at:%H:%M:%S}" if at.date() == now.date() else f"{at:%-d %b %H:%M}"


def _buttons(asked: Asked, changed: Changed | None) -> tuple[Button, ...]:
    command = asked.command
    lines = Button("Lines", write(replace(command, view=None)))
    compare = f"logs {command.project} in {command.environment} compare"
    return (lines, Button("Compare with before", compare)) if changed else (lines,)


def compare(asked: Asked, on: Backends) -> Reply:
    """The 15 minutes before the last change reached the pods and those after it, side by side."""
    changed = last_change(asked.command.target, on)
    words = f"{asked.command.project} in {asked.command.environment}"
    if changed is None:
        raise Refused(f"I know of no change of {asked.command.target}.", f"Try `logs {words} top`.")
    end, now = changed.at + COMPARED, asked.window.now
    query = replace(
        asked.query,
        level=asked.query.level or ERROR,
        since=changed.at - COMPARED,
        until=end if end < now else None,
    )
    kinds = kinds_of(on.logs(asked.source.elasticsearch), query, now, changed.at)
    return _side_by_side(asked, changed, kinds)


def _side_by_side(asked: Asked, changed: Changed, kinds: Sequence[Kind]) -> Reply:
    before = sum(kind.signature.early for kind in kinds)
    after = sum(kind.signature.count for kind in kinds) - before
    passed = asked.window.now - changed.at
    summary = (
        f"{asked.command.target}: {before:,} {asked.command.level or ERROR} lines in the 15 min before "
        f"{_named(changed)}, {after:,} in the {duration(min(passed, COMPARED).total_seconds())} after"
    )
    rows = [_row(kind, changed) for kind in sorted(kinds, key=_change)]
    at = changed.at.astimezone(asked.window.now.tzinfo)
    foot = f"`{inert(changed.operation.text)}` reached the pods at {at:%H:%M:%S}."
    if passed < COMPARED:
        foot += f" The 15 min after are not over until {at + COMPARED:%H:%M}."
    blocks: list[Block] = [Text(f"*{summary}*")]
    if rows:
        blocks.append(Code(("before  after", *rows)))
    command = asked.command
    buttons = (
        Button("Refresh", write(command)),
        Button("Kinds of errors", f"logs {command.project} in {command.environment} top"),
    )
    return Reply(summary, (*blocks, Context(foot), Buttons(buttons)))


def _change(kind: Kind) -> int:
    """What grew most comes first."""
    return 2 * kind.signature.early - kind.signature.count


def _row(kind: Kind, changed: Changed) -> str:
    before = kind.signature.early
    after = kind.signature.count - before
    mark = "new: " if kind.first >= changed.at else "gone: " if not after else ""
    return f"{before:>6,} {after:>6,}  {mark}{kind.text}"
