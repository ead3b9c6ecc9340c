"""Who people are, and how they are written to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Person:
    """Somebody in chat. `groups` are user group ids."""

    id: str
    name: str
    email: str = ""
    team: str = ""
    groups: frozenset[str] = frozenset()
    is_bot: bool = False
    is_guest: bool = False
    tz: str = ""
    """IANA name of their time zone, such as Europe/Berlin; empty: unknown."""
    language: str = ""
    """What they read, as `bot.language` names it: en or zh; empty: the shop's own."""


HOOK = "hook:"


def hook_actor(name: str) -> str:
    """The id under which a hook asks: `hook:svn`, which no person has."""
    return HOOK + name


class Directory(Protocol):
    """Who people are (Slack)."""

    def person(self, user_id: str, team: str = "") -> Person: ...


@dataclass(frozen=True)
class Letter:
    """A mail to send. With the same `id` it is the same mail, also when it is sent again."""

    id: str
    """`<...@...>`, as Message-ID writes it."""
    thread: str
    """Id of what it belongs to, in the same shape."""
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Delivery:
    """Who did not get a letter, with the server's reason: for good, and for now. Everybody else did."""

    refused: Mapping[str, str] = field(default_factory=dict)
    later: Mapping[str, str] = field(default_factory=dict)


class Mail(Protocol):
    """A mail server (SMTP)."""

    def send(self, letter: Letter) -> Delivery:
        """Raises Unavailable when nobody got it, or when nobody knows."""
