"""Events about objects, counted and combined as client-go's EventCorrelator does it."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass

from sandbox.kubernetes import times
from sandbox.kubernetes.resources import EVENTS, Object, Resource
from sandbox.kubernetes.store import Store

COMBINED_AFTER = 9
"""Different messages about one object and reason; further ones are combined (client-go: maxEvents 10)."""
KEPT = 10_000


@dataclass(frozen=True)
class Source:
    component: str
    host: str = ""

    def shown(self) -> dict[str, str]:
        return {"component": self.component} | ({"host": self.host} if self.host else {})


class Recorder:
    """Writes Event objects. The same event again raises its count and moves lastTimestamp."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names: dict[tuple[str, ...], dict[str, str]] = {}
        self._kept: deque[tuple[str, str]] = deque()

    def clear(self) -> None:
        self._names.clear()
        self._kept.clear()

    def normal(
        self, source: Source, resource: Resource, item: Object, reason: str, message: str, field: str = ""
    ) -> None:
        self._record("Normal", source, resource, item, reason, message, field)

    def warning(
        self, source: Source, resource: Resource, item: Object, reason: str, message: str, field: str = ""
    ) -> None:
        self._record("Warning", source, resource, item, reason, message, field)

    def _record(
        self,
        kind: str,
        source: Source,
        resource: Resource,
        item: Object,
        reason: str,
        message: str,
        field: str,
    ) -> None:
        names = self._names.setdefault((source.component, item["metadata"]["uid"], kind, reason, field), {})
        slot = message
        if message not in names and len(names) >= COMBINED_AFTER:
            slot, message = "", f"(combined from similar events): {message}"
        namespace = item["metadata"].get("namespace", "default")
        known = self._store.get(EVENTS, namespace, names.get(slot, ""))
        if known is not None:
            counted = {"count": known["count"] + 1, "lastTimestamp": times.stamp(), "message": message}
            self._store.update(EVENTS, known | counted)
            return
        name = f"{item['metadata']['name']}.{time.time_ns():x}"
        names[slot] = name
        self._store.create(
            EVENTS, _event(kind, source, resource, item, reason, message, field, namespace, name)
        )
        self._kept.append((namespace, name))
        if len(self._kept) > KEPT and self._store.get(EVENTS, *self._kept[0]):
            self._store.delete(EVENTS, *self._kept.popleft())


def _event(
    kind: str,
    source: Source,
    resource: Resource,
    item: Object,
    reason: str,
    message: str,
    field: str,
    namespace: str,
    name: str,
) -> Object:
    metadata = item["metadata"]
    about = {"kind": resource.kind, "namespace": namespace, "name": metadata["name"], "uid": metadata["uid"]}
    about |= {"apiVersion": resource.api_version, "resourceVersion": metadata["resourceVersion"]}
    now = times.stamp()
    return {
        "metadata": {"name": name, "namespace": namespace},
        "involvedObject": about | ({"fieldPath": field} if field else {}),
        "reason": reason,
        "message": message,
        "source": source.shown(),
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
        "type": kind,
        "eventTime": None,
        "reportingComponent": source.component,
        "reportingInstance": source.host,
    }
