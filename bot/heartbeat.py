"""Keeps what this process has taken for as long as it works on it: leases of operations, and locks of Redis."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis.exceptions import LockError, RedisError
from redis.lock import Lock

from bot.ledger import Lease, Ledger

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 1.0


@contextmanager
def keeping(lock: Lock) -> Iterator[None]:
    """Renews a lock that was acquired, however long the work takes, and releases it then. When this process
    dies it ends by itself, after its own timeout."""
    over = threading.Event()
    beat = threading.Thread(target=_renew, args=(lock, over), name=f"keep-{lock.name!r}", daemon=True)
    beat.start()
    try:
        yield
    finally:
        over.set()
        beat.join()
        with suppress(LockError):  # it was lost: somebody else has it now
            lock.release()


def _renew(lock: Lock, over: threading.Event) -> None:
    while not over.wait((lock.timeout or HEARTBEAT_SECONDS) / 3):
        try:
            lock.reacquire()
        except LockError:
            log.warning("lost %s", lock.name)
            return
        except RedisError as trouble:
            log.warning("cannot renew %s: %s", lock.name, type(trouble).__name__)


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
