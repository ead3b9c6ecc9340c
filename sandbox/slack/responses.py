"""Response URLs: how an app answers a command or an action later.

https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.slack import limits
from sandbox.slack.records import Channel, Json, Message, Person, SlackError
from sandbox.slack.workspace import Workspace

USES = 5
SECONDS = 30 * 60.0


@dataclass
class ResponseUrl:
    person: Person
    channel: Channel
    expires: float
    message: Message | None
    """The message whose element was used; None for a command."""
    uses: int = 0


class Responses:
    """The response URLs given out. `seconds` is a switch for tests: how long new ones live."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.seconds = SECONDS
        self._given: dict[str, ResponseUrl] = {}

    def give(
        self,
        kind: Literal["commands", "actions"],
        person: Person,
        channel: Channel,
        message: Message | None = None,
    ) -> str:
        key = secrets.token_urlsafe(18)
        self._given[key] = ResponseUrl(person, channel, time.monotonic() + self.seconds, message)
        return f"{self._workspace.url}/{kind}/{person.team_id}/{self._workspace.number()}/{key}"

    def answer(self, key: str, body: Json) -> None:
        """One use of a URL. Raises SlackError `no_service`, `expired_url`, `used_url`, `no_text`, ..."""
        url = self._given.get(key)
        if url is None:
            raise SlackError("no_service")
        if time.monotonic() > url.expires:
            raise SlackError("expired_url")
        if url.uses >= USES:
            raise SlackError("used_url")
        self.show(url.person, url.channel, body, url.message)
        url.uses += 1

    def show(self, person: Person, channel: Channel, body: Json, message: Message | None = None) -> None:
        """What an answer to a person's command or action puts into the channel."""
        if message and body.get("delete_original"):
            self._workspace.delete(message)
            return
        content = self._content(body)
        if message and body.get("replace_original"):
            self._workspace.update(message, content)
            return
        bot = self._workspace.bot
        thread = body.get("thread_ts") or (message.thread_ts if message else None)
        if body.get("response_type") == "in_channel":
            self._workspace.post(channel, bot, thread_ts=thread, **content)
        else:
            self._workspace.post_ephemeral(channel, bot, person, thread_ts=thread, **content)

    def _content(self, body: Json) -> dict[str, Any]:
        blocks = body.get("blocks") or []
        self._workspace.given("message", {"text": body.get("text") or "", "blocks": blocks})
        problems = limits.problems(blocks)
        if problems:
            raise SlackError("invalid_blocks", *problems)
        text = body.get("text") or ""
        if len(text) > limits.MESSAGE_TEXT:
            raise SlackError("msg_too_long")
        if not (text or blocks or body.get("attachments")):
            raise SlackError("no_text")
        return {"text": text, "blocks": blocks, "attachments": body.get("attachments") or []}
