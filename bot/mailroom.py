"""Mails about changes that ended: put in line by the write that ends them, and sent until it is known they were.

Keys: `mails` sorted set operation id -> epoch seconds of the next try; `mail:<id>` who has not got it yet, and
since when it is tried; `mail:lock:<id>` who sends it now.

What is promised: no mail is lost while the server may still take it, for a day; and none is sent twice, unless
whoever sends it dies, or the server falls silent, between the server's taking it and our recording that. The
second one then has the same Message-ID, by which mail programs know it.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from bot.changelogs import Changelogs
from bot.faults import Unavailable
from bot.heartbeat import keeping
from bot.language import speaking, spoken
from bot.ledger import PREFIX, Ledger
from bot.letters import Facts, letter
from bot.lifecycle import State
from bot.operation import Operation
from bot.ports import Delivery, Mail
from bot.preferences import Preferences
from bot.settings import Settings

log = logging.getLogger(__name__)

PAUSES = (5, 30, 120, 600, 1800)
"""Seconds between two tries; the last one repeats."""
GIVE_UP_SECONDS = 24 * 3600
LOCK_SECONDS = 30
"""Whoever died with a mail in hand is succeeded after that; handing over may take longer."""
TICK_SECONDS = 1.0
AT_ONCE = 20


class Mailroom:
    """Several may work at once: each mail is locked while it is handed over."""

    def __init__(self, redis: Redis, ledger: Ledger, settings: Settings, mail: Mail) -> None:
        self._redis: Any = redis
        self._ledger = ledger
        self._settings = settings
        self._mail = mail
        self._changes = Changelogs(redis)
        self._preferences = Preferences(redis)

    def run(self, stop: threading.Event) -> None:
        """Until `stop`. Survives a Redis that is away for a while."""
        while not stop.wait(TICK_SECONDS):
            try:
                self.work(time.time())
            except RedisError as trouble:
                log.warning("redis does not answer: %s", type(trouble).__name__)

    def work(self, now: float) -> None:
        """Hand over what is due."""
        for operation_id in self._redis.zrangebyscore(PREFIX + "mails", "-inf", now, start=0, num=AT_ONCE):
            name = f"{PREFIX}mail:lock:{operation_id}"
            lock = self._redis.lock(name, timeout=LOCK_SECONDS, thread_local=False)
            if not lock.acquire(blocking=False):
                continue
            with keeping(lock):
                try:
                    self._handle(operation_id, now)
                except RedisError:
                    raise
                except Exception:  # a fault of ours in one mail must not keep all the others
                    log.exception("mail of operation=%s is given up", operation_id)
                    self._done(operation_id)

    def _handle(self, operation_id: str, now: float) -> None:
        score = self._redis.zscore(PREFIX + "mails", operation_id)
        operation = self._ledger.get(operation_id)
        if score is None or score > now:  # somebody else was quicker
            return
        if operation is None:
            self._done(operation_id)
            return
        state = self._state(operation, now)
        if not state["to"]:
            self._done(operation_id)
            return
        later = self._send_to_all(operation, state)
        if later and now - state["since"] < GIVE_UP_SECONDS:
            self._again(operation_id, {**state, "to": list(later), "tries": state["tries"] + 1}, now)
            return
        for recipient, why in later.items():
            log.error("mail of operation=%s to %s is given up: %s", operation_id, recipient, why)
        self._done(operation_id)

    def _state(self, operation: Operation, now: float) -> dict[str, Any]:
        stored = self._redis.get(f"{PREFIX}mail:{operation.id}")
        if stored:
            known: dict[str, Any] = json.loads(stored)
            return known
        return {"to": list(self.recipients(operation)), "since": now, "tries": 0}

    def _again(self, operation_id: str, state: dict[str, Any], now: float) -> None:
        pause = PAUSES[min(state["tries"] - 1, len(PAUSES) - 1)]
        pipe = self._redis.pipeline(transaction=True)
        pipe.set(f"{PREFIX}mail:{operation_id}", json.dumps(state), ex=2 * GIVE_UP_SECONDS)
        pipe.zadd(PREFIX + "mails", {operation_id: now + pause})
        pipe.execute()

    def _done(self, operation_id: str) -> None:
        pipe = self._redis.pipeline(transaction=True)
        pipe.zrem(PREFIX + "mails", operation_id)
        pipe.delete(f"{PREFIX}mail:{operation_id}")
        pipe.execute()

    def _send_to_all(self, operation: Operation, state: dict[str, Any]) -> Mapping[str, str]:
        """One mail for each language that its readers have. Returns who is to get it later, and why."""
        groups = self._by_language(operation, state["to"])
        waiting = set(state["to"])
        later: dict[str, str] = {}
        for language, to in groups.items():
            with speaking(language):
                later |= self._send(operation.anew(), to)
            waiting -= set(to)
            left = json.dumps({**state, "to": [*later, *waiting]})
            self._redis.set(f"{PREFIX}mail:{operation.id}", left, ex=2 * GIVE_UP_SECONDS)
        return later

    def _by_language(self, operation: Operation, to: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The requester reads their own; nobody knows what a list reads, so it gets the shop's."""
        asked, groups = operation.actor, dict[str, tuple[str, ...]]()
        theirs = self._preferences.language(asked.id) or asked.language
        for address in to:
            with speaking(theirs if address.casefold() == asked.email.casefold() else ""):
                groups[spoken()] = (*groups.get(spoken(), ()), address)
        return groups

    def _send(self, operation: Operation, to: tuple[str, ...]) -> Mapping[str, str]:
        """In the language spoken. Returns who is to get it later, and why."""
        own = self._settings.mail
        assert own is not None  # else there is no mailroom
        try:
            delivery = self._mail.send(letter(operation, self._facts(operation), own.sender, to))
        except Unavailable as trouble:
            log.warning("mail of operation=%s: %s %s", operation.id, trouble.system, trouble.reason)
            delivery = Delivery(later=dict.fromkeys(to, trouble.reason))
        for recipient, why in delivery.refused.items():
            log.error("mail of operation=%s to %s is refused: %s", operation.id, recipient, why)
        got = len(to) - len(delivery.refused) - len(delivery.later)
        log.info("mail of operation=%s: %s of %s have it", operation.id, got, len(to))
        return delivery.later

    def _facts(self, operation: Operation) -> Facts:
        changes = self._changes.get(operation.id)
        posted = self._redis.hgetall(f"{PREFIX}message:{operation.id}")
        chat = ""
        if posted.get("ts"):  # https://docs.slack.dev/interactivity/deep-linking: a message's own address
            chat = f"https://slack.com/archives/{posted['channel']}/p{posted['ts'].replace('.', '')}"
        return Facts(changes, chat)

    def recipients(self, operation: Operation) -> tuple[str, ...]:
        """The project's addresses, and whoever asked for it, unless they or the project want none."""
        project_name = operation.target.partition("/")[0]
        project = self._settings.projects.get(project_name)
        folded = operation.origin.source == "hook" and operation.state is State.CANCELLED
        if project is None or (folded and not operation.steps):  # a newer commit has taken its place
            return ()
        asked = operation.actor
        wanted = project.mail.requester and asked.email and self._wants(asked.id, project_name)
        own = (asked.email,) if wanted else ()
        unique = {address.casefold(): address for address in (*project.mail.to, *own) if _plain(address)}
        return tuple(unique.values())

    def _wants(self, user: str, project: str) -> bool:
        """What they chose; else what the configuration says for everybody."""
        otherwise = bool(self._settings.mail and self._settings.mail.requesters)
        return self._preferences.of(user).mail_of(project, otherwise)


def _plain(address: str) -> bool:
    """An address that cannot be mistaken for two, or for a header."""
    return address.isprintable() and address.isascii() and not set(address) & set(' ,;:<>"\\')
