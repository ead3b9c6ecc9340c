"""Rollouts, followed: one look at one, and all of them through watch streams at a cost that follows change."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from threading import Event

from bot.faults import Failed, Refused, Unavailable
from bot.language import _
from bot.ports import Place, Seen, Tell, Topic
from integrations import kubernetes_states as states
from integrations.kubernetes_api import Api
from integrations.kubernetes_causes import Cause, Warnings
from integrations.kubernetes_events import event_lines
from integrations.kubernetes_read import Reader
from integrations.kubernetes_watch import Key, Pictures
from integrations.rollout import Picture, Verdict, judge, worst

log = logging.getLogger(__name__)

LOG_LINES = 15
EVENT_SECONDS = 2.0
"""So long a failure of pods waits for a warning event about them: clusters write events aside, and the status
of a pod may be seen first."""
RETELL_SECONDS = 5.0
"""What was told is told again after this: nobody may have listened just then."""


class Patience:
    """Since when each cause has been seen; says whether it has lasted for longer than its grace."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: dict[tuple[str, str], float] = {}

    def over(self, cause: Cause) -> bool:
        since = self._since.setdefault((cause.pod, cause.words), self._clock())
        return self._clock() - since >= cause.grace

    def left(self, found: Collection[Cause]) -> float:
        """Seconds until the next of them is over; forgets what is seen no more."""
        keys = {(cause.pod, cause.words) for cause in found}
        self._since = {key: since for key, since in self._since.items() if key in keys}
        now = self._clock()
        rest = (c.grace - (now - self._since.get((c.pod, c.words), now)) for c in found)
        return min((seconds for seconds in rest if seconds > 0), default=states.NEVER)


class Follower:
    def __init__(self, name: str, api: Api) -> None:
        self._name = name
        self._api = api
        self._read = Reader(api)

    def topic(self, place: Place, generation: int, image: str) -> Topic:
        args = (place.namespace, place.kind, place.name, place.container, str(generation), image)
        return Topic("kubernetes", self._name, "rollout", (*args, *place.beside))

    def look(self, topic: Topic) -> Seen:
        place, generation, image = _of_topic(topic)
        workload = self._read.workload(place)
        pods = self._read.pods(place, workload)
        sets = self._read.history(place, workload) if place.kind == "Deployment" else []
        picture = Picture(workload, pods, sets, self._read.warnings(place, workload, [*pods, *sets]))
        verdict = judge(picture, place, generation, image, lambda cause: cause.grace != states.NEVER)
        events = _events(place, verdict, picture.warnings)
        return replace(verdict.seen, excerpt=self._log(place, verdict), events=events)

    def watch(self, topics: Callable[[], Collection[Topic]], tell: Tell, stop: Event) -> None:
        """A few streams for each namespace in which something is awaited, whatever the number of topics."""
        pictures = Pictures(self._api, stop)
        followed: dict[Topic, Followed] = {}
        while not stop.is_set():
            wanted = set(topics())
            followed = {topic: followed.get(topic) or Followed(topic) for topic in wanted}
            pictures.cover({(each.place.namespace, each.place.kind) for each in followed.values()})
            changed = pictures.changed(seconds=0.25)
            for each in followed.values():
                self._follow(each, pictures, changed, tell)
        pictures.close()

    def _follow(self, each: Followed, pictures: Pictures, changed: set[Key], tell: Tell) -> None:
        silence = pictures.trouble(each.place.namespace, each.place.kind)
        if silence:
            each.due = 0.0
            trouble = _("{system} {reason}", system=self._api.system, reason=silence)
            if each.is_news(Seen(False, trouble=trouble)):
                tell(each.topic, each.told)
            return
        if each.key not in changed and time.monotonic() < each.due:
            return
        picture = pictures.picture(each.key)
        if picture is not None:
            self._tell(each, picture, tell)
        elif pictures.gone(each.key):
            gone = _("{workload} was deleted meanwhile.", workload=self._read.where(each.place).shown)
            tell(each.topic, Seen(done=True, failure=gone))

    def _tell(self, each: Followed, picture: Picture, tell: Tell) -> None:
        verdict = judge(picture, each.place, each.generation, each.image, each.over)
        waiting = [cause for cause in verdict.causes if cause.unscheduled]
        if verdict.seen.failure and waiting and self._node_comes(each, waiting):
            verdict = judge(picture, each.place, each.generation, each.image, each.over)
        each.due = time.monotonic() + min(RETELL_SECONDS, each.patience.left(verdict.causes))
        if verdict.seen.failure and each.waits_for_events(verdict, picture.warnings):
            return
        seen = self._explained(each, verdict, picture)
        if each.is_news(seen):
            tell(each.topic, seen)

    def _node_comes(self, each: Followed, waiting: Collection[Cause]) -> bool:
        """Whether a node is on its way for pods that no node has room for; then they are waited for."""
        try:
            comes = self._read.node_comes(each.place, min(cause.pod for cause in waiting))
        except (Unavailable, Refused, Failed) as trouble:
            log.info("no events of %s: %s", each.place.name, trouble)
            return False
        if comes:
            each.spared |= {cause.pod for cause in waiting}
        return comes

    def _explained(self, each: Followed, verdict: Verdict, picture: Picture) -> Seen:
        """With the last lines of the worst pod's log, and the warnings of all that are in trouble.

        The log is asked for when the trouble has become another one: while it lasts, looking costs nothing.
        Once it is over the warnings are asked for as well, as the stream of events may lag behind.
        """
        failed = bool(verdict.seen.failure)
        if (failed, verdict.causes) != each.trouble:
            each.trouble = (failed, verdict.causes)
            each.excerpt = self._log(each.place, verdict)
            each.events = self._events_now(each.place, verdict, picture) if failed and verdict.causes else ()
        events = each.events or _events(each.place, verdict, picture.warnings)
        return replace(verdict.seen, excerpt=each.excerpt, events=events)

    def _events_now(self, place: Place, verdict: Verdict, picture: Picture) -> tuple[str, ...]:
        try:
            parts = (*picture.pods, *picture.sets)
            return _events(place, verdict, self._read.warnings(place, picture.workload, parts))
        except (Unavailable, Refused, Failed) as trouble:
            log.info("no events of %s: %s", place.name, trouble)
            return ()

    def _log(self, place: Place, verdict: Verdict) -> tuple[str, ...]:
        """Of the run that ended, else of the one that runs; empty when neither is there."""
        cause = worst(verdict.causes)
        if cause is None:
            return ()
        place = replace(place, container=cause.container)
        for previous in (True, False):
            try:
                lines = self._read.log(place, cause.pod, LOG_LINES, previous)
            except (Unavailable, Refused, Failed) as trouble:
                log.info("no log of %s: %s", cause.pod, trouble)
                continue
            if any(line.strip() for line in lines):
                return lines
        return ()


