"""proceed, retry, adopt and giveup: a person's word on an operation that asks or is stuck."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from bot.backends import Backends
from bot.command import Control
from bot.faults import Refused
from bot.grammar import Count
from bot.language import N_, _
from bot.ledger import Lost
from bot.lifecycle import State
from bot.operation import Operation, Outcome, Step
from bot.ports import Person
from bot.reply import Reply, says
from bot.views import WORDS
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
            raise Refused(_about(N_("`{id}` (`{text}`) asks nothing: {state}."), operation))
        now, told = time.time(), _("{who} said to go on", who=f"<@{asker.id}>")
        _go_on(operation, operation.with_step(Step(operation.stuck.step, now, now, asker.id, told)), on)
        return says(_about(N_("`{id}` (`{text}`) goes on."), operation))


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
        return says(_about(N_("`{id}` (`{text}`) tries again."), operation))


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
                _(
                    "Build {build} is not one of those that may belong to `{id}`.",
                    build=int(self.number),
                    id=operation.id,
                )
            )
        adopted = replace(operation, plan={**operation.plan, "adopted": int(self.number)})
        _go_on(operation, adopted, on)
        return says(
            _(
                "`{id}` (`{text}`) goes on with build #{build}.",
                id=operation.id,
                text=operation.text,
                build=int(self.number),
            )
        )


@dataclass(frozen=True)
class GiveUp(Control):
    """End a stuck operation where it stands, undoing nothing."""

    usage = "giveup <operation>"
    examples = ("giveup k7f3",)

    operation: OperationId

    def answer(self, asker: Person, on: Backends) -> Reply:
        operation = _stuck(self.operation, asker, on)
        assert operation.stuck is not None
        outcome = Outcome(
            _(
                "Given up by {name}. {problem} Nothing was undone.",
                name=asker.name,
                problem=operation.stuck.problem,
            )
        )
        ended = replace(operation, state=State.FAILED, outcome=outcome, stuck=None, finished=time.time())
        _write(operation, ended.slim(), on)
        return says(
            _(
                "Gave up `{id}` (`{text}`). `{target}` is free again.",
                id=operation.id,
                text=operation.text,
                target=operation.target,
            )
        )


def _stuck(operation_id: str, asker: Person, on: Backends) -> Operation:
    operation = named(operation_id, on)
    must_reach(asker, operation, on)
    if operation.state is not State.STUCK:
        raise Refused(_about(N_("`{id}` (`{text}`) is not stuck: {state}."), operation))
    return operation


def _about(message: str, operation: Operation) -> str:
    return _(message, id=operation.id, text=operation.text, state=_(WORDS[operation.state]))


def _go_on(before: Operation, after: Operation, on: Backends) -> None:
    state = State.ABORTING if before.stopped_by else State.RUNNING
    _write(before, replace(after, state=state, stuck=None, waiting=None), on)
    on.jobs.wake(before.id)


def _write(before: Operation, after: Operation, on: Backends) -> None:
    try:
        on.ledger.write(before, after, lease=None, announce=True, due=time.time())
    except Lost:
        raise Refused(
            _("Somebody else was quicker."), _("Look at its message, and try again if needed.")
        ) from None
