"""The StatefulSet controller: pods with names that stay, made in order and updated from the highest ordinal.

kubernetes/pkg/controller/statefulset/stateful_set_control.go. Known limit of a real one, kept here: with
OrderedReady a pod that never gets ready is not replaced by a later template, somebody must delete it
(kubernetes.io/docs: StatefulSets, "Forced rollback"). volumeClaimTemplates are stored but make no claims;
maxUnavailable is 1.
"""

from __future__ import annotations

from sandbox.kubernetes import controllerrevisions, podstatus
from sandbox.kubernetes.controllerrevisions import HASH, History
from sandbox.kubernetes.podcontrol import PodController, Words, living
from sandbox.kubernetes.resources import STATEFULSETS, Object
from sandbox.kubernetes.rollout import replicas

ORDINAL, POD_NAME = "apps.kubernetes.io/pod-index", "statefulset.kubernetes.io/pod-name"
HASH_OF_REVISION = "controller.kubernetes.io/hash"


class StatefulSets(PodController):
    """Keeps pods `name-0` to `name-(replicas-1)`, one step at a time."""

    resource = STATEFULSETS
    words = Words(
        "create Pod {pod} in StatefulSet {owner} successful",
        "delete Pod {pod} in StatefulSet {owner} successful",
        "create Pod {pod} in StatefulSet {owner} failed error: {why}",
    )

    def manage(self, item: Object, pods: list[Object]) -> None:
        history = self._history(item)
        by_ordinal = {_ordinal(pod): pod for pod in pods}
        wanted = range(replicas(item))
        settled = all(self._fill(item, history, ordinal, by_ordinal.get(ordinal)) for ordinal in wanted)
        if not settled and _ordered(item):
            return
        for ordinal in sorted(by_ordinal.keys() - set(wanted), reverse=True):
            pod = by_ordinal[ordinal]
            if "deletionTimestamp" not in pod["metadata"]:
                self.delete(item, pod)
            if _ordered(item):
                return
        self._update(item, history, by_ordinal)

    def _fill(self, item: Object, history: History, ordinal: int, pod: Object | None) -> bool:
        """Make the pod at `ordinal` if there is none. False: the ones after it have to wait for it."""
        if pod is None:
            self._make(item, history, ordinal)
            return not _ordered(item)
        healthy = "deletionTimestamp" not in pod["metadata"] and self.available(item, pod)
        return healthy or not _ordered(item)

    def _make(self, item: Object, history: History, ordinal: int) -> None:
        current = history.named(item.get("status", {}).get("currentRevision", ""))
        revision = current if current and ordinal < _partition(item) else history.update
        name = f"{item['metadata']['name']}-{ordinal}"
        labels = {ORDINAL: str(ordinal), HASH: revision["metadata"]["name"], POD_NAME: name}
        template = controllerrevisions.template(revision)
        spec = template["spec"] | {"hostname": name}
        spec |= {"subdomain": item["spec"]["serviceName"]} if item["spec"].get("serviceName") else {}
        named = {"name": name, "generateName": f"{item['metadata']['name']}-"}
        self.create(item, named, template | {"spec": spec}, labels)

    def _update(self, item: Object, history: History, by_ordinal: dict[int, Object]) -> None:
        """Delete the highest old pod, if all above it are new and healthy."""
        if item["spec"]["updateStrategy"]["type"] != "RollingUpdate":
            return
        for ordinal in range(replicas(item) - 1, _partition(item) - 1, -1):
            pod = by_ordinal.get(ordinal)
            if pod is None or "deletionTimestamp" in pod["metadata"]:
                return
            if pod["metadata"]["labels"].get(HASH) != history.update["metadata"]["name"]:
                self.delete(item, pod)
                return
            if not self.available(item, pod):
                return

    def status(self, item: Object, pods: list[Object]) -> Object:
        history = self._history(item)
        update = history.update["metadata"]["name"]
        current = item.get("status", {}).get("currentRevision") or update
        active = living(pods)
        revisions = [pod["metadata"]["labels"].get(HASH) for pod in active]
        ready = sum(map(podstatus.ready, active))
        updated = revisions.count(update)
        rolling = item["spec"]["updateStrategy"]["type"] == "RollingUpdate"
        if rolling and updated == ready == len(pods) == replicas(item):
            current = update
        counters = {
            "readyReplicas": ready,
            "currentReplicas": revisions.count(current),
            "updatedReplicas": updated,
        }
        status: Object = {"observedGeneration": item["metadata"]["generation"], "replicas": len(pods)}
        status |= {name: value for name, value in counters.items() if value}
        status |= {"currentRevision": current, "updateRevision": update, "collisionCount": 0}
        status["availableReplicas"] = sum(self.available(item, pod) for pod in active)
        controllerrevisions.trim(self.store, item, history, {current, update, *map(str, revisions)})
        return status

    def _history(self, item: Object) -> History:
        return controllerrevisions.sync(self.store, STATEFULSETS, item, HASH_OF_REVISION)


def _ordered(item: Object) -> bool:
    return bool(item["spec"]["podManagementPolicy"] == "OrderedReady")


def _partition(item: Object) -> int:
    """Ordinals below it keep the current revision."""
    rolling = item["spec"]["updateStrategy"].get("rollingUpdate") or {}
    return int(rolling.get("partition", 0))


def _ordinal(pod: Object) -> int:
    return int(pod["metadata"]["name"].rpartition("-")[2])
