"""scale: set the number of replicas and follow until they are ready; for a while only, if asked."""

from __future__ import annotations

import re
import time
from dataclasses import asdict, dataclass, replace
from typing import Any, Self, cast

from bot.backends import Backends
from bot.command import Command, Later, StandIn
from bot.faults import Changed, Refused
from bot.grammar import Typed, shape, write
from bot.grammar.values import Count, Duration, Environment, Project
from bot.mrkdwn import inert
from bot.operation import Outcome
from bot.ports import Cluster, Person, Place
from bot.reply import Button, Buttons, Reply, Text
from bot.settings import Settings
from bot.story import Story
from bot.words import duration
from commands.bounds import owned
from commands.dry_run import Foretold
from commands.naming import KeyedCount
from commands.rolling import follow, instead_of, where

SET, HAD, LATER = "replicas set", "had replicas", "put back later"


class Difference(Typed, int):
    """So many more or fewer."""

    expected, example = "a number with its sign, such as +2 or -1", "+2"
    bare = shape(r"\+[0-9]+")

    @classmethod
    def read(cls, text: str) -> Self:
        if not re.fullmatch(r"[+-]?0*[1-9][0-9]{0,4}", text):
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(text)

    def __str__(self) -> str:
        return f"{int(self):+d}"


@dataclass(frozen=True)
class Scale(Later, Foretold):
    """Set how many replicas run, for good or for a while."""

    usage = (
        "scale <project> in <environment> [to <count>] [by <difference>] [from <was>] [for <length>] "
        "[at <time>] [--when-unlocked] [--dry-run]"
    )
    examples = (
        "scale web in product to 6",
        "scale web in product by +2",
        "scale web in product to 6 for 2h",
        "scale web in product to 6 at 18:00",
        "scale web in product",
    )
    form = ("project", "environment", "count", "length", "time")
    passes = frozenset({"freeze"})  # it ships nothing, and traffic knows no holidays
    story = 2

    project: Project
    environment: Environment
    count: Count | None = None
    difference: Difference | None = None
    was: KeyedCount | None = None
    length: Duration | None = None

    def resolved(self) -> Command:
        return Sizes(self) if self.count is None and self.difference is None else super().resolved()

    def plan(self, settings: Settings) -> dict[str, Any]:
        target = settings.target(self.project, self.environment)
        if self.count is not None and self.difference is not None:
            raise Refused("Say either `to` how many or `by` how many, not both.")
        bounds = target.replicas.model_dump()
        plan = {"cluster": target.cluster, "place": asdict(target.place), "bounds": bounds}
        if self.count is None:
            return plan
        self._must_be_within(int(self.count), bounds)
        return {**plan, "count": int(self.count)}

    def run(self, story: Story, on: Backends) -> Outcome:
        cluster, place = where(story, on)
        before = story.step(HAD, lambda: self._now(cluster, place, on, story.plan["bounds"]))
        had, count = before["wanted"], before["count"]
        if count > had:
            story.step("there is room", lambda: self._must_fit(cluster, place, had, count))
        if count == 0:
            story.ask("to zero", f"With 0 replicas nothing of {self.target} runs any more. Go on?")
        generation = instead_of(
            story,
            SET,
            lambda expected: cluster.set_replicas(place, count, story.operation.id, expected),
            had if self.was is None else int(self.was),
        )
        later = self._put_back_later(story, on, had, count)
        minutes = on.settings.limits.rollout_minutes
        ready = follow(story, cluster, place, generation, before["image"], minutes * 60, on)
        return Outcome(f"{self.target} has {ready} of {count} replicas ready (was {had}).{later}")

    def abort(self, story: Story, on: Backends) -> str:
        if not story.began(SET):
            return f"{self.target} was not touched."
        cluster, place = where(story, on)
        had, count, mine = story.result(HAD)["wanted"], story.result(HAD)["count"], story.operation.id
        later = story.result(LATER)
        if later:
            on.ledger.stop(later, mine)
        try:
            story.effect("put back", lambda: cluster.set_replicas(place, had, mine, count))
        except Changed as changed:
            return f"Somebody else set {self.target} to {changed.found} replicas: it was left so."
        if story.result(SET) is None:  # it may have come to nothing
            return f"{self.target} has {had} replicas, as before."
        return f"{self.target} is set back to {had} replicas."

    def foretell(self, asker: Person, on: Backends) -> list[str]:
        plan = self.plan(on.settings)
        cluster, place = on.cluster(plan["cluster"]).acting_for(asker), Place(**plan["place"])
        found = self._now(cluster, place, on, plan["bounds"])
        had, count = found["wanted"], found["count"]
        room = self._must_fit(cluster, place, had, count) if count > had else ""
        steps = [
            "ask whether nothing is to run any more" if count == 0 else "",
            f"set {place.kind} {place.namespace}/{place.name} in cluster {plan['cluster']} from {had} to "
            f"{count} replicas{room}",
            f"wait at most {on.settings.limits.rollout_minutes} min until they are ready",
            f"put {had} back after {duration(self.length)}, unless somebody changed it"
            if self.length
            else "",
        ]
        return [step for step in steps if step]

    def _now(self, cluster: Cluster, place: Place, on: Backends, bounds: dict[str, int]) -> dict[str, Any]:
        """{"image", "wanted": replicas before, "count": after}. Raises Refused where it would be in vain."""
        workload = cluster.workload(place)
        had = workload.wanted
        count = int(self.count) if self.count is not None else had + int(self.difference or 0)
        self._must_be_within(count, bounds)
        if workload.autoscaler is not None:
            raise owned(on.settings.target(self.project, self.environment), workload.autoscaler, count)
        if self.length and not bounds["min"] <= had <= bounds["max"]:
            raise Refused(
                f"{self.target} has {had} replicas, which could not be set again.", "Leave `for` out."
            )
        return {"image": workload.image, "wanted": had, "count": count}

    def _must_be_within(self, count: int, bounds: dict[str, int]) -> None:
        low, high = bounds["min"], bounds["max"]
        if low <= count <= high:
            return
        nearest = self.to(low if count < low else high)
        raise Refused(
            f"{self.target} takes {low} to {high} replicas, not {count}.",
            f"For example `{nearest}`; the bounds stand in shipmate.yaml.",
        )

    def _must_fit(self, cluster: Cluster, place: Place, had: int, count: int) -> str:
        """Raises Refused, with what does fit."""
        room = cluster.room(place, count)
        if room.fits >= count:
            return ""
        more = room.fits > had
        raise Refused(
            f"Only {room.fits} of {count} replicas of {self.target} fit: {room.why}.",
            f"It has {had}. Nothing was changed.",
            offers=((f"Scale to {room.fits}", self.to(room.fits)),) if more else (),
        )

    def _put_back_later(self, story: Story, on: Backends, had: int, count: int) -> str:
        if self.length is None or had == count:
            return ""
        at = story.step("until", lambda: time.time() + int(self.length or 0))
        back = Scale(self.project, self.environment, count=Count(had), was=KeyedCount(count))
        later = story.schedule(LATER, back, at, on)
        return f" In {duration(self.length)} it is put back to {had} (`{later}`)."

    def to(self, count: int) -> str:
        return write(replace(self, count=Count(count), difference=None, was=None, dry_run=False))


@dataclass(frozen=True)
class Sizes(StandIn):
    """How many replicas there are, and near numbers as buttons."""

    def answer(self, asker: Person, on: Backends) -> Reply:
        asked = cast(Scale, self.asked)
        target = on.settings.target(asked.project, asked.environment)
        now = on.cluster(target.cluster).acting_for(asker).workload(target.place)
        if now.autoscaler is not None:
            raise owned(target, now.autoscaler, now.autoscaler.maximum + 2)
        low, high = target.replicas.min, target.replicas.max
        near = dict.fromkeys((now.wanted + 1, now.wanted + 2, now.wanted * 2, now.wanted - 1))
        buttons = tuple(
            Button(f"{count}", asked.to(count), confirm=f"{target}: from {now.wanted} to {count} replicas?")
            for count in near
            if low <= count <= high and count not in (0, now.wanted)
        )
        words = (
            f"{target} has {now.ready} of {now.wanted} replicas ready; it takes {low} to {high}. How many?"
        )
        return Reply(words, (Text(inert(words)), Buttons(buttons)) if buttons else (Text(inert(words)),))
