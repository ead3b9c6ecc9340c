"""The chat system that messages are said in: what Shipmate asks of it, and how it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.operation import Origin
from bot.reply import File, Reply


class Throttled(Exception):
    """Slack asked to wait (HTTP 429)."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"retry after {seconds:.0f} s")  # not said: for the log
        self.seconds = seconds


class Undeliverable(Exception):
    """This message can never be delivered there."""


class Unreachable(Undeliverable):
    """Nothing can be said in that channel; a direct message may still arrive."""


class Gone(Undeliverable):
    """The message that was to be changed or answered is not there any more, or not in our reach."""


@dataclass(frozen=True)
class Posted:
    """Where a message stands."""

    channel: str
    ts: str
    thread: str = ""
    """`ts` of the message in whose thread it stands; empty: it stands in the channel itself."""


@dataclass(frozen=True)
class Saying:
    """A message that stays and changes: an operation's, or a notice."""

    key: str
    """Names it, in Redis and in the metadata of the message."""
    origin: Origin
    user: str
    """Who is told directly where the channel is out of reach; empty: nobody."""
    since: float
    """Epoch seconds; it was not posted before."""


class Chat(Protocol):
    """A chat system that shows replies. Methods raise Throttled, Undeliverable, faults.Unavailable."""

    def post(self, origin: Origin, reply: Reply, user: str, key: str) -> Posted:
        """Say it where `origin` is; to `user` directly where that is their id, or cannot be reached."""

    def update(self, posted: Posted, reply: Reply) -> None: ...

    def find(self, origin: Origin, key: str, since: float) -> Posted | None:
        """Our message of that key, not older than `since` (epoch seconds), if it was posted."""

    def replied(self, posted: Posted, key: str) -> bool:
        """Whether our follow-up of that key stands in the thread."""

    def follow_up(self, posted: Posted, reply: Reply, key: str) -> None:
        """A new message in the thread of `posted`, so that people are notified."""

    def attach(self, posted: Posted, file: File, text: str) -> None:
        """Put a text file into the thread of `posted`."""

    def attached(self, posted: Posted, file: File) -> bool:
        """Whether it is there."""
