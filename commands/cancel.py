"""cancel: end an operation and put back what it did."""

from __future__ import annotations

from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Control
from bot.language import N_, _
from bot.operation import Operation
from bot.ports import Person
from bot.reply import Button, Reply, says
from bot.spoken import in_words
from bot.views import WORDS
from commands.naming import OperationId, must_reach, named

MOST_OFFERED = 10
"""So many buttons at most; a longer list helps nobody on a phone."""


@dataclass(frozen=True)
class Cancel(Control):
    """Stop an operation, and put back what it did."""

    usage = "cancel [<operation>]"
    examples = ("cancel k7f3", "cancel")
    aliases = ("stop", "abort")

    operation: OperationId | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        if self.operation is None:
            return _choose(asker, on)
        operation = named(self.operation, on, ("change", "query"))
        must_reach(asker, operation, on)
        if operation.final:
            return _told(N_("`{id}` (`{text}`) has ended already: {state}."), operation)
        stopped = on.ledger.stop(operation.id, asker.id)
        if stopped is None or stopped.final:
            return _told(N_("`{id}` (`{text}`) is cancelled. Nothing was started."), operation)
        on.jobs.wake(operation.id, "urgent")
        if operation.kind == "query":
            return _told(N_("Stopped `{text}`. What it found so far stays."), operation)
        return _told(N_("Stopping `{id}` (`{text}`). Its message says what was undone."), operation)


def _told(message: str, operation: Operation) -> Reply:
    return says(_(message, id=operation.id, text=in_words(operation.text), state=_(WORDS[operation.state])))


def _choose(asker: Person, on: Backends) -> Reply:
    """What they asked for themselves and has not ended, newest first."""
    mine = [operation for operation in on.ledger.active() if operation.actor.id == asker.id]
    if not mine:
        return says(_("Nothing of yours is under way. `cancel k7f3` stops what has that id at its foot."))
    newest = sorted(mine, key=lambda operation: operation.opened, reverse=True)[:MOST_OFFERED]
    buttons = (
        Button(
            _("Stop {command}", command=in_words(operation.text)),
            f"cancel {operation.id}",
            confirm=_("Stop {id}?", id=operation.id),
        )
        for operation in newest
    )
    return says(_("Which one shall stop?"), *buttons)
