"""The cluster's nodes: what they offer, and which pods are meant for which."""

from __future__ import annotations

from sandbox.kubernetes import times
from sandbox.kubernetes.resources import NODES, Object
from sandbox.kubernetes.store import Store

COUNT = 3
CPU = "8"
MEMORY = "32825620Ki"


def create(store: Store, count: int = COUNT, cpu: str = CPU, memory: str = MEMORY) -> None:
    """`count` nodes alike; a test gives small ones to see pods that fit nowhere."""
    for number in range(1, count + 1):
        store.create(NODES, _node(f"sandbox-node-{number}", f"192.0.2.{9 + number}", cpu, memory))


def address(node: Object) -> str:
    return str(node["status"]["addresses"][0]["address"])


def resize(store: Store, cpu: str = CPU, memory: str = MEMORY) -> None:
    """Other sizes for all nodes, as if the machines were exchanged under them."""
    for node in store.all(NODES):
        size = node["status"]["capacity"] | {"cpu": cpu, "memory": memory}
        store.update(NODES, node | {"status": node["status"] | {"capacity": size, "allocatable": size}})


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


def _node(name: str, ip: str, cpu: str, memory: str) -> Object:
    now = times.stamp()
    ready = {"type": "Ready", "status": "True", "lastHeartbeatTime": now, "lastTransitionTime": now}
    ready |= {"reason": "KubeletReady", "message": "kubelet is posting ready status"}
    capacity = {"cpu": cpu, "memory": memory, "pods": "110"}
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
