"""The Home tabs that people look at: drawn when they open them, and anew when something changes meanwhile.

What a Home tab shows is the answer of the command `home`, said in the channel `home:<user>`; only the newest
answer counts. Slack tells when a tab is opened, never that it is closed: it is kept true for a while.

Keys: `homes` sorted set user id -> epoch seconds of its last opening; `home:<user>` hash of what asks for it
(`text`), when the answer that is shown was asked for, and its digest; `home:said:<user>` the last answer to a
button there.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.faults import Refused, Unavailable
from bot.ledger import PREFIX
from bot.reply import Reply

if TYPE_CHECKING:
    from redis import Redis

    from bot.locks import Lock
    from bot.operation import Operation
    from bot.policy import Policy
    from bot.ports import Directory

HOME = "home:"
"""Before a user id: the channel that stands for their Home tab."""
ITEM = "home"
"""In such a channel's line: it is to be drawn anew."""
LOOKED_AT_SECONDS = 1800
"""So long after it was opened a Home tab is kept true."""
MOST = 50
"""Of the tabs that were opened last."""
REFRESH_SECONDS = 2.0
"""What changes within so long is drawn at once (Slack: views.publish is tier 4, 100+ a minute)."""
SAID_SECONDS = 60


def home_of(user: str) -> str:
    return HOME + user


@dataclass(frozen=True)
class Homes:
    """Methods raise RedisError."""

    redis: Redis
    policy: Policy
    directory: Directory

    def opened(self, user: str) -> None:
        """It is drawn from its first page on, whatever Slack still shows of it."""
        now = time.time()
        pipe = self.redis.pipeline(transaction=True)
        pipe.zadd(PREFIX + "homes", {user: now})
        pipe.zremrangebyscore(PREFIX + "homes", "-inf", now - LOOKED_AT_SECONDS)
        pipe.delete(_key(user), _said(user))
        pipe.execute()

    def turned(self, user: str, text: str) -> None:
        """From now on `text` is asked for it: another page."""
        self.redis.hset(_key(user), "text", text)

    def text(self, user: str) -> str:
        return str(self.redis.hget(_key(user), "text") or "home")

    def says(self, user: str, reply: Reply) -> None:
        """The answer to a button there, until something newer is said."""
        self.redis.set(_said(user), json.dumps(reply.to_dict()), ex=SAID_SECONDS)

    def said(self, user: str) -> Reply | None:
        stored: Any = self.redis.get(_said(user))
        return Reply.from_dict(json.loads(stored)) if stored else None

    def changed(self, operation: Operation) -> None:
        """Every tab that may show this change is drawn anew soon."""
        project = operation.target.partition("/")[0]
        for user in self._looking():
            if user == operation.actor.id or self._may_see(user, project):
                self._soon(user)

    def chosen(self, user: str) -> None:
        """They changed something of their own."""
        if user in self._looking():
            self._soon(user)

    def locked(self, _lock: Lock) -> None:
        for user in self._looking():
            self._soon(user)

    def draw(self, operation: Operation, reply: Reply, publish: Callable[[Reply], None]) -> None:
        """Show an answer, unless a newer one is shown, or the very same."""
        key = _key(operation.actor.id)
        shown: Any = self.redis.hgetall(key)
        digest = hashlib.sha256(json.dumps(reply.to_dict(), sort_keys=True).encode()).hexdigest()
        if float(shown.get("asked", 0)) > operation.opened:
            return
        if shown.get("digest") != digest:
            publish(reply)
        self.redis.hset(key, mapping={"asked": operation.opened, "digest": digest})
        self.redis.expire(key, LOOKED_AT_SECONDS)

    def _looking(self) -> list[str]:
        since = time.time() - LOOKED_AT_SECONDS
        found: Any = self.redis.zrevrangebyscore(PREFIX + "homes", "+inf", since, start=0, num=MOST)
        return list(found)

    def _may_see(self, user: str, project: str) -> bool:
        try:
            return self.policy.may(self.directory.person(user), "status", project or None, None).allowed
        except (Refused, Unavailable):
            return False

    def _soon(self, user: str) -> None:
        channel, at = home_of(user), time.time() + REFRESH_SECONDS
        pipe = self.redis.pipeline(transaction=True)
        pipe.zadd(PREFIX + "outbox:" + channel, {ITEM: at}, nx=True)
        pipe.zadd(PREFIX + "outbox", {channel: at}, lt=True)
        pipe.execute()


def _key(user: str) -> str:
    return f"{PREFIX}home:{user}"


def _said(user: str) -> str:
    return f"{PREFIX}home:said:{user}"
