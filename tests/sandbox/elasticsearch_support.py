"""A sandbox Elasticsearch in a thread of its own, for tests that use the blocking client."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from elasticsearch import Elasticsearch

from sandbox.elasticsearch import ElasticsearchServer

T = TypeVar("T")

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
"""What the server's clock says."""


@dataclass(frozen=True)
class Line:
    """A line of a pod, as the sandbox's cluster gives it; `at` in epoch seconds."""

    message: str
    level: str = "INFO"
    at: float = NOW.timestamp()
    namespace: str = "trunk"
    pod: str = "web-6d4f9c7b8-x2x1z"
    container: str = "web"
    labels: dict[str, str] = field(default_factory=lambda: {"app": "web"})


class Running:
    """A started server and ways to use it."""

    def __init__(self, server: ElasticsearchServer, loop: asyncio.AbstractEventLoop) -> None:
        self.server = server
        self._loop = loop

    def client(self, **options: Any) -> Elasticsearch:
        return Elasticsearch(self.server.url, **({"request_timeout": 5, "max_retries": 0} | options))

    def call(self, function: Callable[..., T], *args: Any) -> T:
        """Call a function in the server's loop, where alone its state is changed."""

        async def work() -> T:
            return function(*args)

        return asyncio.run_coroutine_threadsafe(work(), self._loop).result(30)

    def write(self, *lines: Line) -> None:
        def all_lines() -> None:
            for line in lines:
                self.server.write_log(line)

        self.call(all_lines)

    def deafen(self) -> None:
        """Refuse connections."""
        asyncio.run_coroutine_threadsafe(self.server.deafen(), self._loop).result(5)


@contextmanager
def running(capacity: int = 200_000, tls: ssl.SSLContext | None = None) -> Iterator[Running]:
    """A server whose clock stands still at `NOW`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def build() -> ElasticsearchServer:
        server = ElasticsearchServer(capacity=capacity)
        server.cluster.clock = NOW.timestamp
        server.tls = tls
        await server.start()
        return server

    server = asyncio.run_coroutine_threadsafe(build(), loop).result(10)
    try:
        yield Running(server, loop)
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


TIMEOUT = "java.net.SocketTimeoutException: read of order 4711 timed out"
LOGS = (
    Line("GET /cart 200 12ms", "INFO", NOW.timestamp() - 3000),
    Line("GET /search slow response 900ms", "WARN", NOW.timestamp() - 1200),
    Line(TIMEOUT, "ERROR", NOW.timestamp() - 600, pod="web-6d4f9c7b8-abcde"),
    Line("order 4711 placed", "INFO", NOW.timestamp() - 300, labels={"app": "shop"}, container="shop"),
    Line(
        "payment declined: code 05", "error", NOW.timestamp() - 60, "product", "pay-1", "pay", {"app": "pay"}
    ),
)
ORDERS: tuple[dict[str, Any], ...] = tuple(
    dict(zip(("@timestamp", "number", "total", "paid", "city", "note"), row, strict=True))
    for row in (
        ("2026-03-10T08:00:00Z", 1, 9.5, True, "Ulm", "Gift wrap"),
        ("2026-03-10T20:00:00Z", 2, 20, False, "Graz", "call first"),
        ("2026-03-12T08:00:00Z", 3, 1, True, "Ulm", "first order"),
        (None, 4, 5, False, "Ulm north", None),
    )
)


@contextmanager
def running_shop() -> Iterator[Running]:
    """A server with the lines and orders above; not to be changed by a test."""
    with running() as here:
        here.write(*LOGS)
        for order in ORDERS:
            here.call(here.server.add, "orders", order)
        yield here


def messages(answer: Any) -> list[str]:
    return [hit["_source"]["message"] for hit in answer["hits"]["hits"]]
