"""How often a system that does not answer is tried again.

A call that only reads gets a second try at once: a dropped connection should not become a message. What acts
is never tried again here: only the operation knows what it may repeat (`bot.story`), after a `pause`.
"""

from __future__ import annotations

import stamina
from tenacity import RetryCallState, Retrying, wait_exponential, wait_random

from bot.faults import Unavailable

again_when_reading = stamina.retry(
    on=Unavailable, attempts=2, timeout=5.0, wait_initial=0.1, wait_max=0.5, wait_jitter=0.2
)
"""At most one more try, after 0.1 to 0.3 s, and none when the first took over 5 s."""

_BACKOFF = wait_exponential(max=4) + wait_random(0, 1)


def pause(tries: int) -> float:
    """Seconds before the next try, after so many without an answer: 1 to 2 at first, 4 to 5 at last.

    That is often for one operation and would be too often for a thousand: those that wait for the same
    system take turns (`bot.ledger`).
    """
    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = tries
    return float(_BACKOFF(state))
