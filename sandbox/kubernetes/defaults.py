"""Fields that the API server fills in on the way to storage (kubernetes/pkg/apis/*/v1/defaults.go)."""

from __future__ import annotations

from typing import Any

from sandbox.kubernetes.resources import (
    AUTOSCALERS,
    DAEMONSETS,
    DEPLOYMENTS,
    NAMESPACES,
    PODS,
    REPLICASETS,
    SERVICES,
    STATEFULSETS,
    Object,
    Resource,
)

TEMPLATES = "deprecated.daemonset.template.generation"


def fill(resource: Resource, item: Object) -> Object:
    """`item` with the defaults of its kind."""
    filler = _FILLERS.get(resource)
    return item if filler is None else item | {"spec": filler(item.get("spec") or {}, item)}


def _deployment(spec: Object, _item: Object) -> Object:
    strategy = dict(spec.get("strategy") or {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        strategy["rollingUpdate"] = {"maxUnavailable": "25%", "maxSurge": "25%"} | (
            strategy.get("rollingUpdate") or {}
        )
    filled = (
        {"replicas": 1} | spec | {"template": _template(spec.get("template") or {}), "strategy": strategy}
    )
    if not filled.get("paused"):
        filled.pop("paused", None)
    if not filled.get("minReadySeconds"):
        filled.pop("minReadySeconds", None)
    return {"revisionHistoryLimit": 10, "progressDeadlineSeconds": 600} | filled


def _replicaset(spec: Object, _item: Object) -> Object:
    return {"replicas": 1} | spec | {"template": _template(spec.get("template") or {})}


def _statefulset(spec: Object, _item: Object) -> Object:
    strategy = {"type": "RollingUpdate"} | (spec.get("updateStrategy") or {})
    if strategy["type"] == "RollingUpdate":
        strategy["rollingUpdate"] = {"partition": 0} | (strategy.get("rollingUpdate") or {})
    kept = {"whenDeleted": "Retain", "whenScaled": "Retain"}
    filled = {"replicas": 1, "podManagementPolicy": "OrderedReady", "revisionHistoryLimit": 10} | spec
    filled |= {"template": _template(spec.get("template") or {}), "updateStrategy": strategy}
    return {"persistentVolumeClaimRetentionPolicy": kept} | filled


def _daemonset(spec: Object, _item: Object) -> Object:
    strategy = {"type": "RollingUpdate"} | (spec.get("updateStrategy") or {})
    if strategy["type"] == "RollingUpdate":
        strategy["rollingUpdate"] = {"maxUnavailable": 1, "maxSurge": 0} | (
            strategy.get("rollingUpdate") or {}
        )
    filled = spec | {"template": _template(spec.get("template") or {}), "updateStrategy": strategy}
    return {"revisionHistoryLimit": 10} | filled


def count_templates(resource: Resource, item: Object, previous: Object | None) -> Object:
    """A DaemonSet with the number of templates that it had so far, in an annotation of the API server."""
    if resource is not DAEMONSETS:
        return item
    before = int((previous or {"metadata": {}})["metadata"].get("annotations", {}).get(TEMPLATES, 0))
    same = previous is not None and item["spec"]["template"] == previous["spec"]["template"]
    annotations = item["metadata"].get("annotations", {}) | {TEMPLATES: str(before if same else before + 1)}
    return item | {"metadata": item["metadata"] | {"annotations": annotations}}


def _template(template: Object) -> Object:
    metadata = {k: v for k, v in (template.get("metadata") or {}).items() if v}
    return {"metadata": metadata, "spec": _pod(template.get("spec") or {}, template)}


def _pod(spec: Object, _item: Object) -> Object:
    """Containers first and empty fields out, as the server shows a pod spec."""
    filled: Object = {}
    if first := spec.get("initContainers"):
        filled["initContainers"] = [_container(each) for each in first]
    filled["containers"] = [_container(each) for each in spec.get("containers") or []]
    for name, value in (
        ("restartPolicy", "Always"),
        ("terminationGracePeriodSeconds", 30),
        ("dnsPolicy", "ClusterFirst"),
        ("securityContext", {}),
        ("schedulerName", "default-scheduler"),
    ):
        filled[name] = spec.get(name, value)
    return filled | {k: v for k, v in spec.items() if k not in filled and v not in ([], None)}


def _container(container: Object) -> Object:
    image = str(container.get("image", ""))
    tag = image.rsplit("/", 1)[-1].partition(":")[2] or ("@" if "@" in image else "latest")
    filled = container | {
        "resources": container.get("resources") or {},
        "terminationMessagePath": container.get("terminationMessagePath", "/dev/termination-log"),
        "terminationMessagePolicy": container.get("terminationMessagePolicy", "File"),
        "imagePullPolicy": container.get("imagePullPolicy")
        or ("Always" if tag == "latest" else "IfNotPresent"),
    }
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if probe in container:
            filled[probe] = _probe(container[probe])
    if container.get("ports"):
        filled["ports"] = [{"protocol": "TCP"} | port for port in container["ports"]]
    return filled


def _probe(probe: Object) -> Object:
    filled = probe | {
        name: probe.get(name, value)
        for name, value in (
            ("timeoutSeconds", 1),
            ("periodSeconds", 10),
            ("successThreshold", 1),
            ("failureThreshold", 3),
        )
    }
    if "httpGet" in probe:
        filled["httpGet"] = {"path": "/", "scheme": "HTTP"} | probe["httpGet"]
    return filled


def _service(spec: Object, _item: Object) -> Object:
    ports = [{"protocol": "TCP", "targetPort": port.get("port")} | port for port in spec.get("ports") or []]
    ips = {"clusterIP": "10.96.0.10", "clusterIPs": ["10.96.0.10"]}
    return {"type": "ClusterIP", "sessionAffinity": "None"} | ips | spec | {"ports": ports}


def _autoscaler(spec: Object, _item: Object) -> Object:
    return {"minReplicas": 1, "metrics": [_CPU]} | spec


_USE = {"type": "Utilization", "averageUtilization": 80}
_CPU = {"type": "Resource", "resource": {"name": "cpu", "target": _USE}}


def _namespace(spec: Object, _item: Object) -> Object:
    return {"finalizers": ["kubernetes"]} | spec


_FILLERS: dict[Resource, Any] = {
    DEPLOYMENTS: _deployment,
    REPLICASETS: _replicaset,
    STATEFULSETS: _statefulset,
    DAEMONSETS: _daemonset,
    PODS: _pod,
    SERVICES: _service,
    AUTOSCALERS: _autoscaler,
    NAMESPACES: _namespace,
}
