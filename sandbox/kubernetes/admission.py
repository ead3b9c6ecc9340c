"""What happens to a pod on its way in and out: quota, defaults of the service account, graceful deletion."""

from __future__ import annotations

import hashlib
from typing import Any

from sandbox.kubernetes import errors, quotas, rollout, times
from sandbox.kubernetes.resources import PODS, Object
from sandbox.kubernetes.store import Store

_TOKEN_MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


def pod(store: Store, item: Object) -> Object:
    """`item` as it is admitted. Raises ApiError 403 over quota, 422 for an image no kubelet could take."""
    metadata, spec = item["metadata"], item["spec"]
    for index, container in enumerate(spec["containers"]):
        if container["image"] != container["image"].strip():
            text = (
                f"Invalid value: {_quoted(container['image'])}: must not have leading or trailing whitespace"
            )
            cause = errors.Cause("FieldValueInvalid", text, f"spec.containers[{index}].image")
            raise errors.invalid("Pod", "", metadata["name"], [cause])
    quotas.check(store, metadata["namespace"], metadata["name"], spec)
    return item | {
        "spec": _with_account(spec, metadata["name"]),
        "status": {"phase": "Pending", "qosClass": _quality(spec["containers"])},
    }


def begin_deletion(store: Store, item: Object) -> Object:
    """Ask a pod to end. Without a node it is gone at once; else its kubelet removes it later."""
    metadata = item["metadata"]
    if "nodeName" not in item["spec"]:
        return store.delete(PODS, metadata["namespace"], metadata["name"])
    if "deletionTimestamp" in metadata:
        return item
    grace = item["spec"].get("terminationGracePeriodSeconds", 30)
    ending = {"deletionTimestamp": times.stamp(grace), "deletionGracePeriodSeconds": grace}
    return store.update(PODS, item | {"metadata": metadata | ending})


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def _with_account(spec: Object, name: str) -> Object:
    """The default service account, its token volume and the tolerations every pod gets."""
    digits = str(int(hashlib.sha256(name.encode()).hexdigest()[:12], 16))
    volume = f"kube-api-access-{rollout.safe(digits)[:5]}"
    mount = {"name": volume, "readOnly": True, "mountPath": _TOKEN_MOUNT}
    mounted = {
        field: [
            container | {"volumeMounts": [*container.get("volumeMounts", []), mount]}
            for container in spec[field]
        ]
        for field in ("initContainers", "containers")
        if spec.get(field)
    }
    return {
        "volumes": [*spec.get("volumes", []), {"name": volume, "projected": _TOKEN}],
        **{k: v for k, v in spec.items() if k not in ("volumes", *mounted)},
        **mounted,
        "serviceAccountName": "default",
        "serviceAccount": "default",
        "tolerations": _tolerations(spec.get("tolerations", [])),
        "priority": 0,
        "enableServiceLinks": True,
        "preemptionPolicy": "PreemptLowerPriority",
    }


def _tolerations(given: list[Object]) -> list[Object]:
    """DefaultTolerationSeconds: five minutes on a node in trouble, unless the pod says otherwise."""
    added = [_tolerates("not-ready"), _tolerates("unreachable")]
    return [*given, *(each for each in added if each["key"] not in [one.get("key") for one in given])]


def _tolerates(taint: str) -> Object:
    return {
        "key": f"node.kubernetes.io/{taint}",
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": 300,
    }


_NAMESPACE_FIELD = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
_TOKEN: dict[str, Any] = {
    "sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": _NAMESPACE_FIELD}]}},
    ],
    "defaultMode": 420,
}


def _quality(containers: list[Object]) -> str:
    """kubernetes.io/docs: Pod Quality of Service Classes."""
    resources = [container.get("resources", {}) for container in containers]
    if not any(r.get("limits") or r.get("requests") for r in resources):
        return "BestEffort"
    limits = [r.get("limits", {}) for r in resources]
    bounded = all({"cpu", "memory"} <= limit.keys() for limit in limits)
    same = all(r.get("requests", r.get("limits")) == r.get("limits") for r in resources)
    return "Guaranteed" if bounded and same else "Burstable"
