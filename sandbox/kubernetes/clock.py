"""Time as the sandbox's controllers see it: scaled by `pace`, driven by timers alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Any


class Clock:
    """Seconds here are lifelike; a second takes `pace` seconds of real time, and `pace` may change."""

    def __init__(self, pace: float) -> None:
        if pace <= 0:
            raise ValueError(f"pace must be above 0, not {pace}")
        self._pace = pace
        self._passed, self._since = 0.0, 0.0
        """Lifelike seconds until the pace was last changed, and the loop's time of that change."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._early: list[tuple[float, Callable[..., None], tuple[Any, ...]]] = []

    def start(self) -> None:
        """Run in the current event loop; what was asked for before begins now."""
        self._loop = asyncio.get_running_loop()
        early, self._early = self._early, []
        for seconds, call, arguments in early:
            self.later(seconds, call, *arguments)

    @property
    def pace(self) -> float:
        return self._pace

    @pace.setter
    def pace(self, pace: float) -> None:
        """What was asked for before keeps its time; call it in the event loop."""
        if self._loop is not None:
            self._passed, self._since = self.now(), self._loop.time()
        self._pace = pace

    def now(self) -> float:
        """Never runs backwards."""
        return 0.0 if self._loop is None else self._passed + (self._loop.time() - self._since) / self._pace

    def later(self, seconds: float, call: Callable[..., None], *arguments: Any) -> asyncio.TimerHandle | None:
        if self._loop is None:
            self._early.append((seconds, call, arguments))
            return None
        return self._loop.call_later(seconds * self.pace, call, *arguments)


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
