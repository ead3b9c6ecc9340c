"""The validator itself: it and the sandbox, written apart from each other, agree on every limit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.reply import Button, Buttons, Code, Context, Fields, Reply, Text
from integrations import slack_blocks
from sandbox.chat import Chat
from sandbox.slack import SlackServer
from sandbox.stage import Stage
from tests.conftest import witness
from tests.sandbox.slack_shop import client, running_shop
from tests.sandbox.test_slack_limits import EDGES, actions, button, plain
from tests.surface import limits
from tests.surface.screen import Screen
from tests.surface.witness import Witness

Json = dict[str, Any]

KNOWN = [name for name in EDGES if name != "markdown"]
"""Shipmate sends no markdown blocks."""
HUGE = "<@U1> `x` *bold* &amp; 中文 " * 400


LONG, WIDE = "汉" * 1334, {"type": "home", "blocks": [{"type": "divider"}] * 101}
TITLED = {"type": "modal", "title": plain(25), "blocks": [{"type": "divider"}]}


def updates(web: WebClient, text: str) -> None:
    posted = web.chat_postMessage(channel="C0DEPLOYS", text="Starting")
    web.chat_update(channel="C0DEPLOYS", ts=str(posted["ts"]), text=text)


def opens(web: WebClient, shop: SlackServer, view: Json) -> None:
    who = shop.slack.person("engineer")
    web.views_open(trigger_id=shop.call(shop.slack.modals.trigger, who), view=view)


WAYS: dict[str, Callable[[WebClient, SlackServer], object]] = {
    "a message": lambda web, _shop: web.chat_postMessage(channel="C0DEPLOYS", text=LONG),
    "its metadata": lambda web, _shop: web.chat_postMessage(
        channel="C0DEPLOYS", text="x", metadata={"event_type": "two words", "event_payload": {}}
    ),
    "a message that changes": lambda web, _shop: updates(web, LONG),
    "what one person sees": lambda web, _shop: web.chat_postEphemeral(
        channel="C0DEPLOYS", user="U0QA", text=LONG
    ),
    "a modal": lambda web, shop: opens(web, shop, TITLED),
    "a Home tab": lambda web, _shop: web.views_publish(user_id="U0QA", view=WIDE),
}


def of_blocks(*blocks: Json) -> list[str]:
    return limits.of_message({"text": "words", "blocks": list(blocks)})


@pytest.mark.parametrize("name", KNOWN)
def test_the_limit_itself_is_taken_and_one_more_is_not(name: str) -> None:
    assert of_blocks(EDGES[name](0)) == []
    assert len(of_blocks(EDGES[name](1))) == 1


def modal(**changed: Any) -> Json:
    return {"type": "modal", "title": plain(24), "blocks": [{"type": "divider"}], **changed}


@pytest.mark.parametrize(
    "changed",
    [
        {"title": plain(25)},
        {"submit": plain(25)},
        {"close": plain(25)},
        {"private_metadata": "x" * 3001},
        {"callback_id": "x" * 256},
        {"blocks": [{"type": "divider"}] * 101},
        {"blocks": [{"type": "input", "label": plain(1), "element": {"type": "plain_text_input"}}]},
        {"colour": "red"},
        {"blocks": [{"type": "section", "text": plain(3_000)}] * 90},
    ],
)
def test_a_view_that_slack_would_refuse(changed: Json) -> None:
    assert limits.of_view(modal()) == []
    assert len(limits.of_view(modal(**changed))) == 1


@pytest.mark.parametrize(
    "message",
    [
        {"text": "x", "blocks": [{"type": "divider"}] * 51},
        {"text": "汉" * 1334},
        {"text": " ", "blocks": [{"type": "divider"}]},
        {"text": "x", "blocks": [actions(button(action_id="say:0")), actions(button(action_id="say:0"))]},
        {"text": "x", "blocks": [{"type": "divider", "block_id": "b"}] * 2},
        {"text": "x", "blocks": [{"type": "section"}]},
        {"text": "x", "blocks": [{"type": "marquee"}]},
        {"text": "x", "blocks": [actions(button(colour="red"))]},
        {"text": "x", "attachments": [{"text": "outdated"}]},
        {"text": "x", "metadata": {"event_type": "two words", "event_payload": {}}},
        {"text": "x", "metadata": {"event_type": "shipmate", "event_payload": {"key": ["k7f3"]}}},
    ],
)
def test_a_message_that_slack_would_refuse_or_cut(message: Json) -> None:
    assert len(limits.of_message(message)) == 1


def test_options_are_at_most_a_hundred_and_each_is_another() -> None:
    options = [{"text": plain(75), "value": f"{number}"} for number in range(101)]

    assert limits.of_options(options[:100]) == []
    assert len(limits.of_options(options)) == 1
    assert limits.of_options([options[0], options[0]]) == ["value: '0' 2 times"]


@pytest.mark.parametrize(
    "blocks",
    [
        (Text(HUGE),),
        (Text(""),),
        (Context(HUGE),),
        (Fields((("label", HUGE),) * 30),),
        (Code(("line " * 500,) * 500),),
        (Buttons((Button(HUGE, "status", confirm=HUGE),) * 60),),
        (Buttons((Button("Status", "status"),)), Text("and"), Buttons((Button("Board", "board"),))),
        (Text("one"), Buttons((Button("Go", "status"),))) * 40,
    ],
)
def test_whatever_is_said_is_drawn_within_the_limits(blocks: tuple[Any, ...]) -> None:
    reply = Reply(HUGE, blocks)

    shown = {"text": slack_blocks.summary(reply), "blocks": slack_blocks.blocks(reply)}

    assert limits.of_message(shown) == []


def test_all_that_a_shop_sees_is_looked_at(chat: Chat, stage: Stage) -> None:
    before, screen = witness.seen.copy(), Screen(stage, "engineer")

    chat.says("help", by="engineer")
    screen.types("deploy")
    screen.shows("Deploy")
    screen.offers("w")

    assert set(witness.seen - before) == {"message", "view", "options"}
    stage.thread.call(stage.world.slack.slack.modals.close_all, "U0ENGINEER")


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_show_something_is_looked_at(way: str) -> None:
    looking = Witness()
    with running_shop() as shop:
        shop.slack.witnesses.append(looking.look)
        with suppress(SlackApiError):  # the sandbox refuses most of it, as Slack does
            WAYS[way](client(shop), shop)

    with pytest.raises(AssertionError, match="beyond what Slack documents"):
        looking.check()


def test_what_is_beyond_the_limits_fails_the_test_in_which_it_was_shown() -> None:
    looking = Witness()

    looking.look("message", {"text": "汉" * 1334})

    with pytest.raises(AssertionError, match="text: 4002 bytes, not 4000"):
        looking.check()
    looking.check()
