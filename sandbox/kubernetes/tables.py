"""What `kubectl get` prints: server-side tables (kubernetes/pkg/printers/internalversion)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.kubernetes import podcolumns, selectors, times
from sandbox.kubernetes.resources import (
    AUTOSCALERS,
    CONTROLLERREVISIONS,
    DAEMONSETS,
    DEPLOYMENTS,
    EVENTS,
    EVENTS_V1,
    NAMESPACES,
    NODES,
    PODS,
    QUOTAS,
    REPLICASETS,
    SERVICES,
    STATEFULSETS,
    Object,
    Resource,
)
from sandbox.kubernetes.rollout import count, replicas


@dataclass(frozen=True)
class Column:
    """`wide`: shown with `-o wide` only."""

    name: str
    cell: Callable[[Object], Any]
    wide: bool = False
    type: str = "string"

    def definition(self) -> Object:
        format_ = "name" if self.name == "Name" else ""
        kind = {"name": self.name, "type": self.type, "format": format_}
        return kind | {"description": self.name, "priority": int(self.wide)}


def table(resource: Resource, items: list[Object], metadata: Object, include: str) -> Object:
    """A meta.k8s.io/v1 Table; `include` says what each row carries: None, Metadata or Object."""
    columns = _COLUMNS.get(resource, _PLAIN)
    rows = [{"cells": [column.cell(item) for column in columns]} | _carried(item, include) for item in items]
    answer: Object = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}
    return answer | {"columnDefinitions": [column.definition() for column in columns], "rows": rows}


def _carried(item: Object, include: str) -> Object:
    if include == "None":
        return {}
    if include == "Object":
        return {"object": item}
    head = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
    return {"object": head | {"metadata": item["metadata"]}}


def _name(item: Object) -> str:
    return str(item["metadata"]["name"])


def _age(item: Object) -> str:
    return times.age(item["metadata"].get("creationTimestamp"))


def _containers(field: str) -> Callable[[Object], str]:
    return lambda item: ",".join(c[field] for c in item["spec"]["template"]["spec"]["containers"])


def _selector(item: Object) -> str:
    return selectors.shown(item["spec"]["selector"])


def _counter(field: str) -> Callable[[Object], int]:
    return lambda item: count(item, field)


def _node_selector(item: Object) -> str:
    wanted = item["spec"]["template"]["spec"].get("nodeSelector")
    return selectors.shown({"matchLabels": wanted}) if wanted else "<none>"


def _controller(revision: Object) -> str:
    owner = revision["metadata"]["ownerReferences"][0]
    return f"{owner['kind'].lower()}.{owner['apiVersion'].partition('/')[0]}/{owner['name']}"


def _event_source(event: Object) -> str:
    source = event.get("source") or event.get("deprecatedSource") or {}
    return ", ".join(source[name] for name in ("component", "host") if name in source)


def _event_object(event: Object) -> str:
    about = event.get("involvedObject") or event["regarding"]
    return f"{about['kind'].lower()}/{about['name']}"


def _field(*path: str, default: Any = "") -> Callable[[Object], Any]:
    def read(item: Object) -> Any:
        value: Any = item
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return default if value is None else value

    return read


def _usage(quota: Object) -> str:
    status = quota.get("status", {})
    used, hard = status.get("used", {}), status.get("hard") or quota["spec"].get("hard", {})
    return ", ".join(f"{name}: {used.get(name, '0')}/{hard[name]}" for name in sorted(hard))


def _ports(service: Object) -> str:
    return ",".join(f"{port['port']}/{port['protocol']}" for port in service["spec"].get("ports", ()))


def _reference(scaler: Object) -> str:
    target = scaler["spec"]["scaleTargetRef"]
    return f"{target['kind']}/{target['name']}"


def _targets(scaler: Object) -> str:
    """`cpu: 42%/80%` for each metric."""
    now = {
        m["resource"]["name"]: m["resource"]["current"]
        for m in scaler.get("status", {}).get("currentMetrics") or ()
    }
    shown = []
    for metric in scaler["spec"].get("metrics") or ():
        wanted = metric.get("resource", {})
        current = now.get(wanted.get("name"), {}).get("averageUtilization")
        value = f"{current}%" if current is not None else "<unknown>"
        shown.append(f"{wanted.get('name')}: {value}/{wanted.get('target', {}).get('averageUtilization')}%")
    return ", ".join(shown) or "<none>"


def _node_status(node: Object) -> str:
    return next((c["type"] for c in node["status"]["conditions"] if c["status"] == "True"), "NotReady")


NAME, AGE = Column("Name", _name), Column("Age", _age)
_PLAIN = (NAME, Column("Created At", _field("metadata", "creationTimestamp")))
_OWNED = (
    Column("Containers", _containers("name"), wide=True),
    Column("Images", _containers("image"), wide=True),
    Column("Selector", _selector, wide=True),
)
_EVENT = (
    Column("Last Seen", lambda e: times.age(e.get("lastTimestamp") or e.get("deprecatedLastTimestamp"))),
    Column("Type", _field("type")),
    Column("Reason", _field("reason")),
    Column("Object", _event_object),
    Column(
        "Subobject", lambda e: (e.get("involvedObject") or e["regarding"]).get("fieldPath", ""), wide=True
    ),
    Column("Source", _event_source, wide=True),
    Column("Message", lambda e: (e.get("message") or e.get("note", "")).strip()),
    Column(
        "First Seen",
        lambda e: times.age(e.get("firstTimestamp") or e.get("deprecatedFirstTimestamp")),
        wide=True,
    ),
    Column("Count", lambda e: e.get("count") or e.get("deprecatedCount", 1), wide=True),
    Column("Name", _name, wide=True),
)
_COLUMNS: dict[Resource, tuple[Column, ...]] = {
    DEPLOYMENTS: (
        NAME,
        Column("Ready", lambda d: f"{count(d, 'readyReplicas')}/{replicas(d)}"),
        Column("Up-to-date", lambda d: count(d, "updatedReplicas")),
        Column("Available", lambda d: count(d, "availableReplicas")),
        AGE,
        *_OWNED,
    ),
    REPLICASETS: (
        NAME,
        Column("Desired", replicas, type="integer"),
        Column("Current", lambda r: count(r, "replicas"), type="integer"),
        Column("Ready", lambda r: count(r, "readyReplicas"), type="integer"),
        AGE,
        *_OWNED,
    ),
    STATEFULSETS: (
        NAME,
        Column("Ready", lambda s: f"{count(s, 'readyReplicas')}/{replicas(s)}"),
        AGE,
        *_OWNED[:2],
    ),
    DAEMONSETS: (
        NAME,
        Column("Desired", _counter("desiredNumberScheduled"), type="integer"),
        Column("Current", _counter("currentNumberScheduled"), type="integer"),
        Column("Ready", _counter("numberReady"), type="integer"),
        Column("Up-to-date", _counter("updatedNumberScheduled"), type="integer"),
        Column("Available", _counter("numberAvailable"), type="integer"),
        Column("Node Selector", _node_selector),
        AGE,
        *_OWNED,
    ),
    CONTROLLERREVISIONS: (
        NAME,
        Column("Controller", _controller),
        Column("Revision", _field("revision")),
        AGE,
    ),
    PODS: (
        NAME,
        Column("Ready", podcolumns.ready),
        Column("Status", podcolumns.status),
        Column("Restarts", podcolumns.restarts),
        AGE,
        Column("IP", _field("status", "podIP", default="<none>"), wide=True),
        Column("Node", _field("spec", "nodeName", default="<none>"), wide=True),
        Column("Nominated Node", lambda _: "<none>", wide=True),
        Column("Readiness Gates", lambda _: "<none>", wide=True),
    ),
    EVENTS: _EVENT,
    EVENTS_V1: _EVENT,
    NAMESPACES: (NAME, Column("Status", _field("status", "phase")), AGE),
    NODES: (
        NAME,
        Column("Status", _node_status),
        Column("Roles", lambda _: "<none>"),
        AGE,
        Column("Version", _field("status", "nodeInfo", "kubeletVersion")),
        Column("Internal-IP", lambda n: n["status"]["addresses"][0]["address"], wide=True),
        Column("External-IP", lambda _: "<none>", wide=True),
        Column("OS-Image", _field("status", "nodeInfo", "osImage"), wide=True),
        Column("Kernel-Version", _field("status", "nodeInfo", "kernelVersion"), wide=True),
        Column("Container-Runtime", _field("status", "nodeInfo", "containerRuntimeVersion"), wide=True),
    ),
    SERVICES: (
        NAME,
        Column("Type", _field("spec", "type")),
        Column("Cluster-IP", _field("spec", "clusterIP", default="<none>")),
        Column("External-IP", lambda _: "<none>"),
        Column("Port(s)", _ports),
        AGE,
        Column("Selector", lambda s: selectors.shown({"matchLabels": s["spec"].get("selector")}), wide=True),
    ),
    QUOTAS: (NAME, Column("Request", _usage), Column("Limit", lambda _: ""), AGE),
    AUTOSCALERS: (
        NAME,
        Column("Reference", _reference),
        Column("Targets", _targets),
        Column("MinPods", _field("spec", "minReplicas", default="<unset>")),
        Column("MaxPods", _field("spec", "maxReplicas")),
        Column("Replicas", _field("status", "currentReplicas", default=0)),
        AGE,
    ),
}
