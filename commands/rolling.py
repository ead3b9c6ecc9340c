"""What commands share that change a cluster: setting what is still as expected, and following its pods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.backends import Backends
from bot.faults import Changed, Failed, Refused
from bot.images import ImageName
from bot.language import N_, _, counted
from bot.ports import Cluster, Place
from bot.story import Story
from bot.workloads import Workload
from commands import last_change
from commands.new_errors import with_new_errors

SETS = N_(
    "set the image of {containers} of {kind} {namespace}/{name} in cluster {cluster} from {before} to {image}"
)
BY_HAND = N_("Pods of {target} change only when somebody deletes them (OnDelete): nothing was changed.")
Expected = TypeVar("Expected", str, int)

BEFORE, MAY_ROLL, ROLLOUT = "runs now", "may roll", last_change.ROLLOUT  # not said: names of steps
"""Steps that going back relies on: the image before, whether it was well, and whether the new one may have been
set."""
WELL = "well"
"""Result of MAY_ROLL."""
HEALTHY = N_("rollout healthy")
UNREADY = N_("Not all pods were healthy within {minutes} min.")


def where(story: Story, on: Backends) -> tuple[Cluster, Place]:
    """The cluster and the place of the plan."""
    return on.cluster(story.plan["cluster"]), Place(**story.plan["place"])


@dataclass(frozen=True)
class Reached:
    """Pods, when a rollout had ended well: `ready` in all, of which `kept` are still of the revision before."""

    ready: int
    kept: int = 0

    @property
    def none(self) -> bool:
        """Whether nobody knows yet how the image does: not one pod runs it."""
        return self.kept >= self.ready

    @property
    def caveat(self) -> str:
        if self.ready == 0:
            return _("Nothing of it runs, as it has 0 replicas: only `scale` will show whether it does well.")
        if self.kept:
            return counted(
                "{n} pod still runs what it ran before: the `partition` of the StatefulSet keeps it.",
                "{n} pods still run what they ran before: the `partition` of the StatefulSet keeps them.",
                self.kept,
            )
        return ""


def follow(
    story: Story, cluster: Cluster, place: Place, generation: int, image: str, within: float, on: Backends
) -> Reached:
    """Wait until every wanted pod runs `image` and is available."""
    topic = cluster.rollout(place, generation, image)
    try:
        seen = story.until(HEALTHY, cluster, topic, within, _told, UNREADY)
    except Failed as end:
        raise with_new_errors(end, story.operation, on) from end
    return Reached(**seen)


def _told(seen: dict[str, int]) -> str:
    return (
        counted("{n} of {n} pod healthy", "{n} of {n} pods healthy", seen["ready"])
        if seen["ready"]
        else _("no pods: 0 replicas")
    )


def cause_of(story: Story) -> str:
    operation = story.operation
    return f"{operation.text} by {operation.actor.name} ({operation.id})"  # not said: kept in the cluster


def set_image(story: Story, cluster: Cluster, place: Place, image: str) -> int:
    """Set it once, recorded with who and why; returns the generation to follow."""

    def act(expected: str) -> int:
        return cluster.set_image(place, image, cause_of(story), story.operation.id, expected)

    return instead_of(story, ROLLOUT, act, story.result(BEFORE))


def instead_of(story: Story, name: str, act: Callable[[Expected], int], expected: Expected) -> int:
    """An effect that replaces what is expected; what else it finds, it asks about before it goes on."""
    try:
        return story.effect(name, lambda: act(expected))
    except Changed as changed:
        story.ask(f"instead of {changed.found}", _("{why} Go on all the same?", why=changed.message))
        return instead_of(story, name, act, type(expected)(changed.found))


def must_replace(now: Workload, target: str) -> None:
    """Raises Refused where a new image would reach no pod by itself."""
    if now.by_hand:
        raise Refused(
            _(BY_HAND, target=target),
            _("Shipmate ships where the update strategy is RollingUpdate."),
        )


def must_roll(now: Workload, target: str) -> str:
    """How what runs there is doing: nobody can tell any more once it is replaced.

    Raises Refused as well while rollouts are paused: nothing would become of a new image.
    """
    must_replace(now, target)
    if now.paused:
        words = target.replace("/", " in ")
        raise Refused(
            _("Rollouts of {target} are paused: nothing was changed.", target=target),
            _("`{command}` lets them go on.", command=f"resume {words}"),
            offers=((_("Resume"), f"resume {words}"),),
        )
    return health(now)


def health(now: Workload) -> str:
    """WELL where it runs and nothing is wrong with its pods; one that is just being replaced may not be ready."""
    return WELL if now.wanted > 0 and not now.trouble else "unwell"  # not said: kept in the record


def put_back(story: Story, cluster: Cluster, place: Place, on: Backends, ours: str) -> str:
    """Undo a rollout of the image `ours`, if there may have been one. Says what was done."""
    if not story.began(ROLLOUT):
        return untouched(story.operation.target)
    return back_to_before(story, cluster, place, on, ours)


def back_to_before(story: Story, cluster: Cluster, place: Place, on: Backends, ours: str) -> str:
    """The image from before, followed until it is healthy; what is not `ours` any more is left as it is."""
    before = story.result(BEFORE)
    cause = f"cancel {story.operation.id}: back to {tag(before)}"  # not said: the cluster keeps it
    try:
        generation = story.effect(
            "put back", lambda: cluster.set_image(place, before, cause, story.operation.id, ours)
        )
    except Changed as changed:
        left = N_("Somebody else set {image} on {target}: it was left so.")
        return _(left, image=tag(changed.found), target=story.operation.target)
    topic = cluster.rollout(place, generation, before)
    try:
        story.until("healthy again", cluster, topic, on.settings.limits.rollout_minutes * 60, late=UNREADY)
    except Failed as end:
        words = N_("Cancelled: {target} is back on {image}, which is not healthy. {why}")
        end.reason = _(words, target=story.operation.target, image=tag(before), why=end.reason)
        raise
    return _("{target} is back on {image}.", target=story.operation.target, image=tag(before))


def untouched(target: str) -> str:
    return _("{target} was not touched.", target=target)


def named(plan: dict[str, Any]) -> dict[str, str]:
    """The names in what a dry run says of a plan."""
    place = Place(**plan["place"])
    names = ", ".join(place.containers)
    containers = counted("container {names}", "containers {names}", len(place.containers), names=names)
    where = {"kind": place.kind, "namespace": place.namespace, "name": place.name}
    return {"cluster": plan["cluster"], **where, "containers": containers}


def nothing_runs(now: Workload) -> tuple[str, ...]:
    """A fact of a dry run, where it is one."""
    return () if now.wanted else (_("it has 0 replicas: nothing of it runs, and nothing will"),)


def waits(count: int, on: Backends) -> tuple[str, ...]:
    """The last act of a dry run, where there is something to wait for."""
    if count == 0:
        return ()
    words = counted(
        "wait at most {minutes} min until {n} pod is healthy",
        "wait at most {minutes} min until {n} pods are healthy",
        count,
        minutes=on.settings.limits.rollout_minutes,
    )
    return (words,)


def tag(image: str) -> str:
    """`harbor.shop.example/web/web:trunk-r1841-42` -> `trunk-r1841-42`; where there is none, twelve characters
    of its digest, or its name. Of what `Cluster.images` says it is that of the first container."""
    name = ImageName.parse(image.partition(" (")[0])
    return name.tag or name.digest.removeprefix("sha256:")[:12] or name.repository.rsplit("/", 1)[-1]
