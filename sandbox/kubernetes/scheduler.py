"""The scheduler: which node takes a pod, or why none does, in a real scheduler's words."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal

from sandbox.kubernetes import nodes, quantities
from sandbox.kubernetes.resources import NODES, PODS, Object
from sandbox.kubernetes.store import Change, Store

_RESOURCES = ("cpu", "memory")
Used = defaultdict[str, Decimal]


class Scheduler:
    """Knows what the pods on each node ask for, from the changes it sees."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.clear()

    def clear(self) -> None:
        self._used: defaultdict[str, Used] = defaultdict(lambda: defaultdict(Decimal))

    def observe(self, change: Change) -> None:
        if change.resource is not PODS:
            return
        after = None if change.kind == "DELETED" else change.item
        for pod, sign in ((change.previous, -1), (after, 1)):
            if pod is not None and (host := pod["spec"].get("nodeName")):
                for name, amount in _asked(pod).items():
                    self._used[host][name] += sign * amount

    def choose(self, pod: Object) -> tuple[Object | None, str]:
        """A node for `pod`, spread by its name; or None and the reason that the event and the pod show."""
        every = self._store.all(NODES)
        refusals = [_refusal(pod, node, self._used[node["metadata"]["name"]]) for node in every]
        fitting = [node for node, reasons in zip(every, refusals, strict=True) if not reasons]
        if fitting:
            return fitting[sum(map(ord, pod["metadata"]["name"])) % len(fitting)], ""
        victims = [_victims(pod, node) for node in every]
        none = f"0/{len(every)} nodes are available"
        why = _listed([reason for reasons in refusals for reason in reasons])
        return None, f"{none}: {why}. no new claims to deallocate, preemption: {none}: {_listed(victims)}."


def _asked(pod: Object) -> dict[str, Decimal]:
    asked = {"pods": Decimal(1)}
    if any(container.get("resources") for container in pod["spec"]["containers"]):
        asked |= {name: quantities.asked(pod["spec"], name) for name in _RESOURCES}
    return asked


def _listed(texts: list[str]) -> str:
    return ", ".join(sorted(f"{count} {text}" for text, count in Counter(texts).items()))


def _refusal(pod: Object, node: Object, used: Used) -> list[str]:
    """Why `node` does not take the pod; empty: it does."""
    if why := _unsuited(pod["spec"], node):
        return [why]
    offered = node["status"]["allocatable"]
    short = [
        name for name, n in _asked(pod).items() if n and n > quantities.number(offered[name]) - used[name]
    ]
    return ["Too many pods" if name == "pods" else f"Insufficient {name}" for name in short]


def _unsuited(spec: Object, node: Object) -> str:
    """Why the pod may never run there, however empty the node is."""
    meant = nodes.meant_for(spec)
    if meant not in ("", node["metadata"]["name"]):
        return "node(s) didn't satisfy plugin(s) [NodeAffinity]"
    if not nodes.selects(spec, node):
        return "node(s) didn't match Pod's node affinity/selector"
    if node["spec"].get("unschedulable") and not meant:
        return "node(s) were unschedulable"
    return ""


def _victims(pod: Object, node: Object) -> str:
    """What ending other pods would help: nothing if the pod fits not even an empty node."""
    nobody: Used = defaultdict(Decimal)
    if _refusal(pod, node, nobody):
        return "Preemption is not helpful for scheduling"
    return "No preemption victims found for incoming pod"
