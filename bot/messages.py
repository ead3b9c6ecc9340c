"""Messages that stay and change: those of operations, and notices.

What is known of a message is the hash `message:<key>`: where it stands, what it shows, and what was said in
its thread.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from dataclasses import asdict, replace
from typing import Any

from redis import Redis

from bot.chat import Chat, Gone, Posted, Saying
from bot.files import Files
from bot.ledger import PREFIX, Ledger
from bot.lifecycle import State
from bot.news import News
from bot.operation import Operation, Origin
from bot.outbox import KEEP_MESSAGES_SECONDS, REMEMBER_REPLIES_SECONDS
from bot.reply import File, Reply
from bot.turns import Turns
from bot.views import calling, closing, showing

log = logging.getLogger(__name__)

UPDATE_SECONDS = 1.0
"""The shortest time between two updates of one message (Slack: chat.update is tier 3, 50+ a minute)."""


class Messages:
    def __init__(
        self, redis: Redis, ledger: Ledger, chat: Chat, files: Files, news: News, turns: Turns
    ) -> None:
        self._redis: Any = redis
        self._ledger = ledger
        self._chat = chat
        self._files = files
        self._news = news
        self._turns = turns

    def of(self, key: str) -> dict[str, str]:
        """What is known of a message; empty: nothing."""
        record: dict[str, str] = self._redis.hgetall(PREFIX + "message:" + key)
        return record

    def notice(self, item: str, channel: str, reply: Reply, since: float) -> None:
        """Post a notice, or change what stands there."""
        saying = Saying(item, Origin(channel, source="hook"), "", since)
        posted = self._say(saying, reply, self.of(item))
        self._redis.hset(PREFIX + "message:" + item, mapping=asdict(posted))

    def post_once(self, name: str, origin: Origin, user: str, reply: Reply, since: float) -> None:
        """After a crash, or an answer that was lost, it is found by its metadata; what one person sees has none."""
        if not reply.private or origin.channel == user:  # a direct message is one like any other
            key = PREFIX + "message:" + name
            first = self._redis.hsetnx(key, "attempt", 1)
            self._redis.expire(key, REMEMBER_REPLIES_SECONDS)
            if not first and self._chat.find(origin, name, since) is not None:
                return
            self._turns.must_be_ours()
        self._chat.post(origin, reply, user, name)

    def _say(self, saying: Saying, reply: Reply, message: dict[str, str]) -> Posted:
        """Post it, or change what stands there."""
        posted = where(message)
        if posted is None:
            return self._post(saying, reply, attempted="attempt" in message)
        return self._update(saying, posted, reply)

    def show(self, operation: Operation, message: dict[str, str]) -> None:
        """Post or update the message; when it is final, say so in its thread."""
        key, usual = PREFIX + "message:" + operation.id, self._usual(operation, message)
        reply = showing(operation, self._ledger.place(operation), usual)
        shown = hashlib.sha256(json.dumps(reply.to_dict(), sort_keys=True).encode()).hexdigest()
        saying = Saying(operation.id, self._where(operation.origin), operation.actor.id, operation.opened)
        posted = where(message)
        if posted is None or message.get("shown") != shown:
            posted = self._say(saying, reply, message)
        record = {"shown": shown, "usual": str(usual or "")}
        if message.get("shown") != shown:
            record["at"] = str(time.time())
        self._redis.hset(key, mapping=record | asdict(posted))
        try:
            self._call(operation, posted, message)
            self._close(operation, posted, message)
            self._attach(operation.id, reply.file, posted, message)
        except Gone:
            posted = self._post_again(saying, reply)
            self._redis.hset(key, mapping=asdict(posted))
            self._close(operation, posted, message)

    def _where(self, origin: Origin) -> Origin:
        """Where it says itself, or in the thread of the message of another operation."""
        above = where(self.of(origin.under)) if origin.under else None
        if above is None:
            return origin
        return replace(origin, channel=above.channel, thread=above.thread or above.ts)

    def _usual(self, operation: Operation, message: dict[str, str]) -> float | None:
        """How long the same took there before, in seconds; looked up once, when it is first waited for."""
        if operation.state is not State.RUNNING or operation.waiting is None:
            return None
        return float(message["usual"]) if message.get("usual") else self._ledger.usual(operation)

    def _post(self, saying: Saying, reply: Reply, attempted: bool) -> Posted:
        """Once: after a crash between posting and recording, the message is found by its metadata."""
        key = PREFIX + "message:" + saying.key
        found = self._chat.find(saying.origin, saying.key, saying.since) if attempted else None
        if found is not None:
            self._chat.update(found, reply)
            return found
        self._turns.must_be_ours()
        self._redis.hset(key, "attempt", 1)
        self._redis.expire(key, KEEP_MESSAGES_SECONDS)
        return self._chat.post(saying.origin, reply, saying.user, saying.key)

    def _update(self, saying: Saying, posted: Posted, reply: Reply) -> Posted:
        try:
            self._chat.update(posted, reply)
        except Gone:
            return self._post_again(saying, reply)
        return posted

    def _post_again(self, saying: Saying, reply: Reply) -> Posted:
        """It was deleted, or its channel was archived or left: the state must still be seen."""
        log.warning("the message of %s is out of reach: posting it again", saying.key)
        self._turns.must_be_ours()
        return self._chat.post(saying.origin, reply, saying.user, saying.key)

    def _call(self, operation: Operation, posted: Posted, message: dict[str, str]) -> None:
        question = calling(operation)
        if question is not None:
            name, reply = question
            self._once(f"{operation.id}:{name}", reply, posted, message, ("calling", "called"), name)

    def _close(self, operation: Operation, posted: Posted, message: dict[str, str]) -> None:
        last = closing(operation)
        if last is not None:
            self._once(f"{operation.id}:end", last, posted, message, ("closing", "closed"), "1")
            if "told" not in message:
                self._news.ended(operation, posted)
                self._redis.hset(PREFIX + "message:" + operation.id, "told", 1)

    def _once(
        self,
        key: str,
        reply: Reply,
        posted: Posted,
        message: dict[str, str],
        fields: tuple[str, str],
        value: str,
    ) -> None:
        """Say it in the thread of the message, once: that it is about to be said is recorded first.

        `fields`: of the message's record, for what is being said and what was said; `value` names which.
        """
        saying, said = fields
        if message.get(said) == value:
            return
        record = PREFIX + "message:" + key.partition(":")[0]
        if message.get(saying) != value or not self._chat.replied(posted, key):
            self._turns.must_be_ours()
            self._redis.hset(record, saying, value)
            self._chat.follow_up(posted, reply, key)
        self._redis.hset(record, said, value)

    def _attach(self, operation_id: str, file: File | None, posted: Posted, message: dict[str, str]) -> None:
        """The file of an answer, once; one that nobody keeps any more is left out."""
        if file is None or message.get("attached") == file.key:
            return
        key, text = PREFIX + "message:" + operation_id, self._files.get(file.key)
        there = message.get("attaching") == file.key and self._chat.attached(posted, file)
        if text is not None and not there:
            self._turns.must_be_ours()
            self._redis.hset(key, "attaching", file.key)
            self._chat.attach(posted, file, text)
        self._redis.hset(key, "attached", file.key)


def where(message: dict[str, str]) -> Posted | None:
    """Where a message stands, by its record."""
    return Posted(message["channel"], message["ts"], message.get("thread", "")) if message.get("ts") else None
