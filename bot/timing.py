"""When a change that was asked for is to start: at once, at a time that was said, or when no lock holds it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from bot.command import Change, Later
from bot.faults import Refused
from bot.grammar import Moment, Past
from bot.language import _
from bot.locks import Lock, Locks
from bot.operation import STARTS, UNLOCKED
from bot.settings import Limits
from bot.words import at_moment


def starts(change: Change, zone: str, held: Sequence[Lock], limits: Limits) -> dict[str, Any]:
    """What the plan records of it; empty: it starts at once.

    `zone`: where the person is; `held`: the locks in its way, the longest first. Raises Refused.
    """
    if not isinstance(change, Later):
        return {}
    if change.time is not None and change.when_unlocked:
        raise Refused(_("Either at a time or when unlocked, not both. Nothing was started."))
    if change.time is not None:
        return {STARTS: _said(change.time, zone, limits)}
    return {STARTS: held[0].until, UNLOCKED: True} if change.when_unlocked and held else {}


def must_be_clear(timing: dict[str, Any], locks: Locks, change: Change, actor_id: str) -> None:
    """Raises Refused where a freeze that comes back every week is on by the time that was said."""
    if STARTS not in timing or UNLOCKED in timing:
        return
    for lock in locks.holding_back(change, actor_id, timing[STARTS]):
        if lock.since > time.time():
            raise Refused(
                _("{held} It would start within that. Nothing was scheduled.", held=lock.said()),
                _("Say a time from {until} on.", until=at_moment(lock.until)),
            )


def still_held(held: Sequence[Lock], timing: dict[str, Any]) -> bool:
    """Whether the locks would still hold it back when it is to start."""
    return bool(held) and UNLOCKED not in timing and held[0].until > timing.get(STARTS, 0)


def _said(moment: Moment, zone: str, limits: Limits) -> float:
    now = time.time()
    try:
        at = moment.at(now, zone)
    except Past:
        raise Refused(_("{time} has gone by. Nothing was started.", time=moment)) from None
    if at > now + limits.later_days * 86_400:
        raise Refused(
            _(
                "A change can be scheduled {days} days ahead at most; {time} is later. Nothing was started.",
                days=limits.later_days,
                time=at_moment(at),
            )
        )
    return at
