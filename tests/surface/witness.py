"""Looks at everything that the bot shows in any sandbox: messages, views, lists of options."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from sandbox.world import World
from tests.surface import limits

CHECKS: dict[str, Callable[[Any], list[str]]] = {
    "message": limits.of_message,
    "view": limits.of_view,
    "options": limits.of_options,
}


class Witness:
    def __init__(self) -> None:
        self._mistakes: list[str] = []
        self.seen: Counter[str] = Counter()
        """How many of each kind were looked at."""

    def watch(self, world: World) -> None:
        world.slack.slack.witnesses.append(self.look)

    def check(self) -> None:
        """Raises AssertionError with what was beyond Slack's limits since the last check."""
        found, self._mistakes = self._mistakes, []
        assert not found, "\n".join(["beyond what Slack documents:", *found])

    def look(self, kind: str, shown: Any) -> None:
        self.seen[kind] += 1
        for mistake in CHECKS[kind](shown):
            self._mistakes.append(f"{kind} {mistake}\n  in {json.dumps(shown, ensure_ascii=False)[:1500]}")
