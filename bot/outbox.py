"""Replies -> channel, in order and within Slack's limits; safe to run in several processes at once.

What waits to be said to a channel is a sorted set `outbox:<channel>`: operation ids (rendered from the
ledger when their turn comes, so updates coalesce) and `reply:<id>` (a stored reply), by the time they are
due. It is delivered by `bot.postman`.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from dataclasses import asdict
from typing import Any

from redis import Redis

from bot.language import spoken
from bot.ledger import PREFIX
from bot.operation import Origin
from bot.reply import Reply

KEEP_MESSAGES_SECONDS = 30 * 24 * 3600
REMEMBER_REPLIES_SECONDS = 3600
"""Slack delivers a request again within minutes; its answer is not said again."""
NEWS = "news"
"""Source of what was not asked for and need not come at once."""


class Outbox:
    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis

    def say(self, origin: Origin, user: str, reply: Reply) -> None:
        """Put a reply in line for its channel; a second one to the same request is not said."""
        name = "reply:" + hashlib.sha256((origin.key or secrets.token_hex(16)).encode()).hexdigest()[:24]
        now = time.time()
        kept = {"origin": asdict(origin), "user": user, "reply": reply.to_dict(), "language": spoken()}
        stored = json.dumps({**kept, "since": now})
        pipe = self._redis.pipeline(transaction=True)
        pipe.set(PREFIX + name, stored, ex=KEEP_MESSAGES_SECONDS, nx=True)
        pipe.zadd(PREFIX + "outbox:" + origin.channel, {name: now}, nx=True)
        pipe.zadd(PREFIX + "outbox", {origin.channel: now}, lt=True)
        pipe.rpush(PREFIX + "outbox:wake", origin.channel)
        pipe.execute()

    def notice(self, name: str, channel: str, reply: Reply, since: float) -> None:
        """Put a message in line that nobody asked for; the same name again changes the message.

        `since`: not before then (epoch seconds) it was posted for the first time.
        """
        item = "notice:" + name
        stored = json.dumps({"since": since, "reply": reply.to_dict()})
        pipe = self._redis.pipeline(transaction=True)
        pipe.set(PREFIX + item, stored, ex=KEEP_MESSAGES_SECONDS)
        pipe.hincrby(PREFIX + "outbox:marks", item, 1)
        pipe.zadd(PREFIX + "outbox:" + channel, {item: time.time()}, lt=True)
        pipe.zadd(PREFIX + "outbox", {channel: time.time()}, lt=True)
        pipe.rpush(PREFIX + "outbox:wake", channel)
        pipe.execute()

    def hurry(self, user: str) -> None:
        """What waits to be told to somebody is looked at again: their quiet hours are others now."""
        name, now = f"{PREFIX}outbox:{user}", time.time()
        for item in self._redis.zrangebyscore(name, now, "+inf"):
            self._redis.zadd(name, {item: now}, xx=True)
        if self._redis.exists(name):
            self._redis.zadd(PREFIX + "outbox", {user: now}, lt=True)

    def news(self, user: str, item: str) -> None:
        """Put in line for somebody what is drawn when its turn comes (`bot.news`); it is said once."""
        if self._redis.hexists(f"{PREFIX}message:{item}:{user}", "said"):
            return
        now = time.time()
        pipe = self._redis.pipeline(transaction=True)
        pipe.zadd(PREFIX + "outbox:" + user, {item: now}, nx=True)
        pipe.zadd(PREFIX + "outbox", {user: now}, lt=True)
        pipe.rpush(PREFIX + "outbox:wake", user)
        pipe.execute()

    def tell(self, user: str, reply: Reply, key: str, at_once: bool = False) -> None:
        """Put a direct message in line; with the same key it is said once.

        `at_once`: somebody waits for it, or it answers what they asked for; else it is news, for which their
        quiet hours are kept.
        """
        self.say(Origin(user, source="direct" if at_once else NEWS, key=key), user, reply)
