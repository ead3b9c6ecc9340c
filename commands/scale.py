"""scale: set the number of replicas and follow until they are ready."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bot.backends import Backends
from bot.command import Change
from bot.faults import Refused
from bot.grammar.values import Count, Environment, Project
from bot.operation import Outcome
from bot.ports import Cluster, Place
from bot.settings import Settings
from bot.story import Story
from commands.rolling import follow

SET, HAD = "replicas set", "had replicas"


@dataclass(frozen=True)
class Scale(Change):
    """Set how many replicas run."""

    usage = "scale <project> in <environment> to <count>"
    examples = ("scale web in product to 6",)
    passes = frozenset({"freeze"})  # it ships nothing, and traffic knows no holidays

    project: Project
    environment: Environment
    count: Count

    def plan(self, settings: Settings) -> dict[str, Any]:
        target = settings.target(self.project, self.environment)
        bounds = target.replicas
        if not bounds.min <= self.count <= bounds.max:
            nearest = bounds.min if self.count < bounds.min else bounds.max
            raise Refused(
                f"{self.target} takes {bounds.min} to {bounds.max} replicas, not {int(self.count)}.",
                f"For example `scale {self.project} in {self.environment} to {nearest}`; "
                "the bounds stand in shipmate.yaml.",
            )
        return {"cluster": target.cluster, "place": asdict(target.place), "count": int(self.count)}

    def run(self, story: Story, on: Backends) -> Outcome:
        cluster = on.cluster(story.plan["cluster"])
        place, count = Place(**story.plan["place"]), story.plan["count"]

        before = story.step(HAD, lambda: _now(cluster, place))
        generation = story.effect(SET, lambda: cluster.set_replicas(place, count, story.operation.id))
        minutes = on.settings.limits.rollout_minutes
        ready = follow(story, cluster, place, generation, before["image"], minutes * 60, on)
        return Outcome(f"{self.target} has {ready} of {count} replicas ready (was {before['wanted']}).")

    def abort(self, story: Story, on: Backends) -> str:
        if not story.began(SET):
            return f"{self.target} was not touched."
        cluster, place = on.cluster(story.plan["cluster"]), Place(**story.plan["place"])
        before = story.result(HAD)["wanted"]
        story.effect("put back", lambda: cluster.set_replicas(place, before, story.operation.id))
        return f"{self.target} is set back to {before} replicas."


def _now(cluster: Cluster, place: Place) -> dict[str, Any]:
    workload = cluster.workload(place)
    return {"image": workload.image, "wanted": workload.wanted}
