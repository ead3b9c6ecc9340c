"""How far a rollout has come. Pure functions over the JSON of the API.

The rules are those of `kubectl rollout status` (k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go),
for Deployments, StatefulSets and DaemonSets: counters are absent at zero, and nothing is believed before
observedGeneration has caught up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from bot.language import N_, _
from bot.ports import Place, Seen
from bot.words import together
from integrations.kubernetes_api import Object
from integrations.kubernetes_causes import Cause, Warnings, briefly, causes, groups, ready_grace, refusal
from integrations.kubernetes_objects import (
    image_of,
    images_of,
    is_by_hand,
    kept_of,
    notes_of,
    owned,
    wanted_of,
)
from integrations.kubernetes_states import NEVER

NOT_BEGUN = N_("rollout: the cluster has not begun yet")
STALLED = N_("No progress for {seconds} s. {serving} Kubernetes goes on trying.")
STALLED_BY = N_("No progress for {seconds} s. {why}. {serving} Kubernetes goes on trying.")
IN_THE_WAY = N_(
    "{why}. It is of an earlier revision, and Kubernetes waits for it: "
    "`kubectl -n {namespace} delete pod {pod}` lets the rollout go on"
)
BY_HAND = N_(
    "The update strategy of this {kind} is OnDelete: the image is set, and each pod takes it only when "
    "somebody deletes the pod."
)
DAEMON_GENERATION = "deprecated.daemonset.template.generation"
"""Annotation of a DaemonSet; its pods carry the number as label `pod-template-generation`."""


@dataclass(frozen=True)
class Picture:
    """A workload and what belongs to it, as seen at one moment."""

    workload: Object
    pods: list[Object] = field(default_factory=list)
    sets: list[Object] = field(default_factory=list)
    """ReplicaSets of a Deployment."""
    warnings: Warnings = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What was seen, and what was wrong with the pods of the revision that is followed."""

    seen: Seen
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Counts:
    """Pods: wanted, of the new revision, of these available, in all, and available in all."""

    wanted: int
    updated: int
    available: int
    surplus: int
    serving: int
    kept: int = 0
    """Of those wanted, how many a `partition` keeps on an earlier revision."""


def judge(
    picture: Picture, place: Place, generation: int, image: str, over: Callable[[Cause], bool]
) -> Verdict:
    """How far the rollout of `image`, asked for at `generation`, has come.

    `over`: whether a cause has lasted for longer than its grace. A failure carries no log yet: fetching
    one costs calls, which the adapter makes.
    """
    workload = picture.workload
    current = workload["metadata"].get("generation", 0)
    if current < generation:
        return Verdict(Seen(done=False, progress=_(NOT_BEGUN)))
    running = images_of(workload, place)
    if running != image:  # superseded: the revision that is followed never completes
        other = _("Somebody else set another image meanwhile: {image}.", image=_tag(running))
        return Verdict(_failed(other))
    status = workload.get("status", {})
    if status.get("observedGeneration", 0) < current:
        return Verdict(Seen(done=False, progress=_(NOT_BEGUN)))
    ours = pods_of_newest(picture, place.container)
    names = {pod["metadata"]["name"] for pod in ours}
    before = [pod for pod in picture.pods if pod["metadata"]["name"] not in names]
    found = causes(ours, picture.warnings, ready_grace(before))
    refused = refusal(workload, picture.pods, picture.warnings)
    if refused is not None and (newest := _newest_set(picture)) is not None:
        refused = replace(refused, maker=newest["metadata"]["name"])
    in_the_way = _in_the_way(workload, before, picture.warnings)
    return _judge(place.kind, workload, ([refused] if refused else []) + found + in_the_way, over)


def _in_the_way(workload: Object, before: list[Object], warnings: Warnings) -> list[Cause]:
    """Pods of earlier revisions that a StatefulSet waits for in vain, instead of replacing them.

    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
    """
    if workload["spec"].get("podManagementPolicy") != "OrderedReady":
        return []
    namespace = workload["metadata"]["namespace"]
    return [
        replace(
            cause,
            words=_(IN_THE_WAY, why=cause.words, namespace=namespace, pod=cause.pod),
            grace=NEVER,
            restarts=0,
        )
        for cause in causes(before, warnings)
    ]


def _judge(kind: str, workload: Object, found: list[Cause], over: Callable[[Cause], bool]) -> Verdict:
    seen, counts = RULES[kind](workload)
    if seen.done:
        return Verdict(seen)
    fatal = [cause for cause in found if over(cause)]
    if fatal:
        words = _("{why}. {serving}", why=together(groups(fatal)), serving=_still_serving(counts))
        return Verdict(_failed(words, _brief(briefly(fatal[0]), counts)), tuple(fatal))
    if _condition(workload, "Progressing").get("reason") == "ProgressDeadlineExceeded":
        why = briefly(found[0]) if found else _("no progress")
        return Verdict(_failed(_stalled(workload, found, counts), _brief(why, counts)), tuple(found))
    told = together((seen.progress, *groups(found)))
    return Verdict(Seen(done=False, progress=told), tuple(found))


# -- the rules of each kind


def _deployment(workload: Object) -> tuple[Seen, Counts]:
    status, wanted = workload.get("status", {}), wanted_of(workload)
    counts = Counts(
        wanted,
        updated=status.get("updatedReplicas", 0),
        available=status.get("availableReplicas", 0),
        surplus=status.get("replicas", 0) - wanted,
        serving=status.get("availableReplicas", 0),
    )
    complete = counts.updated >= wanted and counts.available >= wanted  # as when it is only scaled
    if workload["spec"].get("paused") and not complete:
        return Seen(done=False, progress=_("the rollout is paused; `resume` lets it go on")), counts
    return _progress(counts), counts


