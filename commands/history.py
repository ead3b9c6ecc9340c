"""history: what was done to a target, newest first, by Shipmate and by others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Query
from bot.faults import Failed, Refused, Unavailable
from bot.grammar.values import Environment, Project
from bot.mrkdwn import inert
from bot.operation import Operation
from bot.ports import Person, Revision
from bot.reply import Block, Button, Buttons, Context, Reply, Text
from bot.views import MARKS, WORDS
from bot.words import duration
from commands.rolling import tag

MOST = 10


@dataclass(frozen=True)
class History(Query):
    """Show the last changes of a target: who, when, how long, and how they ended."""

    usage = "history <project> in <environment>"
    examples = ("history web in product",)

    project: Project
    environment: Environment

    def answer(self, asker: Person, on: Backends) -> Reply:
        target = on.settings.target(self.project, self.environment)
        notes = []
        try:
            revisions = on.cluster(target.cluster).acting_for(asker).revisions(target.place)
        except (Unavailable, Refused, Failed) as trouble:
            revisions = []
            notes.append(f"What others did is not known: {inert(str(trouble))}")
        past = on.ledger.history(self.target, MOST)
        lines = [line for _, line in sorted(_lines(past, revisions, on), reverse=True)[:MOST]]
        if not past:
            lines.insert(0, f"Shipmate has changed nothing in {self.target} yet.")
        words = f"{self.project} in {self.environment}"
        buttons = Buttons((Button("Status", f"status {words}"), Button("Roll back", f"rollback {words}")))
        blocks: list[Block] = [Text("\n".join([f"*{self.target}*, newest first", *lines])), buttons]
        blocks += [Context(note) for note in notes]
        return Reply(f"{self.target}: {len(lines)} changes", tuple(blocks), private=True)


def _lines(past: list[Operation], revisions: list[Revision], on: Backends) -> Iterator[tuple[float, str]]:
    """(When, in words): each operation, and each revision that none of them made."""
    for operation in past:
        yield operation.finished or operation.opened, _operation(operation)
    ours = {revision.operation for revision in revisions if revision.operation}
    known = {op.id for op in on.ledger.get_all(sorted(ours)) if op is not None}
    first = min((revision.number for revision in revisions), default=0)
    for revision in revisions:
        if revision.operation not in known:
            cut = (
                0 if revision.number == first else 1
            )  # the cluster cuts seconds off; the first is before all
            yield revision.created.timestamp() + cut, _revision(revision, first)


def _operation(operation: Operation) -> str:
    ended = operation.finished or operation.opened
    image = operation.outcome.image if operation.outcome else ""
    shown = f" `{inert(tag(image))}`" if image else ""
    return (
        f"{MARKS[operation.state]} {inert(operation.text)}{shown} · {WORDS[operation.state]} · "
        f"<@{operation.actor.id}> · {_ago(ended)} · took {duration(ended - operation.opened)} · "
        f"`{operation.id}`"
    )


def _revision(revision: Revision, first: int) -> str:
    """Who made the first one is no news: the workload came with it."""
    by = f"`{inert(revision.operation)}`, forgotten" if revision.operation else "*outside Shipmate*"
    what = "created with" if revision.number == first and first == 1 else "set to"
    return (
        f":bust_in_silhouette: {what} `{inert(tag(revision.image))}` · {by} · "
        f"{_ago(revision.created.timestamp())} · revision {revision.number}"
    )


def _ago(at: float) -> str:
    return f"{duration(time.time() - at)} ago"
