"""The errors that a rollout brought: in the log since it began, and not before."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from bot.backends import Backends
from bot.faults import Failed, Refused, Unavailable
from bot.language import counted
from bot.operation import Operation
from bot.ports import LogQuery
from bot.settings import NoSuchTarget
from bot.severity import ERROR
from commands.last_change import ROLLOUT
from commands.logs_kinds import kinds_of

MOST = 3


def with_new_errors(end: Failed, operation: Operation, on: Backends) -> Failed:
    """The same end, with the errors that are new since the operation's rollout began.

    A log store that does not answer, or has none of them yet, is no reason to tell the failure any later.
    """
    step = operation.step(ROLLOUT)
    if step is None:
        return end
    try:
        new = new_errors(operation.target, datetime.fromtimestamp(step.began, UTC), on)
    except (Refused, Unavailable, NoSuchTarget):
        return end
    if not new:
        return end
    end.errors = new
    return end


def new_errors(target: str, since: datetime, on: Backends) -> tuple[str, ...]:
    """Kinds of errors that the target's log has since `since` and had not in the days before: "5× disk full".

    Most frequent first; () where no log store is configured. Raises what the log store raises.
    """
    project, environment = target.split("/")
    source = on.settings.target(project, environment).logs
    if source is None:
        return ()
    query = LogQuery(source.index, since, level=ERROR, filters=source.filters)
    now = datetime.fromtimestamp(time.time(), UTC)
    kinds = kinds_of(on.logs(source.elasticsearch), query, now, since)
    new = [f"{kind.signature.count:,}× {kind.text}" for kind in kinds.all if kind.is_new_since(since)]
    more = len(new) - MOST
    if more <= 0:
        return tuple(new)
    if kinds.cut:
        return (*new[:MOST], counted("and at least {n} more kind", "and at least {n} more kinds", more))
    return (*new[:MOST], counted("and {n} more kind", "and {n} more kinds", more))
