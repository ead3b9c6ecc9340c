"""The Deployment controller: reacts to changes, lets the strategy take a step, writes the status.

Progress and status follow kubernetes/pkg/controller/deployment/progress.go and sync.go (v1.36).
"""

from __future__ import annotations

from sandbox.kubernetes import conditions, revisions, rollout, strategies
from sandbox.kubernetes.clock import Clock, WorkQueue
from sandbox.kubernetes.conditions import Condition
from sandbox.kubernetes.recorder import Recorder
from sandbox.kubernetes.resources import DEPLOYMENTS, PODS, REPLICASETS, Object, Resource, key
from sandbox.kubernetes.rollout import count, replicas
from sandbox.kubernetes.store import Change, Store
from sandbox.kubernetes.strategies import Rollout

LAG = 0.015
"""Lifelike seconds from a change to the controller's reaction; raise `queue.lag` to see a slow controller."""

PROGRESSING, AVAILABLE, FAILURE = "Progressing", "Available", "ReplicaFailure"
COMPLETE, TIMED_OUT = "NewReplicaSetAvailable", "ProgressDeadlineExceeded"
PAUSED, RESUMED = "DeploymentPaused", "DeploymentResumed"


class Deployments:
    """Moves ReplicaSets towards what Deployments say, one step a change."""

    def __init__(self, store: Store, clock: Clock, recorder: Recorder) -> None:
        self.queue = WorkQueue(clock, self._sync, LAG)
        self._store = store
        self._clock = clock
        self._recorder = recorder
        self._progressed: dict[str, tuple[Condition, float]] = {}
        """Deployment uid -> its Progressing condition and when it was first seen (clock seconds)."""

    def clear(self) -> None:
        self.queue.clear()
        self._progressed.clear()

    def observe(self, change: Change) -> None:
        if change.resource is DEPLOYMENTS:
            self.queue.add(key(change.item))
        elif change.resource is REPLICASETS:
            self._wake_owner(change.item)
        elif change.resource is PODS and change.kind == "DELETED":  # Recreate waits for this
            for owner in self._owners(change.item, "ReplicaSet", REPLICASETS):
                self._wake_owner(owner)

    def _wake_owner(self, item: Object) -> None:
        for owner in self._owners(item, "Deployment", DEPLOYMENTS):
            self.queue.add(key(owner))

    def _owners(self, item: Object, kind: str, resource: Resource) -> list[Object]:
        metadata = item["metadata"]
        names = [owner["name"] for owner in metadata.get("ownerReferences", ()) if owner["kind"] == kind]
        return [found for name in names if (found := self._store.get(resource, metadata["namespace"], name))]

    def _sync(self, where: tuple[str, str]) -> None:
        deployment = self._store.get(DEPLOYMENTS, *where)
        if deployment is None:
            return
        change = revisions.current(self._store, self._recorder, deployment)
        if "deletionTimestamp" in deployment["metadata"]:
            self._write(change, self._status(change))
            return
        self._note_pause(change)
        if deployment["spec"].get("paused") or strategies.resized(change):
            revisions.number(change)
            strategies.resize(change)
            self._write(change, self._status(change))
        elif deployment["spec"]["strategy"]["type"] == "Recreate":
            revisions.number(change)
            if not strategies.stop_old(change):
                self._advance(change)
            self._sync_status(change)
        else:
            self._advance(change)
            self._sync_status(change)

    def _advance(self, change: Rollout) -> None:
        if change.new is None:
            revisions.create(change)
        else:
            revisions.number(change)
        complete = rollout.complete(change.deployment, change.deployment.get("status", {}))
        if not strategies.roll(change) and complete:
            strategies.forget_old(change)

    def _note_pause(self, change: Rollout) -> None:
        """Progress is not judged while paused; a missed deadline stays visible."""
        spec, status = change.deployment["spec"], change.deployment.get("status", {})
        known = conditions.find(status.get("conditions", []), PROGRESSING)
        reason = known["reason"] if known else ""
        if spec.get("progressDeadlineSeconds") is None or reason == TIMED_OUT:
            return
        if spec.get("paused") and reason != PAUSED:
            noted = conditions.new(PROGRESSING, "Unknown", PAUSED, "Deployment is paused")
        elif not spec.get("paused") and reason == PAUSED:
            noted = conditions.new(PROGRESSING, "Unknown", RESUMED, "Deployment is resumed")
        else:
            return
        self._write(change, _with(status, conditions.replaced(status.get("conditions", []), noted)))

    def _status(self, change: Rollout) -> Object:
        """Counters of all ReplicaSets and Available; what is 0 is left out, as Go's omitempty does."""
        every, deployment = change.every, change.deployment
        available = sum(count(item, "availableReplicas") for item in every)
        counters = {
            "observedGeneration": deployment["metadata"]["generation"],
            "replicas": sum(count(item, "replicas") for item in every),
            "updatedReplicas": count(change.new, "replicas") if change.new else 0,
            "readyReplicas": sum(count(item, "readyReplicas") for item in every),
            "availableReplicas": available,
            "unavailableReplicas": max(0, sum(map(replicas, every)) - available),
        }
        status: Object = {name: value for name, value in counters.items() if value}
        status["terminatingReplicas"] = sum(count(item, "terminatingReplicas") for item in every)
        known = deployment.get("status", {}).get("conditions", [])
        enough = available >= replicas(deployment) - rollout.fenceposts(deployment)[1]
        return _with(status, conditions.replaced(known, _availability(enough)))

    def _sync_status(self, change: Rollout) -> None:
        before = change.deployment.get("status", {})
        status = self._status(change)
        listed = status["conditions"]
        if change.deployment["spec"].get("progressDeadlineSeconds") is None:
            listed = conditions.without(listed, PROGRESSING)
        else:
            listed = self._judged(change, before, status)
        failure = _failure(change)
        listed = conditions.replaced(listed, failure) if failure else conditions.without(listed, FAILURE)
        self._write(change, _with(status, listed))
        self._wait_for_deadline(change.deployment)

    def _judged(self, change: Rollout, before: Object, status: Object) -> list[Condition]:
        """Conditions with Progressing brought up to date: complete, moving, or out of time."""
        listed: list[Condition] = status["conditions"]
        known = conditions.find(listed, PROGRESSING)
        complete = status.get("replicas", 0) == status.get("updatedReplicas", 0)
        if known and known["reason"] == COMPLETE and complete:
            return listed
        subject = (
            f'ReplicaSet "{change.new["metadata"]["name"]}"'
            if change.new
            else (f'Deployment "{change.deployment["metadata"]["name"]}"')
        )
        if rollout.complete(change.deployment, status):
            done = conditions.new(PROGRESSING, "True", COMPLETE, f"{subject} has successfully progressed.")
            return conditions.replaced(listed, done)
        if rollout.progressing(before, status):
            moving = conditions.new(PROGRESSING, "True", "ReplicaSetUpdated", f"{subject} is progressing.")
            self._progressed.pop(change.deployment["metadata"]["uid"], None)
            return conditions.replaced(listed, moving, even_if_same=True)
        if known and self._left(change.deployment, known) <= 0:
            late = conditions.new(PROGRESSING, "False", TIMED_OUT, f"{subject} has timed out progressing.")
            return conditions.replaced(listed, late)
        return listed

    def _left(self, deployment: Object, known: Condition) -> float:
        """Clock seconds until `known`, the Progressing condition, is too old."""
        if known["reason"] == COMPLETE:
            return float("inf")
        uid = deployment["metadata"]["uid"]
        seen, since = self._progressed.get(uid, (None, 0.0))
        if seen != known:
            since = self._clock.now()
            self._progressed[uid] = (known, since)
        return float(since + deployment["spec"]["progressDeadlineSeconds"] - self._clock.now())

    def _wait_for_deadline(self, deployment: Object) -> None:
        status = deployment.get("status", {})
        known = conditions.find(status.get("conditions", []), PROGRESSING)
        if deployment["spec"].get("progressDeadlineSeconds") is None or known is None:
            return
        if known["reason"] not in (COMPLETE, TIMED_OUT) and not rollout.complete(deployment, status):
            self.queue.add(key(deployment), max(0.0, self._left(deployment, known)) + 0.5)

    def _write(self, change: Rollout, status: Object) -> None:
        change.deployment = self._store.update(DEPLOYMENTS, change.deployment | {"status": status})


def _with(status: Object, listed: list[Condition]) -> Object:
    """`status` with `conditions` last, as the API orders them."""
    return {k: v for k, v in status.items() if k != "conditions"} | {"conditions": listed}


def _availability(enough: bool) -> Condition:
    if enough:
        return conditions.new(
            AVAILABLE, "True", "MinimumReplicasAvailable", "Deployment has minimum availability."
        )
    text = "Deployment does not have minimum availability."
    return conditions.new(AVAILABLE, "False", "MinimumReplicasUnavailable", text)


def _failure(change: Rollout) -> Condition | None:
    """The ReplicaFailure of the new ReplicaSet, or else of an old one."""
    for item in reversed(change.every):
        found = conditions.find(item.get("status", {}).get("conditions", []), FAILURE)
        if found and found["status"] == "True":
            return found | {"lastUpdateTime": found["lastTransitionTime"]}
    return None
