"""Whose turn it is to speak in a channel: a lock in Redis for each, held by one postman at a time."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from bot.ledger import PREFIX

log = logging.getLogger(__name__)

LOCK_SECONDS = 5
KEEP_SECONDS = 1.0
"""A channel's lock is renewed so often while it is served, however long Slack takes to answer."""


class OutOfTurn(Exception):
    """Somebody else serves the channel now: what we were about to say is theirs to say."""


@dataclass(frozen=True)
class Turn:
    """One turn at a channel; `token` tells it from every other."""

    lock: str
    token: str


class Turns:
    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis
        self._mine = threading.local()
        self._held: set[Turn] = set()

    @contextmanager
    def take(self, channel: str) -> Iterator[Turn | None]:
        """A turn of this thread at a channel; None: another postman has it.

        It is kept until the end of the block and not given back: whoever leaves looks for news in the same step.
        """
        turn = Turn(PREFIX + "outbox:lock:" + channel, secrets.token_hex(6))
        if not self._redis.set(turn.lock, turn.token, nx=True, ex=LOCK_SECONDS):
            yield None
            return
        self._held.add(turn)
        self._mine.turn = turn
        try:
            yield turn
        finally:
            self._held.remove(turn)

    def ours(self, turn: Turn) -> bool:
        """Whether it still is; it is then prolonged."""
        if self._redis.get(turn.lock) != turn.token:
            return False
        self._redis.expire(turn.lock, LOCK_SECONDS)
        return True

    def must_be_ours(self) -> None:
        """Of this thread, right before what must not be said twice. Raises OutOfTurn."""
        if not self.ours(self._mine.turn):
            raise OutOfTurn

    def keep(self, stop: threading.Event) -> None:
        """Until `stop`: prolong the turns of all threads."""
        while not stop.wait(KEEP_SECONDS):
            for turn in list(self._held):
                try:
                    self.ours(turn)
                except RedisError as trouble:
                    log.warning("redis does not answer: %s", type(trouble).__name__)
