"""The build queue: hudson.model.Queue, whose terms and texts are used here.

waiting (quiet period) -> blocked (its job must not run twice) or buildable (no free executor) -> left.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from sandbox.jenkins.build import Build, Cause
from sandbox.jenkins.project import Project

FORGET_AFTER = 300.0
"""Seconds after which an item that left is forgotten (Queue.leftItems), times pace."""

State = Literal["waiting", "blocked", "buildable", "left"]
Key = tuple[str, frozenset[tuple[str, str]]]


@dataclass(eq=False)
class Item:
    """One thing that waits to be built; times in epoch seconds."""

    id: int
    project: Project
    parameters: dict[str, str]
    causes: list[Cause]
    due: float
    """End of the quiet period."""
    part_of: Build | None = None
    """For the item with which a running pipeline waits for its executor: the pipeline's build."""
    state: State = "waiting"
    since: float = field(default_factory=time.time)
    buildable_since: float = 0.0
    build: Build | None = None
    """The build it became, once it left; None then: cancelled."""

    @property
    def key(self) -> Key:
        return self.project.job.full_name, frozenset(self.parameters.items())

    @property
    def why(self) -> str | None:
        match self.state:
            case "waiting":
                return f"In the quiet period. Expires in {_span(self.due - time.time())}"
            case "blocked":
                running = self.project.running
                number = running[-1].number if running else self.project.next_number - 1
                return f"Build #{number} is already in progress (ETA: {self._eta()})"
            case "buildable":
                return "Waiting for next available executor"
            case "left":
                return None

    def _eta(self) -> str:
        estimate = self.project.estimate()
        running = self.project.running
        if estimate < 0 or not running:
            return "N/A"
        return _span(running[-1].created + estimate / 1000 - time.time())


def _span(seconds: float) -> str:
    """As hudson.Util.getTimeSpanString: `0.42 sec`, `4.2 sec`, `1 min 5 sec`."""
    if seconds <= 0:
        return "0 ms"
    if seconds < 1:
        return f"{seconds:.2g} sec"
    return f"{seconds:.1f} sec" if seconds < 60 else f"{seconds // 60:.0f} min {seconds % 60:.0f} sec"


@dataclass
class Timers:
    """Timers whose seconds are multiplied by `pace`, and which can all be stopped."""

    pace: float
    running: set[asyncio.TimerHandle] = field(default_factory=set)

    def after(self, seconds: float, do: Callable[[], object]) -> asyncio.TimerHandle:
        def fire() -> None:
            self.running.discard(handle)
            do()

        handle = asyncio.get_running_loop().call_later(seconds * self.pace, fire)
        self.running.add(handle)
        return handle

    def stop(self, handle: asyncio.TimerHandle) -> None:
        handle.cancel()
        self.running.discard(handle)

    def stop_all(self) -> None:
        for handle in self.running:
            handle.cancel()
        self.running.clear()


class Queue:
    """Items by id while they wait and for five minutes after. A quiet period's end is told to `on_due`."""

    def __init__(self, timers: Timers, on_due: Callable[[Item], None]) -> None:
        self._timers = timers
        self._on_due = on_due
        self._ids = itertools.count(1)
        self._items: dict[int, Item] = {}
        self._left: dict[int, Item] = {}
        self._by_key: dict[Key, Item] = {}
        self._quiet: dict[int, asyncio.TimerHandle] = {}
        self._buildable: dict[int, Item] = {}

    def __iter__(self) -> Iterator[Item]:
        """Newest first, as `/queue/api/json` lists them."""
        return reversed(self._items.values())

    def find(self, item_id: int) -> Item | None:
        return self._items.get(item_id) or self._left.get(item_id)

    def schedule(
        self, project: Project, parameters: dict[str, str], cause: Cause, quiet: float
    ) -> tuple[Item, bool]:
        """Put a build into the queue; True: it was merged into an item that waits with the same parameters.

        quiet: seconds before pace. Merging adds the cause and keeps the earlier due time
        (Queue.scheduleInternal, ParametersAction.shouldSchedule, CauseAction.foldIntoExisting).
        """
        due = time.time() + quiet * self._timers.pace
        item = Item(0, project, parameters, [cause], due)
        twin = self._by_key.get(item.key)
        if twin is None:
            item.id = next(self._ids)
            self._items[item.id] = self._by_key[item.key] = item
            project.queued += 1
            self._wait(item, quiet)
            return item, False
        twin.causes.append(cause)
        if twin.state == "waiting" and due < twin.due:
            twin.due = due
            self._timers.stop(self._quiet[twin.id])
            self._wait(twin, quiet)
        return twin, True

    def want_executor(self, build: Build) -> Item:
        """The item with which a pipeline that runs already waits for an executor."""
        item = Item(next(self._ids), build.project, {}, [], time.time(), part_of=build)
        self._items[item.id] = item
        self.make_buildable(item)
        return item

    def make_buildable(self, item: Item) -> None:
        item.state = "buildable"
        item.buildable_since = time.time()
        self._buildable[item.id] = item

    def block(self, item: Item) -> None:
        item.state = "blocked"
        item.buildable_since = time.time()

    def next_buildable(self) -> Item | None:
        return next(iter(self._buildable.values()), None)

    def blocked(self, project: Project) -> Item | None:
        """The longest waiting blocked item of that job."""
        items = self._items.values()
        return next((i for i in items if i.state == "blocked" and i.project is project), None)

    def leave(self, item: Item, build: Build | None) -> None:
        """The item became `build`; None: it was cancelled."""
        if item.state == "waiting" and item.id in self._quiet:
            self._timers.stop(self._quiet.pop(item.id))
        item.state, item.build = "left", build
        del self._items[item.id]
        self._buildable.pop(item.id, None)
        if item.part_of is None:
            del self._by_key[item.key]
            item.project.queued -= 1
        self._left[item.id] = item
        self._timers.after(FORGET_AFTER, partial(self._left.pop, item.id, None))

    def _wait(self, item: Item, quiet: float) -> None:
        def due() -> None:
            del self._quiet[item.id]
            self._on_due(item)

        self._quiet[item.id] = self._timers.after(quiet, due)
