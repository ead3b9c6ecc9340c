"""The DaemonSet controller: one pod on each node that fits (kubernetes/pkg/controller/daemon).

Updates follow maxUnavailable; maxSurge is stored and not acted on.
"""

from __future__ import annotations

from sandbox.kubernetes import controllerrevisions, defaults, nodes, podstatus, rollout
from sandbox.kubernetes.controllerrevisions import HASH, History
from sandbox.kubernetes.podcontrol import PodController, living
from sandbox.kubernetes.resources import DAEMONSETS, NODES, Object, key
from sandbox.kubernetes.store import Change

_TOLERATED = (
    ("not-ready", "NoExecute"),
    ("unreachable", "NoExecute"),
    ("disk-pressure", "NoSchedule"),
    ("memory-pressure", "NoSchedule"),
    ("pid-pressure", "NoSchedule"),
    ("unschedulable", "NoSchedule"),
)
"""util.AddOrUpdateDaemonPodTolerations."""


class DaemonSets(PodController):
    """Keeps one pod a node, and replaces them a few at a time."""

    resource = DAEMONSETS

    def observe(self, change: Change) -> None:
        super().observe(change)
        if change.resource is NODES:
            for item in self.store.all(DAEMONSETS):
                self.queue.add(key(item))

    def manage(self, item: Object, pods: list[Object]) -> None:
        history = self._history(item)
        placed = _placed(pods)
        hosts = self._hosts(item)
        for pod in living(pods):
            if _host(pod) not in hosts:
                self.delete(item, pod)
        for host in hosts:
            if host not in placed:
                self._make(item, history, host)
        if item["spec"]["updateStrategy"]["type"] == "RollingUpdate":
            self._update(item, history, [placed[host] for host in hosts if host in placed])

    def _make(self, item: Object, history: History, host: str) -> None:
        template = controllerrevisions.template(history.update)
        generation = rollout.annotation(item, defaults.TEMPLATES) or "1"
        labels = {HASH: controllerrevisions.short(history.update), "pod-template-generation": generation}
        spec = template["spec"] | {"affinity": nodes.only(host)}
        spec["tolerations"] = [*spec.get("tolerations", []), *(_tolerates(*each) for each in _TOLERATED)]
        self.create(item, self.random_name(item), template | {"spec": spec}, labels)

    def _update(self, item: Object, history: History, pods: list[Object]) -> None:
        """Old pods that serve nobody go at once; others while at most maxUnavailable are away."""
        rolling = item["spec"]["updateStrategy"].get("rollingUpdate") or {}
        away = rollout.scaled(rolling.get("maxUnavailable", 1), len(self._hosts(item)), up=True)
        away -= len(self._hosts(item)) - sum(self._serves(item, pod) for pod in pods)
        for pod in living(pods):
            if _is_new(pod, history):
                continue
            if not self._serves(item, pod):
                self.delete(item, pod)
            elif away > 0:
                self.delete(item, pod)
                away -= 1

    def _serves(self, item: Object, pod: Object) -> bool:
        return "deletionTimestamp" not in pod["metadata"] and self.available(item, pod)

    def status(self, item: Object, pods: list[Object]) -> Object:
        history = self._history(item)
        hosts = self._hosts(item)
        active = [pod for host, pod in _placed(pods).items() if host in hosts]
        available = sum(self._serves(item, pod) for pod in active)
        status: Object = {
            "currentNumberScheduled": len(active),
            "numberMisscheduled": 0,
            "desiredNumberScheduled": len(hosts),
            "numberReady": sum(map(podstatus.ready, active)),
            "observedGeneration": item["metadata"]["generation"],
        }
        counters = {
            "updatedNumberScheduled": sum(_is_new(pod, history) for pod in active),
            "numberAvailable": available,
            "numberUnavailable": len(hosts) - available,
        }
        used = {str(pod["metadata"]["labels"].get(HASH)) for pod in pods}
        live = {each["metadata"]["name"] for each in history.every if controllerrevisions.short(each) in used}
        controllerrevisions.trim(self.store, item, history, live | {history.update["metadata"]["name"]})
        return status | {name: value for name, value in counters.items() if value}

    def _hosts(self, item: Object) -> list[str]:
        """Names of the nodes that should run a pod of it."""
        template = item["spec"]["template"]["spec"]
        return [node["metadata"]["name"] for node in self.store.all(NODES) if nodes.selects(template, node)]

    def _history(self, item: Object) -> History:
        return controllerrevisions.sync(self.store, DAEMONSETS, item, HASH)


def _placed(pods: list[Object]) -> dict[str, Object]:
    """The pod on each node, or meant for it."""
    return {_host(pod): pod for pod in pods}


def _host(pod: Object) -> str:
    return str(pod["spec"].get("nodeName") or nodes.meant_for(pod["spec"]))


def _is_new(pod: Object, history: History) -> bool:
    return bool(pod["metadata"]["labels"].get(HASH) == controllerrevisions.short(history.update))


def _tolerates(condition: str, effect: str) -> Object:
    return {"key": f"node.kubernetes.io/{condition}", "operator": "Exists", "effect": effect}
