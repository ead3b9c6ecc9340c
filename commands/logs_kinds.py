"""What stands out in many lines: the most frequent kinds of errors, and which are new since a change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from bot.backends import Backends
from bot.excerpt import UNSEEN
from bot.faults import Refused
from bot.grammar import write
from bot.language import _, counted
from bot.mrkdwn import inert
from bot.ports import LogQuery, LogStore, Signature
from bot.redact import redact
from bot.reply import Block, Button, Buttons, Code, Context, Reply, Text
from bot.severity import ERROR
from bot.words import duration, sentences
from commands import logs_lines, logs_records
from commands.last_change import Changed, last_change
from commands.logs_fresh import Freshness, freshness, pod_button
from commands.logs_notes import partly
from commands.logs_records import hidden
from commands.logs_window import day_of

if TYPE_CHECKING:
    from commands.logs_answer import Asked

MOST = 8
"""Kinds that are shown."""
TOLD_APART = 100
"""Kinds that are asked for: a new one may be the rarest of them, behind whatever is always in the log."""
LOOKED_UP = 40
"""Of so many at most it is looked up when they were seen first: of the most frequent, and those that may be new.
Each is a search of its own. What was there before the change is not new, whenever it began.
"""
IN_A_ROW = 60
"""Characters of a kind in a table: a phone shows no more without breaking the line twice."""
COMPARED = timedelta(minutes=15)
LOOKED_BACK = timedelta(days=7)
"""How far back the first line of a kind is looked for."""


@dataclass(frozen=True)
class Kind:
    """Lines that are alike. `first`: when they were seen first in the days that were looked at; None: in none."""

    signature: Signature
    first: datetime | None
    text: str
    """For people: the first line of the example, without secrets and without what varies."""
    hidden: int = 0
    """How many secrets were taken out of the example."""

    def is_new_since(self, moment: datetime) -> bool:
        return self.first is not None and self.first >= moment


@dataclass(frozen=True)
class Kinds:
    """Most frequent first. `total`: lines of whatever kind, `early` of them before the moment that splits them.

    `cut`: there may be more kinds.
    """

    all: tuple[Kind, ...]
    total: int
    early: int
    cut: bool
    newest: datetime | None = None
    partial: str | None = None


def top(asked: Asked, on: Backends) -> Reply:
    """The most frequent kinds of errors, when each was first seen, and one example each."""
    store = on.logs(asked.source.elasticsearch)
    query = replace(asked.query, level=asked.query.level or ERROR)
    changed = last_change(asked.command.target, on)
    kinds = kinds_of(store, query, asked.window.now, changed.at if changed else asked.window.since)
    new = [kind for kind in kinds.all if changed and kind.is_new_since(changed.at)]
    shown = sorted(kinds.all, key=lambda kind: kind not in new)[:MOST]
    zone = asked.window.now.tzinfo
    summary = _summary(asked, kinds, new, changed)
    fresh = freshness(kinds.newest, asked, on) if asked.window.reaches_now else Freshness()
    blocks: list[Block] = [Text("\n".join(filter(None, (f"*{summary}*", fresh.words))))]
    for kind in shown:
        blocks += _block(kind, kind in new, zone, asked.window.now)
    if shown:
        foot = [
            _("First seen: of the last {days} days.", days=LOOKED_BACK.days),
            _("Times are {zone}.", zone=str(zone)),
        ]
        blocks.append(Context(sentences(*foot, *_left_out(kinds, shown))))
    if kinds.partial:
        blocks.append(Context(sentences(*partly(kinds.partial))))
    blocks.append(Buttons((*pod_button(fresh), *_buttons(asked, changed))))
    return Reply(summary, tuple(blocks))


def kinds_of(store: LogStore, query: LogQuery, now: datetime, split: datetime) -> Kinds:
    """Those before `split` are counted apart.

    Where each line of a stack trace is a document of its own, only the first one is a kind.
    """
    kinds = store.signatures(query, TOLD_APART, split)
    found = [one for one in kinds.all if not logs_records.goes_on(one.example.message)]
    maybe_new = [one for one in found if not one.early]
    asked = list(dict.fromkeys([*found[: 2 * MOST], *maybe_new]))[:LOOKED_UP]
    back = replace(query, since=now - LOOKED_BACK, until=None)
    seen = dict(zip(asked, store.first_seen(back, [one.text for one in asked]), strict=True))
    told_apart = [
        _kind(one, min(one.first, seen[one] or one.first) if one in seen else None) for one in found
    ]
    return Kinds(_together(told_apart), kinds.total, kinds.early, kinds.cut, kinds.newest, kinds.partial)


def _together(kinds: Iterable[Kind]) -> tuple[Kind, ...]:
    """Kinds that read alike are one: the log store tells layouts and threads apart as well."""
    alike: dict[str, Kind] = {}
    for kind in kinds:
        known = alike.setdefault(kind.text, kind)
        if known is not kind:
            one, other = known.signature, kind.signature
            both = replace(one, count=one.count + other.count, early=one.early + other.early)
            alike[kind.text] = replace(known, signature=both, first=_earlier(known.first, kind.first))
    return tuple(sorted(alike.values(), key=lambda kind: -kind.signature.count))


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other


def _kind(signature: Signature, first: datetime | None) -> Kind:
    said = redact(UNSEEN.sub("", signature.example.message))
    line = next((line for line in said.text.splitlines() if line.strip()), signature.text)
    return Kind(signature, first, logs_records.kind(line, 100), said.hidden)


def _left_out(kinds: Kinds, shown: Sequence[Kind]) -> list[str]:
    """What the kinds that are shown do not show, in sentences."""
    secrets = sum(kind.hidden for kind in shown)
    notes = [hidden(secrets)] if secrets else []
    more = len(kinds.all) - len(shown)
    if more:
        notes.append(counted(
            "Not shown: {number} more kind.", "Not shown: {number} more kinds.", more, number=_number(str(more), kinds)
        ))  # fmt: skip
    return notes


def _number(said: str, kinds: Kinds) -> str:
    return _("at least {number}", number=said) if kinds.cut else said


def _summary(asked: Asked, kinds: Kinds, new: Sequence[Kind], changed: Changed | None) -> str:
    target, window = str(asked.command.target), asked.window.words
    found = _(
        "{target}: {found} {window}", target=target, found=_count(kinds, asked.command.level), window=window
    )
    if not kinds.all:
        return found
    most = kinds.all[0]
    times = f"{most.signature.count:,}"
    said = _("{found}, mostly `{kind}` ({times}×)", found=found, kind=inert(most.text), times=times)
    if not changed or not new:
        return said
    return _(
        "{said}; {count} new since {change}",
        said=said,
        count=_number(str(len(new)), kinds),
        change=_named(changed),
    )


def _count(kinds: Kinds, level: str | None) -> str:
    many = len(kinds.all)
    if level in (None, ERROR):
        said = counted("{n} kind of error", "{n} kinds of errors", many) if many else _("no errors")
    elif not many:
        said = _("no lines at {level} or worse", level=str(level))
    else:
        said = counted(
            "{n} kind of line at {level} or worse", "{n} kinds of lines at {level} or worse", many, level=str(level)
        )  # fmt: skip
    return _number(said, kinds)


def _named(changed: Changed) -> str:
    return f"{changed.operation.verb} `{changed.operation.id}`"


def _block(kind: Kind, new: bool, zone: tzinfo | None, now: datetime) -> list[Block]:
    mark = ":new: " if new else ""
    head = f"{mark}*{kind.signature.count:,}×* {inert(kind.text)}"
    if kind.first is not None:
        first = _("first seen {time}", time=_when(kind.first, zone, now))
        head = f"{head}\n{first}"
    example = logs_records.read([kind.signature.example])
    assert zone is not None
    return [Text(head), Code(logs_lines.show(example, zone, most=500).lines)]


def _when(at: datetime, zone: tzinfo | None, now: datetime) -> str:
    at = at.astimezone(zone)
    if now - at > LOOKED_BACK - timedelta(hours=1):
        return _("over {days} days ago", days=LOOKED_BACK.days)
    if at.date() == now.date():
        return f"{at:%H:%M:%S}"
    return _("{day} {time}", day=day_of(at), time=f"{at:%H:%M}")


def _buttons(asked: Asked, changed: Changed | None) -> tuple[Button, ...]:
    command = asked.command
    lines = Button(_("Lines"), write(replace(command, view=None)))
    compare = f"logs {command.project} in {command.environment} compare"
    return (lines, Button(_("Compare with before"), compare)) if changed else (lines,)


def compare(asked: Asked, on: Backends) -> Reply:
    """The 15 minutes before the last change reached the pods and those after it, side by side."""
    changed = last_change(asked.command.target, on)
    words = f"{asked.command.project} in {asked.command.environment}"
    if changed is None:
        raise Refused(
            _("I know of no change of {target}.", target=str(asked.command.target)),
            _("Try `{command}`.", command=f"logs {words} top"),
        )
    end, now = changed.at + COMPARED, asked.window.now
    query = replace(
        asked.query,
        level=asked.query.level or ERROR,
        since=changed.at - COMPARED,
        until=end if end < now else None,
    )
    kinds = kinds_of(on.logs(asked.source.elasticsearch), query, now, changed.at)
    fresh = freshness(kinds.newest, asked, on) if end >= now else Freshness()
    return _side_by_side(asked, changed, kinds, fresh)


def _side_by_side(asked: Asked, changed: Changed, kinds: Kinds, fresh: Freshness) -> Reply:
    before, after = kinds.early, kinds.total - kinds.early
    now = asked.window.now
    passed = now - changed.at
    summary = _(
        "{target}: {found} in the {length} before {change}, {after} in the {passed} after",
        target=str(asked.command.target),
        found=_before(before, asked.command.level or ERROR),
        length=duration(COMPARED.total_seconds()),
        change=_named(changed),
        after=f"{after:,}",
        passed=duration(min(passed, COMPARED).total_seconds()),
    )
    shown = sorted(kinds.all, key=lambda kind: (not kind.is_new_since(changed.at), _change(kind)))[:MOST]
    rows = [_row(kind, changed, passed >= COMPARED) for kind in shown]
    at = changed.at.astimezone(asked.window.now.tzinfo)
    command_text = inert(changed.operation.text)
    foot = [
        _("`{command}` reached the pods at {time}.", command=command_text, time=_when(at, at.tzinfo, now))
    ]
    if passed < COMPARED:
        foot.append(_("The 15 min after are not over until {time}.", time=f"{at + COMPARED:%H:%M}"))
    foot += [*_left_out(kinds, shown), *partly(kinds.partial)]
    blocks: list[Block] = [Text("\n".join(filter(None, (f"*{summary}*", fresh.words))))]
    if rows:
        blocks.append(Code((_("before  after"), *rows)))
    command = asked.command
    buttons = (
        *pod_button(fresh),
        Button(_("Refresh"), write(command)),
        Button(_("Kinds of errors"), f"logs {command.project} in {command.environment} top"),
    )
    return Reply(summary, (*blocks, Context(sentences(*foot)), Buttons(buttons)))


def _before(count: int, level: str) -> str:
    return counted("{n:,} {level} line", "{n:,} {level} lines", count, level=level)


def _change(kind: Kind) -> int:
    """What grew most comes first."""
    return 2 * kind.signature.early - kind.signature.count


def _row(kind: Kind, changed: Changed, over: bool) -> str:
    before = kind.signature.early
    after = kind.signature.count - before
    text = logs_records.shortened(kind.text, IN_A_ROW)
    if kind.is_new_since(changed.at):
        text = _("new: {kind}", kind=text)
    elif not after:
        text = _("gone: {kind}", kind=text) if over else _("not yet: {kind}", kind=text)
    return f"{before:>6,} {after:>6,}  {text}"
