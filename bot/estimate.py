"""How long an operation will still take, judged by what the same took here before. Pure."""

from __future__ import annotations

from bot.language import _
from bot.lifecycle import State
from bot.operation import Operation
from bot.words import duration

LATE = 1.25
"""Times as long as usual: only then it is said to take longer. What was usual is not known to the second."""


def began(operation: Operation) -> float:
    """When its first step began, in epoch seconds: neither an approval nor a place in line is its own time."""
    return min((step.began for step in operation.steps), default=operation.opened)


def time_left(operation: Operation, usual: float | None, now: float) -> str:
    """`about 3 min left`, `longer than usual: 8 min, usually 4 min`; "" where nobody knows.

    `usual`: seconds that the same took here before; None: it is the first time, and only a build server's own
    estimate of its build is known.
    """
    waiting = operation.waiting
    if operation.state is not State.RUNNING or waiting is None or waiting.trouble:
        return ""
    since = began(operation)
    if usual is None:
        usual, since = waiting.usual or None, waiting.since
    if usual is None:
        return ""
    ran = now - since
    if ran > usual * LATE:
        return _("longer than usual: {ran}, usually {usual}", ran=duration(ran), usual=duration(usual))
    left = usual - ran
    if left < 60:
        return _("less than 1 min left")
    return _("about {time} left", time=duration(60 * round(left / 60)))
