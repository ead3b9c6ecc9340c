"""approve and deny: somebody else's word on a change that must have it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from bot.approvals import objection
from bot.backends import Backends
from bot.command import Control
from bot.faults import Refused
from bot.grammar import Text
from bot.ledger import Lost
from bot.lifecycle import State
from bot.operation import Operation, Outcome
from bot.ports import Person
from bot.reply import Reply, says
from commands.naming import OperationId, named


@dataclass(frozen=True)
class Approve(Control):
    """Let a change start that needs your approval."""

    usage = "approve <operation>"
    examples = ("approve k7f3",)

    operation: OperationId

    def answer(self, asker: Person, on: Backends) -> Reply:
        operation = _waiting(self.operation, on)
        requester = on.directory.person(operation.actor.id, operation.actor.team)
        latest = next(iter(on.ledger.history(operation.target, 1)), None)
        reason = objection(operation, asker, requester, on.policy, latest)
        if reason:
            raise Refused(reason)
        approved = replace(operation, approvals=(*operation.approvals, asker.id))
        missing = operation.plan["approval"]["count"] - len(approved.approvals)
        if missing <= 0:
            approved = replace(approved, state=State.QUEUED)
        _write(operation, approved, on)
        if missing > 0:
            return says(f"Approved `{operation.id}`; {missing} more needed.")
        on.jobs.wake(operation.id)
        return says(f"Approved `{operation.id}` (`{operation.text}`).")


@dataclass(frozen=True)
class Deny(Control):
    """Refuse a change that needs your approval."""

    usage = "deny <operation> [because <reason...>]"
    examples = ("deny k7f3 because QA is not done",)

    operation: OperationId
    reason: Text | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        operation = _waiting(self.operation, on)
        role = operation.plan["approval"]["role"]
        if role not in on.policy.roles_of(asker) and asker.id != operation.actor.id:
            raise Refused(f"Denying it needs role {role}: {operation.plan['approval']['who']}.")
        because = f": {self.reason}" if self.reason else "."
        outcome = Outcome(f"Denied by {asker.name}{because} Nothing was started.")
        denied = replace(operation, state=State.DENIED, outcome=outcome, finished=time.time())
        _write(operation, denied.slim(), on)
        return says(f"Denied `{operation.id}` (`{operation.text}`).")


def _waiting(operation_id: str, on: Backends) -> Operation:
    operation = named(operation_id, on)
    if operation.state is not State.AWAITING_APPROVAL:
        raise Refused(f"`{operation.id}` (`{operation.text}`) waits for no approval: {operation.state}.")
    return operation


def _write(before: Operation, after: Operation, on: Backends) -> None:
    due = before.plan["approval"]["until"] if after.state is State.AWAITING_APPROVAL else None
    try:
        on.ledger.write(before, after, lease=None, announce=True, due=due)
    except Lost:
        raise Refused("Somebody else was quicker.", "Look at its message, and try again if needed.") from None
