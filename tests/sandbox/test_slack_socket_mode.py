"""Socket Mode, judged by an unchanged slack_bolt app on its builtin client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt import Ack, Respond, Say
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack import SlackServer
from tests.sandbox.slack_shop import bolt, client, connected, messages, running_shop, silent, texts, until

Json = dict[str, Any]
BUTTONS = [
    {
        "type": "actions",
        "block_id": "choice",
        "elements": [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": place},
                "action_id": place,
                "value": place,
            }
            for place in ("dev", "trunk")
        ],
    }
]
MODAL = {
    "type": "modal",
    "callback_id": "deploy",
    "title": {"type": "plain_text", "text": "Deploy"},
    "submit": {"type": "plain_text", "text": "Go"},
    "blocks": [
        {
            "type": "input",
            "block_id": "ref",
            "label": {"type": "plain_text", "text": "Ref"},
            "element": {"type": "plain_text_input", "action_id": "typed"},
        }
    ],
}


@pytest.fixture
def shop() -> Iterator[SlackServer]:
    with running_shop() as server:
        yield server


def ephemerals(shop: SlackServer, person: str) -> list[str]:
    return [message["text"] for message in shop.call(shop.slack.snapshot, person)["ephemerals"]]


def test_a_mention_is_heard_and_answered_in_its_thread(shop: SlackServer) -> None:
    app = bolt(shop)

    @app.event("app_mention")
    def answer(event: Json, say: Say) -> None:
        say(text=f"heard: {event['text']}", thread_ts=event["ts"])

    with connected(shop, app):
        ts = shop.call(shop.slack.say, "engineer", "#deploys", "@shipmate deploy web")
        until(lambda: len(messages(shop)) == 2 and shop.envelopes[0].acked is not None)
    reply = messages(shop)[1]
    assert (reply.text, reply.thread_ts) == ("heard: <@U0SHIPMATE> deploy web", ts)
    [envelope] = shop.envelopes
    assert envelope.acked is not None
    assert envelope.sent[0] <= envelope.acked


def test_events_carry_what_slack_sends(shop: SlackServer) -> None:
    shop.call(shop.slack.add_person, "U0PARTNER", "partner", "Partner", "p@other.example", team="T0OTHER")
    shop.call(shop.slack.invite, "partner", "#web")
    shop.call(shop.slack.say, "partner", "#web", "@shipmate hi")
    shop.call(lambda: shop.slack.say("ops", shop.slack.dm("ops"), "help"))
    shop.call(shop.slack.say, "ops", "#web", "nothing for the app")
    mention, direct = [envelope.payload for envelope in shop.envelopes]
    assert mention["is_ext_shared_channel"] is True
    assert mention["event"]["user_team"] == "T0OTHER"
    assert mention["event"]["type"] == "app_mention"
    assert (direct["event"]["type"], direct["event"]["channel_type"]) == ("message", "im")
    assert {"client_msg_id", "ts", "event_ts", "team", "user", "text"} <= direct["event"].keys()
    assert mention["event_id"] != direct["event_id"]


def test_a_subscribed_channel_is_heard_whole(shop: SlackServer) -> None:
    shop.slack.subscribed.add("message.channels")
    shop.call(shop.slack.say, "ops", "#web", "@shipmate hi")
    shop.call(shop.slack.say, "ops", "#attic", "the app is not in here")
    kinds = [envelope.payload["event"]["type"] for envelope in shop.envelopes]
    assert kinds == ["message", "app_mention"]


@pytest.mark.parametrize(
    ("answer", "seen_by_qa", "seen_by_all"),
    [
        ({"text": "on it"}, ["on it"], []),
        ({"text": "on it", "response_type": "in_channel"}, [], ["on it"]),
    ],
)
def test_a_command_is_answered_by_its_acknowledgement(
    shop: SlackServer, answer: Json, seen_by_qa: list[str], seen_by_all: list[str]
) -> None:
    app = bolt(shop)
    commands: list[Json] = []

    @app.command("/ship")
    def ship(command: Json, ack: Ack) -> None:
        commands.append(command)
        ack(**answer)

    with connected(shop, app):
        shop.call(shop.slack.slash, "qa", "#deploys", "/ship", "status web")
        until(lambda: ephemerals(shop, "qa") or texts(shop))
    assert (ephemerals(shop, "qa"), texts(shop)) == (seen_by_qa, seen_by_all)
    assert (commands[0]["text"], commands[0]["channel_name"]) == ("status web", "deploys")


def test_a_command_nobody_acknowledges_fails_where_the_person_sees_it(shop: SlackServer) -> None:
    shop.delivery.ack_seconds = 0.05
    app, heard = silent(shop)
    with connected(shop, app):
        shop.call(shop.slack.slash, "qa", "#deploys", "/ship", "help")
        until(lambda: ephemerals(shop, "qa") and heard)
    assert ephemerals(shop, "qa") == ['/ship failed with the error "operation_timeout"']
    assert len(heard) == 1


def test_a_command_fails_at_once_when_the_app_is_away(shop: SlackServer) -> None:
    shop.call(shop.slack.slash, "qa", "#deploys", "/ship", "help")
    until(lambda: ephemerals(shop, "qa"))
    assert ephemerals(shop, "qa") == ['/ship failed with the error "dispatch_failed"']


def test_a_command_is_answered_later_through_its_response_url(shop: SlackServer) -> None:
    app = bolt(shop)
    refused: list[tuple[int, str]] = []

    @app.command("/ship")
    def ship(ack: Ack, respond: Respond) -> None:
        ack()
        for number in range(6):
            answer = respond(text=str(number), response_type="in_channel" if number else "ephemeral")
            if answer.status_code != 200:
                refused.append((answer.status_code, answer.body))

    with connected(shop, app):
        shop.call(shop.slack.slash, "qa", "#deploys", "/ship", "help")
        until(lambda: refused)
    assert (ephemerals(shop, "qa"), texts(shop)) == (["0"], ["1", "2", "3", "4"])
    assert refused[0][0] == 404
    assert "used_url" in refused[0][1]


def test_a_response_url_expires(shop: SlackServer) -> None:
    shop.slack.responses.seconds = 0.0
    app = bolt(shop)
    statuses: list[int] = []

    @app.command("/ship")
    def ship(ack: Ack, respond: Respond) -> None:
        ack()
        statuses.append(respond("late").status_code)

    with connected(shop, app):
        shop.call(shop.slack.slash, "qa", "#deploys", "/ship", "help")
        until(lambda: statuses)
    assert statuses == [404]


def test_a_pressed_button_updates_its_message(shop: SlackServer) -> None:
    app = bolt(shop)
    pressed: list[Json] = []

    @app.action("trunk")
    def press(body: Json, action: Json, ack: Ack, client: WebClient) -> None:
        ack()
        pressed.append(body)
        text = f"{action['value']} it is"
        client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text=text, blocks=[])

    ts = client(shop).chat_postMessage(channel="C0DEPLOYS", text="where?", blocks=BUTTONS)["ts"]
    with connected(shop, app):
        shop.call(shop.slack.press, "oncall", "#deploys", ts, "trunk")
        until(lambda: texts(shop) == ["trunk it is"])
    assert pressed[0]["user"]["id"] == "U0ONCALL"
    assert pressed[0]["actions"][0]["block_id"] == "choice"
    assert pressed[0]["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": "C0DEPLOYS",
        "is_ephemeral": False,
    }


def test_an_ephemeral_with_buttons_is_replaced_and_deleted(shop: SlackServer) -> None:
    app = bolt(shop)

    @app.action("dev")
    def replace(ack: Ack, respond: Respond) -> None:
        ack()
        respond(text="sure?", blocks=BUTTONS, replace_original=True)

    @app.action("trunk")
    def remove(ack: Ack, respond: Respond) -> None:
        ack()
        respond(delete_original=True)

    shown: Json = {"channel": "C0DEPLOYS", "user": "U0QA", "text": "where?", "blocks": BUTTONS}
    ts = str(client(shop).chat_postEphemeral(**shown)["message_ts"])
    with connected(shop, app):
        shop.call(shop.slack.press, "qa", "#deploys", ts, "dev")
        until(lambda: ephemerals(shop, "qa") == ["sure?"])
        shop.call(shop.slack.press, "qa", "#deploys", ts, "trunk")
        until(lambda: ephemerals(shop, "qa") == [])
    with pytest.raises(LookupError):
        shop.call(shop.slack.press, "qa", "#deploys", ts, "trunk")


def test_a_modal_is_opened_corrected_and_submitted(shop: SlackServer) -> None:
    app = bolt(shop)
    submitted: list[str] = []
    refused: list[str] = []

    @app.command("/ship")
    def ship(ack: Ack, client: WebClient, command: Json) -> None:
        ack()
        client.views_open(trigger_id=command["trigger_id"], view=MODAL)
        try:
            client.views_open(trigger_id=command["trigger_id"], view=MODAL)
        except SlackApiError as again:
            refused.append(again.response["error"])

    @app.view("deploy")
    def submit(ack: Ack, view: Json) -> None:
        ref = view["state"]["values"]["ref"]["typed"]["value"]
        if ref is None:
            ack(response_action="errors", errors={"ref": "Which one?"})
        else:
            submitted.append(ref)
            ack()

    changes: list[Json] = []
    shop.call(shop.slack.subscribe, changes.append, "qa")
    with connected(shop, app):
        shop.call(shop.slack.slash, "qa", "#deploys", "/ship", "deploy")
        until(lambda: refused)
        [view] = shop.slack.views["U0QA"]
        shop.call(shop.slack.submit_view, "qa", view.id)
        until(lambda: changes[-1]["type"] == "view_errors")
        filled = {"ref": {"typed": {"type": "plain_text_input", "value": "r1841"}}}
        shop.call(shop.slack.submit_view, "qa", view.id, filled)
        until(lambda: shop.slack.views["U0QA"] == [])
    assert submitted == ["r1841"]
    assert refused == ["exchanged_trigger_id"]
    assert changes[-2]["errors"] == {"ref": "Which one?"}


def test_an_expired_trigger_opens_nothing(shop: SlackServer) -> None:
    shop.slack.modals.trigger_seconds = -1.0
    qa = shop.slack.person("qa")
    trigger = shop.call(shop.slack.modals.trigger, qa)
    with pytest.raises(SlackApiError) as caught:
        client(shop).views_open(trigger_id=trigger, view=MODAL)
    assert caught.value.response["error"] == "expired_trigger_id"


def test_the_home_is_published_when_it_is_opened(shop: SlackServer) -> None:
    app = bolt(shop)

    @app.event("app_home_opened")
    def publish(event: Json, client: WebClient) -> None:
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [{"type": "divider"}]})

    with connected(shop, app):
        shop.call(shop.slack.open_home, "ops")
        home = until(lambda: shop.call(shop.slack.snapshot, "ops")["home"])
    assert home["blocks"][0]["type"] == "divider"
