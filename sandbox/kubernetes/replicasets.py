"""The ReplicaSet controller: creates and deletes pods, counts them (kubernetes/pkg/controller/replicaset)."""

from __future__ import annotations

from sandbox.kubernetes import conditions, podstatus, times
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.podcontrol import PodController, living
from sandbox.kubernetes.resources import REPLICASETS, Object
from sandbox.kubernetes.rollout import replicas


class ReplicaSets(PodController):
    """Keeps as many pods as each ReplicaSet says."""

    resource = REPLICASETS

    def manage(self, item: Object, pods: list[Object]) -> None:
        """Create or delete the difference. The refusal of a pod ends the round."""
        active = living(pods)
        missing = replicas(item) - len(active)
        if missing < 0:
            for pod in sorted(active, key=_keep_last)[:-missing]:
                self.delete(item, pod)
        for _ in range(missing):
            self.create(item, self.random_name(item), item["spec"]["template"])

    def status(self, item: Object, pods: list[Object]) -> Object:
        active = living(pods)
        ready = [pod for pod in active if podstatus.ready(pod)]
        counters = {
            "fullyLabeledReplicas": len(active),
            "readyReplicas": len(ready),
            "availableReplicas": sum(self.available(item, pod) for pod in ready),
        }
        status: Object = {"replicas": len(active)} | {k: v for k, v in counters.items() if v}
        status["terminatingReplicas"] = len(pods) - len(active)
        status["observedGeneration"] = item["metadata"]["generation"]
        return status

    def refused(self, item: Object, status: Object, refusal: ApiError) -> Object:
        known = conditions.find(item.get("status", {}).get("conditions", []), "ReplicaFailure")
        failure = {"type": "ReplicaFailure", "status": "True", "lastTransitionTime": times.stamp()}
        failure |= {"reason": "FailedCreate", "message": refusal.message}
        return status | {"conditions": [known or failure]}


def _keep_last(pod: Object) -> tuple[bool, bool, bool, float]:
    """Which pod goes first (controller.ActivePods): without node, not running, not ready, then the newest."""
    status = pod.get("status", {})
    unassigned = "nodeName" in pod["spec"]
    running = status.get("phase") == "Running"
    return unassigned, running, podstatus.ready(pod), -times.epoch(pod["metadata"]["creationTimestamp"])
