"""Replies -> channel, in order and within Slack's limits; safe to run in several processes at once.

What waits to be said to a channel is a sorted set `outbox:<channel>`: operation ids (rendered from the
ledger when their turn comes, so updates coalesce) and `reply:<id>` (a stored reply), by the time they are
due. A channel is served by whoever holds its lock.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from redis import Redis
from redis.exceptions import RedisError

from bot.faults import Unavailable
from bot.files import Files
from bot.foreground import Foreground
from bot.homes import HOME, ITEM, Homes
from bot.language import speaking, spoken
from bot.ledger import PREFIX, Ledger
from bot.lifecycle import State
from bot.news import ENDED, News, told
from bot.operation import Operation, Origin
from bot.reply import File, Reply
from bot.views import calling, closing, showing

log = logging.getLogger(__name__)

LOCK_SECONDS = 5
KEEP_SECONDS = 1.0
"""A channel's lock is renewed so often while it is served, however long Slack takes to answer."""
UPDATE_SECONDS = 1.0
"""The shortest time between two updates of one message (Slack: chat.update is tier 3, 50+ a minute)."""
KEEP_MESSAGES_SECONDS = 30 * 24 * 3600
REMEMBER_REPLIES_SECONDS = 3600
"""Slack delivers a request again within minutes; its answer is not said again."""
SWEEP_SECONDS = 0.25
NEWS = "news"
"""Source of what was not asked for and need not come at once."""
SLACK_PAUSE_SECONDS = 2.0
"""Before the next try when Slack does not answer."""


