"""The states of an operation and the moves between them: the one table."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    SCHEDULED = "scheduled"
    AWAITING_APPROVAL = "awaiting_approval"
    QUEUED = "queued"
    RUNNING = "running"
    ABORTING = "aborting"
    ASKING = "asking"
    STUCK = "stuck"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DENIED = "denied"
    EXPIRED = "expired"
    REFUSED = "refused"


MOVES: dict[State, frozenset[State]] = {
    State.SCHEDULED: frozenset({State.AWAITING_APPROVAL, State.QUEUED, State.CANCELLED, State.REFUSED}),
    State.AWAITING_APPROVAL: frozenset(
        {State.SCHEDULED, State.QUEUED, State.DENIED, State.EXPIRED, State.CANCELLED}
    ),
    State.QUEUED: frozenset({State.RUNNING, State.CANCELLED, State.REFUSED}),
    State.RUNNING: frozenset(
        {State.SUCCEEDED, State.FAILED, State.REFUSED, State.ABORTING, State.STUCK, State.ASKING}
    ),
    State.ABORTING: frozenset({State.CANCELLED, State.FAILED, State.STUCK}),
    State.ASKING: frozenset({State.RUNNING, State.ABORTING}),
    State.STUCK: frozenset({State.RUNNING, State.ABORTING, State.FAILED}),
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
    State.DENIED: frozenset(),
    State.EXPIRED: frozenset(),
    State.REFUSED: frozenset(),
}

FINAL = frozenset(state for state, onward in MOVES.items() if not onward)


class IllegalMove(Exception):
    """A move that the table does not have: a fault of ours, never of a person."""


def check(before: State, after: State) -> None:
    """Raises IllegalMove unless `after` follows `before`, or the state stays and is not final."""
    if after in MOVES[before] or (after == before and before not in FINAL):
        return
    raise IllegalMove(f"{before} -> {after}")
