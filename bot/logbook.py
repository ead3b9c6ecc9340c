"""What was typed at the break-glass terminal, kept beside the operations: whoever audits reads it later.

A Redis stream (https://redis.io/docs/latest/develop/data-types/streams/): lines are added, never changed, and
carry the time of Redis' own clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis import Redis

from bot.redact import redact

KEY = "shipmate:console"
MOST_LINES = 10_000
REFUSED = "-refused-"


@dataclass(frozen=True)
class Entry:
    at: str
    """When, by ISO 8601."""
    account: str
    """Of the machine."""
    email: str
    """Whom they spoke for, or wanted to."""
    text: str
    """Without secrets; REFUSED for somebody who was not let in."""


class Logbook:
    """Every method raises RedisError."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def write(self, account: str, email: str, text: str) -> None:
        line: Any = {"account": account, "email": email, "text": redact(text).text}
        self._redis.xadd(KEY, line, maxlen=MOST_LINES, approximate=True)

    def read(self) -> Iterator[Entry]:
        """All that is kept, oldest first."""
        lines: Any = self._redis.xrange(KEY)  # text, as this client decodes
        for entry_id, line in lines:
            when = datetime.fromtimestamp(int(entry_id.partition("-")[0]) / 1000, UTC)
            yield Entry(when.isoformat(timespec="milliseconds"), **line)
