"""The table of states: every pair, and what is final."""

from __future__ import annotations

import itertools

import pytest

from bot.lifecycle import FINAL, MOVES, IllegalMove, State, check
from tests.ledger_support import change

ALLOWED = {
    "scheduled": "awaiting_approval queued cancelled refused",
    "awaiting_approval": "scheduled queued denied expired cancelled",
    "queued": "running cancelled refused",
    "running": "succeeded failed refused aborting stuck asking",
    "aborting": "cancelled failed stuck",
    "asking": "running aborting",
    "stuck": "running aborting failed",
}
"""Written out again, by hand, from the issue: a change of the table is a decision, not a slip."""
ENDS = {"succeeded", "failed", "cancelled", "denied", "expired", "refused"}

PAIRS = list(itertools.product(State, State))


def allowed(before: State, after: State) -> bool:
    """A move of the table, or a state that stays what it is while it is not the end."""
    return after in ALLOWED.get(before, "").split() or (before is after and before not in ENDS)


@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if allowed(*pair)])
def test_a_move_of_the_table_is_allowed(before: State, after: State) -> None:
    check(before, after)


@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if not allowed(*pair)])
def test_any_other_move_is_a_fault(before: State, after: State) -> None:
    with pytest.raises(IllegalMove, match=f"{before} -> {after}"):
        check(before, after)


def test_every_state_has_its_row() -> None:
    assert MOVES.keys() == set(State)


def test_final_states_are_those_with_nowhere_to_go() -> None:
    assert FINAL == ENDS
    assert {state for state in State if not MOVES[state]} == FINAL


@pytest.mark.parametrize("state", State)
def test_an_operation_is_final_in_a_final_state(state: State) -> None:
    assert change(state=state).final == (state in ENDS)


@pytest.mark.parametrize("state", [state for state in State if state not in ENDS])
def test_an_end_can_be_reached_from_everywhere(state: State) -> None:
    reached, ahead = set[State](), [state]
    while ahead:
        here = ahead.pop()
        reached.add(here)
        ahead += MOVES[here] - reached

    assert reached & FINAL
