"""Watches the ledger from outside: how long after a blow did the operations that it hit get on?

An operation is *under way* on a worker while its lease is held, on the watcher while it waits for a topic, on
the bot while its message is due; when Redis dies or the backends' faults end, every operation that holds its
target is, unless it waits for a person. It has got on when its version in the ledger is another; on the bot,
when its message has left the outbox. The clock starts when the process is dead; for Redis, when it answers
again.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from bot.ledger import PREFIX
from bot.lifecycle import State

SAMPLE_SECONDS = 0.05
MOVING = {State.QUEUED, State.RUNNING, State.ABORTING}


@dataclass(frozen=True)
class Sample:
    """Operation id -> version of the active ones; and which of them are what."""

    versions: dict[str, str]
    leased: frozenset[str]
    waiting: frozenset[str]
    reserved: frozenset[str]
    due_to_say: frozenset[str]

    def under_way(self, process: str) -> dict[str, str]:
        """Operation id -> version, "" for messages, of what is under way on a process (or on all: "")."""
        if process in ("bot", "web"):
            return dict.fromkeys(self.due_to_say, "")
        chosen = {"watcher": self.waiting, "worker": self.leased}.get(process.split(".")[0], self.reserved)
        return {key: self.versions[key] for key in chosen & self.versions.keys()}

    def got_on(self, operation_id: str, version: str) -> bool:
        if not version:
            return operation_id not in self.due_to_say
        return self.versions.get(operation_id) != version


@dataclass(frozen=True)
class Recovery:
    """Times in seconds; `at` by `time.monotonic()`."""

    at: float
    blow: str
    operation_id: str
    took: float


class Progress:
    def __init__(self, redis: Redis) -> None:
        self.recoveries: list[Recovery] = []
        self._redis: Any = redis
        self._sample = Sample({}, frozenset(), frozenset(), frozenset(), frozenset())
        self._hit: list[tuple[float, str, str, str]] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def under_way(self, process: str) -> dict[str, str]:
        return self._sample.under_way(process)

    def struck(self, blow: str, under_way: dict[str, str]) -> None:
        """A blow was dealt just now to what was under way before."""
        now = time.monotonic()
        with self._lock:
            self._hit += [(now, blow, key, version) for key, version in under_way.items()]

    def slowest(self, since: float) -> Recovery:
        """Of the blows dealt since then; what has not got on yet counts until now."""
        now = time.monotonic()
        with self._lock:
            still = [Recovery(at, blow, key, now - at) for at, blow, key, _ in self._hit]
            dealt = [r for r in (*self.recoveries, *still) if r.at >= since]
        return max(dealt, key=lambda recovery: recovery.took, default=Recovery(now, "", "", 0.0))

    def _run(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            try:
                self._sample = self._take()
            except RedisError:
                continue
            self._settle(time.monotonic())

    def _settle(self, now: float) -> None:
        with self._lock:
            left = []
            for at, blow, key, version in self._hit:
                if self._sample.got_on(key, version):
                    self.recoveries.append(Recovery(at, blow, key, now - at))
                else:
                    left.append((at, blow, key, version))
            self._hit = left

    def _take(self) -> Sample:
        active = sorted(self._redis.smembers(PREFIX + "active:change"))
        channels = list(self._redis.scan_iter(PREFIX + "outbox:C*"))
        pipe = self._redis.pipeline(transaction=False)
        for operation_id in active:
            pipe.hmget(PREFIX + "op:" + operation_id, "version", "state")
        for operation_id in active:
            pipe.exists(PREFIX + "lease:" + operation_id)
        pipe.hkeys(PREFIX + "waiting").hvals(PREFIX + "reserved")
        for channel in channels:
            pipe.zrangebyscore(channel, "-inf", time.time())
        answers = pipe.execute()
        count = len(active)
        leased = (key for key, held in zip(active, answers[count : 2 * count], strict=True) if held)
        waiting, reserved, *due = answers[2 * count :]
        return Sample(
            {
                key: known
                for key, (known, state) in zip(active, answers[:count], strict=True)
                if state in MOVING
            },
            frozenset(leased),
            frozenset(waiting),
            frozenset(reserved),
            frozenset(item for items in due for item in items),
        )
