"""What a pod's status says, composed from the states of its containers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.kubernetes import times
from sandbox.kubernetes.resources import Object

CREATING = {"waiting": {"reason": "ContainerCreating"}}
INITIALIZING = {"waiting": {"reason": "PodInitializing"}}


@dataclass
class Container:
    """One container as its kubelet knows it; of a pod with init containers it waits as `PodInitializing`."""

    name: str
    image: str
    state: dict[str, Any] = field(default_factory=lambda: dict(CREATING))
    last: dict[str, Any] = field(default_factory=dict)
    ready: bool = False
    started: bool = False
    starting: bool = False
    """It runs, and has not passed its startup probe."""
    restarts: int = 0
    starts: int = 0
    crashes: int = 0
    failed_pulls: int = 0
    image_id: str = ""
    container_id: str = ""

    def shown(self) -> Object:
        """One entry of `containerStatuses`; containerID is left out before the first start."""
        shown: Object = {"name": self.name, "state": self.state, "lastState": self.last, "ready": self.ready}
        shown |= {"restartCount": self.restarts, "image": self.image, "imageID": self.image_id}
        if self.container_id:
            shown["containerID"] = self.container_id
        return shown | {"started": self.started and not self.starting}


def ready(pod: Object) -> bool:
    listed = pod.get("status", {}).get("conditions", ())
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in listed)


def scheduled(pod: Object) -> Object:
    """Status once a node is chosen."""
    status: Object = pod["status"]
    return status | {"conditions": [_condition(pod, "PodScheduled", "True")]}


def unschedulable(pod: Object, why: str) -> Object:
    """Status of a pod that fits no node: no containerStatuses at all."""
    refused = _condition(pod, "PodScheduled", "False", "Unschedulable", why)
    status: Object = pod["status"]
    return status | {"conditions": [refused]}


def running(
    pod: Object, containers: list[Container], init: list[Container], host: str, address: str
) -> Object:
    """Status once the kubelet has the pod. The pod has an IP from its first started container on."""
    unready = [container.name for container in containers if not container.ready]
    listed = [_condition(pod, "PodReadyToStartContainers", "True"), _initialized(pod, init)]
    for name in ("Ready", "ContainersReady"):
        if unready:
            text = f"containers with unready status: [{' '.join(unready)}]"
            listed.append(_condition(pod, name, "False", "ContainersNotReady", text))
        else:
            listed.append(_condition(pod, name, "True"))
    begun = all(container.container_id for container in containers)
    creating = all(c.state in (CREATING, INITIALIZING) for c in (*init, *containers))
    before = pod["status"]
    status: Object = {"phase": "Running" if begun else "Pending"}
    status["conditions"] = [*listed, _condition(pod, "PodScheduled", "True")]
    status |= {"hostIP": host, "hostIPs": [{"ip": host}]}
    if not creating:
        status |= {"podIP": address, "podIPs": [{"ip": address}]}
    status["startTime"] = before.get("startTime") or times.stamp()
    if init:
        status["initContainerStatuses"] = [container.shown() for container in init]
    status["containerStatuses"] = [container.shown() for container in containers]
    return status | {"qosClass": before["qosClass"]}


def _initialized(pod: Object, init: list[Container]) -> Object:
    if unfinished := [container.name for container in init if not container.ready]:
        text = f"containers with incomplete status: [{' '.join(unfinished)}]"
        return _condition(pod, "Initialized", "False", "ContainersNotInitialized", text)
    return _condition(pod, "Initialized", "True")


def _condition(pod: Object, kind: str, status: str, reason: str = "", message: str = "") -> Object:
    """A pod condition; its transition time stays while its status does."""
    known = next((c for c in pod["status"].get("conditions", ()) if c["type"] == kind), None)
    same = known is not None and known["status"] == status
    at = known["lastTransitionTime"] if known is not None and same else times.stamp()
    condition: Object = {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": at}
    if reason:
        condition |= {"reason": reason, "message": message}
    return condition
