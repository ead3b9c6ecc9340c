"""Keeps the lease of the operation that this process works on, from one thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from bot.ledger import Lease, Ledger

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 1.0


class Heart:
    """Beats while a lease is held; started at its first use."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._held: set[Lease] = set()
        self._thread: threading.Thread | None = None

    @contextmanager
    def beating(self, lease: Lease) -> Iterator[None]:
        if self._thread is None:
            self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
            self._thread.start()
        self._held.add(lease)
        try:
            yield
        finally:
            self._held.discard(lease)

    def _beat(self) -> None:
        pause = threading.Event()
        while not pause.wait(HEARTBEAT_SECONDS):
            for lease in list(self._held):
                try:
                    if not self._ledger.heartbeat(lease):
                        self._held.discard(lease)  # lost: whoever has it now goes on
                except RedisError as trouble:
                    log.warning("no heartbeat for %s: %s", lease.operation_id, type(trouble).__name__)
