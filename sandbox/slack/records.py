"""What the sandbox's Slack workspace holds. `json()` gives the object as Slack's API shows it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]

TEAM = "T0SHOP"
TEAM_NAME = "shop"
APP = "A0SHIPMATE"
BOT = "U0SHIPMATE"
BOT_ID = "B0SHIPMATE"
SLACKBOT = "USLACKBOT"


class SlackError(Exception):
    """An answer `{"ok": false, "error": code}`; `details` become `response_metadata.messages`."""

    def __init__(self, code: str, *details: str) -> None:
        super().__init__(code)
        self.code = code
        self.details = details

    def json(self) -> Json:
        answer: Json = {"ok": False, "error": self.code}
        if self.details:
            answer["errors"] = [detail.removeprefix("[ERROR] ") for detail in self.details]
            answer["response_metadata"] = {"messages": list(self.details)}
        return answer


@dataclass
class Person:
    id: str
    name: str
    real_name: str
    email: str
    is_restricted: bool = False
    team_id: str = TEAM
    bot_id: str | None = None
    tz: str = "Europe/Berlin"
    deleted: bool = False
    locale: str = "en-US"

    def json(self, locale: bool = False) -> Json:
        """`locale`: whether theirs was asked for (https://docs.slack.dev/reference/methods/users.info)."""
        profile = {
            "real_name": self.real_name,
            "display_name": self.name,
            "email": self.email,
            "image_48": "",
            "team": self.team_id,
        }
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "tz": self.tz,
            "is_bot": self.bot_id is not None,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": False,
            "is_stranger": self.team_id != TEAM,
            "is_admin": False,
            "is_owner": False,
            "profile": profile | ({"bot_id": self.bot_id} if self.bot_id else {}),
            **({"locale": self.locale} if locale else {}),
        }


@dataclass
class Channel:
    id: str
    name: str
    members: list[str]
    im_with: str | None = None
    """The person of an IM with the bot; None: a public channel."""
    is_archived: bool = False
    created: int = field(default_factory=lambda: int(time.time()))

    @property
    def type(self) -> Literal["im", "channel"]:
        """`channel_type` of message events."""
        return "im" if self.im_with else "channel"

    def json(self) -> Json:
        common: Json = {
            "id": self.id,
            "created": self.created,
            "is_archived": self.is_archived,
            "is_im": self.im_with is not None,
            "is_channel": self.im_with is None,
            "is_group": False,
            "is_mpim": False,
            "is_private": False,
            "context_team_id": TEAM,
        }
        if self.im_with:
            return common | {"user": self.im_with}
        naming = {"name": self.name, "name_normalized": self.name, "is_member": BOT in self.members}
        return common | naming | {"num_members": len(self.members)}

    def page(self) -> Json:
        """As the page gets it: the API's object and the members."""
        return self.json() | {"members": list(self.members)}


@dataclass
class Group:
    id: str
    handle: str
    users: list[str]

    def json(self) -> Json:
        return {
            "id": self.id,
            "team_id": TEAM,
            "is_usergroup": True,
            "handle": self.handle,
            "name": self.handle,
            "user_count": len(self.users),
            "users": list(self.users),
        }


@dataclass(frozen=True)
class Revision:
    """What a message said from `at` (seconds of `time.monotonic()`) on."""

    at: float
    kind: Literal["posted", "updated", "deleted"]
    text: str
    blocks: list[Json]


@dataclass
class Message:
    channel: str
    ts: str
    author: Person
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    files: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    subtype: str | None = None
    client_msg_id: str | None = None
    only_for: str | None = None
    """The person who sees an ephemeral message."""
    edited: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    replies: list[Message] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)

    def record(self, kind: Literal["posted", "updated", "deleted"]) -> None:
        self.revisions.append(Revision(time.monotonic(), kind, self.text, self.blocks))

    def json(self, metadata: bool = True) -> Json:
        shown: Json = {
            "type": "message",
            "ts": self.ts,
            "user": self.author.id,
            "team": self.author.team_id,
            "text": self.text,
        }
        for name in ("subtype", "client_msg_id", "blocks", "attachments", "files", "edited"):
            if value := getattr(self, name):
                shown[name] = value
        if metadata and self.metadata:
            shown["metadata"] = self.metadata
        if self.author.bot_id:
            shown |= _bot_fields(self.author)
        if self.reactions:
            shown["reactions"] = [
                {"name": name, "users": list(users), "count": len(users)}
                for name, users in self.reactions.items()
            ]
        if self.only_for:
            shown["is_ephemeral"] = True
        return shown | self._thread_fields()

    def all_blocks(self) -> list[Json]:
        """Its own blocks and those of its attachments."""
        inside = [block for attachment in self.attachments for block in attachment.get("blocks", [])]
        return [*self.blocks, *inside]

    def page(self) -> Json:
        """As the page gets it: the API's object, and where and for whom it is."""
        return self.json() | {"channel": self.channel} | ({"person": self.only_for} if self.only_for else {})

    def _thread_fields(self) -> Json:
        if not self.replies:
            return {"thread_ts": self.thread_ts} if self.thread_ts else {}
        users = list(dict.fromkeys(reply.author.id for reply in self.replies))
        return {
            "thread_ts": self.ts,
            "reply_count": len(self.replies),
            "reply_users": users,
            "reply_users_count": len(users),
            "latest_reply": self.replies[-1].ts,
        }


def _bot_fields(bot: Person) -> Json:
    profile = {"id": bot.bot_id, "app_id": APP, "name": bot.name, "deleted": False, "team_id": bot.team_id}
    return {"bot_id": bot.bot_id, "app_id": APP, "bot_profile": profile}


@dataclass
class View:
    """A modal or an App Home; `given` is what the app sent (type, title, blocks, callback_id, ...)."""

    id: str
    given: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    values: Json = field(default_factory=dict)

    def json(self) -> Json:
        defaults: Json = {
            "callback_id": "",
            "external_id": "",
            "private_metadata": "",
            "close": None,
            "submit": None,
            "clear_on_close": False,
            "notify_on_close": False,
        }
        identity: Json = {
            "id": self.id,
            "team_id": TEAM,
            "app_id": APP,
            "bot_id": BOT_ID,
            "app_installed_team_id": TEAM,
            "hash": self.hash,
            "root_view_id": self.root_id,
            "previous_view_id": self.previous_id,
            "state": {"values": self.values},
        }
        return defaults | self.given | identity


@dataclass
class File:
    id: str
    name: str
    length: int
    title: str = ""
    data: bytes = b""

    def json(self, url: str) -> Json:
        text = self.data.decode("utf-8", "replace") if b"\0" not in self.data else None
        preview = {"preview": text[:2000]} if text is not None else {}
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": "text/plain" if text is not None else "application/octet-stream",
            "size": len(self.data),
            "user": BOT,
            "mode": "snippet" if text is not None else "hosted",
            "url_private": f"{url}/files-pri/{TEAM}-{self.id}/{self.name}",
            "url_private_download": f"{url}/files-pri/{TEAM}-{self.id}/download/{self.name}",
            **preview,
        }
