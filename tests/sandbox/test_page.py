"""The chat page's HTTP and WebSocket interface: what one sees and what one does."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import urljoin

import aiohttp

from sandbox.page.server import BACKLOG, STATIC
from sandbox.slack import Slack
from tests.sandbox.page_browser import Browser, hear, in_a_browser

Json = dict[str, Any]
BUTTON: Json = {
    "type": "button",
    "action_id": "again",
    "value": "deploy web to trunk",
    "text": {"type": "plain_text", "text": "Deploy"},
}
MODAL: Json = {
    "type": "modal",
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


def deploy_button(slack: Slack) -> str:
    """A message of the bot with one button; its ts."""
    actions = [{"type": "actions", "block_id": "choice", "elements": [BUTTON]}]
    return slack.post(slack.channel("#deploys"), slack.bot, "choose", blocks=actions).ts


# -- the page --------------------------------------------------------------------------------------


@in_a_browser
async def test_the_page_and_everything_it_names_are_served(browser: Browser) -> None:
    status, html = await browser.get("/")
    assert status == 200
    seen: set[str] = set()
    wanted = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', html))
    while missing := wanted - seen:
        path = missing.pop()
        status, text = await browser.get(path)
        assert status == 200, path
        seen.add(path)
        wanted |= {urljoin(path, name) for name in re.findall(r'from "(\./[^"]+)"', text)}
    assert {"/static/app.js", "/static/blocks.js", "/static/mrkdwn.js", "/static/base.css"} <= seen


@in_a_browser
async def test_every_answer_forbids_foreign_script_and_markup(browser: Browser) -> None:
    for path in ("/", "/static/app.js", "/api/state?as=qa", "/api/nothing"):
        async with browser.http.get(browser.url(path)) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'; script-src 'self'" in policy
            assert "require-trusted-types-for 'script'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_no_script_of_the_page_writes_markup() -> None:
    sinks = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc")
    scripts = list(STATIC.glob("*.js"))
    assert len(scripts) > 10
    for script in scripts:
        assert not sinks.search(script.read_text()), script.name
    markup = (STATIC / "index.html").read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|style=|https?://", markup)


# -- what one sees ---------------------------------------------------------------------------------


@in_a_browser
async def test_the_state_is_that_persons_and_the_first_persons_by_default(browser: Browser) -> None:
    browser.slack.say("engineer", "#web", "not for qa")
    qa = await browser.json("/api/state?as=qa")
    assert [channel["id"] for channel in qa["channels"]] == ["C0DEPLOYS", "D0QA"]
    assert "not for qa" not in str(qa)
    assert (await browser.json("/api/state"))["me"]["name"] == "engineer"
    status, answer = await browser.get("/api/state?as=nobody")
    assert status == 404
    assert "no person 'nobody'" in answer


@in_a_browser
async def test_live_begins_with_a_snapshot_and_brings_every_change_in_order(browser: Browser) -> None:
    browser.slack.say("qa", "#deploys", "before")
    async with browser.live("engineer") as socket:
        first = await hear(socket)
        ts = browser.slack.say("engineer", "#deploys", "hello")
        browser.slack.react("qa", "#deploys", ts, "eyes")
        news = [await hear(socket), await hear(socket)]
    assert first["type"] == "snapshot"
    assert [one["text"] for one in first["snapshot"]["messages"]["C0DEPLOYS"]] == ["before"]
    assert [change["type"] for change in news] == ["message", "message_changed"]
    assert [change["seq"] for change in news] == [first["snapshot"]["seq"] + 1, first["snapshot"]["seq"] + 2]
    assert news[1]["message"]["reactions"] == [{"name": "eyes", "users": ["U0QA"], "count": 1}]


@in_a_browser
async def test_live_keeps_from_one_person_what_is_for_another(browser: Browser) -> None:
    slack = browser.slack
    async with browser.live("qa") as socket:
        await hear(socket)
        slack.post_ephemeral(slack.channel("#deploys"), slack.bot, slack.person("engineer"), "secret")
        slack.say("engineer", "#web", "elsewhere")
        slack.say("engineer", "#deploys", "for all")
        assert (await hear(socket))["message"]["text"] == "for all"


@in_a_browser
async def test_a_browser_that_does_not_keep_up_is_sent_for_a_new_snapshot(browser: Browser) -> None:
    async with browser.live("qa") as socket:
        await hear(socket)
        for number in range(BACKLOG + 1):  # nothing is awaited: the socket cannot send meanwhile
            browser.slack.say("engineer", "#deploys", str(number))
        closing = await asyncio.wait_for(socket.receive(), 5)
    assert closing.type is aiohttp.WSMsgType.CLOSE
    assert closing.data == aiohttp.WSCloseCode.TRY_AGAIN_LATER


@in_a_browser
async def test_a_page_that_is_closed_leaves_no_subscription(browser: Browser) -> None:
    async with browser.live("qa") as socket:
        await hear(socket)
        assert len(browser.slack._subscribers) == 1
    async with asyncio.timeout(5):
        while browser.slack._subscribers:
            await asyncio.sleep(0.01)


# -- what one does ---------------------------------------------------------------------------------


@in_a_browser
async def test_saying_something_makes_it_a_message_with_its_mentions(browser: Browser) -> None:
    said = {"as": "engineer", "channel": "C0DEPLOYS", "text": "@shipmate deploy web & co"}
    status, answer = await browser.post("/api/say", said)
    reply = {"as": "qa", "channel": "#deploys", "text": "why?", "thread_ts": answer["result"]}
    await browser.post("/api/say", reply)
    first, second = (await browser.json("/api/state?as=qa"))["messages"]["C0DEPLOYS"]
    assert status == 200
    assert first["text"] == "<@U0SHIPMATE> deploy web &amp; co"
    assert first["reply_count"] == 1
    assert (second["text"], second["thread_ts"]) == ("why?", first["ts"])


@in_a_browser
async def test_a_line_that_starts_with_the_command_is_the_slash_command(browser: Browser) -> None:
    said = {"as": "engineer", "channel": "#deploys", "text": "/ship  deploy web to trunk "}
    assert (await browser.post("/api/say", said))[0] == 200
    [envelope] = browser.shop.envelopes
    assert envelope.kind == "slash_commands"
    assert (envelope.payload["command"], envelope.payload["text"]) == ("/ship", "deploy web to trunk")
    assert (await browser.json("/api/state?as=engineer"))["messages"]["C0DEPLOYS"] == []


@in_a_browser
async def test_what_cannot_be_said_is_explained(browser: Browser) -> None:
    here = {"as": "qa", "channel": "#deploys"}
    expected: list[tuple[object, int, str]] = [
        (here | {"text": "/shop x"}, 400, "/shop is not a command here. There is: /ship"),
        (here | {"text": "/ship x", "thread_ts": "1.0"}, 400, "/ship is not supported in threads. Sorry!"),
        (here | {"text": "  "}, 400, "There is nothing to send."),
        (here | {"text": 5}, 400, "There is nothing to send."),
        (here | {"text": "x", "thread_ts": "1.0"}, 409, "thread_not_found"),
        (here | {"text": "x", "channel": "#web"}, 409, "qa is not in web"),
        (here | {"text": "x", "channel": "#nothing"}, 404, "Unknown or missing: no channel '#nothing'"),
        (here, 404, "Unknown or missing: text"),
        (["no", "object"], 400, "The body is not a JSON object."),
    ]
    for body, status, words in expected:
        assert await browser.post("/api/say", body) == (status, {"error": words})
    assert browser.shop.envelopes == []


@in_a_browser
async def test_pressing_a_button_sends_its_action(browser: Browser) -> None:
    ts = deploy_button(browser.slack)
    press = {"as": "qa", "channel": "C0DEPLOYS", "ts": ts, "block_id": "choice", "action_id": "again"}
    typed = {"why": {"text": {"type": "plain_text_input", "value": "it is time"}}}
    status, _ = await browser.post("/api/press", press | {"value": BUTTON["value"], "values": typed})
    [payload] = [envelope.payload for envelope in browser.shop.envelopes]
    assert status == 200
    assert payload["user"]["id"] == "U0QA"
    assert payload["actions"][0]["value"] == "deploy web to trunk"
    assert payload["state"]["values"] == typed
    gone = press | {"action_id": "never"}
    assert (await browser.post("/api/press", gone))[0] == 409


@in_a_browser
async def test_a_modal_is_submitted_with_its_values_and_closed(browser: Browser) -> None:
    slack = browser.slack
    async with browser.live("qa") as socket:
        await hear(socket)
        view = slack.modals.open(slack.modals.trigger(slack.person("qa")), MODAL)
        [shown] = (await hear(socket))["views"]
        values = {"ref": {"typed": {"type": "plain_text_input", "value": "r1841"}}}
        await browser.post("/api/submit", {"as": "qa", "view_id": view.id, "values": values})
        await browser.post("/api/close", {"as": "qa", "view_id": view.id})
        closed = await hear(socket, "views")
    assert shown["id"] == view.id
    submitted = browser.shop.envelopes[0].payload
    assert submitted["type"] == "view_submission"
    assert submitted["view"]["state"]["values"] == values
    assert closed["views"] == []


@in_a_browser
async def test_an_ephemeral_is_dismissed_by_the_one_who_sees_it_only(browser: Browser) -> None:
    slack = browser.slack
    message = slack.post_ephemeral(slack.channel("#deploys"), slack.bot, slack.person("qa"), "psst")
    await browser.post("/api/dismiss", {"as": "engineer", "ts": message.ts})
    kept = (await browser.json("/api/state?as=qa"))["ephemerals"]
    await browser.post("/api/dismiss", {"as": "qa", "ts": message.ts})
    left = (await browser.json("/api/state?as=qa"))["ephemerals"]
    assert [one["text"] for one in kept] == ["psst"]
    assert left == []


@in_a_browser
async def test_opening_the_home_tab_tells_the_app(browser: Browser) -> None:
    await browser.post("/api/home", {"as": "qa"})
    [event] = [envelope.payload["event"] for envelope in browser.shop.envelopes]
    assert (event["type"], event["user"]) == ("app_home_opened", "U0QA")


@in_a_browser
async def test_a_shortcut_of_a_message_sends_the_message_it_is_about(browser: Browser) -> None:
    browser.slack.shortcuts = [{"name": "What changed?", "type": "message", "callback_id": "what_changed"}]
    ts = browser.slack.say("engineer", "#deploys", "the shop is slow")
    chosen = {"as": "qa", "callback_id": "what_changed", "channel": "#deploys", "ts": ts}

    status, _answer = await browser.post("/api/shortcut", chosen)
    state = await browser.json("/api/state?as=qa")

    asked = next(one.payload for one in browser.shop.envelopes if one.payload["type"] == "message_action")
    assert status == 200
    assert [one["name"] for one in state["shortcuts"]] == ["What changed?"]
    assert (asked["callback_id"], asked["message_ts"], asked["user"]["id"]) == ("what_changed", ts, "U0QA")
    assert asked["message"]["text"] == "the shop is slow"
    assert asked["channel"]["name"] == "deploys"


@in_a_browser
async def test_the_help_under_the_composer_is_the_bots_own(browser: Browser) -> None:
    commands = await browser.json("/api/commands")

    assert commands == [["deploy <project>", "Ship it."]]
