"""Long texts on their way from a worker to the chat: kept in Redis, packed, for a day."""

from __future__ import annotations

import base64
import secrets
import zlib
from typing import Any

from redis import Redis

from bot.ledger import PREFIX

KEEP_SECONDS = 24 * 3600


class Files:
    """`redis` decodes its answers to text."""

    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis

    def keep(self, text: str) -> str:
        """Returns the key to get it by."""
        key = secrets.token_hex(8)
        packed = base64.b64encode(zlib.compress(text.encode())).decode()
        self._redis.set(f"{PREFIX}file:{key}", packed, ex=KEEP_SECONDS)
        return key

    def get(self, key: str) -> str | None:
        """None: it is older than a day."""
        packed = self._redis.get(f"{PREFIX}file:{key}")
        return zlib.decompress(base64.b64decode(packed)).decode() if packed else None
