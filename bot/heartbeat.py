"""Keeps a lease while its holder works, from a thread of its own."""

from __future__ import annotations

import logging
import threading

from redis.exceptions import RedisError

from bot.ledger import Lease, Ledger

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 3.0


class Heartbeat:
    def __init__(self, ledger: Ledger, lease: Lease) -> None:
        self._ledger = ledger
        self._lease = lease
        self._timer: threading.Timer | None = None
        self._over = False

    def __enter__(self) -> None:
        self._schedule()

    def __exit__(self, *_: object) -> None:
        self._over = True
        if self._timer:
            self._timer.cancel()

    def _schedule(self) -> None:
        if self._over:
            return
        self._timer = threading.Timer(HEARTBEAT_SECONDS, self._beat)
        self._timer.daemon = True
        self._timer.start()

    def _beat(self) -> None:
        try:
            ours = self._ledger.heartbeat(self._lease)
        except RedisError as trouble:
            log.warning("no heartbeat for %s: %s", self._lease.operation_id, type(trouble).__name__)
            ours = True  # it may be back before the lease ends
        if ours:
            self._schedule()
