"""One step of a rollout: which ReplicaSet grows, which shrinks (kubernetes/pkg/controller/deployment)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.kubernetes import rollout
from sandbox.kubernetes.recorder import Recorder, Source
from sandbox.kubernetes.resources import DEPLOYMENTS, PODS, REPLICASETS, Object
from sandbox.kubernetes.rollout import count, replicas
from sandbox.kubernetes.store import Store

SOURCE = Source("deployment-controller")


@dataclass
class Rollout:
    """A Deployment and its ReplicaSets during one sync. Fields follow what is written meanwhile."""

    store: Store
    recorder: Recorder
    deployment: Object
    new: Object | None
    old: list[Object]
    """Every other ReplicaSet, oldest first."""

    @property
    def every(self) -> list[Object]:
        return [*self.old, self.new] if self.new else list(self.old)

    def scale(self, item: Object, size: int) -> bool:
        """Give `item` `size` replicas and note the Deployment's sizes on it; False: it had that size."""
        before = replicas(item)
        annotations = item["metadata"].get("annotations", {}) | rollout.noted_sizes(self.deployment)
        metadata = item["metadata"] | {"annotations": annotations}
        stored = self.store.update(
            REPLICASETS, item | {"metadata": metadata, "spec": item["spec"] | {"replicas": size}}
        )
        self.old = [stored if other is item else other for other in self.old]
        self.new = stored if self.new is item else self.new
        if before == size:
            return False
        self.report("up" if size > before else "down", stored, before)
        return True

    def report(self, direction: str, item: Object, before: int) -> None:
        text = f"Scaled {direction} replica set {item['metadata']['name']} from {before} to {replicas(item)}"
        self.recorder.normal(SOURCE, DEPLOYMENTS, self.deployment, "ScalingReplicaSet", text)


def roll(change: Rollout) -> bool:
    """RollingUpdate: grow the new ReplicaSet, or else shrink old ones. False: nothing to do now."""
    new = change.new
    if new is None:
        return False
    wanted = replicas(change.deployment)
    if replicas(new) != wanted:
        size = min(wanted, rollout.new_replicas(change.deployment, change.every, replicas(new)))
        if change.scale(new, size):
            return True
    return _shrink_old(change, new)


def _shrink_old(change: Rollout, new: Object) -> bool:
    """Unhealthy old pods go first; healthy ones only while enough others are available."""
    minimum = replicas(change.deployment) - rollout.fenceposts(change.deployment)[1]
    unavailable = replicas(new) - count(new, "availableReplicas")
    spare = sum(map(replicas, change.every)) - minimum - unavailable
    if spare <= 0:
        return False
    cleaned = _take(change, spare, lambda item: replicas(item) - count(item, "availableReplicas"))
    available = sum(count(item, "availableReplicas") for item in change.every)
    return _take(change, available - minimum, replicas) or cleaned


def _take(change: Rollout, limit: int, removable: Callable[[Object], int]) -> bool:
    """Scale old ReplicaSets down by `limit` pods in all, oldest first, each by at most `removable`."""
    scaled = False
    for item in list(change.old):
        down = min(limit, replicas(item), removable(item))
        if down > 0:
            limit -= down
            scaled = change.scale(item, replicas(item) - down) or scaled
    return scaled


def stop_old(change: Rollout) -> bool:
    """Recreate, first half: every old ReplicaSet to 0. False: they are, and their pods are gone."""
    scaled = [change.scale(item, 0) for item in list(change.old) if replicas(item)]
    return bool(scaled) or any(change.store.owned(item["metadata"]["uid"], PODS) for item in change.old)


def resized(change: Rollout) -> bool:
    """Whether spec.replicas changed since the active ReplicaSets were last scaled."""
    noted = (rollout.annotation(item, rollout.DESIRED) for item in change.every if replicas(item))
    return any(desired is not None and int(desired) != replicas(change.deployment) for desired in noted)


def resize(change: Rollout) -> None:
    """Follow spec.replicas without advancing the rollout: in proportion over what is active."""
    wanted = replicas(change.deployment)
    active = [item for item in change.every if replicas(item)]
    if len(active) <= 1:
        for item in active or change.every[-1:]:
            change.scale(item, wanted)
    elif change.new and replicas(change.new) == wanted == count(change.new, "availableReplicas"):
        for item in active:
            change.scale(item, 0 if item is not change.new else wanted)
    elif change.deployment["spec"]["strategy"]["type"] == "RollingUpdate":
        largest = sorted(active, key=lambda item: (replicas(item), rollout.revision(item)), reverse=True)
        sizes = rollout.proportion(largest, change.deployment)
        for item in largest:
            change.scale(item, sizes[item["metadata"]["name"]])


def forget_old(change: Rollout) -> None:
    """Keep revisionHistoryLimit old ReplicaSets; the lowest revisions go."""
    limit = change.deployment["spec"].get("revisionHistoryLimit")
    if limit is None:
        return
    excess = len(change.old) - limit
    for item in sorted(change.old, key=rollout.revision)[: max(0, excess)]:
        metadata = item["metadata"]
        unseen = metadata["generation"] > count(item, "observedGeneration")
        if not (replicas(item) or count(item, "replicas") or unseen):
            change.store.delete(REPLICASETS, metadata["namespace"], metadata["name"])
            change.old.remove(item)
