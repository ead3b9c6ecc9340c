"""The arithmetic of a Deployment: pure functions after kubernetes/pkg/controller/deployment/util."""

from __future__ import annotations

import json
import math
import zlib
from typing import Any

from sandbox.kubernetes.resources import Object

HASH = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
OWN_ANNOTATIONS = frozenset((REVISION, HISTORY, DESIRED, MAXIMUM, APPLIED))
"""Never copied from a Deployment to its ReplicaSets."""

_SAFE = "bcdfghjklmnpqrstvwxz2456789"
"""Alphabet of k8s.io/apimachinery/pkg/util/rand: no vowels, nothing that looks like something else."""


def template_hash(template: Object) -> str:
    """A name for a pod template: the same template, the same hash."""
    return safe(str(zlib.crc32(json.dumps(template, sort_keys=True).encode())))


def safe(text: str) -> str:
    """rand.SafeEncodeString: digits become letters that spell nothing."""
    return "".join(_SAFE[ord(character) % len(_SAFE)] for character in text)


def suffix(random_choices: Any) -> str:
    """Five characters for `generateName`, from `random.Random.choices`."""
    return "".join(random_choices(_SAFE, k=5))


def replicas(item: Object) -> int:
    return int(item["spec"].get("replicas", 0))


def count(item: Object, field: str) -> int:
    """A counter of the status; the API leaves out what is 0."""
    return int(item.get("status", {}).get(field, 0))


def annotation(item: Object, name: str) -> str | None:
    value = (item["metadata"].get("annotations") or {}).get(name)
    return None if value is None else str(value)


def revision(item: Object) -> int:
    return int(annotation(item, REVISION) or 0)


def noted_sizes(deployment: Object) -> dict[str, str]:
    """Annotations by which a ReplicaSet remembers the Deployment's sizes when it was scaled."""
    wanted = replicas(deployment)
    return {DESIRED: str(wanted), MAXIMUM: str(wanted + fenceposts(deployment)[0])}


def scaled(value: int | str, total: int, *, up: bool) -> int:
    """`25%` of `total` rounded up or down; a number is itself."""
    if isinstance(value, int):
        return value
    share = int(value.rstrip("%")) * total / 100
    return math.ceil(share) if up else math.floor(share)


def fenceposts(deployment: Object) -> tuple[int, int]:
    """(maxSurge, maxUnavailable) in pods. Both 0 would never move: then one may be unavailable."""
    strategy = deployment["spec"]["strategy"]
    if strategy["type"] != "RollingUpdate":
        return 0, 0
    wanted = replicas(deployment)
    rolling = strategy.get("rollingUpdate") or {}
    surge = scaled(rolling.get("maxSurge", "25%"), wanted, up=True)
    unavailable = scaled(rolling.get("maxUnavailable", "25%"), wanted, up=False)
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return surge, min(unavailable, wanted)


def new_replicas(deployment: Object, every: list[Object], new: int) -> int:
    """How many replicas the new ReplicaSet may have now; `every` are the specs of all, the new one too."""
    wanted = replicas(deployment)
    if deployment["spec"]["strategy"]["type"] == "Recreate":
        return wanted
    room = wanted + fenceposts(deployment)[0] - sum(map(replicas, every))
    return new if room <= 0 else new + min(room, wanted - new)


def proportion(sets: list[Object], deployment: Object) -> dict[str, int]:
    """New sizes by name when a Deployment is resized in mid-rollout: in proportion, remainder to the first.

    `sets`: the active ReplicaSets, largest first (deploymentutil.GetReplicaSetProportion).
    """
    wanted = replicas(deployment)
    allowed = wanted + fenceposts(deployment)[0] if wanted > 0 else 0
    to_add = allowed - sum(map(replicas, sets))
    sizes: dict[str, int] = {}
    added = 0
    for item in sets:
        share = _share(item, deployment, allowed, to_add, added) if to_add else 0
        sizes[item["metadata"]["name"]] = max(0, replicas(item) + share)
        added += share
    if sets:
        first = sets[0]["metadata"]["name"]
        sizes[first] = max(0, sizes[first] + to_add - added)
    return sizes


def _share(item: Object, deployment: Object, allowed: int, to_add: int, added: int) -> int:
    if replicas(item) == 0 or to_add == added:
        return 0
    if replicas(deployment) == 0:
        return -replicas(item)
    before = int(annotation(item, MAXIMUM) or count(deployment, "replicas"))
    fraction = math.floor(replicas(item) * allowed / before + 0.5) - replicas(item)
    return min(fraction, to_add - added) if to_add > 0 else max(fraction, to_add - added)


def complete(deployment: Object, status: Object) -> bool:
    """deploymentutil.DeploymentComplete."""
    counters = (status.get(name, 0) for name in ("updatedReplicas", "replicas", "availableReplicas"))
    seen = status.get("observedGeneration", 0) >= deployment["metadata"]["generation"]
    return seen and all(value == replicas(deployment) for value in counters)


def progressing(before: Object, after: Object) -> bool:
    """deploymentutil.DeploymentProgressing: more new, ready or available pods, or fewer old ones."""
    old_before = before.get("replicas", 0) - before.get("updatedReplicas", 0)
    old_after = after.get("replicas", 0) - after.get("updatedReplicas", 0)
    more = ("updatedReplicas", "readyReplicas", "availableReplicas")
    return old_after < old_before or any(after.get(name, 0) > before.get(name, 0) for name in more)
