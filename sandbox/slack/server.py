"""Slack's servers on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from aiohttp import web

from sandbox.server import Server
from sandbox.slack.api import Api
from sandbox.slack.arguments import read
from sandbox.slack.delivery import Delivery, Envelope, Transport
from sandbox.slack.http_mode import HttpMode
from sandbox.slack.records import APP, SlackError
from sandbox.slack.socket_mode import SocketMode
from sandbox.slack.state import Slack

P = ParamSpec("P")
T = TypeVar("T")

BOT_TOKEN = "xoxb-sandbox"
APP_TOKEN = "xapp-sandbox"
SIGNING_SECRET = "sandbox-signing-secret"


class SlackServer(Server):
    """Web API under `/api/`, Socket Mode, response URLs, uploads; the workspace is `slack`.

    Socket Mode is in use until `request_url` is set; then everything is POSTed there, signed.
    """

    name = "slack"

    def __init__(self, host: str = "127.0.0.1", port: int = 0, pace: float = 1.0) -> None:
        super().__init__(host, port)
        self.sockets = SocketMode()
        self.http = HttpMode(SIGNING_SECRET)
        self.delivery = Delivery(lambda: self._transport, self.spawn, pace)
        self.slack = Slack(self.delivery.send)
        self.api = Api(self.slack, BOT_TOKEN, APP_TOKEN, self._socket_url)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.app.router.add_route("*", "/api/{method}", self.api.handle)
        self.app.router.add_get("/link/", self.sockets.connect)
        self.app.router.add_post("/{kind:commands|actions}/{team}/{number}/{key}", self._respond)
        self.app.router.add_post("/upload/v1/{file}", self._upload)
        self.app.router.add_get("/files-pri/{file}/{name:.+}", self._download)

    async def start(self) -> None:
        await super().start()
        self._loop = asyncio.get_running_loop()
        self.slack.url = self.url

    async def stop(self) -> None:
        await self.sockets.close()
        await super().stop()
        await self.http.close()

    @property
    def envelopes(self) -> list[Envelope]:
        """Everything sent to the app, oldest first, with the times it was sent and acknowledged."""
        return self.delivery.envelopes

    @property
    def limits(self) -> bool:
        """Whether Slack's documented rate limits hold (`sandbox.slack.rates`)."""
        return self.api.limits

    @limits.setter
    def limits(self, on: bool) -> None:
        self.api.limits = on

    @property
    def request_url(self) -> str | None:
        """HTTP mode: where the app listens (`http://127.0.0.1:3000/slack/events`); None: Socket Mode."""
        return self.http.url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self.http.url = url

    @property
    def signing_secret(self) -> str:
        return self.http.signing_secret

    @signing_secret.setter
    def signing_secret(self, secret: str) -> None:
        self.http.signing_secret = secret

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Send `disconnect` to every socket; all but a warning close it."""
        await self.sockets.disconnect(reason)

    def call(self, do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `do` in the server's event loop, from another thread: `server.call(server.slack.say, ...)`."""

        async def run() -> T:
            return do(*args, **kwargs)

        return self.run(run())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Await `work` in the server's event loop, from another thread: `server.run(server.disconnect())`."""
        assert self._loop is not None, "start() first"
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    @property
    def _transport(self) -> Transport:
        return self.http if self.http.url else self.sockets

    def _socket_url(self) -> str:
        return f"ws://{self.host}:{self.port}/link/?ticket={self.sockets.ticket()}&app_id={APP}"

    async def _respond(self, request: web.Request) -> web.Response:
        try:
            body = (await read(request)).given
            self.slack.responses.answer(request.match_info["key"], body)
        except SlackError as error:
            gone = error.code in ("no_service", "expired_url", "used_url")
            return web.json_response(error.json(), status=404 if gone else 400)
        return web.Response(text="ok")

    async def _upload(self, request: web.Request) -> web.Response:
        file = self.slack.files.get(request.match_info["file"])
        if file is None:
            raise web.HTTPNotFound
        file.data = await _body(request)
        if len(file.data) != file.length:
            return web.Response(status=400, text="length does not match")
        return web.Response(text=f"OK - {file.length}")

    async def _download(self, request: web.Request) -> web.Response:
        file = self.slack.files.get(request.match_info["file"].partition("-")[2])
        if file is None:
            raise web.HTTPNotFound
        return web.Response(body=file.data, content_type=file.json(self.url)["mimetype"])


async def _body(request: web.Request) -> bytes:
    """The raw body, or the `file` part of a form (both are documented)."""
    if request.content_type != "multipart/form-data":
        return await request.read()
    part = (await request.post()).get("file")
    return part.file.read() if isinstance(part, web.FileField) else b""
