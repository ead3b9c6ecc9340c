"""The scheduler: which node takes a pod, or why none does, in a real scheduler's words."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal

from sandbox.kubernetes import nodes, quantities
from sandbox.kubernetes.resources import NODES, PODS, Object
from sandbox.kubernetes.store import Store

_RESOURCES = ("cpu", "memory")
Used = defaultdict[str, Decimal]


def choose(store: Store, pod: Object) -> tuple[Object | None, str]:
    """A node for `pod`, spread by its name; or None and the reason that the event and the pod show."""
    every = store.all(NODES)
    used = _used(store)
    refusals = [_refusal(pod, node, used[node["metadata"]["name"]]) for node in every]
    fitting = [node for node, reasons in zip(every, refusals, strict=True) if not reasons]
    if fitting:
        return fitting[sum(map(ord, pod["metadata"]["name"])) % len(fitting)], ""
    victims = [_victims(pod, node) for node in every]
    none = f"0/{len(every)} nodes are available"
    why = _listed([reason for reasons in refusals for reason in reasons])
    return None, f"{none}: {why}. no new claims to deallocate, preemption: {none}: {_listed(victims)}."


def _listed(texts: list[str]) -> str:
    return ", ".join(sorted(f"{count} {text}" for text, count in Counter(texts).items()))


def _used(store: Store) -> defaultdict[str, Used]:
    """Node -> what its pods ask for, and how many they are."""
    used: defaultdict[str, Used] = defaultdict(lambda: defaultdict(Decimal))
    for pod in store.all(PODS):
        here = used[pod["spec"].get("nodeName", "")]
        here["pods"] += 1
        if any(container.get("resources") for container in pod["spec"]["containers"]):
            for name in _RESOURCES:
                here[name] += quantities.asked(pod["spec"], name)
    return used


def _refusal(pod: Object, node: Object, used: Used) -> list[str]:
    """Why `node` does not take the pod; empty: it does."""
    if why := _unsuited(pod["spec"], node):
        return [why]
    offered = node["status"]["allocatable"]
    reasons = ["Too many pods"] if used["pods"] + 1 > quantities.number(offered["pods"]) else []
    for name in _RESOURCES:
        asked = quantities.asked(pod["spec"], name)
        if asked and asked > quantities.number(offered[name]) - used[name]:
            reasons.append(f"Insufficient {name}")
    return reasons


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