def _events(place: Place, verdict: Verdict, warnings: Warnings) -> tuple[str, ...]:
    """Of whatever is in trouble; what is not a pod's trouble is the workload's, or that of who makes its pods."""
    names = {cause.pod or cause.maker or place.name for cause in verdict.causes}
    return event_lines(event for name in sorted(names) for event in warnings.get(name, ()))


class Followed:
    """A rollout under watch, and what was told of it."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.place, self.generation, self.image = _of_topic(topic)
        self.key: Key = (self.place.namespace, self.place.kind, self.place.name)
        self.patience = Patience()
        self.spared: set[str] = set()
        """Pods that a node is on its way for."""
        self.due = 0.0
        """When to judge again though nothing changed (`time.monotonic()`): a grace ends, or to tell again."""
        self.told: Seen = Seen(False)
        self.trouble: tuple[bool, tuple[Cause, ...]] = (False, ())
        """Whether it had failed, and by what, when these were asked for:"""
        self.excerpt: tuple[str, ...] = ()
        self.events: tuple[str, ...] = ()
        self._again = 0.0
        self._failed = 0.0

    def over(self, cause: Cause) -> bool:
        return self.patience.over(cause) and not (cause.unscheduled and cause.pod in self.spared)

    def waits_for_events(self, verdict: Verdict, warnings: Warnings) -> bool:
        """Whether pods have failed without a word of the cluster's about it so far."""
        if not verdict.causes or _events(self.place, verdict, warnings):
            return False
        self._failed = self._failed or time.monotonic()
        self.due = self._failed + EVENT_SECONDS
        return time.monotonic() < self.due

    def is_news(self, seen: Seen) -> bool:
        """Whether it is to be told: it is new, or was told long ago."""
        now = time.monotonic()
        if seen == self.told and now < self._again:
            return False
        self.told, self._again = seen, now + RETELL_SECONDS
        return True


def _of_topic(topic: Topic) -> tuple[Place, int, str]:
    namespace, kind, name, container, generation, image, *beside = topic.args
    return Place(namespace, kind, name, container, tuple(beside)), int(generation), image
