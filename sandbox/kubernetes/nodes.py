"""The cluster's nodes, and which of them takes a pod."""

from __future__ import annotations

from sandbox.kubernetes import times
from sandbox.kubernetes.resources import NODES, Object
from sandbox.kubernetes.store import Store

CPU = 8.0
MEMORY = "32825620Ki"


def create(store: Store, count: int = 2) -> None:
    for number in range(1, count + 1):
        store.create(NODES, _node(f"sandbox-node-{number}", f"192.0.2.{9 + number}"))


def address(node: Object) -> str:
    return str(node["status"]["addresses"][0]["address"])


def choose(store: Store, pod: Object) -> tuple[Object | None, str]:
    """A node for `pod`, spread by its name; or None and the scheduler's reason.

    Only a pod that asks for more CPU than any one node has, or for labels no node has, fits nowhere.
    """
    every = store.all(NODES)
    wanted = (pod["spec"].get("nodeSelector") or {}).items()
    labelled = [node for node in every if wanted <= node["metadata"]["labels"].items()]
    fitting = [node for node in labelled if _cpu(pod) <= float(node["status"]["allocatable"]["cpu"])]
    if fitting:
        return fitting[sum(map(ord, pod["metadata"]["name"])) % len(fitting)], ""
    total, unlabelled, small = len(every), len(every) - len(labelled), len(labelled)
    reasons = [f"{unlabelled} node(s) didn't match Pod's node affinity/selector"] if unlabelled else []
    reasons += [f"{small} Insufficient cpu"] if small else []
    victims = [f"{unlabelled} Preemption is not helpful for scheduling"] if unlabelled else []
    victims += [f"{small} No preemption victims found for incoming pod"] if small else []
    why = f"0/{total} nodes are available: {', '.join(reasons)}. no new claims to deallocate, "
    return None, f"{why}preemption: 0/{total} nodes are available: {', '.join(victims)}."


def _cpu(pod: Object) -> float:
    """CPUs that all containers ask for; `250m` is a quarter."""
    total = 0.0
    for container in pod["spec"]["containers"]:
        resources = container.get("resources", {})
        text = str((resources.get("requests") or resources.get("limits") or {}).get("cpu", "0"))
        total += float(text[:-1]) / 1000 if text.endswith("m") else float(text)
    return total


def _node(name: str, ip: str) -> Object:
    now = times.stamp()
    ready = {"type": "Ready", "status": "True", "lastHeartbeatTime": now, "lastTransitionTime": now}
    ready |= {"reason": "KubeletReady", "message": "kubelet is posting ready status"}
    capacity = {"cpu": f"{CPU:.0f}", "memory": MEMORY, "pods": "110"}
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
