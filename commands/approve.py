"""approve and deny: somebody else's word on a change that must have it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from bot.approvals import objection
from bot.backends import Backends
from bot.command import Change, Control
from bot.faults import Refused
from bot.grammar import Text
from bot.language import _
from bot.ledger import Lost
from bot.lifecycle import State
from bot.locks import Lock
from bot.operation import STARTS, Operation, Outcome
from bot.ports import Person
from bot.reply import Reply, says
from bot.spoken import in_words
from bot.views import WORDS, starts
from bot.words import headline, sentences, with_reason
from commands.naming import OperationId, named

MOST_ATTEMPTS = 5


@dataclass(frozen=True)
class Approve(Control):
    """Let a change start that needs your approval."""

    usage = "approve <operation>"
    examples = ("approve k7f3",)

    operation: OperationId

    def answer(self, asker: Person, on: Backends) -> Reply:
        return _in_the_end(lambda: self._approve(asker, on))

    def _approve(self, asker: Person, on: Backends) -> Reply:
        operation = _waiting(self.operation, on)
        requester = on.directory.person(operation.actor.id, operation.actor.team)
        latest = next(iter(on.ledger.history(operation.target, 1)), None)
        reason = objection(operation, asker, requester, on.policy, latest, _held(operation, on))
        if reason:
            raise Refused(reason)
        approved = replace(operation, approvals=(*operation.approvals, asker.id))
        missing = operation.plan["approval"]["count"] - len(approved.approvals)
        if missing <= 0:
            approved = replace(approved, state=_next(operation))
        _write(operation, approved, on)
        if missing > 0:
            return says(_("Approved `{id}`; {n} more needed.", n=missing, id=operation.id))
        on.jobs.wake(operation.id)
        said = _("Approved `{id}` (`{text}`).", id=operation.id, text=in_words(headline(operation.text)))
        return says(sentences(said, starts(operation) if approved.state is State.SCHEDULED else ""))


@dataclass(frozen=True)
class Deny(Control):
    """Refuse a change that needs your approval."""

    usage = "deny <operation> [because <reason...>]"
    examples = ("deny k7f3 because QA is not done",)

    operation: OperationId
    reason: Text | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        return _in_the_end(lambda: self._deny(asker, on))

    def _deny(self, asker: Person, on: Backends) -> Reply:
        operation = _waiting(self.operation, on)
        role = operation.plan["approval"]["role"]
        if role not in on.policy.roles_of(asker) and asker.id != operation.actor.id:
            people = operation.plan["approval"]["who"]
            raise Refused(_("Denying it needs role {role}: {people}.", role=role, people=people))
        denied_by = with_reason(_("Denied by {name}", name=asker.name), self.reason or "")
        outcome = Outcome(sentences(denied_by, _("Nothing was started.")))
        denied = replace(operation, state=State.DENIED, outcome=outcome, finished=time.time())
        _write(operation, denied.slim(), on)
        return says(_("Denied `{id}` (`{text}`).", id=operation.id, text=in_words(headline(operation.text))))


def _waiting(operation_id: str, on: Backends) -> Operation:
    operation = named(operation_id, on)
    if operation.state is not State.AWAITING_APPROVAL:
        raise Refused(
            _(
                "`{id}` (`{text}`) waits for no approval: {state}.",
                id=operation.id,
                text=in_words(headline(operation.text)),
                state=_(WORDS[operation.state]),
            )
        )
    return operation


def _held(operation: Operation, on: Backends) -> tuple[Lock, ...]:
    """Locks in its way; of what is to start later they are looked at then."""
    command = on.catalogue.command(operation.text)
    if STARTS in operation.plan or not isinstance(command, Change):
        return ()
    return on.locks.holding_back(command, operation.actor.id)


def _next(operation: Operation) -> State:
    """Approved beforehand, it still waits for its time."""
    return State.SCHEDULED if operation.plan.get(STARTS, 0) > time.time() else State.QUEUED


def _write(before: Operation, after: Operation, on: Backends) -> None:
    times = {
        State.AWAITING_APPROVAL: before.plan["approval"]["until"],
        State.SCHEDULED: before.plan.get(STARTS),
    }
    on.ledger.write(before, after, lease=None, announce=True, due=times.get(after.state))


def _in_the_end(decide: Callable[[], Reply]) -> Reply:
    """Somebody may write in between: another approver, or the worker that notes what runs there. Then it is
    decided again, on what is so now."""
    for _attempt in range(MOST_ATTEMPTS):
        with suppress(Lost):
            return decide()
    raise Refused(_("Somebody else was quicker."), _("Look at its message, and try again if needed."))
