"""Slack: messages out, and everything people do in, through one door.

Text, slash command, mention, direct message and button become the same `bot.dispatcher.Request`. The
acknowledgement goes out after the dispatcher has returned: by then an operation is in Redis.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult

from bot.chat import Gone, Posted, Undeliverable, Unreachable
from bot.dispatcher import Dispatcher, Request
from bot.homes import HOME
from bot.operation import Origin
from bot.redact import redact
from bot.reply import File, Reply
from integrations import slack_blocks
from integrations.slack_forms import SlackForms, planned
from integrations.slack_home import SlackHome, home_view
from integrations.slack_shortcuts import what_changed
from integrations.slack_views import Views
from integrations.slack_web import API_URL, TIMEOUT_SECONDS, TooMuch, call, web_client

log = logging.getLogger(__name__)

EVENT_TYPE = "shipmate"
"""Metadata event of our messages; its payload names what the message is."""


class SlackChat:
    """Implements `bot.chat.Chat`. The client keeps no pool of connections: each thread has its own."""

    def __init__(self, token: str, api_url: str = API_URL) -> None:
        self._client = web_client(token, api_url)
        self.views = Views(token, api_url)

    def post(self, origin: Origin, reply: Reply, user: str, key: str) -> Posted:
        if origin.channel.startswith("V"):  # a view on somebody's screen
            self.views.update(origin.channel, planned(reply, origin.back))
            return Posted(origin.channel, origin.channel)
        if origin.channel.startswith(HOME):
            self.views.publish(origin.channel.removeprefix(HOME), home_view(reply))
            return Posted(origin.channel, HOME)
        message = {**_message(reply), "metadata": _metadata(key)}
        if origin.channel == user:  # nothing was asked anywhere: it is news for that person
            return self._post(self._direct(user), "", message)
        if origin.thread:
            message["thread_ts"] = origin.thread
        try:
            return self._post(origin.channel, user if reply.private else "", message)
        except Unreachable:
            log.warning("channel %s cannot be reached: telling %s directly", origin.channel, user)
            message.pop("thread_ts", None)
            return self._post(self._direct(user), "", message)

    def update(self, posted: Posted, reply: Reply) -> None:
        self._reach("chat.update", {"channel": posted.channel, "ts": posted.ts, **_message(reply)})

    def find(self, origin: Origin, key: str, since: float) -> Posted | None:
        to_person = origin.channel.startswith(("U", "W"))
        channel = self._direct(origin.channel) if to_person else origin.channel
        return self._find_in(channel, origin.thread, key, since)

    def replied(self, posted: Posted, key: str) -> bool:
        root = posted.thread or posted.ts  # Slack lists a thread by its first message only
        return self._find_in(posted.channel, root, key, float(posted.ts)) is not None

    def attach(self, posted: Posted, file: File, text: str) -> None:
        """https://docs.slack.dev/messaging/working-with-files: asked for a place, sent there, then shared."""
        try:
            call(
                lambda: self._client.files_upload_v2(
                    channel=posted.channel,
                    thread_ts=posted.thread or posted.ts,
                    filename=file.name,
                    title=file.title,
                    content=redact(text).text.encode(),
                )
            )
        except Unreachable as end:
            raise Gone(str(end)) from None

    def attached(self, posted: Posted, file: File) -> bool:
        page = {
            "channel": posted.channel,
            "ts": posted.thread or posted.ts,
            "oldest": posted.ts,
            "limit": 200,
        }
        try:
            messages = list(self._pages("conversations.replies", page))
        except Undeliverable as refusal:
            log.warning("conversations.replies: %s: a file may come twice", refusal)
            return False
        return any(one.get("name") == file.name for message in messages for one in message.get("files", ()))

    def _find_in(self, channel: str, thread: str, key: str, since: float) -> Posted | None:
        """https://docs.slack.dev/messaging/message-metadata: metadata comes back only when asked for."""
        arguments: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{since - 60:.6f}",
            "include_all_metadata": True,
            "limit": 200,
        }
        method = "conversations.history"
        if thread:
            method, arguments["ts"] = "conversations.replies", thread
        try:
            for message in self._pages(method, arguments):
                if message.get("metadata", {}).get("event_payload", {}).get("key") == key:
                    return Posted(channel, message["ts"], thread)
        except Undeliverable as refusal:
            log.warning("%s: %s: a message may come twice", method, refusal)
        return None

    def _pages(self, method: str, arguments: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The messages of every page: in a busy channel ours may stand behind hundreds of others."""
        cursor = ""
        while True:
            page = {**arguments, "cursor": cursor} if cursor else arguments
            answer = call(partial(self._client.api_call, method, params=page))
            yield from answer["messages"]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return

    def follow_up(self, posted: Posted, reply: Reply, key: str) -> None:
        message = {**_message(reply), "metadata": _metadata(key), "thread_ts": posted.thread or posted.ts}
        self._reach("chat.postMessage", {"channel": posted.channel, **message})

    def _reach(self, method: str, arguments: dict[str, Any]) -> None:
        """A channel that was open to us when the message was posted need not be now."""
        try:
            self._call(method, arguments)
        except Unreachable as end:
            raise Gone(str(end)) from None

    def _post(self, channel: str, only_for: str, message: dict[str, Any]) -> Posted:
        if only_for and not channel.startswith("D"):
            message = {name: value for name, value in message.items() if name != "metadata"}
            self._call("chat.postEphemeral", {"channel": channel, "user": only_for, **message})
            return Posted(channel, "")
        answer = self._call("chat.postMessage", {"channel": channel, **message})
        return Posted(answer["channel"], answer["ts"], message.get("thread_ts", ""))

    def _direct(self, user: str) -> str:
        return str(self._call("conversations.open", {"users": user})["channel"]["id"])

    def _call(self, method: str, arguments: dict[str, Any]) -> Any:
        try:
            return call(lambda: self._client.api_call(method, json=arguments))
        except TooMuch as refusal:
            log.warning("%s: %s: sent without its blocks", method, refusal)
            plain = {**arguments, "blocks": [], "text": arguments["text"][:1000]}
            return call(lambda: self._client.api_call(method, json=plain))


def _message(reply: Reply) -> dict[str, Any]:
    return {
        "text": slack_blocks.summary(reply),
        "blocks": slack_blocks.blocks(reply),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _metadata(key: str) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}}


def build_app(
    dispatcher: Dispatcher,
    forms: SlackForms,
    home: SlackHome,
    token: str,
    signing_secret: str,
    api_url: str = API_URL,
) -> App:
    """The Bolt app: every listener hands a request to the dispatcher, then acknowledges.

    `process_before_response` makes Bolt run the listener before it acknowledges, and spares its 10 ms poll.
    """

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        """Bolt's own asks Slack (auth.test), and when that fails it acknowledges what nobody has read."""
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    app = App(
        authorize=authorize,
        signing_secret=signing_secret or None,
        process_before_response=True,
        request_verification_enabled=bool(signing_secret),
        ignoring_self_events_enabled=False,  # `_on_event` does that without knowing our own id
    )
    app.client.base_url, app.client.timeout = api_url, TIMEOUT_SECONDS
    app.event("app_mention")(_on_event(dispatcher, "mention"))
    app.event("message")(_on_message(dispatcher))
    app.command(re.compile(".*"))(_on_command(dispatcher, forms))
    app.action(re.compile(r"^say:"))(_on_button(dispatcher, forms, home))
    app.event("app_home_opened")(home.opened)
    app.shortcut("what_changed")(what_changed(dispatcher))
    forms.listen(app)
    app.action(re.compile(r"^open:"))(_only_ack)
    return app


def _on_event(dispatcher: Dispatcher, source: str) -> Callable[..., None]:
    def listen(event: dict[str, Any], body: dict[str, Any]) -> None:
        if event.get("subtype") or event.get("bot_id") or "user" not in event:
            return
        key = f"{event['channel']}:{event.get('client_msg_id') or event['ts']}"
        origin = Origin(event["channel"], event.get("thread_ts", ""), source, key)
        team = event.get("user_team") or event.get("team") or body.get("team_id", "")
        dispatcher.handle(Request(event.get("text", ""), event["user"], team, origin))

    return listen


def _on_message(dispatcher: Dispatcher) -> Callable[..., None]:
    """Plain text counts only in a direct message: elsewhere people talk to each other."""
    listen = _on_event(dispatcher, "direct")

    def listen_direct(event: dict[str, Any], body: dict[str, Any]) -> None:
        if event.get("channel_type") == "im":
            listen(event, body)

    return listen_direct


def _on_command(dispatcher: Dispatcher, forms: SlackForms) -> Callable[..., None]:
    def listen(ack: Ack, command: dict[str, Any]) -> None:
        origin = Origin(command["channel_id"], "", "slash", f"slash:{command['trigger_id']}")
        request = Request(command.get("text") or "", command["user_id"], command.get("team_id", ""), origin)
        if forms.opens(request, command["trigger_id"]):
            ack()
            return
        reply = dispatcher.decide(replace(request, text=request.text or "help"))
        if reply is None:
            ack()
        else:
            ack(
                text=slack_blocks.summary(reply), blocks=slack_blocks.blocks(reply), response_type="ephemeral"
            )

    return listen


def _on_button(dispatcher: Dispatcher, forms: SlackForms, home: SlackHome) -> Callable[..., None]:
    def listen(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        user, view = body["user"], body.get("view") or {}
        place, tap, shown = _in_view(view, user["id"]) if view else _in_message(body)
        origin = Origin(*place, "button", f"action:{body['trigger_id']}")
        team = user.get("team_id") or (body.get("team") or {}).get("id", "")
        request = Request(action["value"], user["id"], team, origin, f"{tap}:{action['value']}", shown)
        modal = view["id"] if view.get("type") == "modal" else ""
        if not forms.opens(request, body["trigger_id"], modal):
            (home if view.get("type") == "home" else dispatcher).handle(request)
            forms.answered(view, request)
        ack()

    return listen


def _in_message(body: dict[str, Any]) -> tuple[tuple[str, str], str, float]:
    """Channel and thread of the answer, what names the message, and when it was posted."""
    container, message = body.get("container", {}), body.get("message", {})
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id", "")
    thread = message.get("thread_ts", "") or container.get("thread_ts", "")
    if thread == message.get("ts"):  # a message that has replies names itself: its button answers beside it
        thread = ""
    ts = container.get("message_ts") or ""
    return (channel, thread), f"tap:{channel}:{ts}", float(ts or 0)


def _in_view(view: dict[str, Any], user: str) -> tuple[tuple[str, str], str, float]:
    """The same for a modal or the Home tab: where it was opened, else directly.

    A view that is drawn anew is another one: its buttons may be tapped again.
    """
    told = json.loads(view.get("private_metadata") or "{}")
    return (told.get("channel") or user, ""), f"tap:{view['id']}:{view.get('hash', '')}", told.get("at", 0.0)


def _only_ack(ack: Ack) -> None:
    ack()
