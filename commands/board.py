"""board: how far each project has come, and who holds what."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bot.backends import Backends
from bot.faults import Failed, Refused, Unavailable
from bot.grammar import write
from bot.language import _, counted
from bot.lifecycle import State
from bot.locks import Lock
from bot.mrkdwn import inert
from bot.operation import STARTS, UNLOCKED, Operation
from bot.ports import Person
from bot.reply import Button, Buttons, Reply
from bot.settings import Target
from bot.spoken import in_words
from bot.words import age, at_moment
from bot.workloads import Workload
from commands.looking import Found, Overview, brief, look, mark, paragraphs, seen_by, unwell
from commands.rolling import tag


@dataclass(frozen=True)
class Board(Overview):
    """Show what is where: version, age, who holds it, what waits."""

    reads = True
    usage = "board [<project>] [in <environment>] [--all]"
    examples = ("board", "board web", "board trunk")

    def answer(self, asker: Person, on: Backends) -> Reply:
        targets = seen_by(asker, self.verb, self.project, self.environment, on)
        found = look(targets, on)
        locks, active = on.locks.standing(time.time()), on.ledger.active()
        lines: dict[str, list[str]] = {}
        for target, workload in zip(targets, found, strict=True):
            rows = lines.setdefault(target.project, [f"*{target.project}*"])
            rows.append(_head(target, workload, on))
            rows += _below(target, locks, active, on)
        refresh = Buttons((Button(_("Refresh"), write(self)),))
        blocks = [*paragraphs(["\n".join(rows) for rows in lines.values()]), refresh]
        held = sum(any(lock.covers(str(target)) for lock in locks) for target in targets)
        summary = counted("{n} target, {held} held", "{n} targets, {held} held", len(targets), held=held)
        return Reply(summary, tuple(blocks))


def _head(target: Target, found: Found, on: Backends) -> str:
    """`● trunk · trunk-r1841-1 · 3 h`; the line where its name is another one."""
    line = f" ({target.line})" if target.line != target.environment else ""
    if isinstance(found, str):
        return f"{mark(found)} *{target.environment}*{line} · {inert(found)}"
    age = _age(target, found, on)
    return f"{mark(found)} *{target.environment}*{line} · `{inert(tag(found.image))}`{age}{unwell(found)}"


def _age(target: Target, found: Workload, on: Backends) -> str:
    """Since when it runs: by our own record, else by the cluster's; nothing where neither says."""
    for operation in on.ledger.past(str(target)):
        outcome = operation.outcome
        if operation.state is State.SUCCEEDED and outcome and outcome.image == found.image:
            return f" · {age(time.time() - (operation.finished or operation.opened))}"
    try:
        revisions = on.cluster(target.cluster).revisions(target.place)
    except (Unavailable, Refused, Failed):
        return ""
    since = next((revision.since for revision in revisions if revision.image == found.image), None)
    return f" · {age(time.time() - since.timestamp())}" if since else ""


def _below(target: Target, locks: list[Lock], active: list[Operation], on: Backends) -> list[str]:
    """Who holds it, what runs, and what waits, a line each."""
    name = str(target)
    here = [operation for operation in active if operation.target == name]
    holder, waiting = on.ledger.holder(name), len(on.ledger.line(name))
    lines = [brief(lock) for lock in locks if lock.covers(name)]
    if holder is not None:
        runs = f":hourglass_flowing_sand: {_who(holder)}"
        lines.append(_("{change}, {n} in line", change=runs, n=waiting) if waiting else runs)
    for operation in here:
        when = f" · {_when(operation)}" if STARTS in operation.plan else ""
        if operation.state is State.AWAITING_APPROVAL:
            lines.append(_(":raised_hand: {change} waits for approval", change=_who(operation)) + when)
        elif operation.state is State.SCHEDULED:
            lines.append(f":alarm_clock: {_who(operation)}{when}")
    return [f"      {line}" for line in lines]


def _when(operation: Operation) -> str:
    return _("when unlocked") if UNLOCKED in operation.plan else at_moment(operation.plan[STARTS])


def _who(operation: Operation) -> str:
    who = f"<@{operation.actor.id}>"
    return _("`{id}` {text} by {who}", id=operation.id, text=inert(in_words(operation.text)), who=who)
