"""What all controllers of pods share: they make and delete them, say so in events, and count who is ready.

ReplicaSets, StatefulSets and DaemonSets differ in which pods they want; that is all their files hold.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from dataclasses import dataclass

from sandbox.kubernetes import admission, podstatus, rollout
from sandbox.kubernetes.clock import Clock, WorkQueue
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.recorder import Recorder, Source
from sandbox.kubernetes.resources import PODS, Object, Resource, key
from sandbox.kubernetes.store import Change, Store

LAG = 0.004
BACKOFF_FIRST, BACKOFF_LONGEST = 0.005, 20.0
"""Seconds between tries to create a refused pod: doubled each time (workqueue's rate limiter, capped)."""


@dataclass(frozen=True)
class Words:
    """What a controller says in its events; `{pod}`, `{owner}` and `{why}` are filled in."""

    created: str = "Created pod: {pod}"
    deleted: str = "Deleted pod: {pod}"
    refused: str = "Error creating: {why}"


class PodController(ABC):
    """Keeps the pods that each object of `resource` wants."""

    resource: Resource
    words = Words()

    def __init__(self, store: Store, clock: Clock, recorder: Recorder) -> None:
        self.queue = WorkQueue(clock, self._sync, LAG)
        self.store = store
        self._source = Source(f"{self.resource.kind.lower()}-controller")
        self._clock = clock
        self._recorder = recorder
        self._random = random.Random(36)
        self._refusals: dict[str, int] = {}
        self._ready_since: dict[str, float] = {}

    @abstractmethod
    def manage(self, item: Object, pods: list[Object]) -> None:
        """Take the next step towards what `item` says. Raises ApiError when a pod is refused."""

    @abstractmethod
    def status(self, item: Object, pods: list[Object]) -> Object:
        """The status that says how `item` stands, with the pods as they were before the step."""

    def refused(self, item: Object, status: Object, refusal: ApiError) -> Object:
        """`status` when a pod was refused. Only ReplicaSets have a condition for it."""
        del item, refusal
        return status

    def clear(self) -> None:
        self.queue.clear()
        self._refusals.clear()
        self._ready_since.clear()

    def observe(self, change: Change) -> None:
        if change.resource is self.resource:
            self.queue.add(key(change.item))
        elif change.resource is PODS:
            self._note_readiness(change)
            for owner in change.item["metadata"].get("ownerReferences", ()):
                if owner["kind"] == self.resource.kind:
                    self.queue.add((change.item["metadata"]["namespace"], owner["name"]))

    def _note_readiness(self, change: Change) -> None:
        uid = change.item["metadata"]["uid"]
        if change.kind == "DELETED" or not podstatus.ready(change.item):
            self._ready_since.pop(uid, None)
        else:
            self._ready_since.setdefault(uid, self._clock.now())

    def _sync(self, where: tuple[str, str]) -> None:
        item = self.store.get(self.resource, *where)
        if item is None:
            return
        pods = self.store.owned(item["metadata"]["uid"], PODS)
        refusal = None
        if "deletionTimestamp" not in item["metadata"]:
            try:
                self.manage(item, pods)
            except ApiError as error:
                refusal = error
        status = self.status(item, pods)
        if refusal is not None:
            status = self.refused(item, status, refusal)
        self.store.update(self.resource, item | {"status": status})
        self._again(item, pods, refusal)

    def available(self, item: Object, pod: Object) -> bool:
        """Ready for as long as minReadySeconds says, and not on its way out."""
        return podstatus.ready(pod) and self._unavailable_for(item, pod) <= 0

    def _unavailable_for(self, item: Object, pod: Object) -> float:
        """Clock seconds until a ready pod counts as available (minReadySeconds)."""
        since = self._ready_since.get(pod["metadata"]["uid"], self._clock.now())
        return float(since + item["spec"].get("minReadySeconds", 0) - self._clock.now())

    def _again(self, item: Object, pods: list[Object], refusal: ApiError | None) -> None:
        uid = item["metadata"]["uid"]
        if refusal is None:
            self._refusals.pop(uid, None)
        else:
            tries = self._refusals[uid] = self._refusals.get(uid, 0) + 1
            self.queue.add(key(item), min(BACKOFF_LONGEST, BACKOFF_FIRST * 2**tries))
        waits = [self._unavailable_for(item, pod) for pod in living(pods) if podstatus.ready(pod)]
        if pending := [wait for wait in waits if wait > 0]:
            self.queue.add(key(item), min(pending) + 0.001)

    def random_name(self, item: Object) -> Object:
        """`generateName` and a name made from it."""
        prefix = f"{item['metadata']['name']}-"
        return {"name": prefix + rollout.suffix(self._random.choices), "generateName": prefix}

    def create(
        self, item: Object, named: Object, template: Object, labels: dict[str, str] | None = None
    ) -> Object:
        """A pod from `template`, owned by `item`, with more `labels`. Raises ApiError when it is refused."""
        metadata = named | {"namespace": item["metadata"]["namespace"]}
        shown = {"labels": template["metadata"].get("labels", {}) | (labels or {})}
        shown |= {"annotations": template["metadata"].get("annotations")}
        metadata |= {name: value for name, value in shown.items() if value}
        metadata |= {"ownerReferences": [owner_reference(self.resource, item)]}
        pod = {"metadata": metadata, "spec": template["spec"]}
        said = {"pod": named["name"], "owner": item["metadata"]["name"]}
        try:
            created = self.store.create(PODS, admission.pod(self.store, pod))
        except ApiError as refusal:
            text = self.words.refused.format(**said, why=refusal.message)
            self._recorder.warning(self._source, self.resource, item, "FailedCreate", text)
            raise
        text = self.words.created.format(**said)
        self._recorder.normal(self._source, self.resource, item, "SuccessfulCreate", text)
        return created

    def delete(self, item: Object, pod: Object) -> None:
        admission.begin_deletion(self.store, pod)
        text = self.words.deleted.format(pod=pod["metadata"]["name"], owner=item["metadata"]["name"])
        self._recorder.normal(self._source, self.resource, item, "SuccessfulDelete", text)


def owner_reference(resource: Resource, owner: Object) -> Object:
    named = {"apiVersion": resource.api_version, "kind": resource.kind, "name": owner["metadata"]["name"]}
    return named | {"uid": owner["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True}


def living(pods: list[Object]) -> list[Object]:
    """Those that nobody asked to end."""
    return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
