"""The cluster's nodes: what they offer, and which pods are meant for which."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.kubernetes import times
from sandbox.kubernetes.resources import NODES, Object
from sandbox.kubernetes.store import Store


@dataclass(frozen=True)
class Size:
    """What one node offers, as quantities. `pods` as clusters of large nodes are set (a kubelet's own: 110)."""

    cpu: str = "8"
    memory: str = "32825620Ki"
    pods: str = "500"

    def shown(self) -> dict[str, str]:
        return {"cpu": self.cpu, "memory": self.memory, "pods": self.pods}


SIZE = Size()


def create(store: Store, count: int, size: Size = SIZE) -> None:
    """`count` nodes alike."""
    for number in range(1, count + 1):
        store.create(NODES, _node(f"sandbox-node-{number}", f"192.0.2.{9 + number}", size))


def address(node: Object) -> str:
    return str(node["status"]["addresses"][0]["address"])


def resize(store: Store, size: Size) -> None:
    """Another size for all nodes, as if the machines were exchanged under their pods."""
    for node in store.all(NODES):
        offered = {"capacity": size.shown(), "allocatable": size.shown()}
        store.update(NODES, node | {"status": node["status"] | offered})


def only(name: str) -> Object:
    """The affinity by which a DaemonSet's pod is meant for one node."""
    field = {"key": "metadata.name", "operator": "In", "values": [name]}
    required = {"nodeSelectorTerms": [{"matchFields": [field]}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}


def meant_for(spec: Object) -> str:
    """The node that the affinity of a pod spec names; empty: any."""
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    terms = (affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get("nodeSelectorTerms")
    fields = [field for term in terms or () for field in term.get("matchFields") or ()]
    return next((str(field["values"][0]) for field in fields if field["key"] == "metadata.name"), "")


def selects(spec: Object, node: Object) -> bool:
    """Whether the nodeSelector of a pod spec lets it run on `node`."""
    return bool((spec.get("nodeSelector") or {}).items() <= node["metadata"]["labels"].items())


def _node(name: str, ip: str, size: Size) -> Object:
    now = times.stamp()
    ready = {"type": "Ready", "status": "True", "lastHeartbeatTime": now, "lastTransitionTime": now}
    ready |= {"reason": "KubeletReady", "message": "kubelet is posting ready status"}
    capacity = size.shown()
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    information = {
        "kubeletVersion": "v1.36.2",
        "osImage": "Debian GNU/Linux 13 (trixie)",
        "architecture": "amd64",
    }
    information |= {"kernelVersion": "6.12.48-amd64", "containerRuntimeVersion": "containerd://2.1.4"}
    information |= {"operatingSystem": "linux"}
    return {
        "metadata": {"name": name, "labels": labels},
        "spec": {"podCIDR": "10.244.0.0/16"},
        "status": {
            "capacity": capacity,
            "allocatable": capacity,
            "conditions": [ready],
            "addresses": [{"type": "InternalIP", "address": ip}, {"type": "Hostname", "address": name}],
            "nodeInfo": information,
        },
    }
