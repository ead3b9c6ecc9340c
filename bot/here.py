"""What a channel stands for: a project, perhaps with an environment, that commands there need not name.

Never a protected environment: nothing that ships to production goes without saying.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.grammar import Environment, Name, Project

if TYPE_CHECKING:
    from redis import Redis

    from bot.settings import Settings

KEY = "shipmate:here"
"""Hash: channel -> `web`, `web/trunk`, or `-` for nothing, whatever the configuration says."""
NOTHING = "-"

Defaults = Mapping[type[Name], str]


@dataclass(frozen=True)
class Here:
    """The stand of every channel. Methods raise RedisError."""

    redis: Redis
    settings: Settings

    def of(self, channel: str) -> str:
        """`web`, `web/trunk`, or empty when it stands for nothing."""
        chosen: Any = self.redis.hget(KEY, channel) if channel else None
        stand = chosen or self.settings.slack.channels.get(channel, "")
        return "" if stand == NOTHING else str(stand)

    def set(self, channel: str, stand: str) -> None:
        """Empty: nothing."""
        self.redis.hset(KEY, channel, stand or NOTHING)

    def defaults(self, channel: str) -> Defaults:
        """What the grammar fills in there. What is protected by now, or gone, is not."""
        return defaults(self.of(channel), self.settings)


def defaults(stand: str, settings: Settings) -> Defaults:
    project, _, environment = stand.partition("/")
    found: dict[type[Name], str] = {}
    if project in settings.projects:
        found[Project] = project
    if environment in settings.environments and not settings.environments[environment].protected:
        found[Environment] = environment
    return found
