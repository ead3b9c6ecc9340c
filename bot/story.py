"""How a change tells its story: recorded steps, replayed after every wait and every crash.

`step` runs something once and records what it returned; on replay it returns the record. `until` looks at
something that takes time; while it is not settled the operation records what it waits for and the job ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from bot.faults import Failed, Unavailable
from bot.ledger import Lease, Ledger
from bot.operation import Operation, Step, Waiting
from bot.ports import Seen, Topic, Watched

T = TypeVar("T")

RETRY_SECONDS = (1, 2, 4, 8, 15, 30)
"""Pauses between tries while a system does not answer; the last one repeats."""


def _nothing(_result: object) -> str:
    return ""


class Suspended(Exception):
    """The operation waits, recorded; its job ends here and is woken later."""


class Story:
    def __init__(self, operation: Operation, lease: Lease, ledger: Ledger, patience: float) -> None:
        self.operation = operation
        self._lease = lease
        self._ledger = ledger
        self._patience = patience  # seconds a system may stay silent before the step fails

    @property
    def plan(self) -> dict[str, Any]:
        return self.operation.plan

    def step(
        self,
        name: str,
        do: Callable[[], T],
        find: Callable[[], T | None] | None = None,
        tell: Callable[[T], str] = _nothing,
    ) -> T:
        """Run `do` once. Results are plain JSON values; `tell` words them for the message, in mrkdwn.

        A `do` that must not happen twice comes with `find`, which looks the effect up: it is asked
        before `do` is repeated after a crash or a lost answer. Without `find`, `do` may be repeated.
        """
        record = self.operation.step(name)
        if record is not None and record.ended is not None:
            return record.result  # type: ignore[no-any-return]  # JSON in, JSON out
        began = record.began if record else time.time()
        if record is None and find is not None:
            self._write(self.operation.with_step(Step(name, began)), announce=False)
        try:
            found = find() if record is not None and find is not None else None
            result = do() if found is None else found
        except Unavailable as trouble:
            self._wait_for_system(name, trouble)
        self._record(Step(name, began, time.time(), result, tell(result)))
        return result

    def until(
        self, name: str, system: Watched, topic: Topic, within: float, tell: Callable[[Any], str] = _nothing
    ) -> Any:
        """Wait for `topic` to be done, at most `within` seconds; returns its value.

        Raises Failed when it ended badly or not in time.
        """
        record = self.operation.step(name)
        if record is not None and record.ended is not None:
            return record.result
        waiting = self._waiting(name, within)
        seen = self._look(name, system, topic, waiting)
        if not seen.done:
            self._suspend(replace(waiting, topic=str(topic), progress=seen.progress, trouble="", attempts=0))
        if seen.failure:
            raise Failed(seen.failure, seen.excerpt, seen.events)
        self._record(Step(name, waiting.since, time.time(), seen.value, tell(seen.value)))
        return seen.value

    def _look(self, name: str, system: Watched, topic: Topic, waiting: Waiting) -> Seen:
        """What the watcher has told already, else one look of our own; at the deadline always our own."""
        late = time.time() >= waiting.until
        told = None if late else self._ledger.news(self.operation.id, topic)
        if told is not None:
            return told
        try:
            seen = system.look(topic)
        except Unavailable as trouble:
            self._wait_for_system(name, trouble)
        if late and not seen.done:
            minutes = max(1, round((waiting.until - waiting.since) / 60))
            last = f" Last seen: {seen.progress}." if seen.progress else ""
            raise Failed(f"Not there within {minutes} min: {name}.{last}", seen.excerpt, seen.events)
        return seen

    def _waiting(self, name: str, within: float) -> Waiting:
        current = self.operation.waiting
        if current is not None and current.step == name:
            return current
        now = time.time()
        return Waiting(name, since=now, until=now + within)

    def _suspend(self, waiting: Waiting) -> None:
        if waiting != self.operation.waiting:
            self._write(replace(self.operation, waiting=waiting), due=waiting.until)
        else:
            self._write(self.operation, due=waiting.until, announce=False)
        raise Suspended

    def _wait_for_system(self, name: str, trouble: Unavailable) -> None:
        """Put the operation off and try again later. Raises Failed when patience is at its end."""
        current = self.operation.waiting
        troubled = current is not None and current.trouble and current.step == name
        waiting = (
            current if troubled and current else Waiting(name, time.time(), time.time() + self._patience)
        )
        words = f"{trouble.system} {trouble.reason}"
        if time.time() >= waiting.until:
            raise Failed(f"{words}. Shipmate tried for {max(1, round(self._patience / 60))} min and gave up.")
        pause = RETRY_SECONDS[min(waiting.attempts, len(RETRY_SECONDS) - 1)]
        waiting = replace(waiting, topic="", trouble=words, attempts=waiting.attempts + 1)
        self._write(replace(self.operation, waiting=waiting), due=min(time.time() + pause, waiting.until))
        raise Suspended

    def _record(self, step: Step) -> None:
        self._write(replace(self.operation.with_step(step), waiting=None))

    def _write(self, after: Operation, announce: bool = True, due: float | None = None) -> None:
        self.operation = self._ledger.write(self.operation, after, self._lease, announce, due)
