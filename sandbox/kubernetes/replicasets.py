"""The ReplicaSet controller: creates and deletes pods, counts them (kubernetes/pkg/controller/replicaset)."""

from __future__ import annotations

import random

from sandbox.kubernetes import admission, conditions, podstatus, rollout, times
from sandbox.kubernetes.clock import Clock, WorkQueue
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.recorder import Recorder, Source
from sandbox.kubernetes.resources import PODS, REPLICASETS, Object, key
from sandbox.kubernetes.rollout import replicas
from sandbox.kubernetes.store import Change, Store

LAG = 0.004
SOURCE = Source("replicaset-controller")
BACKOFF_FIRST, BACKOFF_LONGEST = 0.005, 20.0
"""Seconds between tries to create a refused pod: doubled each time (workqueue's rate limiter, capped)."""


class ReplicaSets:
    """Keeps as many pods as each ReplicaSet says."""

    def __init__(self, store: Store, clock: Clock, recorder: Recorder) -> None:
        self.queue = WorkQueue(clock, self._sync, LAG)
        self._store = store
        self._clock = clock
        self._recorder = recorder
        self._random = random.Random(36)
        self._refusals: dict[str, int] = {}
        self._ready_since: dict[str, float] = {}

    def clear(self) -> None:
        self.queue.clear()
        self._refusals.clear()
        self._ready_since.clear()

    def observe(self, change: Change) -> None:
        if change.resource is REPLICASETS:
            self.queue.add(key(change.item))
        elif change.resource is PODS:
            self._note_readiness(change)
            for owner in change.item["metadata"].get("ownerReferences", ()):
                self.queue.add((change.item["metadata"]["namespace"], owner["name"]))

    def _note_readiness(self, change: Change) -> None:
        uid = change.item["metadata"]["uid"]
        if change.kind == "DELETED" or not podstatus.ready(change.item):
            self._ready_since.pop(uid, None)
        else:
            self._ready_since.setdefault(uid, self._clock.now())

    def _sync(self, where: tuple[str, str]) -> None:
        item = self._store.get(REPLICASETS, *where)
        if item is None:
            return
        pods = self._store.owned(item["metadata"]["uid"], PODS)
        active = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
        refusal = None
        if "deletionTimestamp" not in item["metadata"]:
            refusal = self._manage(item, active)
        status = self._status(item, active, len(pods) - len(active), refusal)
        self._store.update(REPLICASETS, item | {"status": status})
        self._again(item, active, refusal)

    def _manage(self, item: Object, active: list[Object]) -> ApiError | None:
        """Create or delete the difference. The refusal of a pod ends the round."""
        missing = replicas(item) - len(active)
        if missing < 0:
            for pod in sorted(active, key=_keep_last)[:-missing]:
                self._delete(item, pod)
        for _ in range(missing):
            try:
                self._create(item)
            except ApiError as refusal:
                text = f"Error creating: {refusal.message}"
                self._recorder.warning(SOURCE, REPLICASETS, item, "FailedCreate", text)
                return refusal
        return None

    def _create(self, item: Object) -> None:
        metadata, template = item["metadata"], item["spec"]["template"]
        owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": metadata["name"]}
        owner |= {"uid": metadata["uid"], "controller": True, "blockOwnerDeletion": True}
        prefix = f"{metadata['name']}-"
        named = {"name": prefix + rollout.suffix(self._random.choices), "generateName": prefix}
        pod = {
            "metadata": named
            | {"namespace": metadata["namespace"]}
            | {k: template["metadata"][k] for k in ("labels", "annotations") if template["metadata"].get(k)}
            | {"ownerReferences": [owner]},
            "spec": template["spec"],
        }
        created = self._store.create(PODS, admission.pod(self._store, pod))
        text = f"Created pod: {created['metadata']['name']}"
        self._recorder.normal(SOURCE, REPLICASETS, item, "SuccessfulCreate", text)

    def _delete(self, item: Object, pod: Object) -> None:
        admission.begin_deletion(self._store, pod)
        text = f"Deleted pod: {pod['metadata']['name']}"
        self._recorder.normal(SOURCE, REPLICASETS, item, "SuccessfulDelete", text)

    def _status(
        self, item: Object, active: list[Object], terminating: int, refusal: ApiError | None
    ) -> Object:
        ready = [pod for pod in active if podstatus.ready(pod)]
        counters = {
            "fullyLabeledReplicas": len(active),
            "readyReplicas": len(ready),
            "availableReplicas": sum(self._unavailable_for(item, pod) <= 0 for pod in ready),
        }
        status: Object = {"replicas": len(active)} | {k: v for k, v in counters.items() if v}
        status |= {"terminatingReplicas": terminating, "observedGeneration": item["metadata"]["generation"]}
        if refusal is None:
            return status
        known = conditions.find(item.get("status", {}).get("conditions", []), "ReplicaFailure")
        failure = {"type": "ReplicaFailure", "status": "True", "lastTransitionTime": times.stamp()}
        failure |= {"reason": "FailedCreate", "message": refusal.message}
        return status | {"conditions": [known or failure]}

    def _unavailable_for(self, item: Object, pod: Object) -> float:
        """Clock seconds until a ready pod counts as available (minReadySeconds)."""
        since = self._ready_since.get(pod["metadata"]["uid"], self._clock.now())
        return float(since + item["spec"].get("minReadySeconds", 0) - self._clock.now())

    def _again(self, item: Object, active: list[Object], refusal: ApiError | None) -> None:
        uid = item["metadata"]["uid"]
        if refusal is None:
            self._refusals.pop(uid, None)
        else:
            tries = self._refusals[uid] = self._refusals.get(uid, 0) + 1
            self.queue.add(key(item), min(BACKOFF_LONGEST, BACKOFF_FIRST * 2**tries))
        waits = [self._unavailable_for(item, pod) for pod in active if podstatus.ready(pod)]
        if pending := [wait for wait in waits if wait > 0]:
            self.queue.add(key(item), min(pending) + 0.001)


def _keep_last(pod: Object) -> tuple[bool, bool, bool, float]:
    """Which pod goes first (controller.ActivePods): without node, not running, not ready, then the newest."""
    status = pod.get("status", {})
    unassigned = "nodeName" in pod["spec"]
    running = status.get("phase") == "Running"
    return unassigned, running, podstatus.ready(pod), -times.epoch(pod["metadata"]["creationTimestamp"])
