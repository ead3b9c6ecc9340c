"""What the chat page reads: snapshots and changes, each person their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.slack import SlackServer
from tests.sandbox.slack_shop import client, running_shop, until

Json = dict[str, Any]
SELECT: Json = {
    "type": "static_select",
    "action_id": "where",
    "placeholder": {"type": "plain_text", "text": "Where?"},
    "options": [{"text": {"type": "plain_text", "text": "Trunk"}, "value": "trunk"}],
}


@pytest.fixture
def shop() -> Iterator[SlackServer]:
    with running_shop() as server:
        yield server


def test_a_snapshot_holds_what_the_person_may_see(shop: SlackServer) -> None:
    web = client(shop)
    web.chat_postMessage(channel="C0DEPLOYS", text="not for guests")
    web.chat_postMessage(channel="U0OPS", text="only for ops")
    web.chat_postMessage(channel="C0WEB", text="for all")
    guest = shop.call(shop.slack.snapshot, "guest")
    json.dumps(guest)
    assert [channel["id"] for channel in guest["channels"]] == ["C0WEB", "D0GUEST"]
    assert [message["text"] for message in guest["messages"]["C0WEB"]] == ["for all"]
    assert set(guest["messages"]) == {"C0WEB", "D0GUEST"}
    assert guest["me"]["is_restricted"] is True


def test_changes_come_in_order_and_only_to_those_who_may_see_them(shop: SlackServer) -> None:
    engineer: list[Json] = []
    guest: list[Json] = []
    end = shop.call(shop.slack.subscribe, engineer.append, "engineer")
    shop.call(shop.slack.subscribe, guest.append, "guest")
    web = client(shop)
    ts = str(web.chat_postMessage(channel="C0DEPLOYS", text="building")["ts"])
    web.chat_update(channel="C0DEPLOYS", ts=ts, text="built")
    web.chat_postMessage(channel="C0DEPLOYS", text="done", thread_ts=ts)
    web.chat_postEphemeral(channel="C0DEPLOYS", user="U0QA", text="for qa")
    web.chat_delete(channel="C0DEPLOYS", ts=ts)
    shop.call(end)
    web.chat_postMessage(channel="C0DEPLOYS", text="unheard")
    json.dumps(engineer)
    assert [change["type"] for change in engineer] == [
        "message",
        "message_changed",
        "message",
        "message_changed",
        "message_deleted",
    ]
    assert engineer[3]["message"]["reply_count"] == 1
    assert [change["seq"] for change in engineer] == sorted({change["seq"] for change in engineer})
    assert guest == []


def test_a_chosen_option_and_the_forms_state_reach_the_app(shop: SlackServer) -> None:
    typed = {"type": "plain_text_input", "action_id": "ref", "initial_value": "HEAD"}
    label = {"type": "plain_text", "text": "Ref"}
    blocks: list[Json] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "Where?"}, "accessory": SELECT},
        {"type": "input", "block_id": "ref", "label": label, "element": typed},
    ]
    ts = str(client(shop).chat_postMessage(channel="C0WEB", text="?", blocks=blocks)["ts"])
    shop.call(shop.slack.press, "guest", "#web", ts, "where", selected_option="trunk")
    [envelope] = shop.envelopes
    assert envelope.payload["actions"][0]["selected_option"] == SELECT["options"][0]
    assert envelope.payload["state"]["values"]["ref"]["ref"]["value"] == "HEAD"


def test_a_person_is_told_when_the_app_did_not_acknowledge(shop: SlackServer) -> None:
    changes: list[Json] = []
    shop.call(shop.slack.subscribe, changes.append, "guest")
    blocks = [{"type": "actions", "elements": [SELECT]}]
    ts = str(client(shop).chat_postMessage(channel="C0WEB", text="?", blocks=blocks)["ts"])
    shop.call(shop.slack.press, "guest", "#web", ts, "where", selected_option="trunk")
    failed = until(lambda: [change for change in changes if change["type"] == "interaction_failed"])
    assert (failed[0]["person"], failed[0]["channel"], failed[0]["error"]) == (
        "U0GUEST",
        "C0WEB",
        "dispatch_failed",
    )


def test_acts_slacks_client_would_not_offer(shop: SlackServer) -> None:
    slack = shop.slack
    ts = shop.call(slack.say, "ops", "#web", "hello")
    with pytest.raises(LookupError):
        shop.call(slack.say, "guest", "#deploys", "let me in")
    with pytest.raises(LookupError):
        shop.call(slack.press, "guest", "#web", ts, "no-such-button")
    with pytest.raises(LookupError):
        shop.call(slack.slash, "guest", "#web", "/other", "")
    with pytest.raises(KeyError):
        shop.call(slack.say, "stranger", "#web", "hello")
    assert shop.envelopes == []


def test_a_mention_of_an_app_outside_the_channel_is_not_heard(shop: SlackServer) -> None:
    shop.call(shop.slack.say, "ops", "#attic", "@shipmate hello")
    assert shop.envelopes == []
    shop.call(shop.slack.invite, "shipmate", "#attic")
    shop.call(shop.slack.say, "ops", "#attic", "@shipmate hello")
    assert [envelope.payload["event"]["channel"] for envelope in shop.envelopes] == ["C0ATTIC"]
