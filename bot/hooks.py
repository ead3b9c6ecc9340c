"""Commits that hooks tell of -> nothing, an offer, or a deployment: whatever each target chose.

A deployment is asked for through the one door, as the hook, which is an actor with permissions of its own. It
never interrupts: where something runs it waits in line, and where somebody holds the target it becomes an offer.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from bot.backends import Backends
from bot.command import Change
from bot.dispatcher import Dispatcher, Request
from bot.hook_memory import Answer, HookMemory
from bot.language import _
from bot.ledger import PREFIX
from bot.operation import Origin
from bot.ports import Believed, HookSource, Push, Unbelieved, hook_actor
from bot.settings import Target

log = logging.getLogger(__name__)

OVERTAKING_SECONDS = 600
"""Far above the minute in which the scripts try again."""
REVISION = re.compile("r[0-9]{1,12}|[0-9a-f]{40}|[0-9a-f]{64}")
NONSENSE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)
"""What reading a payload of another shape raises."""


class Hooks:
    """`sources` makes the adapter of a hook by its name. Every answer is also in the log."""

    def __init__(
        self,
        redis: Redis,
        sources: Callable[[str], HookSource],
        dispatcher: Dispatcher,
        backends: Backends,
    ) -> None:
        self._redis: Any = redis
        self._sources = sources
        self._dispatcher = dispatcher
        self._backends = backends
        self._offers = backends.offers
        self._memory = HookMemory(redis)

    def receive(self, name: str, headers: Mapping[str, str], body: bytes) -> Answer:
        answer = self._receive(name, headers, body)
        level = logging.INFO if answer.status < 400 else logging.WARNING
        log.log(level, "hook=%s status=%s %s", name, answer.status, answer.words)
        return answer

    def _receive(self, name: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if name not in self._backends.settings.hooks:
            return Answer(404, "no such hook in shipmate.yaml")
        source = self._sources(name)
        try:
            delivery = source.delivery(headers, body, time.time())
        except Unbelieved as reason:
            return Answer(401, str(reason))
        try:
            pushes = source.pushes(headers, body)
        except NONSENSE:
            return Answer(400, "signed well, but not understood; is it sent as application/json?")
        if any(not REVISION.fullmatch(push.commit.id) for push in pushes):
            return Answer(400, "signed well, but names no revision")
        try:
            return self._once(name, delivery, body, pushes)
        except RedisError:
            return Answer(503, "Shipmate's own memory does not answer; please send it again")

    def _once(self, name: str, delivery: Believed, body: bytes, pushes: list[Push]) -> Answer:
        """A request is taken once; one that could not be carried out to its end may come again."""
        again = self._memory.take(name, delivery, body)
        if again is not None:
            return again
        followed = [words for push in pushes for words in self._follow(name, delivery.name, push)]
        words = "; ".join(followed) or "nothing follows from it"
        self._memory.keep(name, delivery, body, words)
        return Answer(202, words)

    def _follow(self, name: str, delivery: str, push: Push) -> Iterator[str]:
        """What followed, for the log and for whoever reads the answer."""
        targets = list(self._targets(push))
        if not targets:
            where = push.branch or ", ".join(push.paths[:3])
            yield f"{push.commit.id}: no project has a line at {where[:100]!r} of {push.repository[:100]!r}"
        for target in targets:
            follows = target.on_commit
            if follows.do == "auto":
                yield self._deploy(name, delivery, push, target)
            elif follows.do == "offer":
                self._offers.add(target, push.commit, follows.channel or "")
                yield f"{push.commit.id}: offered for {target}"

    def _targets(self, push: Push) -> Iterator[Target]:
        settings = self._backends.settings
        for project, environment in settings.targets():
            own = settings.projects[project]
            if own.repository is None or own.repository.name != push.repository:
                continue
            target = settings.target(project, environment)
            if _is_on(push, own.repository.holds(target.line, own.source), own.source):
                yield target

    def _deploy(self, name: str, delivery: str, push: Push, target: Target) -> str:
        text = f"deploy {target.project} to {target.environment} at {push.commit.id}"
        channel = target.on_commit.channel or ""
        command = self._backends.catalogue.command(text)
        assert isinstance(command, Change)
        if self._overtaken(target, push.commit.id):
            return f"{push.commit.id}: a later revision was taken for {target} already"
        held = self._backends.locks.holding_back(command, "")
        if held:
            return self._rather_offer(target, push, _(":lock: {held}", held=held[0].said()))
        origin = Origin(channel, source="hook", key=f"hook:{target}:{_occasion(push, delivery)}")
        team = self._backends.settings.slack.teams[0]
        request = Request(text, hook_actor(name), team, origin, commit=push.commit)
        known = self._backends.ledger.known(origin.key)
        reply = self._dispatcher.decide(request)
        if reply is None and known:
            return f"{push.commit.id}: was taken for {target} already"
        if reply is None:
            return f"{push.commit.id}: deploys to {target}"
        return self._rather_offer(target, push, replace(reply, private=False).summary)

    def _overtaken(self, target: Target, revision: str) -> bool:
        """Requests may overtake each other. In Subversion the numbers tell; of git nobody can say it here."""
        if not revision.startswith("r"):
            return False
        number, key = int(revision[1:]), f"{PREFIX}hook:revision:{target}"
        pipe = self._redis.pipeline(transaction=True)
        pipe.zadd(key, {"latest": number}, gt=True).expire(key, OVERTAKING_SECONDS).zscore(key, "latest")
        return bool(pipe.execute()[-1] > number)

    def _rather_offer(self, target: Target, push: Push, why: str) -> str:
        self._offers.add(target, push.commit, target.on_commit.channel or "", why)
        return f"{push.commit.id}: not deployed to {target} by itself, offered"


def _occasion(push: Push, delivery: str) -> str:
    """What is deployed once, however often it is told. A revision of Subversion is committed once; a branch of git
    may be pushed back to a commit that it has left, and that is to be deployed again."""
    return push.commit.id if push.commit.id.startswith("r") else f"{push.commit.id}:{delivery}"


def _is_on(push: Push, place: str, source: str) -> bool:
    """Whether a push touches a branch or, in Subversion, a folder."""
    if source == "git":
        return push.branch == place
    return any(f"{path.strip('/')}/".startswith(f"{place}/") for path in push.paths)
