"""Requests of hooks that were taken: one that comes again starts nothing.

Keys: `hook:<hook>:<name>` a request that is being taken, or was, with what was answered; `hooks:seen:<hook>`
sorted set of the requests that signed no time, by when they came.

A sender that signs the time is believed for minutes, so that little needs to be remembered of it. One that does
not could be believed for ever: its requests are remembered by their number rather than for a time.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any

from redis import Redis

from bot.ledger import PREFIX
from bot.ports import Believed

TAKING_SECONDS = 30
"""Whoever took a request and has not carried it out by then has died."""
REMEMBER_SECONDS = 24 * 3600
"""Far above the minutes for which a signed time is believed."""
MOST_REMEMBERED = 50_000
"""So many requests of a hook that signs no time: years of pushes, in about 8 MB of Redis."""
_TAKING = "taking"


@dataclass(frozen=True)
class Answer:
    """To whoever sent a request; it is in the log too."""

    status: int
    words: str


UNDER_WAY = Answer(503, "being taken at this moment; please send it again")  # not said: to a sender
SEEN = Answer(401, "this request was seen before")  # not said: to a sender


class HookMemory:
    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis

    def take(self, hook: str, request: Believed, body: bytes) -> Answer | None:
        """None: it is new, and taken by the caller; one that is not kept afterwards may come again."""
        if self._redis.zscore(f"{PREFIX}hooks:seen:{hook}", request.name) is not None:
            return SEEN
        key = f"{PREFIX}hook:{hook}:{request.name}"
        if self._redis.set(key, _TAKING, nx=True, ex=TAKING_SECONDS):
            return None
        stored = self._redis.get(key)
        if stored is None or stored == _TAKING:
            return UNDER_WAY
        if not stored.startswith("{"):  # by a version that kept no answers
            return SEEN
        told = json.loads(stored)
        # Signed anew by whoever has the secret: their first answer was lost. A recording has the old time.
        if request.signed_at > told["signed_at"] and told["body"] == _digest(body):
            return Answer(202, told["words"])
        return SEEN

    def keep(self, hook: str, request: Believed, body: bytes, words: str) -> None:
        """It was carried out, and `words` were answered."""
        told = {"signed_at": request.signed_at, "body": _digest(body), "words": words}
        pipe = self._redis.pipeline(transaction=True)
        pipe.set(f"{PREFIX}hook:{hook}:{request.name}", json.dumps(told), ex=REMEMBER_SECONDS)
        if not request.signed_at:
            seen = f"{PREFIX}hooks:seen:{hook}"
            pipe.zadd(seen, {request.name: time.time()})
            pipe.zremrangebyrank(seen, 0, -MOST_REMEMBERED - 1)
        pipe.execute()


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
