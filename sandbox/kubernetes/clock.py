"""Time as the sandbox's controllers see it: scaled by `pace`, driven by timers alone."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Hashable
from itertools import count
from typing import Any

BUSY = 0.02
"""Real seconds of work after which requests get their turn."""


class Clock:
    """Seconds here are lifelike; a second takes `pace` seconds of real time.

    What is due is done in the order of its due times, each at its own time, even when the machine is late
    for all of it: the same events happen in the same order on a fast machine and on a busy one.
    """

    def __init__(self, pace: float) -> None:
        if pace <= 0:
            raise ValueError(f"pace must be above 0, not {pace}")
        self.pace = pace
        self._loop: asyncio.AbstractEventLoop | None = None
        self._due: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._numbers = count()
        self._timer: asyncio.TimerHandle | None = None
        self._ahead = 0.0
        """Seconds that were skipped."""
        self._now: float | None = 0.0
        """The time of what is being done; None in between, when it is the loop's."""

    def start(self) -> None:
        """Run in the current event loop; what was asked for before begins now."""
        self._loop = asyncio.get_running_loop()
        self._now = None
        begin = self.now()
        self._due = [(begin + due, *rest) for due, *rest in self._due]  # type: ignore[misc]
        self._arm()

    def now(self) -> float:
        if self._now is not None or self._loop is None:
            return self._now or 0.0
        return self._loop.time() / self.pace + self._ahead

    def step(self, least: float = 0.01) -> None:
        """Skip to what is due next, at least `least` seconds, and do what is due by then.

        With a pace so slow that time stands still, a test sees every state for as long as it likes.
        """
        now = self.now()
        self._ahead += max(least, self._due[0][0] - now if self._due else 0.0)
        self._run()

    def later(self, seconds: float, call: Callable[..., None], *arguments: Any) -> None:
        heapq.heappush(self._due, (self.now() + seconds, next(self._numbers), call, arguments))
        if self._now is None:
            self._arm()

    def _arm(self) -> None:
        """Set the one timer for what is due first."""
        if self._timer is not None:
            self._timer.cancel()
        if self._loop is not None and self._due:
            self._timer = self._loop.call_at((self._due[0][0] - self._ahead) * self.pace, self._run)

    def _run(self) -> None:
        assert self._loop is not None
        begun = self._loop.time()
        try:
            while self._due and self._due[0][0] <= self.now() and self._loop.time() < begun + BUSY:
                due, _, call, arguments = heapq.heappop(self._due)
                self._now = due
                call(*arguments)
                self._now = None
        finally:
            self._now = None
            self._arm()


class WorkQueue:
    """Keys to reconcile: each waits at most once, and the soonest wish wins."""

    def __init__(self, clock: Clock, work: Callable[[Any], None], lag: float) -> None:
        self.lag = lag
        """Lifelike seconds between a change and the controller's reaction to it."""
        self._clock = clock
        self._work = work
        self._due: dict[Hashable, float] = {}

    def add(self, key: Hashable, after: float | None = None) -> None:
        after = self.lag if after is None else after
        due = self._clock.now() + after
        if self._due.get(key, due + 1) <= due:
            return
        self._due[key] = due
        self._clock.later(after, self._run, key, due)

    def clear(self) -> None:
        self._due.clear()

    def _run(self, key: Hashable, due: float) -> None:
        if self._due.get(key) == due:  # else: brought forward, or cleared
            del self._due[key]
            self._work(key)
