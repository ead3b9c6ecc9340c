"""Modals, shortcuts and the events around them, with an unchanged slack_bolt app."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack import SlackServer
from tests.sandbox.slack_shop import bolt, client, connected, running_shop, until

Json = dict[str, Any]
MORE = {
    "type": "actions",
    "elements": [{"type": "button", "text": {"type": "plain_text", "text": "More"}, "action_id": "more"}],
}


def modal(callback_id: str, **fields: Any) -> Json:
    title, submit = ({"type": "plain_text", "text": text} for text in (callback_id, "Go"))
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": title,
        "submit": submit,
        "blocks": [MORE],
    } | fields


@pytest.fixture
def shop() -> Iterator[SlackServer]:
    with running_shop() as server:
        yield server


def opening(shop: SlackServer, view: Json) -> App:
    """An app whose global shortcut `open` shows `view`, and whose button pushes another one on top."""
    app = bolt(shop)

    @app.shortcut("open")
    def show(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.action("more")
    def push(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        client.views_push(trigger_id=body["trigger_id"], view=modal("more"))

    return app


def shown(shop: SlackServer) -> list[str]:
    """Callback ids of the engineer's open views, topmost last."""
    views = shop.call(shop.slack.snapshot, "engineer")["views"]
    return [view["callback_id"] for view in views]


def top(shop: SlackServer) -> str:
    return str(shop.call(shop.slack.snapshot, "engineer")["views"][-1]["id"])


def test_views_stack_three_deep(shop: SlackServer) -> None:
    app = opening(shop, modal("first"))
    refused: list[str] = []

    @app.error
    def remember(error: Exception) -> None:
        if isinstance(error, SlackApiError):
            refused.append(error.response["error"])

    with connected(shop, app):
        shop.call(shop.slack.shortcut, "engineer", "open")
        until(lambda: shown(shop) == ["first"])
        shop.call(shop.slack.press_view, "engineer", top(shop), "more")
        until(lambda: shown(shop) == ["first", "more"])
        shop.call(shop.slack.press_view, "engineer", top(shop), "more")
        until(lambda: shown(shop) == ["first", "more", "more"])
        shop.call(shop.slack.press_view, "engineer", top(shop), "more")
        until(lambda: refused)
    assert shown(shop) == ["first", "more", "more"]
    assert refused == ["push_limit_reached"]


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ({}, []),
        ({"response_action": "clear"}, []),
        ({"response_action": "update", "view": modal("second")}, ["second"]),
        ({"response_action": "push", "view": modal("second")}, ["first", "second"]),
    ],
)
def test_a_submission_is_answered_by_its_acknowledgement(
    shop: SlackServer, answer: Json, left: list[str]
) -> None:
    app = opening(shop, modal("first"))
    app.view("first")(lambda ack: ack(**answer))
    with connected(shop, app):
        shop.call(shop.slack.shortcut, "engineer", "open")
        until(lambda: shown(shop) == ["first"])
        shop.call(shop.slack.submit_view, "engineer", top(shop))
        until(lambda: shown(shop) == left)


def test_an_update_with_an_old_hash_is_refused(shop: SlackServer) -> None:
    with connected(shop, opening(shop, modal("first", external_id="one"))):
        shop.call(shop.slack.shortcut, "engineer", "open")
        until(lambda: shown(shop) == ["first"])
    web = client(shop)
    [view] = shop.call(shop.slack.snapshot, "engineer")["views"]
    web.views_update(external_id="one", view=modal("second"), hash=view["hash"])
    with pytest.raises(SlackApiError) as caught:
        web.views_update(view_id=view["id"], view=modal("third"), hash=view["hash"])
    assert caught.value.response["error"] == "hash_conflict"
    assert shown(shop) == ["second"]


def test_closing_a_view_is_told_if_the_app_wants_to_know(shop: SlackServer) -> None:
    app = opening(shop, modal("first", notify_on_close=True))
    closed: list[str] = []

    @app.view_closed("first")
    def note(ack: Ack, view: Json) -> None:
        ack()
        closed.append(view["callback_id"])

    with connected(shop, app):
        shop.call(shop.slack.shortcut, "engineer", "open")
        until(lambda: shown(shop) == ["first"])
        shop.call(shop.slack.close_view, "engineer", top(shop))
        until(lambda: closed)
    assert shown(shop) == []


def test_a_view_slack_would_refuse_is_not_shown(shop: SlackServer) -> None:
    changes: list[Json] = []
    shop.call(shop.slack.subscribe, changes.append, "engineer")
    app = opening(shop, modal("first"))
    title = {"type": "plain_text", "text": "x" * 25}
    app.view("first")(lambda ack: ack(response_action="update", view=modal("second", title=title)))
    with connected(shop, app):
        shop.call(shop.slack.shortcut, "engineer", "open")
        until(lambda: shown(shop) == ["first"])
        shop.call(shop.slack.submit_view, "engineer", top(shop))
        until(lambda: changes[-1]["type"] == "interaction_failed")
    assert shown(shop) == ["first"]
    assert changes[-1]["error"] == "invalid_arguments"


def test_a_message_shortcut_brings_the_message(shop: SlackServer) -> None:
    app = bolt(shop)
    brought: list[Json] = []

    @app.shortcut("rollback")
    def take(ack: Ack, shortcut: Json) -> None:
        ack()
        brought.append(shortcut)

    ts = str(client(shop).chat_postMessage(channel="C0WEB", text="web is live")["ts"])
    with connected(shop, app):
        shop.call(shop.slack.shortcut, "oncall", "rollback", "#web", ts)
        until(lambda: brought)
    assert brought[0]["message"]["text"] == "web is live"
    assert brought[0]["channel"]["id"] == "C0WEB"


def test_the_app_hears_itself_in_its_ims_and_must_tell_itself_apart(shop: SlackServer) -> None:
    web = client(shop)
    ts = str(web.chat_postMessage(channel="U0OPS", text="building")["ts"])
    web.chat_update(channel="D0OPS", ts=ts, text="built")
    posted, changed = [envelope.payload["event"] for envelope in shop.envelopes]
    assert posted["bot_id"] == "B0SHIPMATE"
    assert (changed["subtype"], changed["message"]["text"]) == ("message_changed", "built")
    assert changed["previous_message"]["text"] == "building"


def test_other_events_come_when_the_app_subscribed_to_them(shop: SlackServer) -> None:
    slack = shop.slack
    ts = shop.call(slack.say, "ops", "#web", "hello")
    slack.subscribed |= {"user_change", "reaction_added", "member_joined_channel"}
    shop.call(slack.add_person, "U0QA", "qa", "Quality", "qa@shop.example", restricted=True)
    shop.call(slack.react, "qa", "#web", ts, "eyes")
    shop.call(slack.invite, "guest", "#deploys")
    user, reaction, joined = [envelope.payload["event"] for envelope in shop.envelopes]
    assert (user["type"], user["user"]["is_restricted"]) == ("user_change", True)
    assert (reaction["reaction"], reaction["item"]["ts"]) == ("eyes", ts)
    assert (joined["user"], joined["channel"]) == ("U0GUEST", "C0DEPLOYS")
