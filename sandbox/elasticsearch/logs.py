"""Log lines of pods, in the shape filebeat gives them (Elastic Common Schema)."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any, Protocol

_LOUD = frozenset({"error", "critical", "fatal"})


class LogLine(Protocol):
    """One line a container wrote; `at` in seconds since the epoch."""

    @property
    def at(self) -> float: ...
    @property
    def namespace(self) -> str: ...
    @property
    def pod(self) -> str: ...
    @property
    def container(self) -> str: ...
    @property
    def labels(self) -> Mapping[str, str]: ...
    @property
    def level(self) -> str: ...
    @property
    def message(self) -> str: ...


def app_of(line: LogLine) -> str:
    return line.labels.get("app", line.container)


def stream_of(line: LogLine) -> str:
    """The data stream the line goes to: `logs-<project>-<namespace>`."""
    return f"logs-{app_of(line)}-{line.namespace}"


def surroundings(line: LogLine) -> dict[str, Any]:
    """The document around the line's time and message."""
    node = zlib.crc32(line.pod.encode()) % 3 + 1
    return {
        "log": {"level": line.level},
        "kubernetes": {
            "namespace": line.namespace,
            "pod": {"name": line.pod},
            "container": {"name": line.container},
            "labels": {"app": app_of(line)},
        },
        "host": {"name": f"node-{node}"},
        "stream": "stderr" if line.level.lower() in _LOUD else "stdout",
    }
