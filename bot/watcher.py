"""What is waited for -> what has news. One active at a time; standbys take over when its lease ends.

It asks every system for everything in flight at once, hands the news to the operations that wait for it,
and looks after operations whose time has come: a deadline, a retry, a worker that died.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Collection

from redis import Redis
from redis.exceptions import RedisError

from bot.backends import Backends
from bot.jobs import Jobs
from bot.ledger import PREFIX, Ledger
from bot.lifecycle import State
from bot.ports import Seen, Topic

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
LEADER_SECONDS = 2
"""A watcher that dies is succeeded after this. Two at once for a moment would only ask twice."""
FORGET_SECONDS = 60
REDRAW_SECONDS = 20
MOST_REDRAWN = 15
"""In one go: Slack lets a workspace's messages be changed some 50 times a minute, and news comes first."""


class Watcher:
    def __init__(self, redis: Redis, ledger: Ledger, jobs: Jobs, backends: Backends) -> None:
        self._redis = redis
        self._ledger = ledger
        self._jobs = jobs
        self._backends = backends
        self._token = secrets.token_hex(8)
        self._watches: dict[tuple[str, str], threading.Thread] = {}
        self._waiting: dict[Topic, list[str]] = {}
        self._stop = threading.Event()
        self._next_forgetting = 0.0
        self._next_redrawing = time.monotonic() + REDRAW_SECONDS
        self._redrawn = 0

    def run(self, stop: threading.Event) -> None:
        """Until `stop`. Survives a Redis that is away for a while."""
        self._stop = stop
        while not stop.is_set():
            try:
                self._tick()
            except RedisError as trouble:
                log.warning("redis does not answer: %s", type(trouble).__name__)
                self._stop.wait(1)
        self._resign()

    def _tick(self) -> None:
        self._wake_overdue()
        if not self._leads():
            self._waiting = {}
            self._stop.wait(TICK_SECONDS)
            return
        self._backends.lockkeeper.look_after(time.time())
        self._forget_old()
        self._redraw()
        self._refresh()
        self._ledger.await_waiting(TICK_SECONDS)

    def _wake_overdue(self) -> None:
        """Every watcher may: each id is given to one of them. Busy workers are not asked twice."""
        overdue = self._ledger.overdue()
        queued = self._jobs.queued() if overdue else set()
        for operation_id in overdue:
            if operation_id not in queued:
                self._jobs.wake(operation_id)

    def _forget_old(self) -> None:
        """Retention, a little at a time."""
        if time.monotonic() < self._next_forgetting:
            return
        limits = self._backends.settings.limits
        before = time.time() - limits.retention_days * 86_400
        forgotten = self._ledger.forget(before, limits.retention_operations)
        self._next_forgetting = time.monotonic() + (FORGET_SECONDS if not forgotten else 1)

    def _redraw(self) -> None:
        """What messages say of the time left changes by itself; a few operations in turn."""
        if time.monotonic() < self._next_redrawing:
            return
        self._next_redrawing = time.monotonic() + REDRAW_SECONDS
        active = self._ledger.active()
        ids = [op.id for op in active if op.state is State.RUNNING and op.waiting is not None]
        first = self._redrawn if self._redrawn < len(ids) else 0
        for operation_id in ids[first : first + MOST_REDRAWN]:
            self._ledger.announce(operation_id)
        self._redrawn = first + MOST_REDRAWN

    def _leads(self) -> bool:
        key = PREFIX + "watcher"
        if self._redis.set(key, self._token, nx=True, ex=LEADER_SECONDS):
            log.info("this watcher is the active one now")
            return True
        if self._redis.get(key) != self._token:
            return False
        self._redis.expire(key, LEADER_SECONDS)
        return True

    def _resign(self) -> None:
        try:
            if self._redis.get(PREFIX + "watcher") == self._token:
                self._redis.delete(PREFIX + "watcher")
        except RedisError:
            log.info("could not resign: the lease ends by itself")

    def _refresh(self) -> None:
        waiting: defaultdict[Topic, list[str]] = defaultdict(list)
        for operation_id, topic in self._ledger.waiting().items():
            waiting[topic].append(operation_id)
        self._waiting = dict(waiting)
        for system, name in {(topic.system, topic.name) for topic in waiting}:
            self._ensure_watch(system, name)

    def _ensure_watch(self, system: str, name: str) -> None:
        thread = self._watches.get((system, name))
        if thread is not None and thread.is_alive():
            return
        watched = self._backends.watched(system, name)

        def topics() -> Collection[Topic]:
            return [topic for topic in list(self._waiting) if (topic.system, topic.name) == (system, name)]

        thread = threading.Thread(
            target=watched.watch,
            args=(topics, self._tell, self._stop),
            name=f"watch-{system}-{name}",
            daemon=True,
        )
        self._watches[system, name] = thread
        thread.start()

    def _tell(self, topic: Topic, seen: Seen) -> None:
        for operation_id in self._waiting.get(topic, ()):
            try:
                if self._ledger.tell(operation_id, topic, seen):
                    self._jobs.wake(operation_id)
            except RedisError as trouble:
                log.warning("news of %s is told again later: %s", operation_id, type(trouble).__name__)
