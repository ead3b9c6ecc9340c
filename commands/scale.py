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
from bot.language import N_, _
from bot.lifecycle import State
from bot.mrkdwn import inert
from bot.operation import PART_OF, Outcome
from bot.ports import Cluster, Person, Place
from bot.reply import Button, Buttons, Reply, Text
from bot.settings import Settings
from bot.story import Story
from bot.words import duration, sentences
from commands.bounds import owned
from commands.dry_run import Forecast, Foretold
from commands.naming import KeyedCount
from commands.rolling import cause_of, follow, instead_of, named, untouched, waits, where

SET, HAD, LATER = "replicas set", "had replicas", "put back later"  # not said: names of steps
PENDING = "was to be put back"  # not said: a step

SETS = N_("set {kind} {namespace}/{name} in cluster {cluster} from {had} to {count} replicas")
ONE_EACH = N_("{workload} runs one pod on each node: it has no number of replicas.")
HAS = N_("{target} has {ready} of {wanted} replicas ready; it takes {low} to {high}. How many?")


class Difference(Typed, int):
    """So many more or fewer."""

    expected, example = N_("a number with its sign, such as +2 or -1"), "+2"
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
            raise Refused(_("Say either `to` how many or `by` how many, not both."))
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
            nothing = N_("With 0 replicas nothing of {target} runs any more. Go on?")
            story.ask("to zero", _(nothing, target=self.target))
        generation = instead_of(
            story,
            SET,
            lambda expected: cluster.set_replicas(
                place, count, cause_of(story), story.operation.id, expected
            ),
            had if self.was is None else int(self.was),
        )
        later = self._put_back_later(story, on, had, count)
        minutes = on.settings.limits.rollout_minutes
        reached = follow(story, cluster, place, generation, before["image"], minutes * 60, on)
        names = {"target": self.target, "ready": reached.ready, "count": count, "had": had}
        said = _("{target} has {ready} of {count} replicas ready (was {had}).", **names)
        if self.length and (taken_over := story.result(PENDING)):
            on.ledger.stop(
                taken_over["id"], story.operation.id
            )  # now, as a cancelled scaling leaves it as it was
        return Outcome(sentences(said, self._scaler_says(story, cluster, place, had, count), later))

    def _scaler_says(self, story: Story, cluster: Cluster, place: Place, had: int, count: int) -> str:
        """What becomes of an autoscaler at 0, and from there."""

        def says() -> str:
            scaler = cluster.workload(place).autoscaler
            if scaler is None:
                return ""
            if count == 0:
                return _("The autoscaler {name} is off while there are 0.", name=scaler.name)
            goes_on = N_("From here on the autoscaler {name} decides: {low} to {high}.")
            return _(goes_on, name=scaler.name, low=scaler.minimum, high=scaler.maximum)

        return "" if had and count else story.step("autoscaler", says)

    def abort(self, story: Story, on: Backends) -> str:
        if not story.began(SET):
            return untouched(self.target)
        cluster, place = where(story, on)
        had, count, mine = story.result(HAD)["wanted"], story.result(HAD)["count"], story.operation.id
        later = story.result(LATER)
        if later:
            on.ledger.stop(later, mine)
        try:
            story.effect("put back", lambda: cluster.set_replicas(place, had, cause_of(story), mine, count))
        except Changed as changed:
            left = N_("Somebody else set {target} to {found} replicas: it was left so.")
            return _(left, target=self.target, found=changed.found)
        if story.result(SET) is None:  # it may have come to nothing
            return _("{target} has {had} replicas, as before.", target=self.target, had=had)
        return _("{target} is set back to {had} replicas.", target=self.target, had=had)

    def foretell(self, on: Backends) -> Forecast:
        plan = self.plan(on.settings)
        cluster, place = on.cluster(plan["cluster"]), Place(**plan["place"])
        found = self._now(cluster, place, on, plan["bounds"])
        had, count = found["wanted"], found["count"]
        if count > had:
            self._must_fit(cluster, place, had, count)
        back = N_("put {had} back after {length}, unless somebody changed it")
        return Forecast(
            (
                *([_("ask whether nothing is to run any more")] if count == 0 else []),
                _(SETS, **named(plan), had=had, count=count),
                *waits(count, on),
                *([_(back, had=had, length=duration(self.length))] if self.length else []),
            )
        )

    def _now(self, cluster: Cluster, place: Place, on: Backends, bounds: dict[str, int]) -> dict[str, Any]:
        """{"image", "wanted": replicas before, "count": after}. Raises Refused where it would be in vain."""
        if place.kind == "DaemonSet":
            raise Refused(_(ONE_EACH, workload=self.target))
        workload = cluster.workload(place)
        had = workload.wanted
        count = int(self.count) if self.count is not None else had + int(self.difference or 0)
        self._must_be_within(count, bounds)
        if workload.autoscaler is not None and had and count:  # at 0 it is off, and decides nothing
            raise owned(on.settings.target(self.project, self.environment), workload.autoscaler, count)
        if self.length and not bounds["min"] <= had <= bounds["max"]:
            unset = N_("{target} has {had} replicas, which could not be set again.")
            raise Refused(_(unset, target=self.target, had=had), _("Leave `for` out."))
        return {"image": cluster.images(place), "wanted": had, "count": count}

    def _must_be_within(self, count: int, bounds: dict[str, int]) -> None:
        low, high = bounds["min"], bounds["max"]
        if low <= count <= high:
            return
        names = {"target": self.target, "low": low, "high": high, "count": count}
        nearest = low if count < low else high
        raise Refused(
            _("{target} takes {low} to {high} replicas, not {count}.", **names),
            _("For example `{command}`; the bounds stand in shipmate.yaml.", command=self.to(nearest)),
            offers=((_("Scale to {count}", count=nearest), self.to(nearest)),),
        )

    def _must_fit(self, cluster: Cluster, place: Place, had: int, count: int) -> None:
        """Raises Refused, with what does fit."""
        room = cluster.room(place, count)
        if room.fits >= count:
            return
        names = {"fits": room.fits, "count": count, "target": self.target, "why": room.why}
        offer = (_("Scale to {count}", count=room.fits), self.to(room.fits))
        raise Refused(
            _("Only {fits} of {count} replicas of {target} fit: {why}.", **names),
            _("It has {had}. Nothing was changed.", had=had),
            offers=(offer,) if room.fits > had else (),
        )

    def _put_back_later(self, story: Story, on: Backends, had: int, count: int) -> str:
        """A scaling for a while that is still to be put back is taken over: in the end it has what it had first."""
        if self.length is None:
            return ""
        pending = story.step(PENDING, lambda: _pending(on, self.target))
        had = pending.get("to", had)
        if had == count:
            return ""
        at = story.step("until", lambda: time.time() + int(self.length or 0))
        back = Scale(self.project, self.environment, count=Count(had), was=KeyedCount(count))
        later = story.schedule(LATER, back, at, on)
        length = duration(self.length)
        said = _("In {length} it is put back to {had} (`{id}`).", length=length, had=had, id=later)
        instead = _("That takes the place of `{id}`.", id=pending["id"]) if pending else ""
        return sentences(said, instead)

    def to(self, count: int) -> str:
        return write(replace(self, count=Count(count), difference=None, was=None, dry_run=False))


