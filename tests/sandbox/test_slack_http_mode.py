"""HTTP mode, judged by slack_bolt's own HTTP server and its signature check."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from slack_bolt import Ack, App, BoltRequest, BoltResponse
from slack_bolt.app.app import SlackAppDevelopmentServer

from sandbox.slack import SIGNING_SECRET, SlackServer
from tests.sandbox.slack_shop import bolt, running_shop, until

PATH = "/slack/events"


@pytest.fixture
def shop() -> Iterator[SlackServer]:
    with running_shop() as server:
        yield server


@contextmanager
def served(shop: SlackServer, app: App) -> Iterator[None]:
    """The app behind bolt's development server, and Slack told where it is."""
    server = SlackAppDevelopmentServer(port=0, path=PATH, app=app, http_server_logger_enabled=False)
    http = server._server
    shop.request_url = f"http://127.0.0.1:{http.server_address[1]}{PATH}"
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield
    finally:
        http.shutdown()
        http.server_close()
        thread.join(5)


def ephemerals(shop: SlackServer, person: str) -> list[str]:
    return [message["text"] for message in shop.call(shop.slack.snapshot, person)["ephemerals"]]


def test_a_signed_event_passes_bolts_check(shop: SlackServer) -> None:
    app = bolt(shop, signing_secret=SIGNING_SECRET)
    heard: list[str] = []
    app.event("app_mention")(lambda event: heard.append(event["text"]))
    with served(shop, app):
        shop.call(shop.slack.say, "engineer", "#deploys", "@shipmate <hi>")
        until(lambda: shop.envelopes[0].acked)
    assert heard == ["<@U0SHIPMATE> &lt;hi&gt;"]


def test_another_secret_is_refused_and_the_event_retried(shop: SlackServer) -> None:
    shop.delivery.retry_seconds = (0.01,)
    app = bolt(shop, signing_secret="another")
    with served(shop, app):
        shop.call(shop.slack.say, "engineer", "#deploys", "@shipmate hi")
        until(lambda: len(shop.envelopes[0].sent) == 2 and shop.envelopes[0].error)
    # the app answers before it has read the event: its 401 may get lost with the connection
    assert shop.envelopes[0].error in ("http_error", "connection_failed")
    assert shop.envelopes[0].acked is None


def test_retries_say_which_and_why(shop: SlackServer) -> None:
    shop.delivery.retry_seconds = (0.01, 0.01)
    app = bolt(shop, signing_secret=SIGNING_SECRET)
    numbers: list[list[Any]] = []

    @app.middleware
    def fail_twice(req: BoltRequest, next: Any) -> BoltResponse | None:  # noqa: A002 - bolt's name
        numbers.append([req.headers.get("x-slack-retry-num"), req.headers.get("x-slack-retry-reason")])
        return BoltResponse(status=500) if len(numbers) < 3 else next()

    app.event("app_mention")(lambda: None)
    with served(shop, app):
        shop.call(shop.slack.say, "engineer", "#deploys", "@shipmate hi")
        until(lambda: shop.envelopes[0].acked)
    assert numbers == [[None, None], [["1"], ["http_error"]], [["2"], ["http_error"]]]


def test_commands_and_buttons_are_forms(shop: SlackServer) -> None:
    app = bolt(shop, signing_secret=SIGNING_SECRET)
    pressed: list[str] = []
    button = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go", "value": "1"}

    @app.command("/ship")
    def ship(ack: Ack, command: dict[str, str]) -> None:
        ack(text=command["text"], blocks=[{"type": "actions", "elements": [button]}])

    @app.action("go")
    def go(ack: Ack, action: dict[str, str]) -> None:
        ack()
        pressed.append(action["value"])

    with served(shop, app):
        shop.call(shop.slack.slash, "qa", "#deploys", "/ship", "status & more")
        until(lambda: ephemerals(shop, "qa"))
        [ephemeral] = shop.slack.ephemerals.values()
        shop.call(shop.slack.press, "qa", "#deploys", ephemeral.ts, "go")
        until(lambda: pressed)
    assert ephemerals(shop, "qa") == ["status &amp; more"]


def test_a_slow_app_times_out(shop: SlackServer) -> None:
    shop.delivery.ack_seconds = 0.05
    app = bolt(shop, signing_secret=SIGNING_SECRET)
    late = threading.Event()

    @app.command("/ship")
    def ship(ack: Ack) -> None:
        late.wait(5)
        ack()

    with served(shop, app):
        shop.call(shop.slack.slash, "qa", "#deploys", "/ship", "help")
        until(lambda: ephemerals(shop, "qa"))
        late.set()
    assert ephemerals(shop, "qa") == ['/ship failed with the error "operation_timeout"']
