"""changed: what was done around a time, newest first. Behind *What changed* under a message that tells of trouble."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.backends import Backends
from bot.command import Query
from bot.faults import Failed, Refused, Unavailable
from bot.grammar import Instant
from bot.grammar.times import zone_of
from bot.grammar.values import Environment, Project
from bot.language import N_, _, counted
from bot.locks import Lock
from bot.mrkdwn import inert
from bot.operation import Operation
from bot.ports import Person, Revision
from bot.reply import Block, Button, Buttons, Context, Reply, Text
from bot.settings import Target
from bot.spoken import in_words
from bot.story import Story
from bot.views import MARKS, WORDS
from bot.words import at_moment, duration, with_reason
from commands.looking import seen_by
from commands.rolling import tag

RECENT = 2 * 3600
"""Seconds back from now, where no time was said."""
BEFORE, AFTER = 2 * 3600, 10 * 60
"""Seconds before and after a time that was said: what caused something came before it."""
MOST = 12
SET = N_(":bust_in_silhouette: `{image}` set *outside Shipmate* · {age} ago · revision {number}")
SET_LATER = N_(
    ":bust_in_silhouette: `{image}` set *outside Shipmate* · less than {age} ago · revision {number}"
)


@dataclass(frozen=True)
class Span:
    """From `since` to `until`, epoch seconds."""

    since: float
    until: float

    @classmethod
    def around(cls, at: float) -> Span:
        return cls(at - BEFORE, min(at + AFTER, time.time()))

    @classmethod
    def recent(cls) -> Span:
        return cls(time.time() - RECENT, time.time())


@dataclass(frozen=True)
class Changed(Query):
    """Show what was changed around a time: by whom, when, and how it ended."""

    aliases = ("what changed",)
    reads = True
    usage = "changed [<project>] [in <environment>] [around <around>]"
    examples = ("changed", "changed web in product", "changed web in product around 14:05")

    project: Project | None = None
    environment: Environment | None = None
    around: Instant | None = None

    def run(self, story: Story, on: Backends) -> Reply:
        """Where nothing is named it is about the project that the channel stands for, if it does."""
        asker, stand = story.operation.actor, on.here.of(story.operation.origin.channel).partition("/")[0]
        if self.project is None and self.environment is None and stand in on.settings.projects:
            return replace(self, project=Project(stand)).answer(asker, on)
        return self.answer(asker, on)

    def answer(self, asker: Person, on: Backends) -> Reply:
        targets = seen_by(asker, "status", self.project, self.environment, on)
        span = Span.recent()
        if self.around is not None:
            now = datetime.now(zone_of(asker.tz))
            span = Span.around(self.around.at(now).timestamp())
        return what_changed(targets, span, on)


def what_changed(targets: Sequence[Target], span: Span, on: Backends) -> Reply:
    """What was done to any of `targets` within `span`; of a single one also what others did to it."""
    names = {str(target) for target in targets}
    found = [operation for operation in changes(span, on) if operation.target in names]
    lines = [(operation.finished or time.time(), _line(operation)) for operation in found]
    lines += _locks(targets, span, on)
    notes: list[Block] = []
    if len(targets) == 1:
        try:
            lines += _outside(targets[0], span, found, on)
        except (Unavailable, Refused, Failed) as trouble:
            notes.append(Context(_("What others did is not known: {why}", why=inert(trouble.words))))
    lines.sort(reverse=True)
    where = str(targets[0]) if len(targets) == 1 else counted("{n} target", "{n} targets", len(targets))
    when = _("from {since} to {until}", since=at_moment(span.since), until=at_moment(span.until))
    if not lines:
        words = _("Nothing was changed in {where} {when}.", where=where, when=when)
        return Reply(words, (Text(words), *notes, *_buttons(targets)))
    count = counted("{n} change", "{n} changes", len(lines))
    head = _("*{where}: {count}* {when}", where=where, count=count, when=when)
    shown = [line for _when, line in lines[:MOST]]
    if len(lines) > MOST:
        shown.append(counted("and {n} more", "and {n} more", len(lines) - MOST))
    summary = _("{where}: {count}", where=where, count=count)
    return Reply(summary, (Text("\n".join([head, *shown])), *notes, *_buttons(targets)))


def changes(span: Span, on: Backends) -> list[Operation]:
    """Changes that were under way within `span`, latest first."""
    running = [operation for operation in on.ledger.active() if operation.opened <= span.until]
    ended = [operation for operation in on.ledger.ended_since(span.since) if operation.opened <= span.until]
    return sorted(running, key=lambda operation: -operation.opened) + ended


def _locks(targets: Sequence[Target], span: Span, on: Backends) -> list[tuple[float, str]]:
    """Locks and freezes that somebody set, and those that ended."""
    now = time.time()
    ended = on.locks.ended(span.since, now)
    standing = [lock for lock in on.locks.standing(now) if lock.owner]
    events = [(lock.since, lock, True) for lock in (*standing, *ended)]
    events += [(lock.until, lock, False) for lock in ended]
    return [
        (at, _lock(at, lock, begins))
        for at, lock, begins in events
        if span.since <= at <= span.until and any(lock.covers(str(target)) for target in targets)
    ]


def _lock(at: float, lock: Lock, begins: bool) -> str:
    said = {
        ("lock", True): N_(":lock: {subject} locked by {person} · {age} ago"),
        ("freeze", True): N_(":snowflake: {subject} frozen by {person} · {age} ago"),
        ("lock", False): N_(":unlock: {subject} no longer locked by {person} · {age} ago"),
        ("freeze", False): N_(":sunny: {subject} no longer frozen by {person} · {age} ago"),
    }[lock.kind, begins]
    age = duration(time.time() - at)
    words = _(said, subject=lock.subject, person=f"<@{lock.owner}>", age=age)
    return with_reason(words, inert(lock.reason))


def _outside(target: Target, span: Span, known: Sequence[Operation], on: Backends) -> list[tuple[float, str]]:
    """Revisions that none of Shipmate's operations made."""
    revisions = on.cluster(target.cluster).revisions(target.place)
    ours = {operation.id for operation in known}
    within = (one for one in revisions if span.since <= one.since.timestamp() <= span.until)
    return [(one.since.timestamp(), _revision(one)) for one in within if one.operation not in ours]


def _line(operation: Operation) -> str:
    said = _(
        "*{command}* · {state} · {person}",
        command=inert(in_words(operation.text)),
        state=_(WORDS[operation.state]),
        person=f"<@{operation.actor.id}>",
    )
    age = time.time() - (operation.finished or operation.opened)
    when = _("{age} ago", age=duration(age))
    return f"{MARKS[operation.state]} {said} · {when} · `{operation.id}`"


def _revision(revision: Revision) -> str:
    return _(
        SET_LATER if revision.later else SET,
        image=inert(tag(revision.image)),
        age=duration(time.time() - revision.since.timestamp()),
        number=revision.number,
    )


def _buttons(targets: Sequence[Target]) -> tuple[Buttons, ...]:
    if len(targets) != 1:
        return ()
    words = f"{targets[0].project} in {targets[0].environment}"
    back = Button(_("Roll back"), f"rollback {words}")
    return (Buttons((back, Button(_("Logs"), f"logs {words} level error"))),)
