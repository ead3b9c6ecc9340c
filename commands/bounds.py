"""bounds: between how many replicas an autoscaler may choose."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bot.backends import Backends
from bot.faults import Changed, Refused
from bot.grammar import write
from bot.grammar.values import Environment, Project
from bot.language import N_, _
from bot.operation import Outcome
from bot.ports import Autoscaler, Cluster, Place
from bot.settings import Settings, Target
from bot.story import Story
from bot.words import sentences
from commands.dry_run import Forecast, Foretold
from commands.naming import KeyedCount
from commands.rolling import cause_of, untouched, where

SET, HAD = "bounds set", "had bounds"  # not said: names of steps
MAY_HAVE = N_(
    "An autoscaler of {target} may have {low} to {high} replicas, fewest first; not {minimum} to {maximum}."
)
KEEPS = N_(
    "The autoscaler of {target} keeps {minimum} to {maximum} replicas (was {low} to {high}); {current} run now."
)
SETS = N_("set the autoscaler {name} of {target} from {low} to {high} replicas to {minimum} to {maximum}")
DECIDES = N_(
    "The autoscaler {name} decides how many replicas {target} has: {low} to {high}, {current} now. "
    "It would undo this."
)


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
            low, high = limits
            asked = {"minimum": int(self.minimum), "maximum": int(self.maximum)}
            raise Refused(
                _(MAY_HAVE, target=self.target, low=low, high=high, **asked),
                _("The bounds of both stand in shipmate.yaml."),
            )
        return {"cluster": target.cluster, "place": asdict(target.place)}

    def run(self, story: Story, on: Backends) -> Outcome:
        cluster, place = where(story, on)
        before = story.step(HAD, lambda: asdict(self._now(cluster, place)))
        after = story.effect(SET, lambda: asdict(self._set(cluster, place, story, Autoscaler(**before))))
        values = {**after, "low": before["minimum"], "high": before["maximum"]}
        kept = _(KEEPS, target=self.target, **values)
        if story.step("runs", lambda: cluster.workload(place).wanted):
            return Outcome(kept)
        start = f"scale {self.project} in {self.environment} to {self.minimum}"
        off = _("The autoscaler {name} is off while there are 0.", name=after["name"])
        return Outcome(
            sentences(kept, off), offers=((_("Scale to {count}", count=int(self.minimum)), start),)
        )

    def abort(self, story: Story, on: Backends) -> str:
        if not story.began(SET):
            return untouched(self.target)
        cluster, place = where(story, on)
        before = story.result(HAD)
        low, high = before["minimum"], before["maximum"]
        ours = Autoscaler(**{**before, "minimum": int(self.minimum), "maximum": int(self.maximum)})
        try:
            story.effect(
                "put back",
                lambda: asdict(
                    cluster.set_bounds(place, (low, high), cause_of(story), story.operation.id, ours)
                ),
            )
        except Changed as changed:
            left = N_("Somebody else set the bounds of {target} to {found}: they were left so.")
            return _(left, target=self.target, found=changed.found)
        again = N_("The autoscaler of {target} keeps {low} to {high} replicas again.")
        return _(again, target=self.target, low=low, high=high)

    def foretell(self, on: Backends) -> Forecast:
        plan = self.plan(on.settings)
        now = self._now(on.cluster(plan["cluster"]), Place(**plan["place"]))
        asked = {"minimum": int(self.minimum), "maximum": int(self.maximum)}
        sets = _(SETS, name=now.name, target=self.target, low=now.minimum, high=now.maximum, **asked)
        return Forecast((sets,))

    def _limits(self, settings: Settings) -> tuple[int, int]:
        """An autoscaler keeps at least one pod."""
        replicas = settings.target(self.project, self.environment).replicas
        return max(1, replicas.min), replicas.max

    def _now(self, cluster: Cluster, place: Place) -> Autoscaler:
        autoscaler = cluster.workload(place).autoscaler
        if autoscaler is None:
            scale = f"scale {self.project} in {self.environment}"
            raise Refused(
                _("No autoscaler owns {target}.", target=self.target),
                _("`{command}` sets its number of replicas.", command=scale),
                offers=((_("Scale"), scale),),
            )
        return autoscaler

    def _set(self, cluster: Cluster, place: Place, story: Story, before: Autoscaler) -> Autoscaler:
        return cluster.set_bounds(
            place, (int(self.minimum), int(self.maximum)), cause_of(story), story.operation.id, before
        )


def owned(target: Target, autoscaler: Autoscaler, wanted: int) -> Refused:
    """Why `scale` would be in vain, and the bounds that come to the same."""
    low, high = max(1, target.replicas.min), target.replicas.max
    wanted = min(max(wanted, low), high)
    choices = {
        _("At least {count}", count=wanted): (wanted, max(wanted, autoscaler.maximum)),
        _("At most {count}", count=wanted): (min(wanted, autoscaler.minimum), wanted),
        _("Exactly {count}", count=wanted): (wanted, wanted),
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
    low, high = now
    names = {
        "name": autoscaler.name,
        "target": target,
        "low": low,
        "high": high,
        "current": autoscaler.current,
    }
    return Refused(
        _(DECIDES, **names),
        _("Change its bounds instead."),
        offers=offers,
    )
