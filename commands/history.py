"""history: what was done to a target, newest first, by Shipmate and by others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Query
from bot.faults import Failed, Refused, Unavailable
from bot.grammar.values import Environment, Project
from bot.language import N_, _, counted
from bot.lifecycle import State
from bot.mrkdwn import inert
from bot.operation import Operation
from bot.ports import Person, Revision
from bot.reply import Block, Button, Buttons, Context, Reply, Text
from bot.spoken import in_words
from bot.views import MARKS, WORDS
from bot.words import duration, headline
from commands.rolling import tag

MOST, LOOKED_AT = 10, 30
OUTSIDE = N_("*outside Shipmate*")
CREATED = N_(":bust_in_silhouette: created with {image} · {by} · {age} ago · revision {number}")
SET = N_(":bust_in_silhouette: set to {image} · {by} · {age} ago · revision {number}")
SET_LATER = N_(":bust_in_silhouette: set to {image} · {by} · less than {age} ago · revision {number}")


@dataclass(frozen=True)
class History(Query):
    """Show the last changes of a target: who, when, how long, and how they ended."""

    reads = True
    usage = "history <project> in <environment>"
    examples = ("history web in product",)

    project: Project
    environment: Environment

    def answer(self, asker: Person, on: Backends) -> Reply:  # noqa: ARG002  # every query is asked by somebody
        target = on.settings.target(self.project, self.environment)
        notes = []
        try:
            revisions = on.cluster(target.cluster).revisions(target.place)
        except (Unavailable, Refused, Failed) as trouble:
            revisions = []
            notes.append(_("What others did is not known: {why}", why=inert(trouble.words)))
        done = on.ledger.history(self.target, LOOKED_AT)
        past = [operation for operation in done if operation.state is not State.REFUSED]
        lines = [line for _when, line in sorted(_lines(past, revisions, on), reverse=True)[:MOST]]
        count = len(lines)
        if not past:
            lines.insert(0, _("Shipmate has changed nothing in {target} yet.", target=self.target))
        words = f"{self.project} in {self.environment}"
        buttons = Buttons(
            (Button(_("Status"), f"status {words}"), Button(_("Roll back"), f"rollback {words}"))
        )
        head = _("{target}, newest first", target=f"*{self.target}*")
        blocks: list[Block] = [Text("\n".join([head, *lines])), buttons]
        blocks += [Context(note) for note in notes]
        summary = counted("{target}: {n} change", "{target}: {n} changes", count, target=self.target)
        return Reply(summary, tuple(blocks), private=True)


def _lines(
    past: list[Operation], revisions: list[Revision], on: Backends
) -> Iterator[tuple[tuple[float, int], str]]:
    """((When, which revision), in words): each operation, and each revision that none of them made."""
    for operation in past:
        yield (operation.finished or operation.opened, 0), _operation(operation)
    ours = {revision.operation for revision in revisions if revision.operation}
    known = {op.id: op.finished or op.opened for op in on.ledger.get_all(sorted(ours)) if op is not None}
    first = min((revision.number for revision in revisions), default=0)
    before = 0.0  # when the latest operation had ended that made an earlier revision
    for revision in sorted(revisions, key=lambda revision: revision.number):
        if revision.operation in known:
            before = max(before, known[revision.operation])
            continue
        # the cluster cuts seconds off; the first is before all
        cut = 0 if revision.number == first else 1
        at = max(revision.since.timestamp() + cut, before)
        yield (at, revision.number), _revision(revision, first)


def _operation(operation: Operation) -> str:
    ended = operation.finished or operation.opened
    image = operation.outcome.image if operation.outcome else ""
    shown = f" `{inert(tag(image))}`" if image else ""
    return _(
        "{mark} {text} · {state} · {who} · {age} ago · took {took} · `{id}`",
        mark=MARKS[operation.state],
        text=f"{inert(in_words(headline(operation.text)))}{shown}",
        state=_(WORDS[operation.state]),
        who=f"<@{operation.actor.id}>",
        age=_age(ended),
        took=duration(ended - operation.opened),
        id=operation.id,
    )


def _revision(revision: Revision, first: int) -> str:
    """Who made the first one is no news: the workload came with it."""
    by = _("{id}, forgotten", id=f"`{inert(revision.operation)}`") if revision.operation else _(OUTSIDE)
    made = revision.number == first and first == 1
    age = _age(revision.since.timestamp())
    return _(
        CREATED if made else SET_LATER if revision.later else SET,
        image=f"`{inert(tag(revision.image))}`",
        by=by,
        age=age,
        number=revision.number,
    )


def _age(at: float) -> str:
    return duration(time.time() - at)
