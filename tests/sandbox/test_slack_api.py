"""The Web API, judged by slack_sdk's own client."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from sandbox.server import Fault
from sandbox.slack import APP_TOKEN, SlackServer
from tests.sandbox.slack_shop import client, fetch, messages, running_shop, texts

BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go"}


@pytest.fixture
def shop() -> Iterator[SlackServer]:
    with running_shop() as server:
        yield server


def error(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def test_who_the_token_is(shop: SlackServer) -> None:
    answer = client(shop).auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == ("U0SHIPMATE", "B0SHIPMATE", "T0SHOP")


@pytest.mark.parametrize(
    ("token", "code"),
    [("", "not_authed"), ("xoxb-other", "invalid_auth"), (APP_TOKEN, "not_allowed_token_type")],
)
def test_a_wrong_token_is_refused(shop: SlackServer, token: str, code: str) -> None:
    web = WebClient(token=token, base_url=f"{shop.url}/api/")
    assert error(web.auth_test) == code


def test_a_message_is_posted_updated_and_deleted_and_its_history_kept(shop: SlackServer) -> None:
    web = client(shop)
    sent = web.chat_postMessage(channel="#deploys", text="building")
    [message] = messages(shop)
    web.chat_update(channel=sent["channel"], ts=sent["ts"], text="built")
    web.chat_delete(channel=sent["channel"], ts=sent["ts"])
    assert [(one.kind, one.text) for one in message.revisions] == [
        ("posted", "building"),
        ("updated", "built"),
        ("deleted", "built"),
    ]
    assert [one.at for one in message.revisions] == sorted(one.at for one in message.revisions)
    assert messages(shop) == []


def test_an_update_keeps_what_it_does_not_name(shop: SlackServer) -> None:
    web = client(shop)
    blocks = [{"type": "actions", "elements": [BUTTON]}]
    sent = web.chat_postMessage(channel="C0DEPLOYS", text="go?", blocks=blocks)
    web.chat_update(channel="C0DEPLOYS", ts=sent["ts"], text="gone")
    [kept] = messages(shop)
    assert kept.blocks[0]["elements"] == [BUTTON]
    web.chat_update(channel="C0DEPLOYS", ts=sent["ts"], text="gone", blocks=[])
    assert messages(shop)[0].blocks == []


def test_threads_and_metadata_come_back(shop: SlackServer) -> None:
    web = client(shop)
    metadata = {"event_type": "operation", "event_payload": {"id": "k7f3"}}
    root = web.chat_postMessage(channel="C0DEPLOYS", text="deploying", metadata=metadata)
    for text in ("one", "two"):
        web.chat_postMessage(channel="C0DEPLOYS", text=text, thread_ts=root["ts"])
    thread = web.conversations_replies(channel="C0DEPLOYS", ts=root["ts"], include_all_metadata=True)
    assert [message["text"] for message in thread["messages"]] == ["deploying", "one", "two"]
    assert thread["messages"][0]["reply_count"] == 2
    assert thread["messages"][0]["metadata"] == metadata
    history = web.conversations_history(channel="C0DEPLOYS")
    assert [message["text"] for message in history["messages"]] == ["deploying"]
    assert "metadata" not in history["messages"][0]


def test_history_is_read_page_by_page_newest_first(shop: SlackServer) -> None:
    web = client(shop)
    for number in range(5):
        web.chat_postMessage(channel="C0DEPLOYS", text=str(number))
    pages = [page["messages"] for page in web.conversations_history(channel="C0DEPLOYS", limit=2)]
    assert [[message["text"] for message in page] for page in pages] == [["4", "3"], ["2", "1"], ["0"]]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ({"channel": "C0ATTIC", "text": "x"}, "not_in_channel"),
        ({"channel": "C0DEPLOYS", "text": ""}, "no_text"),
        ({"channel": "C0DEPLOYS", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "C0DEPLOYS", "text": "x", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"channel": "C0DEPLOYS", "text": "x", "blocks": "[not json"}, "invalid_blocks_format"),
        ({"channel": "C0DEPLOYS", "text": "x", "thread_ts": "1.0"}, "thread_not_found"),
    ],
)
def test_a_message_slack_would_refuse(shop: SlackServer, arguments: dict[str, Any], code: str) -> None:
    assert error(client(shop).chat_postMessage, **arguments) == code
    assert messages(shop) == []


def test_an_archived_channel_takes_no_message(shop: SlackServer) -> None:
    shop.call(shop.slack.archive, "#deploys")
    assert error(client(shop).chat_postMessage, channel="C0DEPLOYS", text="x") == "is_archived"


def test_refused_blocks_are_named(shop: SlackServer) -> None:
    header = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    with pytest.raises(SlackApiError) as caught:
        client(shop).chat_postMessage(channel="C0DEPLOYS", text="x", blocks=[header])
    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    ]


def test_updates_slack_would_refuse(shop: SlackServer) -> None:
    web = client(shop)
    theirs = shop.call(shop.slack.say, "engineer", "#deploys", "hello")
    ours = web.chat_postMessage(channel="C0DEPLOYS", text="x")["ts"]
    assert error(web.chat_update, channel="C0DEPLOYS", ts=theirs, text="y") == "cant_update_message"
    assert error(web.chat_delete, channel="C0DEPLOYS", ts=theirs) == "cant_delete_message"
    assert error(web.chat_update, channel="C0DEPLOYS", ts="1.0", text="y") == "message_not_found"
    assert error(web.chat_update, channel="C0DEPLOYS", ts=ours, text="é" * 2001) == "msg_too_long"


def test_an_ephemeral_is_seen_by_one_person_only(shop: SlackServer) -> None:
    client(shop).chat_postEphemeral(channel="C0DEPLOYS", user="U0QA", text="for you")
    seen = {name: shop.call(shop.slack.snapshot, name)["ephemerals"] for name in ("qa", "ops")}
    assert [message["text"] for message in seen["qa"]] == ["for you"]
    assert seen["ops"] == []
    guest = {"channel": "C0DEPLOYS", "user": "U0GUEST", "text": "x"}
    assert error(client(shop).chat_postEphemeral, **guest) == "user_not_in_channel"


def test_a_file_is_uploaded_into_a_thread(shop: SlackServer) -> None:
    web = client(shop)
    root = web.chat_postMessage(channel="C0DEPLOYS", text="failed")["ts"]
    web.files_upload_v2(
        channel="C0DEPLOYS", thread_ts=root, content="BUILD FAILED\n", filename="console.txt", title="Console"
    )
    reply = messages(shop)[0].replies[0]
    assert (reply.subtype, reply.files[0]["title"]) == ("file_share", "Console")
    assert reply.files[0]["preview"] == "BUILD FAILED\n"
    assert fetch(shop, "GET", reply.files[0]["url_private"]) == (200, b"BUILD FAILED\n")


def test_people_groups_and_channels_are_found(shop: SlackServer) -> None:
    web = client(shop)
    assert web.users_lookupByEmail(email="OPS@shop.example")["user"]["id"] == "U0OPS"
    assert web.users_info(user="U0GUEST")["user"]["is_restricted"] is True
    assert {person["name"] for person in web.users_list()["members"]} >= {"engineer", "shipmate"}
    [group] = web.usergroups_list(include_users=True)["usergroups"]
    assert (group["handle"], group["users"]) == ("release", ["U0OPS", "U0ONCALL"])
    assert web.usergroups_users_list(usergroup=group["id"])["users"] == group["users"]
    names = {channel["name"]: channel["is_member"] for channel in web.conversations_list()["channels"]}
    assert names == {"deploys": True, "web": True, "attic": False}
    assert "U0GUEST" in web.conversations_members(channel="C0WEB")["members"]
    assert web.conversations_info(channel="C0WEB")["channel"]["name"] == "web"
    assert web.bots_info(bot="B0SHIPMATE")["bot"]["user_id"] == "U0SHIPMATE"


def test_who_is_not_there(shop: SlackServer) -> None:
    web = client(shop)
    assert error(web.users_info, user="U0NOBODY") == "user_not_found"
    assert error(web.users_lookupByEmail, email="nobody@shop.example") == "users_not_found"
    assert error(web.usergroups_users_list, usergroup="S0NONE") == "no_such_subteam"


def test_an_im_is_opened_and_a_link_made(shop: SlackServer) -> None:
    web = client(shop)
    channel = web.conversations_open(users="U0OPS")["channel"]["id"]
    sent = web.chat_postMessage(channel="U0OPS", text="alert")
    assert sent["channel"] == channel == "D0OPS"
    link = web.chat_getPermalink(channel=channel, message_ts=sent["ts"])["permalink"]
    assert link == f"{shop.url}/archives/D0OPS/p{sent['ts'].replace('.', '')}"


def test_a_reaction_is_added_once(shop: SlackServer) -> None:
    web = client(shop)
    ts = shop.call(shop.slack.say, "engineer", "#deploys", "thanks")
    web.reactions_add(channel="C0DEPLOYS", timestamp=ts, name="tada")
    arguments = {"channel": "C0DEPLOYS", "timestamp": ts, "name": "tada"}
    assert error(web.reactions_add, **arguments) == "already_reacted"
    assert messages(shop)[0].reactions == {"tada": ["U0SHIPMATE"]}


def test_the_rate_limit_is_per_channel_and_names_the_wait(shop: SlackServer) -> None:
    shop.limits = True
    web = client(shop)
    for number in range(5):
        web.chat_postMessage(channel="C0DEPLOYS", text=str(number))
    with pytest.raises(SlackApiError) as caught:
        web.chat_postMessage(channel="C0DEPLOYS", text="too many")
    assert caught.value.response.status_code == 429
    assert caught.value.response["error"] == "ratelimited"
    assert caught.value.response.headers["Retry-After"] == "1"
    assert len(messages(shop)) == 5
    web.chat_postMessage(channel="C0WEB", text="another channel is free")


def test_slack_sdks_own_retry_outlasts_the_limit(shop: SlackServer) -> None:
    shop.limits = True
    web = client(shop)
    web.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    for number in range(6):
        web.chat_postMessage(channel="C0DEPLOYS", text=str(number))
    assert texts(shop) == ["0", "1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (
            "application/x-www-form-urlencoded",
            "channel=C0DEPLOYS&text=a+b&blocks=%5B%7B%22type%22%3A%22divider%22%7D%5D",
        ),
        ("application/json", '{"channel": "C0DEPLOYS", "text": "a b", "blocks": [{"type": "divider"}]}'),
    ],
)
def test_json_and_forms_are_both_read(shop: SlackServer, kind: str, body: str) -> None:
    path = "/api/chat.postMessage"
    status, answer = fetch(
        shop, "POST", path, body.encode(), content_type=kind, authorization="Bearer xoxb-sandbox"
    )
    assert (status, json.loads(answer)["ok"]) == (200, True)
    [message] = messages(shop)
    assert (message.text, message.blocks[0]["type"]) == ("a b", "divider")


def test_a_fault_is_seen_as_slack_shows_it(shop: SlackServer) -> None:
    shop.faults.set(Fault("throttle", seconds=7, times=1))
    with pytest.raises(SlackApiError) as caught:
        client(shop).auth_test()
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    assert client(shop).auth_test()["ok"] is True
