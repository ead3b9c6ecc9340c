"""proceed, retry, adopt and giveup: a person's word on an operation that asks or is stuck."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from bot.backends import Backends
from bot.command import Control
from bot.faults import Refused
from bot.grammar import Count
from bot.ledger import Lost
from bot.lifecycle import State
from bot.operation import Operation, Outcome, Step
from bot.ports import Person
from bot.reply import Reply, says
from commands.naming import OperationId, must_reach, named


@dataclass(frozen=True)
class Proceed(Control):
    """Let an operation go on that has asked whether it should."""

    usage = "proceed <operation>"
    examples = ("proceed k7f3",)

    operation: OperationId

    def answer(self, asker: Person, on: Backends) -> Reply:
        operation = named(self.operation, on)
        must_reach(asker, operation, on)
        if operation.state is not State.ASKING or operation.stuck is None:
            raise Refused(f"`{operation.id}` (`{operation.text}`) asks nothing: {operation.state}.")
        now, told = time.time(), f"<@{asker.id}> said to go on"
        _go_on(operation, operation.with_step(Step(operation.stuck.step, now, now, asker.id, told)), on)
        return says(f"`{operation.id}` (`{operation.text}`) goes on.")


@dataclass(frozen=True)
class Retry(Control):
    """Let a stuck operation try its step again."""

    usage = "retry <operation>"
    examples = ("retry k7f3",)

    operation: OperationId

    def answer(self, asker: Person, on: Backends) -> Reply:
        operation = _stuck(self.operation, asker, on)
        assert operation.stuck is not None
        # With builds to choose from, a person has looked: none of them is ours, so none is looked for again.
        again = operation.without_step(operation.stuck.step) if operation.stuck.builds else operation
        _go_on(operation, again, on)
        return says(f"`{operation.id}` (`{operation.text}`) tries again.")


@dataclass(frozen=True)
class Adopt(Control):
    """Tell a stuck operation which build is its own."""

    usage = "adopt <operation> build <number>"
    examples = ("adopt k7f3 build 42",)

    operation: OperationId
    number: Count

    def answer(self, asker: Person, on: Backends) -> Reply:
        operation = _stuck(self.operation, asker, on)
        assert operation.stuck is not None
        if self.number not in operation.stuck.builds:
            raise Refused(
                f"Build {int(self.number)} is not one of those that may belong to `{operation.id}`."
            )
        adopted = replace(operation, plan={**operation.plan, "adopted": int(self.number)})
        _go_on(operation, adopted, on)
        return says(f"`{operation.id}` (`{operation.text}`) goes on with build #{int(self.number)}.")


@dataclass(frozen=True)
class GiveUp(Control):
    """End a stuck operation where it stands, undoing nothing."""

    usage = "giveup <operation>"
    examples = ("giveup k7f3",)

    operation: OperationId

    def answer(self, asker: Person, on: Backends) -> Reply:
        operation = _stuck(self.operation, asker, on)
        assert operation.stuck is not None
        outcome = Outcome(f"Given up by {asker.name}. {operation.stuck.problem} Nothing was undone.")
        ended = replace(operation, state=State.FAILED, outcome=outcome, stuck=None, finished=time.time())
        _write(operation, ended.slim(), on)
        return says(f"Gave up `{operation.id}` (`{operation.text}`). `{operation.target}` is free again.")


def _stuck(operation_id: str, asker: Person, on: Backends) -> Operation:
    operation = named(operation_id, on)
    must_reach(asker, operation, on)
    if operation.state is not State.STUCK:
        raise Refused(f"`{operation.id}` (`{operation.text}`) is not stuck: {operation.state}.")
    return operation


def _go_on(before: Operation, after: Operation, on: Backends) -> None:
    state = State.ABORTING if before.stopped_by else State.RUNNING
    _write(before, replace(after, state=state, stuck=None, waiting=None), on)
    on.jobs.wake(before.id)


def _write(before: Operation, after: Operation, on: Backends) -> None:
    try:
        on.ledger.write(before, after, lease=None, announce=True, due=time.time())
    except Lost:
        raise Refused("Somebody else was quicker.", "Look at its message, and try again if needed.") from None
