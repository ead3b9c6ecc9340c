"""Who must approve a change before it may start, and whether an approval still counts. Pure."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.command import Change
from bot.language import _
from bot.locks import Lock
from bot.operation import STARTS, Operation
from bot.policy import Policy
from bot.ports import Person
from bot.refusals import Refusal, mention
from bot.settings import Settings
from bot.words import commas

if TYPE_CHECKING:
    from bot.backends import Backends


def approval_for(command: Change, settings: Settings, policy: Policy) -> dict[str, Any]:
    """What the plan records: {"count", "role", "who", "minutes", "until"}; empty when nobody need approve."""
    environment = settings.environments.get(command.target.partition("/")[2])
    needed = environment.approvals if environment else None
    if needed is None or command.goes_first or command.verb not in needed.commands:
        return {}
    return {
        "count": needed.count,
        "role": needed.role,
        "who": commas(mention(member) for member in policy.members(needed.role)),
        "minutes": needed.minutes,
        "until": time.time() + needed.minutes * 60,
    }


def noted(command: Change, plan: dict[str, Any], on: Backends) -> dict[str, Any]:
    """What the plan records for whoever approves it, once the systems were asked: {"live", "context"}."""
    return {"live": command.live(plan, on), "context": list(command.context(plan, on))}


def moved(approval: dict[str, Any], now: str) -> str:
    """Why a change may not start although it was approved: something else runs there than was shown."""
    shown = approval.get("live", "")
    if not shown or shown == now:
        return ""
    return _(
        "It was approved over {before}, and somebody has changed that since: {now} runs there now. "
        "Nothing was started; ask again if it is still wanted.",
        before=shown,
        now=now,
    )


def objection(
    operation: Operation,
    approver: Person,
    requester: Person,
    policy: Policy,
    latest: Operation | None,
    held: Sequence[Lock] = (),
) -> str:
    """Why this person's approval does not count now; empty when it does.

    `latest`: the last finished change of the target; `held`: locks that hold this one back. The world may
    have moved since the request.
    """
    approval, text = operation.plan["approval"], operation.text
    if approver.id == operation.actor.id:
        return _(
            "You asked for `{text}` yourself: somebody else with role {role} must approve it.",
            text=text,
            role=approval["role"],
        )
    if approval["role"] not in policy.roles_of(approver):
        return _(
            "Approving `{text}` needs role {role}: {people}.",
            text=text,
            role=approval["role"],
            people=approval["who"],
        )
    if approver.id in operation.approvals:
        return _("You have approved it already.")
    asked = operation.plan.get(STARTS, operation.opened)
    if latest is not None and (latest.finished or 0) > asked:
        return _(
            "{target} has changed since: `{latest}` (`{text}`) ended after this was asked for. "
            "Cancel `{id}` and ask again.",
            target=operation.target,
            latest=latest.id,
            text=latest.text,
            id=operation.id,
        )
    if held:
        return _("{held} `{text}` must wait for that: ask again then.", held=held[0].said(), text=text)
    project, environment = operation.target.split("/")
    verdict = policy.may(requester, operation.verb, project, environment)
    if isinstance(verdict, Refusal):
        who = f"<@{operation.actor.id}>"
        return _("{who} may no longer do this: {why}", who=who, why=verdict.message)
    return ""