def _pending(on: Backends, target: str) -> dict[str, Any]:
    """What is to put the number of replicas back after an earlier scaling: {"id", "to"}, or nothing."""
    for operation in on.ledger.active():
        planned = (
            operation.state is State.SCHEDULED and operation.verb == "scale" and PART_OF in operation.plan
        )
        if planned and operation.target == target:
            return {"id": operation.id, "to": operation.plan["count"]}
    return {}


@dataclass(frozen=True)
class Sizes(StandIn):
    """How many replicas there are, and near numbers as buttons."""

    def answer(self, asker: Person, on: Backends) -> Reply:  # noqa: ARG002  # every query is asked by somebody
        asked = cast(Scale, self.asked)
        target = on.settings.target(asked.project, asked.environment)
        if target.place.kind == "DaemonSet":
            raise Refused(_(ONE_EACH, workload=self.target))
        now = on.cluster(target.cluster).workload(target.place)
        if now.autoscaler is not None and now.wanted:
            raise owned(target, now.autoscaler, now.autoscaler.maximum + 2)
        low, high = target.replicas.min, target.replicas.max
        question = N_("{target}: from {had} to {count} replicas?")
        near = dict.fromkeys((now.wanted + 1, now.wanted + 2, now.wanted * 2, now.wanted - 1))
        if now.autoscaler is not None:  # which is off at 0
            near = {now.autoscaler.minimum: None}
        buttons = tuple(
            Button(
                f"{count}", asked.to(count), confirm=_(question, target=target, had=now.wanted, count=count)
            )
            for count in near
            if low <= count <= high and count not in (0, now.wanted)
        )
        words = _(HAS, target=target, ready=now.ready, wanted=now.wanted, low=low, high=high)
        return Reply(words, (Text(inert(words)), Buttons(buttons)) if buttons else (Text(inert(words)),))
