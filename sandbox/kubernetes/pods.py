"""What pods print: one line, and the bounded buffers that `/log` reads."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sandbox.kubernetes import times
from sandbox.kubernetes.resources import Object

KEPT = 2_000
"""Lines kept of one run of one container."""

_LEVEL = re.compile(r"\b(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)(?:ING)?\b")
_TROUBLE = re.compile(r"^(Traceback|Caused by|panic:|\s+at )|\w(Exception|Error)\b")


@dataclass(frozen=True)
class LogLine:
    """One line that a container printed; `at` in epoch seconds, `level` as INFO, WARN or ERROR."""

    at: float
    namespace: str
    pod: str
    container: str
    labels: dict[str, str]
    level: str
    message: str


class Logs:
    """The lines of every container: of its present run and of the one before."""

    def __init__(self, on_log: Callable[[LogLine], None] | None) -> None:
        self._on_log = on_log
        self._runs: dict[tuple[str, str], deque[LogLine]] = {}
        self._previous: dict[tuple[str, str], deque[LogLine]] = {}
        self.followers: dict[tuple[str, str], list[Callable[[LogLine], None]]] = {}

    def clear(self) -> None:
        self._runs.clear()
        self._previous.clear()

    def begin(self, pod: Object, container: str) -> None:
        """A new run: what the last one printed becomes `previous`."""
        where = pod["metadata"]["uid"], container
        if where in self._runs:
            self._previous[where] = self._runs[where]
        self._runs[where] = deque(maxlen=KEPT)

    def print(self, pod: Object, container: str, message: str, level: str = "") -> None:
        """One line, now. Without a level it is read from the message."""
        metadata = pod["metadata"]
        where = metadata["uid"], container
        line = LogLine(
            time.time(),
            metadata["namespace"],
            metadata["name"],
            container,
            metadata.get("labels", {}),
            level or _level(message),
            message,
        )
        self._runs.setdefault(where, deque(maxlen=KEPT)).append(line)
        for follower in self.followers.get(where, ()):
            follower(line)
        if self._on_log:
            self._on_log(line)

    def forget(self, uid: str) -> None:
        for runs in (self._runs, self._previous):
            for where in [where for where in runs if where[0] == uid]:
                del runs[where]

    def lines(self, uid: str, container: str, *, previous: bool = False) -> deque[LogLine] | None:
        """None: there was no such run."""
        return (self._previous if previous else self._runs).get((uid, container))


def text(lines: Iterable[LogLine], *, timestamps: bool = False) -> str:
    """As a kubelet sends lines."""
    return "".join(
        f"{times.nano(line.at)} {line.message}\n" if timestamps else f"{line.message}\n" for line in lines
    )


def _level(message: str) -> str:
    if found := _LEVEL.search(message):
        return found.group(1)
    return "ERROR" if _TROUBLE.search(message) else "INFO"
