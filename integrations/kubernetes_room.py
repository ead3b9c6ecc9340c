"""How many pods fit: quota and nodes against what a pod asks for. Pure functions over JSON.

Quota as in https://kubernetes.io/docs/concepts/policy/resource-quotas, nodes as the scheduler's
NodeResourcesFit counts them: allocatable less the requests of the pods that are there. Affinity and
spreading are not looked at, so the nodes' answer is a bound from above.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from kubernetes.utils.quantity import parse_quantity

from bot.language import N_, _, counted
from bot.workloads import Room
from integrations.kubernetes_api import Object
from integrations.kubernetes_objects import template_of, wanted_of

Amounts = Mapping[str, Decimal]
"""Resource ("cpu", "memory", "pods") -> amount."""
UNKNOWN = 1_000_000
QUOTA = N_("quota of {namespace} leaves room for {pods} ({what})")


def room(
    workload: Object,
    count: int,
    namespace: str,
    quotas: Iterable[Object],
    nodes: Iterable[Object],
    pods: Iterable[Object],
) -> Room:
    """For `count` pods of `workload` in all. `pods`: of all namespaces; without `nodes` only the quota counts."""
    spec, have, nodes = template_of(workload)["spec"], wanted_of(workload), list(nodes)
    bounds = [(UNKNOWN, "")]
    for quota in quotas:
        more, which = _quota_room(quota, spec)
        if more < UNKNOWN:
            fits = have + more
            bounds.append((fits, _(QUOTA, namespace=namespace, pods=_pods(fits), what=which)))
    if nodes:
        more, which = _node_room(nodes, pods, spec)
        fits = have + more
        bounds.append((fits, _("the nodes have room for {pods} ({what})", pods=_pods(fits), what=which)))
    fits, why = min(bounds)
    return Room(count) if fits >= count else Room(fits, why)


def requests_of(spec: Object) -> dict[str, Decimal]:
    """What one pod takes of a node: the sum of its containers, or the largest of its init containers."""
    total = _sum(container.get("resources", {}).get("requests", {}) for container in spec["containers"])
    for init in spec.get("initContainers", ()):
        for name, amount in _amounts(init.get("resources", {}).get("requests", {})).items():
            total[name] = max(total.get(name, Decimal(0)), amount)
    for name, amount in _amounts(spec.get("overhead", {})).items():
        total[name] = total.get(name, Decimal(0)) + amount
    return {**total, "pods": Decimal(1)}


# -- quota


def _quota_room(quota: Object, spec: Object) -> tuple[int, str]:
    """(how many pods more, what is scarce); a quota with scopes is not looked at: few pods are in one."""
    if quota.get("spec", {}).get("scopes") or quota.get("spec", {}).get("scopeSelector"):
        return UNKNOWN, ""
    status = quota.get("status", {})
    used = _amounts(status.get("used", {}))
    bounds = [(UNKNOWN, "")]
    takes = _quota_takes(spec)
    for name, hard in _amounts(status.get("hard", {})).items():
        if takes.get(name):
            left = max(Decimal(0), hard - used.get(name, Decimal(0)))
            bounds.append((int(left // takes[name]), name.removeprefix("requests.").removeprefix("count/")))
    return min(bounds)


def _quota_takes(spec: Object) -> dict[str, Decimal]:
    """By the names that quotas have for it."""
    requests = requests_of(spec)
    limits = _sum(container.get("resources", {}).get("limits", {}) for container in spec["containers"])
    takes = {"pods": Decimal(1), "count/pods": Decimal(1)}
    for name, amount in requests.items():
        if name != "pods":
            takes |= {name: amount, f"requests.{name}": amount}
    return takes | {f"limits.{name}": amount for name, amount in limits.items()}


# -- nodes


def _node_room(nodes: Iterable[Object], pods: Iterable[Object], spec: Object) -> tuple[int, str]:
    """(how many pods more, what most nodes are short of)."""
    taken: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for pod in pods:
        node = pod["spec"].get("nodeName")
        if node and pod.get("status", {}).get("phase") not in ("Succeeded", "Failed"):
            for name, amount in requests_of(pod["spec"]).items():
                taken[node][name] += amount  # type: ignore[assignment]  # Counter counts in any number
    takes, total = requests_of(spec), 0
    short: Counter[str] = Counter()
    for node in nodes:
        if not _takes(node, spec):
            continue
        free = _amounts(node.get("status", {}).get("allocatable", {}))
        used = taken[node["metadata"]["name"]]
        fits, which = min(
            (max(0, int((free.get(name, Decimal(0)) - used[name]) // amount)), name)
            for name, amount in takes.items()
            if amount
        )
        total += fits
        short[which] += 1
    return total, short.most_common(1)[0][0] if short else _("none takes it")


def _takes(node: Object, spec: Object) -> bool:
    """Whether a node would take such a pod at all: ready, not cordoned, tolerated, selected."""
    if node["spec"].get("unschedulable"):
        return False
    conditions = node.get("status", {}).get("conditions", ())
    if any(c["type"] == "Ready" and c["status"] != "True" for c in conditions):
        return False
    labels = node["metadata"].get("labels", {})
    if not spec.get("nodeSelector", {}).items() <= labels.items():
        return False
    taints = (t for t in node["spec"].get("taints", ()) if t["effect"] in ("NoSchedule", "NoExecute"))
    return all(any(_tolerates(each, taint) for each in spec.get("tolerations", ())) for taint in taints)


def _tolerates(toleration: Object, taint: Object) -> bool:
    """https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration"""
    if toleration.get("effect") not in (None, "", taint["effect"]):
        return False
    if toleration.get("key") not in (None, "", taint["key"]):
        return False
    return toleration.get("operator") == "Exists" or toleration.get("value", "") == taint.get("value", "")


# -- amounts


def _amounts(quantities: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: parse_quantity(amount) for name, amount in quantities.items()}


def _sum(each: Iterable[Mapping[str, str]]) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for quantities in each:
        for name, amount in _amounts(quantities).items():
            total[name] = total.get(name, Decimal(0)) + amount
    return total


def _pods(count: int) -> str:
    return counted("{n} pod", "{n} pods", count)
