"""What every sandbox server has in common: a loopback port, fault switches, a record of calls.

A server is an aiohttp application that runs in the sandbox's one event loop. Its state is plain
Python that only handlers and tasks of that loop change, so no locks are needed.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import ssl
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from aiohttp import web

Kind = Literal["refuse", "hang", "error", "reset", "slow", "throttle"]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Fault:
    """One switch that is on. `when="after"` lets the request take effect and then spoils the answer."""

    kind: Kind
    rate: float = 1.0
    """Share of matching requests it hits, 0..1."""
    match: str = ""
    """Regular expression searched in "METHOD /path"; empty matches everything."""
    times: int | None = None
    """Switch itself off after that many hits; None: stays."""
    seconds: float = 0.0
    """slow: delay in seconds. throttle: value of Retry-After. hang: 0 means until the client leaves."""
    status: int = 500
    """error: the HTTP status."""
    when: Literal["before", "after"] = "before"


@dataclass(frozen=True)
class Call:
    """One request as the server saw it; `at` in seconds of `time.monotonic()`."""

    method: str
    path: str
    status: int
    at: float
    took: float


@dataclass
class Faults:
    """The switches of one server. Seeded, so that a chaos run can be repeated."""

    random: random.Random = field(default_factory=lambda: random.Random(0))
    active: list[Fault] = field(default_factory=list)
    hits: int = 0

    def set(self, fault: Fault) -> None:
        self.active.append(fault)

    def clear(self) -> None:
        self.active.clear()

    def choose(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request, if any; counts it."""
        for index, fault in enumerate(self.active):
            if not re.search(fault.match, f"{method} {path}") or self.random.random() >= fault.rate:
                continue
            self.hits += 1
            if fault.times is not None:
                left = fault.times - 1
                self.active[index : index + 1] = [] if left == 0 else [replace(fault, times=left)]
            return fault
        return None


class Server:
    """A sandbox server. Subclasses add routes to `self.app` in their constructor."""

    name = "server"
    spoilt: ClassVar[Mapping[int, str]] = {}
    """HTTP status -> the text that this kind of server gives with it when it fails; absent: any text."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.port = port
        self.faults = Faults()
        self.tls: ssl.SSLContext | None = None
        """Set before `start`, it listens to TLS."""
        self.calls: deque[Call] = deque(maxlen=200_000)
        self.app = web.Application(middlewares=[self._observe], client_max_size=64 * 2**20)
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    async def start(self) -> None:
        """Listen. Port 0 becomes the port that was given. Raises OSError if the port is in use."""
        self._runner = web.AppRunner(
            self.app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True
        )
        await self._runner.setup()
        await self.listen()

    async def listen(self) -> None:
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, self.host, self.port, reuse_address=True, ssl_context=self.tls)
        await self._site.start()
        self.port = self._runner.addresses[0][1]

    async def deafen(self) -> None:
        """Stop listening (connections are refused) and keep the state; `listen()` ends it."""
        if self._site is not None:
            await self._site.stop()
            self._site = None

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def spawn(self, work: Awaitable[None]) -> asyncio.Task[None]:
        """Run `work` in the background until it ends or the server stops."""
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    @web.middleware
    async def _observe(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        began = time.monotonic()
        status = 0  # nothing was answered
        try:
            response = await self._answer(request, handler)
            status = response.status
            return response
        except web.HTTPException as answer:
            status = answer.status
            raise
        finally:
            took = time.monotonic() - began
            self.calls.append(Call(request.method, request.path_qs, status, began, took))

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = self.faults.choose(request.method, request.path)
        if fault is None:
            return await handler(request)
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return await handler(request)
        if fault.when == "after":
            with contextlib.suppress(web.HTTPException):
                await handler(request)
        return await _spoilt(fault, request, self.spoilt)


async def _spoilt(fault: Fault, request: web.Request, texts: Mapping[int, str]) -> web.StreamResponse:
    match fault.kind:
        case "hang":
            await asyncio.sleep(fault.seconds or 3600)
            raise web.HTTPGatewayTimeout
        case "throttle":
            text = texts.get(429, "Too many requests")
            return web.Response(status=429, text=text, headers={"Retry-After": f"{fault.seconds:.0f}"})
        case "error":
            text = texts.get(fault.status, "<html>the sandbox was told to fail</html>")
            return web.Response(status=fault.status, text=text)
        case "reset":
            return await _half_an_answer(request)
    _abort(request)
    raise web.HTTPServiceUnavailable


async def _half_an_answer(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "4096"})
    await response.prepare(request)
    await response.write(b'{"half": "an ans')
    _abort(request)
    return response


def _abort(request: web.Request) -> None:
    if isinstance(request.transport, asyncio.Transport):
        request.transport.abort()
