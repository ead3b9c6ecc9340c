"""People first: what can wait lets requests through that somebody waits for.

The bot acknowledges and posts from one interpreter. An acknowledgement is due within 3 s and felt at once; a
message may come a moment later.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 0.05
"""So long at most does background work step back: under steady load it must go on too."""


class Foreground:
    def __init__(self) -> None:
        self._free = threading.Condition()
        self._requests = 0

    @contextmanager
    def request(self) -> Iterator[None]:
        """While a request is being decided."""
        with self._free:
            self._requests += 1
        try:
            yield
        finally:
            with self._free:
                self._requests -= 1
                if not self._requests:
                    self._free.notify_all()

    def step_back(self) -> None:
        """Wait until no request is being decided, a moment at most."""
        with self._free:
            self._free.wait_for(lambda: not self._requests, timeout=PATIENCE_SECONDS)
