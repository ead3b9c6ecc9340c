"""A browser's view of the chat page, without a browser: an HTTP client and the servers behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import aiohttp

from sandbox.page.server import PageServer
from sandbox.pipeline import Pipeline
from sandbox.server import Server
from sandbox.slack import Slack, SlackServer

Json = dict[str, Any]


@dataclass
class Browser:
    """A page server with its neighbours, and somebody's HTTP client."""

    page: PageServer
    shop: SlackServer
    other: Server
    http: aiohttp.ClientSession

    @property
    def slack(self) -> Slack:
        return self.shop.slack

    def url(self, path: str) -> str:
        return urljoin(self.page.url, path)

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        async with self.http.get(self.url(path), headers=headers) as answer:
            return answer.status, await answer.text()

    async def json(self, path: str) -> Any:
        async with self.http.get(self.url(path)) as answer:
            assert answer.status == 200
            return await answer.json()

    async def post(self, path: str, body: object, **headers: str) -> tuple[int, Json]:
        async with self.http.post(self.url(path), json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    @asynccontextmanager
    async def live(self, person: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        async with self.http.ws_connect(self.url(f"/api/live?as={person}")) as socket:
            yield socket


async def hear(socket: aiohttp.ClientWebSocketResponse, kind: str = "") -> Json:
    """The next event, or the next of one type."""
    while True:
        event: Json = await asyncio.wait_for(socket.receive_json(), 5)
        if not kind or event["type"] == kind:
            return event


Story = Callable[[Browser], Awaitable[None]]


def in_a_browser(story: Story) -> Callable[[], None]:
    """Make an async story a test, with servers of its own."""

    async def tell() -> None:
        shop, other = SlackServer(), Server()
        slack = shop.slack
        for name in ("engineer", "qa"):
            slack.add_person(f"U0{name.upper()}", name, name.title(), f"{name}@shop.example")
        slack.add_channel("deploys", ["engineer", "qa"])
        slack.add_channel("web", ["engineer"])
        commands = [("deploy <project>", "Ship it.")]
        page = PageServer(
            slack, {"slack": shop, "jenkins": other}, commands=commands, pipeline=Pipeline(lambda _line: None)
        )
        running = [shop, other, page]
        await asyncio.gather(*(server.start() for server in running))
        try:
            async with aiohttp.ClientSession() as http:
                await story(Browser(page, shop, other, http))
        finally:
            await asyncio.gather(*(server.stop() for server in running))

    def test() -> None:
        asyncio.run(tell())

    return test
