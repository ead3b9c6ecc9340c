"""cancel: end an operation and put back what it did."""

from __future__ import annotations

from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Control
from bot.ports import Person
from bot.reply import Reply, says
from commands.naming import OperationId, must_reach, named


@dataclass(frozen=True)
class Cancel(Control):
    """Stop an operation, and put back what it did."""

    usage = "cancel <operation>"
    examples = ("cancel k7f3",)
    aliases = ("stop", "abort")

    operation: OperationId

    def answer(self, asker: Person, on: Backends) -> Reply:
        operation = named(self.operation, on, ("change", "query"))
        must_reach(asker, operation, on)
        if operation.final:
            return says(f"`{operation.id}` (`{operation.text}`) has ended already: {operation.state}.")
        stopped = on.ledger.stop(operation.id, asker.id)
        if stopped is None or stopped.final:
            return says(f"`{operation.id}` (`{operation.text}`) is cancelled. Nothing was started.")
        on.jobs.wake(operation.id, "urgent")
        if operation.kind == "query":
            return says(f"Stopped `{operation.text}`. What it found so far stays.")
        return says(f"Stopping `{operation.id}` (`{operation.text}`). Its message says what was undone.")
