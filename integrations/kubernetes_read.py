"""What is asked of a cluster: one method for each kind of question, all of them only reading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from bot.faults import Failed, Forbidden, Refused, Unavailable
from bot.language import N_, _
from bot.ports import NOT_READ, Place
from integrations.kubernetes_api import WORKLOADS, Api, Object, Where
from integrations.kubernetes_causes import Warnings
from integrations.kubernetes_objects import owned, owner_of, selector_of

LOG_BYTES = 262_144
"""At most so much of a log travels, whatever the length of its lines."""
GROWING = {"TriggeredScaleUp", "Nominated"}
"""Events by which cluster-autoscaler and Karpenter say that a node is on its way for a pod."""


class Reader:
    """Raises the faults of a port."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def where(self, place: Place) -> Where:
        shown = f"{place.kind} {place.namespace}/{place.name}"
        return Where(WORKLOADS[place.kind], place.namespace, place.name, shown=shown)

    def workload(self, place: Place) -> Object:
        return self._api.get(self.where(place))

    def workloads(self, place: Place) -> list[Object]:
        """All of its kind in its namespace."""
        return self._api.items(self._all(WORKLOADS[place.kind], place))

    def pods(self, place: Place, workload: Object) -> list[Object]:
        listed = self._api.items(self._all("pods", place), labelSelector=selector_of(workload))
        return [pod for pod in listed if owner_of(pod) == (place.kind, place.name)]

    def all_pods(self, place: Place) -> list[Object]:
        return self._api.items(self._all("pods", place))

    def history(self, place: Place, workload: Object) -> list[Object]:
        """ReplicaSets of a Deployment, ControllerRevisions of the other kinds."""
        kept = "replicasets" if place.kind == "Deployment" else "controllerrevisions"
        listed = self._api.items(self._all(kept, place), labelSelector=selector_of(workload))
        return [item for item in listed if owned(item, workload)]

    def autoscalers(self, place: Place) -> list[Object]:
        """Of a namespace; none where whoever asks may not see them."""
        try:
            return self._api.items(self._all("horizontalpodautoscalers", place))
        except Forbidden:
            return []

    def quotas(self, place: Place) -> list[Object]:
        return self._api.items(self._all("resourcequotas", place))

    def nodes(self) -> tuple[list[Object], list[Object]]:
        """All nodes, and the pods on them; nothing where Shipmate may not see them, which is optional."""
        try:
            return self._api.items(Where("nodes")), self._api.items(Where("pods"))
        except (Refused, Failed, Unavailable):
            return [], []

    def warnings(self, place: Place, workload: Object, parts: Iterable[Object]) -> Warnings:
        """Of a workload and its parts: pods, ReplicaSets. The cluster keeps events for an hour."""
        names = {item["metadata"]["name"] for item in (workload, *parts)}
        found: defaultdict[str, list[Object]] = defaultdict(list)
        for event in self._api.items(self._all("events", place), fieldSelector="type=Warning"):
            if event["involvedObject"]["name"] in names:
                found[event["involvedObject"]["name"]].append(event)
        return found

    def node_comes(self, place: Place, pod: str) -> bool:
        """Whether an autoscaler of the cluster has said that it adds a node for a pod."""
        told = self._api.items(self._all("events", place), fieldSelector=f"involvedObject.name={pod}")
        return any(event.get("reason") in GROWING for event in told)

    def log(
        self, place: Place, pod: str, lines: int, previous: bool = False, since: int | None = None
    ) -> tuple[str, ...]:
        """The newest lines that fit into LOG_BYTES, after NOT_READ where they are fewer than asked for."""
        query = {"container": place.container}
        query |= {"previous": "true"} if previous else {}
        query |= {"sinceSeconds": f"{since}"} if since else {}
        shown = _("pod {pod} in {namespace}", pod=pod, namespace=place.namespace)
        where = Where("pods", place.namespace, pod, "log", shown)
        try:
            return self._newest(where, query, lines)
        except Failed:  # 400: no such run, or it has not begun
            which = N_("Pod {pod} in {namespace} has no earlier run.")
            which = which if previous else N_("Pod {pod} in {namespace} has no log yet.")
            raise Refused(_(which, pod=pod, namespace=place.namespace)) from None

    def _newest(self, where: Where, query: Mapping[str, str], lines: int) -> tuple[str, ...]:
        """Fewer lines are asked for as long as they are too many bytes.

        The kubelet counts `limitBytes` from the first of the lines that `tailLines` chose: what it leaves out
        is the newest.
        """
        cut = False
        while True:
            body = self._api.raw(where, **query, tailLines=f"{lines}", limitBytes=f"{LOG_BYTES}")
            if len(body) < LOG_BYTES or lines <= 1:
                read = body.decode("utf-8", "replace").splitlines()
                return (NOT_READ, *read) if cut else tuple(read)
            cut = True
            lines = max(1, min(lines // 2, body.count(b"\n")))

    def _all(self, resource: str, place: Place) -> Where:
        shown = _("the {resource} of {namespace}", resource=resource, namespace=place.namespace)
        return Where(resource, place.namespace, shown=shown)
