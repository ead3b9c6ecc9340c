"""Delivers what stands in the outbox, in order and within Slack's limits; safe in several processes at once."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from bot.chat import Chat, Throttled, Undeliverable
from bot.faults import Unavailable
from bot.files import Files
from bot.foreground import Foreground
from bot.homes import HOME, ITEM, Homes
from bot.language import speaking
from bot.ledger import PREFIX, Ledger
from bot.messages import UPDATE_SECONDS, Messages, where
from bot.news import ENDED, News, told
from bot.operation import Operation, Origin
from bot.outbox import NEWS, REMEMBER_REPLIES_SECONDS
from bot.reply import Reply
from bot.turns import OutOfTurn, Turns
from bot.views import showing

log = logging.getLogger(__name__)

SWEEP_SECONDS = 0.25
SLACK_PAUSE_SECONDS = 2.0
"""Before the next try when Slack does not answer."""


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
        self._redis: Any = redis
        self._ledger = ledger
        self._chat = chat
        self._news = news
        self._homes = homes
        self._draw_home = draw_home
        self._foreground = foreground
        self._turns = Turns(redis)
        self._messages = Messages(redis, ledger, chat, files, news, self._turns)
        self._settle, self._leave = ledger.script("settle"), ledger.script("leave")
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, threads: int = 2) -> None:
        for number in range(threads):
            self._threads.append(threading.Thread(target=self._run, name=f"postman-{number}", daemon=True))
        self._threads.append(
            threading.Thread(target=self._turns.keep, args=(self._stop,), name="postman-turns", daemon=True)
        )
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
                # However busy one channel is, the others are not kept waiting.
                if not woken or time.monotonic() >= swept + SWEEP_SECONDS:
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
        with self._turns.take(channel) as turn:
            if turn is None:
                return  # its holder looks again before it leaves, or the sweep comes by
            pause = 0.0
            try:
                while not self._stop.is_set() and self._turns.ours(turn):
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
                self._leave(args=(channel, turn.token, time.time(), pause))

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
                    self._messages.post_once(item, origin, plain["user"], reply, plain["since"])
            except Undeliverable as end:
                log.error("a reply in %s cannot be delivered: %s", channel, end)
        self._redis.set(PREFIX + item, "", ex=REMEMBER_REPLIES_SECONDS)
        self._redis.zrem(PREFIX + "outbox:" + channel, item)

    def _waits(self, plain: dict[str, Any]) -> float:
        """Until when (epoch seconds), for news in somebody's quiet hours; 0: it need not."""
        return self._news.waits(plain["user"], time.time()) if plain["origin"]["source"] == NEWS else 0.0

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
        posted = where(self._messages.of(operation.id))
        if self._redis.hexists(key, "said") or not self._news.may_read(user, operation):
            return
        origin = Origin(user, source=NEWS, key=name)
        self._messages.post_once(name, origin, user, told(operation, posted), operation.opened)
        self._redis.hset(key, "said", 1)

    def _deliver_notice(self, channel: str, item: str) -> None:
        marks = self._redis.hget(PREFIX + "outbox:marks", item) or "0"
        stored = self._redis.get(PREFIX + item)
        if stored:
            plain = json.loads(stored)
            try:
                self._messages.notice(item, channel, Reply.from_dict(plain["reply"]), plain["since"])
            except Undeliverable as end:
                log.error("a notice in %s cannot be delivered: %s", channel, end)
        self._settle(args=(channel, item, marks))

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
        message = self._messages.of(operation_id)
        wait = float(message.get("at", 0)) + UPDATE_SECONDS - time.time()
        if message.get("ts") and not operation.final and wait > 0:
            self._redis.zadd(PREFIX + "outbox:" + channel, {operation_id: time.time() + wait})
            return
        try:
            with speaking(operation.actor.language):
                self._messages.show(operation.anew(), message)
        except Undeliverable as end:
            log.error("the message of operation=%s cannot be delivered: %s", operation_id, end)
        if operation.kind == "change" and message.get("state") != operation.state:
            self._homes.changed(operation)
            self._redis.hset(PREFIX + "message:" + operation_id, "state", operation.state)
        self._settle(args=(channel, operation_id, marks))

    def _show_home(self, operation: Operation) -> None:
        origin, user = operation.origin, operation.actor.id

        def publish(reply: Reply) -> None:
            self._turns.must_be_ours()
            self._chat.post(origin, reply, user, operation.id)

        try:
            with speaking(operation.actor.language):
                self._homes.draw(operation, showing(operation.anew()), publish)
        except Undeliverable as end:
            log.error("the Home tab of %s cannot be shown: %s", user, end)
