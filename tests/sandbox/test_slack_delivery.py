"""Sockets and envelopes: who gets them, when again, and what happens when a connection goes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError
from slack_bolt import App
from slack_sdk import WebClient

from sandbox.slack import APP_TOKEN, SlackServer
from sandbox.slack.delivery import Envelope
from tests.sandbox.slack_shop import bolt, connected, running_shop, silent, until

Json = dict[str, Any]


@pytest.fixture
def shop() -> Iterator[SlackServer]:
    with running_shop() as server:
        yield server


def test_an_unacknowledged_event_is_delivered_three_times_more(shop: SlackServer) -> None:
    shop.delivery.ack_seconds, shop.delivery.retry_seconds = 0.05, (0.01, 0.01, 0.01)
    app, heard = silent(shop)
    with connected(shop, app):
        shop.call(shop.slack.say, "engineer", "#deploys", "@shipmate hi")
        until(lambda: len(heard) == 4)
        [envelope] = shop.envelopes
        until(lambda: envelope.error == "http_timeout")
    assert len({body["event_id"] for body in heard}) == 1
    assert len(envelope.sent) == 4
    assert envelope.acked is None


def test_an_acknowledged_event_can_still_come_twice(shop: SlackServer) -> None:
    app = bolt(shop)
    heard: list[str] = []

    @app.event("app_mention")
    def hear(body: Json) -> None:
        heard.append(body["event_id"])

    with connected(shop, app):
        shop.call(shop.slack.say, "engineer", "#deploys", "@shipmate hi")
        until(lambda: shop.envelopes[0].acked)
        shop.call(shop.delivery.send_again, shop.envelopes[0])
        until(lambda: len(heard) == 2)
    assert heard[0] == heard[1]


def test_an_event_waits_for_the_app_to_come_back(shop: SlackServer) -> None:
    shop.delivery.retry_seconds = (0.1, 0.2, 0.4)
    app = bolt(shop)
    heard: list[str] = []

    @app.event("app_mention")
    def hear(event: Json) -> None:
        heard.append(event["text"])

    shop.call(shop.slack.say, "engineer", "#deploys", "@shipmate are you there")
    until(lambda: shop.envelopes[0].error == "connection_failed")
    with connected(shop, app):
        until(lambda: heard)
    assert heard == ["<@U0SHIPMATE> are you there"]


@pytest.mark.parametrize("reason", ["refresh_requested", "link_disabled"])
def test_the_app_reconnects_when_slack_asks_it_to(shop: SlackServer, reason: str) -> None:
    app = bolt(shop)
    heard: list[str] = []

    @app.event("app_mention")
    def hear(event: Json) -> None:
        heard.append(event["text"])

    with connected(shop, app):
        [before] = shop.sockets.sockets
        shop.run(shop.disconnect(reason))
        until(lambda: shop.sockets.sockets and before not in shop.sockets.sockets)
        shop.call(shop.slack.say, "engineer", "#deploys", "@shipmate still there")
        until(lambda: heard)
    assert shop.api.calls["apps.connections.open"] == 2


def test_each_envelope_goes_to_one_of_several_sockets_in_turn(shop: SlackServer) -> None:
    heard: dict[str, list[str]] = {"first": [], "second": []}

    def app(name: str) -> App:
        listening = bolt(shop)
        listening.event("app_mention")(lambda event: heard[name].append(event["text"]))
        return listening

    with connected(shop, app("first")), connected(shop, app("second")):
        for number in range(6):
            shop.call(shop.slack.say, "engineer", "#deploys", f"@shipmate {number}")
        until(lambda: sum(len(texts) for texts in heard.values()) == 6)
    assert [len(texts) for texts in heard.values()] == [3, 3]


def test_two_hundred_events_at_once_are_all_acknowledged(shop: SlackServer) -> None:
    app = bolt(shop)
    app.event("app_mention")(lambda: None)

    def all_acked(envelopes: list[Envelope]) -> bool:
        return len(envelopes) == 200 and all(envelope.acked for envelope in envelopes)

    def say_all() -> None:
        for number in range(200):
            shop.slack.say("engineer", "#deploys", f"@shipmate {number}")

    with connected(shop, app):
        shop.call(say_all)
        until(lambda: all_acked(shop.envelopes))
    assert all(len(envelope.sent) == 1 for envelope in shop.envelopes)


def test_a_socket_says_hello_pings_and_takes_a_ticket_once(shop: SlackServer) -> None:
    shop.sockets.ping_seconds = 0.02
    address = WebClient(base_url=f"{shop.url}/api/").apps_connections_open(app_token=APP_TOKEN)["url"]

    async def talk() -> tuple[Json, WSMsgType]:
        async with ClientSession() as session, session.ws_connect(address, autoping=False) as socket:
            return await socket.receive_json(timeout=5), (await socket.receive(timeout=5)).type

    hello, then = asyncio.run(talk())
    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    assert hello["connection_info"] == {"app_id": "A0SHIPMATE"}
    assert then is WSMsgType.PING
    with pytest.raises(WSServerHandshakeError):
        asyncio.run(talk())
