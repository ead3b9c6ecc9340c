"""The kinds this API server knows, as one table: discovery, routing and storage all read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

Object = dict[str, Any]
"""A Kubernetes object as JSON. Once stored it is never changed in place."""


class Right(NamedTuple):
    """What may be done to what: `("patch", "apps", "deployments/scale")`."""

    verb: str
    group: str
    resource: str
    """Plural, with its subresource."""


VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
ONE_BY_ONE = tuple(verb for verb in VERBS if verb != "deletecollection")


@dataclass(frozen=True, eq=False)
class Resource:
    """One row of the table. Each row exists once, so rows are compared by identity.

    `fields`: field selectors beyond metadata.name and metadata.namespace.
    """

    kind: str
    plural: str
    group: str = ""
    version: str = "v1"
    short: tuple[str, ...] = ()
    namespaced: bool = True
    generation: bool = False
    status: bool = True
    subresources: tuple[tuple[str, str], ...] = ()
    """(name, kind) of subresources beyond `status`."""
    fields: tuple[str, ...] = ()
    in_all: bool = False
    verbs: tuple[str, ...] = VERBS

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """As in messages: `deployments.apps`, `pods`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_kind(self) -> str:
        return f"{self.kind}.{self.group}" if self.group else self.kind


_ABOUT = ("kind", "namespace", "name", "uid", "apiVersion", "fieldPath")


def _events(group: str, about: str) -> Resource:
    return Resource(
        "Event",
        "events",
        group,
        short=("ev",),
        status=False,
        fields=(*(f"{about}.{name}" for name in _ABOUT), "reason", "type", "source", "reportingComponent"),
    )


SCALE = ("scale", "Scale")

NAMESPACES = Resource(
    "Namespace", "namespaces", short=("ns",), namespaced=False, fields=("status.phase",), verbs=ONE_BY_ONE
)
NODES = Resource("Node", "nodes", short=("no",), namespaced=False, fields=("spec.unschedulable",))
PODS = Resource(
    "Pod",
    "pods",
    short=("po",),
    generation=True,
    subresources=(("eviction", "Eviction"), ("log", "Pod")),
    fields=(
        *(f"spec.{name}" for name in ("nodeName", "restartPolicy", "schedulerName", "serviceAccountName")),
        "status.phase",
        "status.podIP",
    ),
    in_all=True,
)
SERVICES = Resource("Service", "services", short=("svc",), in_all=True)
QUOTAS = Resource("ResourceQuota", "resourcequotas", short=("quota",))
EVENTS = _events("", "involvedObject")
EVENTS_V1 = _events("events.k8s.io", "regarding")
DEPLOYMENTS = Resource(
    "Deployment",
    "deployments",
    "apps",
    short=("deploy",),
    generation=True,
    subresources=(SCALE,),
    in_all=True,
)
REPLICASETS = Resource(
    "ReplicaSet",
    "replicasets",
    "apps",
    short=("rs",),
    generation=True,
    subresources=(SCALE,),
    fields=("status.replicas",),
    in_all=True,
)
STATEFULSETS = Resource(
    "StatefulSet",
    "statefulsets",
    "apps",
    short=("sts",),
    generation=True,
    subresources=(SCALE,),
    in_all=True,
)
DAEMONSETS = Resource("DaemonSet", "daemonsets", "apps", short=("ds",), generation=True, in_all=True)
CONTROLLERREVISIONS = Resource("ControllerRevision", "controllerrevisions", "apps", status=False)
AUTOSCALERS = Resource(
    "HorizontalPodAutoscaler", "horizontalpodautoscalers", "autoscaling", "v2", short=("hpa",), in_all=True
)

WORKLOADS = (DEPLOYMENTS, STATEFULSETS, DAEMONSETS)
"""What people roll out."""
SCALED = (DEPLOYMENTS, STATEFULSETS)
"""What an autoscaler may own the size of."""
TEMPLATED = (*WORKLOADS, REPLICASETS)
"""Kinds with a pod template."""
STORED = (
    NAMESPACES,
    NODES,
    PODS,
    SERVICES,
    QUOTAS,
    EVENTS,
    *TEMPLATED,
    CONTROLLERREVISIONS,
    AUTOSCALERS,
)
SERVED = (*STORED, EVENTS_V1)


def _review(kind: str, group: str) -> Resource:
    return Resource(kind, f"{kind.lower()}s", group, namespaced=False, status=False, verbs=("create",))


REVIEWS = (
    _review("SelfSubjectAccessReview", "authorization.k8s.io"),
    _review("SelfSubjectRulesReview", "authorization.k8s.io"),
    _review("SelfSubjectReview", "authentication.k8s.io"),
)
"""Created, answered, never stored."""


def find(group: str, version: str, plural: str) -> Resource | None:
    return next(
        (r for r in (*SERVED, *REVIEWS) if (r.group, r.version, r.plural) == (group, version, plural)), None
    )


def of_kind(kind: str) -> Resource:
    """The stored resource of an owner's kind. Raises KeyError."""
    return _BY_KIND[kind]


_BY_KIND = {resource.kind: resource for resource in STORED}


def key(item: Object) -> tuple[str, str]:
    """(namespace, name); the namespace of a cluster-scoped object is empty."""
    return item["metadata"].get("namespace", ""), item["metadata"]["name"]


def typed(resource: Resource, item: Object) -> Object:
    """`item` with its kind and apiVersion in front, as single objects and watch events have them."""
    return {
        "kind": resource.kind,
        "apiVersion": resource.api_version,
        **{k: v for k, v in item.items() if k not in ("kind", "apiVersion")},
    }
