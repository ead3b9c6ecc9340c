"""Which stage a running pipeline is in, by the Pipeline Stage View plugin's API (`wfapi/describe`).

There is no question for many builds at once, so a few are asked about in turn: what Jenkins is asked does not
grow with what runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from bot.faults import Failed, Refused, Unavailable

LOOK_SECONDS = 3.0
MOST = 2
"""Builds that are asked about every LOOK_SECONDS."""

Stage = Mapping[str, Any]


class Stages:
    """`describe` returns the stages of a build by its path, `job/web-build/42/`; it raises our faults."""

    def __init__(self, describe: Callable[[str], Sequence[Stage]]) -> None:
        self._describe = describe
        self._current: dict[str, str] = {}
        self._without: set[str] = set()  # jobs that have no stages: only pipelines do
        self._next = 0.0

    def of(self, path: str) -> str:
        """As it was when last looked at; empty: not known, or it has none."""
        return self._current.get(path, "")

    def look(self, paths: Collection[str]) -> None:
        """Ask about a few of the builds that run, those first whose turn was longest ago."""
        self._current = {path: stage for path, stage in self._current.items() if path in paths}
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + LOOK_SECONDS
        known = list(self._current)
        in_turn = sorted(paths, key=lambda path: known.index(path) if path in known else -1)
        for path in [path for path in in_turn if _job(path) not in self._without][:MOST]:
            self._current.pop(path, None)
            self._current[path] = self._stage(path)

    def _stage(self, path: str) -> str:
        """What cannot be told now is no trouble of the build."""
        try:
            stages = self._describe(path)
        except Refused:
            self._without.add(_job(path))
            return ""
        except (Unavailable, Failed):
            return ""
        running = [str(stage["name"]) for stage in stages if stage.get("status") == "IN_PROGRESS"]
        return running[-1] if running else ""


def _job(path: str) -> str:
    """`job/web-build/42/` -> `job/web-build`."""
    return path.rstrip("/").rpartition("/")[0]
