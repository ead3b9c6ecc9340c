"""A sandbox Jenkins in a thread of its own, for tests that use blocking clients."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import requests
from jenkins import Jenkins

from sandbox.images import Images
from sandbox.jenkins import JenkinsServer, shop
from sandbox.jenkins.job import Job

T = TypeVar("T")
PACE = 0.04
TRIGGER = "/job/web-build/buildWithParameters"
AUTH = (shop.SHIPMATE.name, shop.SHIPMATE.token)


class Running:
    """A started server and ways to use it."""

    def __init__(self, server: JenkinsServer, loop: asyncio.AbstractEventLoop) -> None:
        self.server = server
        self._loop = loop

    def client(self) -> Any:
        return Jenkins(self.server.url, *AUTH, timeout=10)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def call(self, function: Callable[[], T]) -> T:
        """Call a function in the server's loop."""

        async def work() -> T:
            return function()

        return self.do(work())

    def get(self, path: str, **more: Any) -> requests.Response:
        return requests.get(self.server.url + path, timeout=10, **({"auth": AUTH} | more))

    def post(self, path: str, **more: Any) -> requests.Response:
        settings: dict[str, Any] = {"auth": AUTH, "allow_redirects": False} | more
        return requests.post(self.server.url + path, timeout=10, **settings)

    def json(self, path: str) -> Any:
        return self.get(path).json()


@contextmanager
def running(jobs: tuple[Job, ...] = (), **settings: Any) -> Iterator[Running]:
    """The shop's jobs, unless others are given, at `PACE`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    chosen: dict[str, Any] = {"accounts": shop.ACCOUNTS, "pace": PACE} | settings
    server = JenkinsServer(jobs or shop.jobs(), Images(), **chosen)
    up = Running(server, loop)
    up.do(server.start())
    try:
        yield up
    finally:
        up.do(server.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def eventually(condition: Callable[[], T | None], within: float = 30.0) -> T:
    """The first true value of `condition`; fails when none comes within that many seconds."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "did not happen in time"
        pause.wait(0.01)


def trigger(up: Running, path: str = TRIGGER, **parameters: str) -> str:
    """Ask for a build; returns the path of its queue item."""
    answer = up.post(path, params=parameters)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"].removeprefix(up.server.url)


def left(up: Running, item: str) -> Any:
    return eventually(lambda: i if "executable" in (i := up.json(f"{item}api/json")) else None)
