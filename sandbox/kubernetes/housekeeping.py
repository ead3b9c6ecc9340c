"""What follows from other changes: dependents of deleted owners, ending namespaces, quotas in use."""

from __future__ import annotations

from sandbox.kubernetes import admission, quotas, times
from sandbox.kubernetes.clock import Clock, WorkQueue
from sandbox.kubernetes.resources import (
    NAMESPACES,
    PODS,
    QUOTAS,
    STORED,
    TEMPLATED,
    Object,
    Resource,
    key,
    of_kind,
)
from sandbox.kubernetes.store import Change, Store

LAG = 0.01
COLLECTED = 0.02
"""Lifelike seconds between the things that the garbage collector ends: controllers see each of them go."""
FOREGROUND = "foregroundDeletion"


class Housekeeping:
    """Garbage collector, namespace controller and quota controller."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._owners = WorkQueue(clock, self._collect, COLLECTED)
        self._namespaces = WorkQueue(clock, self._empty_namespace, LAG)
        self._quotas = WorkQueue(clock, lambda namespace: quotas.count(store, namespace), LAG)

    def clear(self) -> None:
        for queue in (self._owners, self._namespaces, self._quotas):
            queue.clear()

    def observe(self, change: Change) -> None:
        metadata = change.item["metadata"]
        ending = change.kind == "DELETED" or "deletionTimestamp" in metadata
        if change.resource in TEMPLATED and ending:
            self._owners.add((change.resource, key(change.item), metadata["uid"]))
        if change.kind == "DELETED":
            for owner in metadata.get("ownerReferences", ()):
                where = metadata["namespace"], owner["name"]
                self._owners.add((of_kind(owner["kind"]), where, owner["uid"]))
        if change.resource is NAMESPACES and ending:
            self._namespaces.add(metadata["name"])
        elif change.kind == "DELETED" and self._ends(metadata.get("namespace", "")):
            self._namespaces.add(metadata["namespace"])
        if change.resource is QUOTAS or (change.resource is PODS and change.kind != "MODIFIED"):
            self._quotas.add(metadata["namespace"])

    def _collect(self, owner: tuple[Resource, tuple[str, str], str]) -> None:
        """Delete what `owner` owned, or owns while it waits in foreground deletion; then let it go."""
        resource, where, uid = owner
        item = self._store.get(resource, *where)
        if (
            item is not None
            and item["metadata"]["uid"] == uid
            and "deletionTimestamp" not in item["metadata"]
        ):
            return
        waits = item is not None and item["metadata"]["uid"] == uid
        for kind, dependent in self._store.dependents(uid):
            if kind is PODS:
                if "deletionTimestamp" not in dependent["metadata"]:
                    admission.begin_deletion(self._store, dependent)
                    self._owners.add(owner)
                    return
            elif waits and kind in TEMPLATED:
                begin_foreground(self._store, kind, dependent)
            else:
                self._store.delete(kind, *key(dependent))
        if waits and not self._store.dependents(uid):
            self._store.delete(resource, *where)

    def _ends(self, namespace: str) -> bool:
        item = self._store.namespace(namespace)
        return item is not None and "deletionTimestamp" in item["metadata"]

    def _empty_namespace(self, name: str) -> None:
        if not self._ends(name):
            return
        for resource in STORED:
            for item in self._store.all(resource, name) if resource.namespaced else []:
                if resource is PODS:
                    admission.begin_deletion(self._store, item)
                else:
                    self._store.delete(resource, *key(item))
        if not self._store.all(PODS, name):
            for resource in STORED:  # events about the last pods
                for item in self._store.all(resource, name) if resource.namespaced else []:
                    self._store.delete(resource, *key(item))
            self._store.delete(NAMESPACES, "", name)


def begin_foreground(store: Store, resource: Resource, item: Object) -> Object:
    """Mark `item` as waiting for its dependents to be deleted first."""
    metadata = item["metadata"]
    if "deletionTimestamp" in metadata:
        return item
    waiting = {"deletionTimestamp": times.stamp(), "deletionGracePeriodSeconds": 0}
    finalizers = [*metadata.get("finalizers", ()), FOREGROUND]
    return store.update(resource, item | {"metadata": metadata | waiting | {"finalizers": finalizers}})
