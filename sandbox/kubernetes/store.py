"""The objects, their versions and a bounded history: what etcd and the watch cache are to a cluster."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from sandbox.kubernetes import times
from sandbox.kubernetes.resources import NAMESPACES, Object, Resource, key, typed

ChangeKind = Literal["ADDED", "MODIFIED", "DELETED"]


@dataclass(frozen=True)
class Change:
    """One step of history. `previous` is None for ADDED."""

    version: int
    resource: Resource
    kind: ChangeKind
    item: Object
    previous: Object | None = None

    @cached_property
    def line(self) -> bytes:
        """As a watch that sees every field shows it; encoded once however many watch."""
        return json.dumps({"type": self.kind, "object": self.item}, separators=(",", ":")).encode() + b"\n"


class Store:
    """All objects. Listeners are called in the order of the changes, after each is stored."""

    def __init__(self, history: int = 20_000) -> None:
        self.version = 100
        self.listeners: list[Callable[[Change], None]] = []
        self._length = history
        self.clear()

    def clear(self) -> None:
        """Forget every object and all history; versions go on rising."""
        self._items: defaultdict[Resource, defaultdict[str, dict[str, Object]]] = defaultdict(
            lambda: defaultdict(dict)
        )
        self._owned: defaultdict[str, dict[str, tuple[Resource, tuple[str, str]]]] = defaultdict(dict)
        self.forget()

    def forget(self) -> None:
        """Drop the history, as a restarted API server does: older versions are then `Expired`."""
        self._history: defaultdict[Resource, deque[Change]] = defaultdict(deque)
        self._floor: dict[Resource, int] = {}
        self._forgotten = self.version

    def get(self, resource: Resource, namespace: str, name: str) -> Object | None:
        return self._items[resource][namespace].get(name)

    def all(self, resource: Resource, namespace: str = "") -> list[Object]:
        """Every object, by namespace and name; of one namespace if given."""
        spaces = self._items[resource]
        wanted = [namespace] if namespace or not resource.namespaced else sorted(spaces)
        return [spaces[space][name] for space in wanted if space in spaces for name in sorted(spaces[space])]

    def count(self, resource: Resource, namespace: str) -> int:
        return len(self._items[resource][namespace])

    def owned(self, uid: str, resource: Resource) -> list[Object]:
        """Objects of `resource` whose ownerReferences name `uid`."""
        keys = [where for kind, where in self._owned[uid].values() if kind is resource]
        return [item for space, name in keys if (item := self.get(resource, space, name))]

    def dependents(self, uid: str) -> list[tuple[Resource, Object]]:
        found = list(self._owned.get(uid, {}).values())
        return [(kind, item) for kind, where in found if (item := self.get(kind, *where))]

    def create(self, resource: Resource, item: Object) -> Object:
        """Store a new object: uid, creationTimestamp and version are set here."""
        item = self.born(resource, item)
        item["metadata"]["resourceVersion"] = str(self._next())
        for owner in item["metadata"].get("ownerReferences", ()):
            self._owned[owner["uid"]][item["metadata"]["uid"]] = (resource, key(item))
        return self._record(resource, "ADDED", item, None)

    def born(self, resource: Resource, item: Object) -> Object:
        """`item` as it would be created, not stored."""
        given = item["metadata"]
        names = {k: given[k] for k in ("name", "generateName", "namespace") if given.get(k)}
        identity = {"uid": given.get("uid") or str(uuid.uuid4())}
        counted = {"generation": 1} if resource.generation else {}
        metadata = {**names, **identity, **counted, "creationTimestamp": times.stamp()}
        metadata |= {k: v for k, v in given.items() if k not in metadata and k != "resourceVersion"}
        return typed(resource, {**item, "metadata": metadata})

    def update(self, resource: Resource, item: Object) -> Object:
        """Store a new state. Nothing changed: nothing happens. A changed spec raises the generation."""
        previous = self._items[resource][key(item)[0]][key(item)[1]]
        item = self.revised(resource, previous, item)
        if item is previous:
            return previous
        item["metadata"]["resourceVersion"] = str(self._next())
        return self._record(resource, "MODIFIED", item, previous)

    def revised(self, resource: Resource, previous: Object, item: Object) -> Object:
        """`item` as `update` would store it, less its version; `previous` itself if nothing changed."""
        metadata = {**item["metadata"], "resourceVersion": previous["metadata"]["resourceVersion"]}
        item = {**item, "metadata": metadata}
        if item == previous:
            return previous
        if resource.generation and _wanted(item) != _wanted(previous):
            metadata["generation"] = previous["metadata"].get("generation", 0) + 1
        return item

    def delete(self, resource: Resource, namespace: str, name: str) -> Object:
        previous = self._items[resource][namespace].pop(name)
        metadata = {**previous["metadata"], "resourceVersion": str(self._next())}
        for owner in metadata.get("ownerReferences", ()):
            self._owned[owner["uid"]].pop(metadata["uid"], None)
        return self._record(resource, "DELETED", {**previous, "metadata": metadata}, previous)

    def since(self, resource: Resource, version: int) -> Iterator[Change] | None:
        """Changes after `version`; None if they are no longer all known."""
        if version < self.oldest(resource):
            return None
        return (change for change in tuple(self._history[resource]) if change.version > version)

    def at(self, resource: Resource, namespace: str, version: int) -> list[Object] | None:
        """`all` as it was at `version`; None if that is no longer known."""
        if version < self.oldest(resource):
            return None
        then: dict[tuple[str, str], Object | None] = {
            key(item): item for item in self.all(resource, namespace)
        }
        for change in reversed(self._history[resource]):
            if change.version <= version:
                break
            if not namespace or namespace == key(change.item)[0]:
                then[key(change.item)] = change.previous
        return [item for _, item in sorted(then.items()) if item is not None]

    def oldest(self, resource: Resource) -> int:
        """The earliest version from which every change is still known."""
        return self._floor.get(resource, self._forgotten)

    def namespace(self, name: str) -> Object | None:
        return self.get(NAMESPACES, "", name)

    def _next(self) -> int:
        self.version += 1
        return self.version

    def _record(self, resource: Resource, kind: ChangeKind, item: Object, previous: Object | None) -> Object:
        space, name = key(item)
        if kind != "DELETED":
            self._items[resource][space][name] = item
        history = self._history[resource]
        change = Change(self.version, resource, kind, item, previous)
        history.append(change)
        if len(history) > self._length:
            self._floor[resource] = history.popleft().version
        for listener in self.listeners:
            listener(change)
        return item


def _wanted(item: Object) -> Object:
    """What the generation counts: the spec (a pod's node is not the user's wish) and the wish to delete."""
    spec = {k: v for k, v in item.get("spec", {}).items() if k != "nodeName"}
    return {"spec": spec, "deleting": "deletionTimestamp" in item["metadata"]}
