"""bounds: between how many replicas an autoscaler may choose."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bot.backends import Backends
from bot.faults import Changed, Refused
from bot.grammar import write
from bot.grammar.values import Environment, Project
from bot.operation import Outcome
from bot.ports import Autoscaler, Cluster, Person, Place
from bot.settings import Settings, Target
from bot.story import Story
from commands.dry_run import Foretold
from commands.naming import KeyedCount
from commands.rolling import where

SET, HAD = "bounds set", "had bounds"


@dataclass(frozen=True)
class Bounds(Foretold):
    """Set between how many replicas an autoscaler may choose."""

    usage = "bounds <project> in <environment> from <minimum> to <maximum> [--dry-run]"
    examples = ("bounds pay in product from 3 to 12",)
    aliases = ("autoscale",)
    passes = frozenset({"freeze"})  # as `scale`

    project: Project
    environment: Environment
    minimum: KeyedCount
    maximum: KeyedCount

    def plan(self, settings: Settings) -> dict[str, Any]:
        target, limits = settings.target(self.project, self.environment), self._limits(settings)
        if not limits[0] <= self.minimum <= self.maximum <= limits[1]:
            raise Refused(
                f"An autoscaler of {self.target} may have {limits[0]} to {limits[1]} replicas, fewest first; "
                f"not {int(self.minimum)} to {int(self.maximum)}.",
                "The bounds of both stand in shipmate.yaml.",
            )
        return {"cluster": target.cluster, "place": asdict(target.place)}

    def run(self, story: Story, on: Backends) -> Outcome:
        cluster, place = where(story, on)
        before = story.step(HAD, lambda: asdict(self._now(cluster, place)))
        after = story.effect(SET, lambda: asdict(self._set(cluster, place, story, Autoscaler(**before))))
        return Outcome(
            f"The autoscaler of {self.target} keeps {after['minimum']} to {after['maximum']} replicas "
            f"(was {before['minimum']} to {before['maximum']}); {after['current']} run now."
        )

    def abort(self, story: Story, on: Backends) -> str:
        if not story.began(SET):
            return f"{self.target} was not touched."
        cluster, place = where(story, on)
        before = story.result(HAD)
        low, high = before["minimum"], before["maximum"]
        ours = Autoscaler(**{**before, "minimum": int(self.minimum), "maximum": int(self.maximum)})
        try:
            story.effect(
                "put back", lambda: asdict(cluster.set_bounds(place, low, high, story.operation.id, ours))
            )
        except Changed as changed:
            return f"Somebody else set the bounds of {self.target} to {changed.found}: they were left so."
        return f"The autoscaler of {self.target} keeps {low} to {high} replicas again."

    def foretell(self, asker: Person, on: Backends) -> list[str]:
        plan = self.plan(on.settings)
        now = self._now(on.cluster(plan["cluster"]).acting_for(asker), Place(**plan["place"]))
        return [
            f"set the autoscaler {now.name} of {self.target} from {now.minimum} to {now.maximum} replicas "
            f"to {int(self.minimum)} to {int(self.maximum)}"
        ]

    def _limits(self, settings: Settings) -> tuple[int, int]:
        """An autoscaler keeps at least one pod."""
        replicas = settings.target(self.project, self.environment).replicas
        return max(1, replicas.min), replicas.max

    def _now(self, cluster: Cluster, place: Place) -> Autoscaler:
        autoscaler = cluster.workload(place).autoscaler
        if autoscaler is None:
            raise Refused(
                f"No autoscaler owns {self.target}.", f"`scale {self.project} in {self.environment} to ...`."
            )
        return autoscaler

    def _set(self, cluster: Cluster, place: Place, story: Story, before: Autoscaler) -> Autoscaler:
        return cluster.set_bounds(
            place, int(self.minimum), int(self.maximum), story.operation.id, expected=before
        )


def owned(target: Target, autoscaler: Autoscaler, wanted: int) -> Refused:
    """Why `scale` would be in vain, and the bounds that come to the same."""
    low, high = max(1, target.replicas.min), target.replicas.max
    wanted = min(max(wanted, low), high)
    choices = {
        f"At least {wanted}": (wanted, max(wanted, autoscaler.maximum)),
        f"At most {wanted}": (min(wanted, autoscaler.minimum), wanted),
        f"Exactly {wanted}": (wanted, wanted),
    }
    now = (autoscaler.minimum, autoscaler.maximum)
    offers = tuple(
        (
            label,
            write(Bounds(Project(target.project), Environment(target.environment), *map(KeyedCount, pair))),
        )
        for label, pair in choices.items()
        if pair != now and pair[1] <= high
    )
    return Refused(
        f"The autoscaler {autoscaler.name} decides how many replicas {target} has: {now[0]} to {now[1]}, "
        f"{autoscaler.current} now. It would undo this.",
        "Change its bounds instead.",
        offers=offers,
    )