def _stateful_set(workload: Object) -> tuple[Seen, Counts]:
    """One pod after the other, from the highest number; `partition` keeps those below it as they are."""
    status, wanted = workload.get("status", {}), wanted_of(workload)
    kept = kept_of(workload)
    whole = status.get("updateRevision") == status.get("currentRevision")
    counts = Counts(
        wanted=wanted,
        # kubectl: once all are updated the controller makes updateRevision the currentRevision
        updated=wanted if whole else status.get("updatedReplicas", 0) + kept,
        available=status.get("availableReplicas", status.get("readyReplicas", 0)),
        surplus=status.get("replicas", 0) - wanted,
        serving=status.get("availableReplicas", status.get("readyReplicas", 0)),
        kept=kept,
    )
    if is_by_hand(workload):
        return _by_hand("StatefulSet"), counts
    if counts.updated >= wanted and not whole and not kept:
        return Seen(done=False, progress=_("rollout: the last pod is being replaced")), counts
    return _progress(counts), counts


def _daemon_set(workload: Object) -> tuple[Seen, Counts]:
    status = workload.get("status", {})
    counts = Counts(
        wanted_of(workload),
        updated=status.get("updatedNumberScheduled", 0),
        available=status.get("numberAvailable", 0),
        surplus=0,
        serving=status.get("numberAvailable", 0),
    )
    if is_by_hand(workload):
        return _by_hand("DaemonSet"), counts
    return _progress(counts), counts


RULES: dict[str, Callable[[Object], tuple[Seen, Counts]]] = {
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
}


def _progress(counts: Counts) -> Seen:
    if counts.updated < counts.wanted:
        started = _("rollout: {count} of {wanted} started", count=counts.updated, wanted=counts.wanted)
        return Seen(done=False, progress=started)
    if counts.available < counts.wanted:
        ready = _("rollout: {count} of {wanted} ready", count=counts.available, wanted=counts.wanted)
        return Seen(done=False, progress=ready)
    if counts.surplus > 0:
        return Seen(done=False, progress=_("rollout: {count} still stopping", count=counts.surplus))
    return Seen(done=True, value={"ready": counts.available, "kept": counts.kept})


def _by_hand(kind: str) -> Seen:
    return _failed(_(BY_HAND, kind=kind))


# -- which pods are new


def pods_of_newest(picture: Picture, container: str) -> list[Object]:
    """The pods of the newest revision: those whose trouble is this rollout's."""
    workload, pods = picture.workload, picture.pods
    newest = _newest_set(picture)
    if newest is not None:
        return [pod for pod in pods if owned(pod, newest)]
    label, value = _revision_label(workload)
    if value:
        return [pod for pod in pods if pod["metadata"].get("labels", {}).get(label) == value]
    image = image_of(workload, container)
    return [pod for pod in pods if image_of(pod, container) == image]


def _newest_set(picture: Picture) -> Object | None:
    """The ReplicaSet with the Deployment's template, as its controller finds it (EqualIgnoreHash)."""
    wanted = _without_hash(picture.workload["spec"]["template"])
    mine = (item for item in picture.sets if owned(item, picture.workload))
    return next((item for item in mine if _without_hash(item["spec"]["template"]) == wanted), None)


def _without_hash(template: Object) -> dict[str, Any]:
    metadata = template.get("metadata", {})
    labels = {k: v for k, v in metadata.get("labels", {}).items() if k != "pod-template-hash"}
    return {"labels": labels, "annotations": metadata.get("annotations", {}), "spec": template["spec"]}


def _revision_label(workload: Object) -> tuple[str, str]:
    update = workload.get("status", {}).get("updateRevision", "")
    if update:
        return "controller-revision-hash", str(update)
    return "pod-template-generation", notes_of(workload).get(DAEMON_GENERATION, "")


# -- words


def _failed(words: str, brief: str = "") -> Seen:
    return Seen(done=True, failure=words, brief=brief)


def _brief(why: str, counts: Counts) -> str:
    """For a notification: `crash loop, 2 of 6 up`."""
    return _("{why}, {ready} of {wanted} up", why=why, ready=counts.serving, wanted=counts.wanted)


def _stalled(workload: Object, found: list[Cause], counts: Counts) -> str:
    seconds = workload["spec"].get("progressDeadlineSeconds", 600)
    values = {"seconds": seconds, "serving": _still_serving(counts)}
    return _(STALLED_BY, why=together(groups(found)), **values) if found else _(STALLED, **values)


def _still_serving(counts: Counts) -> str:
    if not counts.serving:
        return _("No pod serves.")
    return _("{serving} of {wanted} pods still serve.", serving=counts.serving, wanted=counts.wanted)


def _condition(workload: Object, kind: str) -> Object:
    conditions = workload.get("status", {}).get("conditions", ())
    return next((c for c in conditions if c["type"] == kind), {})


def worst(found: tuple[Cause, ...]) -> Cause | None:
    """The one whose pod's log is most likely to say why; None when none of them ran."""
    return max((cause for cause in found if cause.ran), key=lambda cause: cause.restarts, default=None)


def _tag(image: str) -> str:
    return image.rsplit("/", 1)[-1]