class Throttled(Exception):
    """Slack asked to wait (HTTP 429)."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"retry after {seconds:.0f} s")  # not said: for the log
        self.seconds = seconds


class OutOfTurn(Exception):
    """Somebody else serves the channel now: what we were about to say is theirs to say."""


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


class Postman:
    """Delivers what stands in the outbox."""

    def __init__(
        self,
        redis: Redis,
        ledger: Ledger,
        chat: Chat,
        files: Files,
        foreground: Foreground,
        news: News,
        homes: Homes,
        draw_home: Callable[[str], None],
    ) -> None:
        self._news = news
        self._homes = homes
        self._draw_home = draw_home
        self._foreground = foreground
        self._redis: Any = redis
        self._ledger = ledger
        self._chat = chat
        self._files = files
        self._settle, self._leave = ledger.script("settle"), ledger.script("leave")
        self._turn = threading.local()
        self._held: dict[str, str] = {}
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, threads: int = 2) -> None:
        for number in range(threads):
            self._threads.append(threading.Thread(target=self._run, name=f"postman-{number}", daemon=True))
        self._threads.append(threading.Thread(target=self._keep, name="postman-locks", daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def _run(self) -> None:
        swept = time.monotonic()
        while not self._stop.is_set():
            try:
                woken = self._redis.blpop([PREFIX + "outbox:wake"], timeout=SWEEP_SECONDS)
                channels = [woken[1]] if woken else []
                if (
                    not woken or time.monotonic() >= swept + SWEEP_SECONDS
                ):  # a busy channel keeps none waiting
                    channels += self._due_channels()
                    swept = time.monotonic()
                for channel in channels:
                    self.serve(channel)
            except RedisError as trouble:
                log.warning("redis does not answer: %s", type(trouble).__name__)
                self._stop.wait(1)

    def _due_channels(self) -> list[str]:
        channels: list[str] = self._redis.zrangebyscore(PREFIX + "outbox", "-inf", time.time())
        return channels

    def serve(self, channel: str) -> None:
        """Deliver what is due in a channel, unless another postman is at it or Slack asked to wait."""
        lock, token = PREFIX + "outbox:lock:" + channel, secrets.token_hex(6)
        if not self._redis.set(lock, token, nx=True, ex=LOCK_SECONDS):
            return  # its holder looks again before it leaves, or the sweep comes by
        pause = 0.0
        self._held[lock] = token
        self._turn.lock, self._turn.token = lock, token
        try:
            while not self._stop.is_set() and self._still_ours(lock, token):
                self._foreground.step_back()
                item = self._next(channel)
                if item is None:
                    break
                self._deliver(channel, item)
        except Throttled as wait:
            log.warning("slack asks to wait %.0f s in %s", wait.seconds, channel)
            pause = wait.seconds
        except Unavailable as trouble:
            log.warning("%s %s", trouble.system, trouble.reason)
            pause = SLACK_PAUSE_SECONDS
        except OutOfTurn:
            log.warning("somebody else serves %s now", channel)
        finally:
            del self._held[lock]
            self._leave(args=(channel, token, time.time(), pause))

    def _keep(self) -> None:
        while not self._stop.wait(KEEP_SECONDS):
            for lock, token in list(self._held.items()):
                try:
                    self._still_ours(lock, token)
                except RedisError as trouble:
                    log.warning("redis does not answer: %s", type(trouble).__name__)

    def _must_be_our_turn(self) -> None:
        """Right before what must not be said twice. Raises OutOfTurn."""
        if not self._still_ours(self._turn.lock, self._turn.token):
            raise OutOfTurn

    def _still_ours(self, lock: str, token: str) -> bool:
        if self._redis.get(lock) != token:
            return False
        self._redis.expire(lock, LOCK_SECONDS)
        return True

    def _next(self, channel: str) -> str | None:
        due = self._redis.zrangebyscore(PREFIX + "outbox:" + channel, "-inf", time.time(), start=0, num=1)
        return due[0] if due else None

    def _deliver(self, channel: str, item: str) -> None:
        try:
            if item.startswith("reply:"):
                self._deliver_reply(channel, item)
            elif item.startswith("notice:"):
                self._deliver_notice(channel, item)
            elif item.startswith(ENDED):
                self._deliver_news(channel, item)
            elif item == ITEM:
                self._redis.zrem(PREFIX + "outbox:" + channel, item)
                self._draw_home(channel.removeprefix(HOME))
            else:
                self._deliver_operation(channel, item)
        except (Throttled, Unavailable, OutOfTurn, RedisError):
            raise  # it stays in line
        except Exception:  # a fault of ours in one message must not silence all the others
            log.exception("cannot say item=%s in channel=%s", item, channel)
            self._redis.zrem(PREFIX + "outbox:" + channel, item)
            self._redis.hdel(PREFIX + "outbox:marks", item)

    def _deliver_reply(self, channel: str, item: str) -> None:
        stored = self._redis.get(PREFIX + item)
        if stored:
            plain = json.loads(stored)
            if waits := self._waits(plain):
                self._redis.zadd(PREFIX + "outbox:" + channel, {item: waits})
                return
            try:
                with speaking(plain.get("language", "")):
                    origin, reply = Origin(**plain["origin"]), Reply.from_dict(plain["reply"])
                    self._post_once(item, origin, plain["user"], reply, plain["since"])
            except Undeliverable as end:
                log.error("a reply in %s cannot be delivered: %s", channel, end)
        self._redis.set(PREFIX + item, "", ex=REMEMBER_REPLIES_SECONDS)
        self._redis.zrem(PREFIX + "outbox:" + channel, item)

    def _waits(self, plain: dict[str, Any]) -> float:
        """Until when (epoch seconds), for news in somebody's quiet hours; 0: it need not."""
        return self._news.waits(plain["user"], time.time()) if plain["origin"]["source"] == NEWS else 0.0

    def _post_once(self, name: str, origin: Origin, user: str, reply: Reply, since: float) -> None:
        """After a crash, or an answer that was lost, it is found by its metadata; what one person sees has none."""
        if not reply.private or origin.channel == user:  # a direct message is one like any other
            key = PREFIX + "message:" + name
            first = self._redis.hsetnx(key, "attempt", 1)
            self._redis.expire(key, REMEMBER_REPLIES_SECONDS)
            if not first and self._chat.find(origin, name, since) is not None:
                return
            self._must_be_our_turn()
        self._chat.post(origin, reply, user, name)

    def _deliver_news(self, user: str, item: str) -> None:
        """That a change has ended, to somebody directly: drawn now, as they may read it now."""
        if waits := self._news.waits(user, time.time()):
            self._redis.zadd(PREFIX + "outbox:" + user, {item: waits})
            return
        operation, name = self._ledger.get(item.removeprefix(ENDED)), f"{item}:{user}"
        if operation is not None:
            try:
                with self._news.reading(user):
                    self._tell(user, operation.anew(), name)
            except Undeliverable as end:
                log.error("news of operation=%s cannot reach %s: %s", operation.id, user, end)
        self._redis.zrem(PREFIX + "outbox:" + user, item)

    def _tell(self, user: str, operation: Operation, name: str) -> None:
        key = PREFIX + "message:" + name
        posted = _posted(self._redis.hgetall(PREFIX + "message:" + operation.id))
        if self._redis.hexists(key, "said") or not self._news.may_read(user, operation):
            return
        origin = Origin(user, source=NEWS, key=name)
        self._post_once(name, origin, user, told(operation, posted), operation.opened)
        self._redis.hset(key, "said", 1)

    def _deliver_notice(self, channel: str, item: str) -> None:
        marks = self._redis.hget(PREFIX + "outbox:marks", item) or "0"
        stored = self._redis.get(PREFIX + item)
        message = self._redis.hgetall(PREFIX + "message:" + item)
        if stored:
            plain = json.loads(stored)
            saying = Saying(item, Origin(channel, source="hook"), "", plain["since"])
            try:
                posted = self._say(saying, Reply.from_dict(plain["reply"]), message)
                self._redis.hset(PREFIX + "message:" + item, mapping=asdict(posted))
            except Undeliverable as end:
                log.error("a notice in %s cannot be delivered: %s", channel, end)
        self._settle(args=(channel, item, marks))

    def _say(self, saying: Saying, reply: Reply, message: dict[str, str]) -> Posted:
        """Post it, or change what stands there."""
        posted = _posted(message)
        if posted is None:
            return self._post(saying, reply, attempted="attempt" in message)
        return self._update(saying, posted, reply)

    def _deliver_operation(self, channel: str, operation_id: str) -> None:
        marks = self._redis.hget(PREFIX + "outbox:marks", operation_id) or "0"
        operation = self._ledger.get(operation_id)
        if operation is None:
            self._settle(args=(channel, operation_id, marks))
            return
        if channel.startswith(HOME):
            self._show_home(operation)
            self._settle(args=(channel, operation_id, marks))
            return
        message = self._redis.hgetall(PREFIX + "message:" + operation_id)
        wait = float(message.get("at", 0)) + UPDATE_SECONDS - time.time()
        if message.get("ts") and not operation.final and wait > 0:
            self._redis.zadd(PREFIX + "outbox:" + channel, {operation_id: time.time() + wait})
            return
        try:
            with speaking(operation.actor.language):
                self._show(operation.anew(), message)
        except Undeliverable as end:
            log.error("the message of operation=%s cannot be delivered: %s", operation_id, end)
        if operation.kind == "change" and message.get("state") != operation.state:
            self._homes.changed(operation)
            self._redis.hset(PREFIX + "message:" + operation_id, "state", operation.state)
        self._settle(args=(channel, operation_id, marks))

    def _show_home(self, operation: Operation) -> None:
        origin, user = operation.origin, operation.actor.id

        def publish(reply: Reply) -> None:
            self._must_be_our_turn()
            self._chat.post(origin, reply, user, operation.id)

        try:
            with speaking(operation.actor.language):
                self._homes.draw(operation, showing(operation.anew()), publish)
        except Undeliverable as end:
            log.error("the Home tab of %s cannot be shown: %s", user, end)

    def _show(self, operation: Operation, message: dict[str, str]) -> None:
        """Post or update the message; when it is final, say so in its thread."""
        key, usual = PREFIX + "message:" + operation.id, self._usual(operation, message)
        reply = showing(operation, self._ledger.place(operation), usual)
        shown = hashlib.sha256(json.dumps(reply.to_dict(), sort_keys=True).encode()).hexdigest()
        saying = Saying(operation.id, self._where(operation.origin), operation.actor.id, operation.opened)
        posted = _posted(message)
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
        above = _posted(self._redis.hgetall(PREFIX + "message:" + origin.under)) if origin.under else None
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
        self._must_be_our_turn()
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
        self._must_be_our_turn()
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
            self._must_be_our_turn()
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
            self._must_be_our_turn()
            self._redis.hset(key, "attaching", file.key)
            self._chat.attach(posted, file, text)
        self._redis.hset(key, "attached", file.key)


def _posted(message: dict[str, str]) -> Posted | None:
    """Where an operation's message stands, by its record."""
    return Posted(message["channel"], message["ts"], message.get("thread", "")) if message.get("ts") else None
