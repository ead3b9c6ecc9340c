"""restart: replace every pod by a new one of the same image, a few at a time."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from bot.backends import Backends
from bot.command import Later
from bot.grammar.values import Environment, Project
from bot.language import N_, _, counted
from bot.operation import Outcome
from bot.ports import Place
from bot.settings import Settings
from bot.story import Story
from bot.words import sentences
from commands.dry_run import Forecast, Foretold
from commands.rolling import (
    MAY_ROLL,
    ROLLOUT,
    cause_of,
    follow,
    must_roll,
    named,
    tag,
    untouched,
    waits,
    where,
)

GOES_ON = N_("The cluster goes on replacing the pods of {target}; nobody follows it any more.")
REPLACES = N_(
    "replace the {count} pods of {kind} {namespace}/{name} in cluster {cluster}, a few at a time, "
    "with the same image {image}"
)


@dataclass(frozen=True)
class Restart(Later, Foretold):
    """Replace every pod, a few at a time, without a gap."""

    usage = "restart <project> in <environment> [at <time>] [--when-unlocked] [--dry-run]"
    examples = ("restart web in product",)
    aliases = ("bounce",)
    form = ("project", "environment", "time")
    passes = frozenset({"freeze"})  # the image stays

    project: Project
    environment: Environment

    def plan(self, settings: Settings) -> dict[str, Any]:
        target = settings.target(self.project, self.environment)
        return {"cluster": target.cluster, "place": asdict(target.place)}

    def run(self, story: Story, on: Backends) -> Outcome:
        cluster, place = where(story, on)
        story.step(MAY_ROLL, lambda: must_roll(cluster.workload(place), self.target))
        image = story.step("image", lambda: cluster.images(place))
        at = story.step("at", lambda: datetime.now(UTC).isoformat(timespec="seconds"))
        generation = story.effect(
            ROLLOUT, lambda: cluster.restart(place, at, cause_of(story), story.operation.id)
        )
        reached = follow(
            story, cluster, place, generation, image, on.settings.limits.rollout_minutes * 60, on
        )
        words = counted(
            "{target} has {n} new pod of {image}.",
            "{target} has {n} new pods of {image}.",
            reached.ready - reached.kept,
            target=self.target,
            image=tag(image),
        )
        return Outcome(sentences(words, reached.caveat))

    def abort(self, story: Story, on: Backends) -> str:  # noqa: ARG002  # there is nothing to put back
        if not story.began(ROLLOUT):
            return untouched(self.target)
        return _(GOES_ON, target=self.target)

    def foretell(self, on: Backends) -> Forecast:
        plan = self.plan(on.settings)
        cluster, place = on.cluster(plan["cluster"]), Place(**plan["place"])
        now = cluster.workload(place)
        must_roll(now, self.target)
        replaces = _(REPLACES, count=now.wanted, image=tag(now.image), **named(plan))
        return Forecast((replaces, *waits(now.wanted, on)))
