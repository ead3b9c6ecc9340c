"""The sandbox's Slack with the sample shop's people, and real clients talking to it."""

from __future__ import annotations

import asyncio
import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from sandbox.slack import APP_TOKEN, BOT_TOKEN, SlackServer
from sandbox.slack.records import Message

T = TypeVar("T")

PEOPLE = ("engineer", "qa", "oncall", "ops")


@contextmanager
def running_shop() -> Iterator[SlackServer]:
    """A server in a thread's event loop: #deploys and #web with everybody, and a guest in #web only."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = SlackServer()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(5)
    server.call(_fill, server)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def _fill(server: SlackServer) -> None:
    slack = server.slack
    for name in PEOPLE:
        slack.add_person(f"U0{name.upper()}", name, name.title(), f"{name}@shop.example")
    slack.add_person("U0GUEST", "guest", "Guest", "guest@shop.example", restricted=True)
    slack.add_channel("deploys", PEOPLE)
    slack.add_channel("web", [*PEOPLE, "guest"])
    slack.add_channel("attic", PEOPLE, bot=False)
    slack.add_group("release", ["ops", "oncall"])


def client(server: SlackServer) -> WebClient:
    return WebClient(token=BOT_TOKEN, base_url=f"{server.url}/api/")


def bolt(server: SlackServer, **options: Any) -> App:
    return App(client=client(server), process_before_response=True, **options)


def silent(shop: SlackServer) -> tuple[App, list[dict[str, Any]]]:
    """An app that hears everything and acknowledges nothing."""
    app = bolt(shop)
    heard: list[dict[str, Any]] = []

    @app.middleware
    def remember(
        body: dict[str, Any],
    ) -> None:  # never calls next(): bolt answers 404 and the socket gets no ack
        heard.append(body)

    return app, heard


@contextmanager
def connected(server: SlackServer, app: App) -> Iterator[SocketModeHandler]:
    """The app on a socket until the end of the block; reconnects within 0.2 s."""
    handler = SocketModeHandler(
        app, APP_TOKEN, web_client=WebClient(base_url=f"{server.url}/api/"), ping_interval=0.2
    )
    before = len(server.sockets.sockets)
    handler.connect()  # type: ignore[no-untyped-call] # slack_bolt leaves it so
    try:
        until(lambda: len(server.sockets.sockets) > before)
        yield handler
    finally:
        _close(server, handler)


def _close(server: SlackServer, handler: SocketModeHandler) -> None:
    """`handler.close()` without its waits: up to 3 s for bytes to receive, up to 1 s for a message."""
    closing = threading.Thread(target=handler.close)

    def ended() -> bool:
        handler.client.message_queue.put("{}")
        return not closing.is_alive()

    handler.client.auto_reconnect_enabled = handler.client.default_auto_reconnect_enabled = False
    server.run(server.sockets.close())
    until(lambda: not handler.client.is_connected())
    closing.start()
    until(ended)


def messages(server: SlackServer, channel: str = "#deploys") -> list[Message]:
    """The channel's messages, replies included, oldest first."""

    def read() -> list[Message]:
        return list(server.slack.messages.get(server.slack.channel(channel).id, {}).values())

    return server.call(read)


def fetch(
    server: SlackServer, method: str, url: str, body: bytes | None = None, **headers: str
) -> tuple[int, bytes]:
    """Status and body of one plain HTTP request; `content_type=` is the header Content-Type."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=5)
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    connection.request(method, url.removeprefix(server.url), body, named)
    answer = connection.getresponse()
    try:
        return answer.status, answer.read()
    finally:
        connection.close()


def texts(server: SlackServer, channel: str = "#deploys") -> list[str]:
    return [message.text for message in messages(server, channel)]


def until(condition: Callable[[], T], seconds: float = 5.0) -> T:
    """The condition's value as soon as it is true; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        pause.wait(0.005)
    return value
