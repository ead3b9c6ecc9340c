"""Slack's documented rate limits (https://docs.slack.dev/apis/web-api/rate-limits) as token buckets."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
"""Calls a minute of each tier; Slack lets short bursts through: here a minute's worth."""

METHODS = {
    "apps.connections.open": 1,
    "auth.test": 4,
    "bots.info": 3,
    "chat.delete": 3,
    "chat.getPermalink": 4,
    "chat.postEphemeral": 4,
    "chat.update": 3,
    "conversations.history": 3,
    "conversations.info": 3,
    "conversations.list": 2,
    "conversations.members": 4,
    "conversations.open": 3,
    "conversations.replies": 3,
    "files.completeUploadExternal": 4,
    "files.getUploadURLExternal": 4,
    "reactions.add": 3,
    "usergroups.list": 2,
    "usergroups.users.list": 2,
    "users.info": 4,
    "users.list": 2,
    "users.lookupByEmail": 3,
    "views.open": 4,
    "views.publish": 4,
    "views.push": 4,
    "views.update": 4,
}
POST_PER_SECOND = 1.0
"""chat.postMessage, in each channel."""
POST_BURST = 5
"""Slack documents "short bursts" without a number."""
WORKSPACE_PER_MINUTE = 300
"""chat.postMessage over all channels: "several hundred messages per minute"."""


@dataclass
class Bucket:
    rate: float
    """Tokens a second."""
    size: float
    left: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until there is a token; 0: there is one."""
        self.left = min(self.size, self.left + (now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.left >= 1 else (1 - self.left) / self.rate


class Rates:
    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def retry_after(self, method: str, channel: str) -> int:
        """Take a token for a call; 0: go on, else the whole seconds of `Retry-After`."""
        now = time.monotonic()
        buckets = self._of(method, channel, now)
        wait = max((bucket.wait(now) for bucket in buckets), default=0.0)
        if wait > 0:
            return math.ceil(wait)
        for bucket in buckets:
            bucket.left -= 1
        return 0

    def _of(self, method: str, channel: str, now: float) -> list[Bucket]:
        if method == "chat.postMessage":
            everywhere = self._bucket(method, "", WORKSPACE_PER_MINUTE / 60, WORKSPACE_PER_MINUTE, now)
            return [self._bucket(method, channel, POST_PER_SECOND, POST_BURST, now), everywhere]
        if method not in METHODS:
            return []
        # A restarted app may connect at once; Slack is generous there although the tier says 1 a minute.
        per_minute = max(10, TIERS[METHODS[method]])
        return [self._bucket(method, "", per_minute / 60, per_minute, now)]

    def _bucket(self, method: str, channel: str, rate: float, size: float, now: float) -> Bucket:
        return self._buckets.setdefault((method, channel), Bucket(rate, size, size, now))
