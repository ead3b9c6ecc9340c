"""filebeat -> Kafka -> Logstash -> Elasticsearch, line by line, each of which can be stalled.

A line goes as far as the hops let it. filebeat keeps what Kafka does not take, Kafka what Logstash does not
read, and Logstash a little of what Elasticsearch does not take; then it stops reading. Mended, they catch up.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.elasticsearch.logs import LogLine

HOPS = ("filebeat", "kafka", "logstash", "elasticsearch")
QUEUE = 500
"""Events that Logstash holds in memory: batches under way (`pipeline.workers` x `pipeline.batch.size`)."""
REMEMBERED_SECONDS = 900


@dataclass
class Counter:
    """A number that only grows, and how it grew lately."""

    clock: Callable[[], float]
    value: int = 0
    _grew: deque[tuple[float, int]] = field(default_factory=deque)

    def add(self) -> None:
        now = self.clock()
        self.value += 1
        self._grew.append((now, self.value))
        while self._grew[0][0] < now - REMEMBERED_SECONDS:
            self._grew.popleft()

    def increase(self, seconds: float) -> int:
        """By how much in the last so many seconds."""
        first = bisect_left(self._grew, (self.clock() - seconds, 0))
        return len(self._grew) - first

    def rate(self, seconds: float) -> float:
        return self.increase(seconds) / seconds


class Pipeline:
    """`write` puts a line into Elasticsearch. `stalled`: the hops that do nothing at the moment."""

    def __init__(self, write: Callable[[LogLine], None], clock: Callable[[], float] = time.time) -> None:
        self._write = write
        self._clock = clock
        self.stalled: set[str] = set()
        self.reset()

    def reset(self) -> None:
        self.stalled.clear()
        self._in_files: deque[LogLine] = deque()
        self._in_kafka: deque[LogLine] = deque()
        self._in_logstash: deque[LogLine] = deque()
        self.produced, self.taken, self.given = (Counter(self._clock) for _ in range(3))

    @property
    def lag(self) -> int:
        """Messages in Kafka that Logstash has not read."""
        return len(self._in_kafka)

    @property
    def queued(self) -> int:
        return len(self._in_logstash)

    @property
    def waiting(self) -> dict[str, int]:
        """Lines that each hop holds until the next one takes them."""
        held = (len(self._in_files), len(self._in_kafka), len(self._in_logstash), 0)
        return dict(zip(HOPS, held, strict=True))

    def accept(self, line: LogLine) -> None:
        """A pod has written a line."""
        self._in_files.append(line)
        self._flow()

    def stall(self, hop: str) -> None:
        """Raises ValueError for a hop that there is not."""
        if hop not in HOPS:
            raise ValueError(f"no hop is called {hop}: {', '.join(HOPS)}")
        self.stalled.add(hop)

    def mend(self, hop: str) -> None:
        self.stalled.discard(hop)
        self._flow()

    def _flow(self) -> None:
        self._give()  # makes room
        while self._in_files and not self.stalled & {"filebeat", "kafka"}:
            self._in_kafka.append(self._in_files.popleft())
            self.produced.add()
        while self._in_kafka and not self.stalled & {"kafka", "logstash"} and len(self._in_logstash) < QUEUE:
            self._in_logstash.append(self._in_kafka.popleft())
            self.taken.add()
            self._give()

    def _give(self) -> None:
        while self._in_logstash and not self.stalled & {"logstash", "elasticsearch"}:
            self._write(self._in_logstash.popleft())
            self.given.add()
