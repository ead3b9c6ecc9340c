"""Objects of a cluster -> the values of the port. Pure functions over the JSON of the API."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import shlex
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.language import N_, _
from bot.redact import redact
from bot.workloads import Autoscaler, Configuration, Place, Pod, Restarts, Revision, Workload
from integrations.kubernetes_api import Object, Operations

CONTAINERS = ("containers", "initContainers")
REVISION = "deployment.kubernetes.io/revision"
CAUSE = "kubernetes.io/change-cause"
RESTARTED = "kubectl.kubernetes.io/restartedAt"
OPERATION = "shipmate/operation"
"""Which operation made the revision, with what, and when. All three, as kubectl leaves annotations of a
Deployment where they are when it sets another image, and takes old ones along when it undoes."""
IMAGE, AT = "shipmate/image", "shipmate/at"
SCALED, SCALED_CAUSE = "shipmate/scaled-by", "shipmate/scaled-because"
"""Apart from OPERATION and CAUSE: the controller copies a Deployment's annotations to its newest ReplicaSet, and
scaling makes no revision."""
PAUSED, PAUSED_CAUSE = "shipmate/paused-by", "shipmate/paused-because"

ALL_OF_SECRET, ALL_OF_CONFIG_MAP = N_("all of secret {name}"), N_("all of config map {name}")

_KEY = secrets.token_bytes(32)
"""Fingerprints can be compared within this process and mean nothing outside."""


# -- parts of an object


def notes_of(item: Object) -> dict[str, str]:
    found: dict[str, str] = item["metadata"].get("annotations") or {}
    return found


def owned(item: Object, owner: Object) -> bool:
    owners = item["metadata"].get("ownerReferences", ())
    return any(each["uid"] == owner["metadata"]["uid"] for each in owners)


def template_of(item: Object) -> Object:
    """The pod template of a workload or revision; a pod is its own."""
    found: Object = item["spec"].get("template", item)
    return found


def container_of(item: Object, name: str) -> Object | None:
    """The container or init container called `name`, if there is one."""
    spec = template_of(item)["spec"]
    listed = (container for kind in CONTAINERS for container in spec.get(kind) or ())
    return next((container for container in listed if container["name"] == name), None)


def image_of(item: Object, container: str) -> str:
    found = container_of(item, container)
    return str(found["image"]) if found else ""


def images_of(item: Object, place: Place) -> str:
    """The image of the place's containers; where they differ it says so: `.../web:2 (migrate: web:1)`."""
    first = image_of(item, place.container)
    other = [(name, image_of(item, name)) for name in place.beside]
    told = [f"{name}: {image.rsplit('/', 1)[-1]}" for name, image in other if image != first]
    return f"{first} ({', '.join(told)})" if told else first


def selector_of(workload: Object) -> str:
    """As `labelSelector` of a list takes it: `app=web,tier in (front,edge),!canary`.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
    """
    selector = workload["spec"]["selector"]
    labels = [f"{name}={value}" for name, value in selector.get("matchLabels", {}).items()]
    return ",".join([*labels, *map(_requirement, selector.get("matchExpressions", ()))])


def _requirement(expression: Object) -> str:
    key, operator = expression["key"], expression["operator"]
    if operator == "Exists":
        return str(key)
    if operator == "DoesNotExist":
        return f"!{key}"
    return f"{key} {operator.lower()} ({','.join(expression['values'])})"


def owner_of(item: Object) -> tuple[str, str]:
    """Kind and name of the workload that a pod or ReplicaSet belongs to, by who controls it; of a pod that
    nobody controls two empty texts.

    Labels do not tell it: the pod of a migration's Job often has those of the workload as well.
    """
    owner: Object = next((o for o in item["metadata"].get("ownerReferences", ()) if o.get("controller")), {})
    if owner.get("kind") == "ReplicaSet":  # a pod of ReplicaSet `web-7c5ddbdf54` is of Deployment `web`
        return "Deployment", str(owner["name"]).rsplit("-", 1)[0]
    return str(owner.get("kind", "")), str(owner.get("name", ""))


def wanted_of(workload: Object) -> int:
    """How many pods: for a DaemonSet one on each node that fits. Counters are absent at zero."""
    if workload.get("kind") == "DaemonSet" or "desiredNumberScheduled" in workload.get("status", {}):
        return int(workload.get("status", {}).get("desiredNumberScheduled", 0))
    return int(workload["spec"].get("replicas", 1))


def kept_of(workload: Object) -> int:
    """How many pods of a StatefulSet its `partition` keeps on an earlier revision, once there is a newer one.

    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#partitions
    """
    status, strategy = workload.get("status", {}), workload["spec"].get("updateStrategy", {})
    if status.get("updateRevision") == status.get("currentRevision"):
        return 0
    return min(int(strategy.get("rollingUpdate", {}).get("partition", 0)), wanted_of(workload))


def is_ready(pod: Object) -> bool:
    conditions = pod.get("status", {}).get("conditions", ())
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def is_complete(workload: Object) -> bool:
    """Whether all pods that are wanted are there."""
    status = workload.get("status", {})
    there = status.get("readyReplicas", status.get("numberReady", 0))
    return bool(there >= wanted_of(workload))


def is_by_hand(workload: Object) -> bool:
    return bool(workload["spec"].get("updateStrategy", {}).get("type") == "OnDelete")


def time_of(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# -- what runs


def workload_of(
    workload: Object, pods: Iterable[Object], container: str, autoscaler: Object | None, now: datetime
) -> Workload:
    """Without `trouble`, which `integrations.kubernetes_causes` knows."""
    status, pods = workload.get("status", {}), list(pods)
    image = image_of(workload, container)
    return Workload(
        image=image,
        wanted=wanted_of(workload),
        ready=status.get("readyReplicas", status.get("numberReady", 0)),
        updated=status.get("updatedReplicas", status.get("updatedNumberScheduled", 0)),
        revision=notes_of(workload).get(REVISION, ""),
        generation=workload["metadata"].get("generation", 0),
        kept=kept_of(workload),
        digest=digest_of(pods, container, image),
        paused=bool(workload["spec"].get("paused")),
        by_hand=is_by_hand(workload),
        restarts=restarts_of(pods, now),
        autoscaler=autoscaler_of(autoscaler) if autoscaler else None,
        operation=_operation(notes_of(workload), image),
    )


def digest_of(pods: Iterable[Object], container: str, image: str) -> str:
    """Of the pods that run `image`; imageID is `repository@sha256:...`, or a bare id of the node's own."""
    found = {
        status["imageID"].rpartition("@")[2]
        for pod in pods
        if image_of(pod, container) == image
        for status in pod.get("status", {}).get("containerStatuses", ())
        if status["name"] == container and "@" in status.get("imageID", "")
    }
    return found.pop() if len(found) == 1 else ""


def restarts_of(pods: Iterable[Object], now: datetime) -> Restarts:
    """In the last hour, as far as the cluster remembers: a count since the pod began, and the latest end."""
    hour = now - timedelta(hours=1)
    certain, exact = 0, True
    for pod in pods:
        began = time_of(pod["metadata"].get("creationTimestamp"))
        for status in pod.get("status", {}).get("containerStatuses", ()):
            count = status.get("restartCount", 0)
            ended = time_of(status.get("lastState", {}).get("terminated", {}).get("finishedAt"))
            if not count or (ended and ended < hour):
                continue
            if began and began >= hour:
                certain += count
            else:
                certain += 1 if ended else 0
                exact = exact and count == 1 and ended is not None
    return Restarts(certain, exact)


def autoscaler_of(autoscaler: Object) -> Autoscaler:
    spec, status = autoscaler["spec"], autoscaler.get("status", {})
    return Autoscaler(
        autoscaler["metadata"]["name"],
        minimum=spec.get("minReplicas", 1),
        maximum=spec["maxReplicas"],
        current=status.get("currentReplicas", 0),
        desired=status.get("desiredReplicas", 0),
    )


def owning(autoscalers: Iterable[Object], kind: str, name: str) -> Object | None:
    """The autoscaler of a workload, if there is one."""
    for each in autoscalers:
        target = each["spec"]["scaleTargetRef"]
        if (target["kind"], target["name"]) == (kind, name):
            return each
    return None


def pods_of(pods: Iterable[Object], wrong: Mapping[str, tuple[str, str]]) -> list[Pod]:
    """Those in trouble first, then by name. `wrong`: name of a pod -> what is wrong with it, in which container."""
    found = [_pod(pod, *wrong.get(pod["metadata"]["name"], ("", ""))) for pod in pods]
    return sorted(found, key=lambda pod: (pod.name not in wrong, pod.ready, pod.name))


def _pod(pod: Object, wrong: str, container: str) -> Pod:
    status, ready = pod.get("status", {}), is_ready(pod)
    leaving = _("stopping") if "deletionTimestamp" in pod["metadata"] else ""
    restarts = sum(each.get("restartCount", 0) for each in status.get("containerStatuses", ()))
    words = wrong or leaving or (_("running") if ready else _("starting"))
    spec = pod["spec"]
    names = tuple(each["name"] for kind in reversed(CONTAINERS) for each in spec.get(kind) or ())
    name, started = pod["metadata"]["name"], time_of(status.get("startTime"))
    return Pod(name, ready, words, restarts, started, names, container)


# -- revisions


def revisions_of(workload: Object, stored: Iterable[Object], place: Place) -> list[Revision]:
    """Newest first, from ReplicaSets or ControllerRevisions; those of other workloads are left out."""
    found = []
    for item in stored:
        number = number_of(item)
        if number and owned(item, workload):
            found.append((number, item))
    found.sort(key=lambda each: each[0])
    made_by = list(_operations(workload, [item for _number, item in found], place.container))
    dated = _dated(workload, [item for _number, item in found])
    revisions = [
        _revision(number, item, place, operation, *when)
        for (number, item), operation, when in zip(found, made_by, dated, strict=True)
    ]
    return revisions[::-1]


def _dated(workload: Object, items: list[Object]) -> Iterator[tuple[datetime, bool]]:
    """Since when each was asked for, oldest first; True: some time after that.

    One that was gone back to is the object of its first time with a higher number. Of the newest, a Deployment
    tells when it was last rolled out: `lastUpdateTime` of its condition Progressing.
    """
    latest: datetime | None = None
    for item in items:
        created = datetime.fromisoformat(item["metadata"]["creationTimestamp"])
        if latest is None or created >= latest:
            latest = created
            yield created, False
        elif item is items[-1] and (done := _progressed(workload)) and done >= latest:
            yield done, False
        else:
            yield latest, True


def _progressed(workload: Object) -> datetime | None:
    conditions = workload.get("status", {}).get("conditions", ())
    return next(
        (time_of(each.get("lastUpdateTime")) for each in conditions if each["type"] == "Progressing"), None
    )


def number_of(item: Object) -> int:
    """0 for what is no revision."""
    return int(item.get("revision") or notes_of(item).get(REVISION) or 0)


def _revision(
    number: int, item: Object, place: Place, operation: str, since: datetime, later: bool
) -> Revision:
    state = _state(item)
    cause = notes_of(item).get(CAUSE, "")
    image, configuration = image_of(state, place.container), configuration_of(state, place)
    return Revision(number, image, since, cause, operation, configuration, later)


def _state(item: Object) -> Object:
    """What has a `spec.template`: a ReplicaSet has, a ControllerRevision keeps it in its data."""
    state: Object = item.get("data", item)
    return state


def _operations(workload: Object, items: list[Object], container: str) -> Iterator[str]:
    """The operation of each, oldest first; "" where its annotations were left over from another one.

    A set of annotations is a revision's own when it names the revision's image and is younger than those
    of all revisions before it. The newest revision takes those of the workload, as ControllerRevisions
    keep the ones they were made with.
    """
    latest = ""
    for position, item in enumerate(items):
        newest = position == len(items) - 1
        notes = notes_of(workload if newest else item)
        operation, at = _operation(notes, image_of(_state(item), container)), notes.get(AT, "")
        yield operation if at > latest else ""
        latest = max(latest, at)


def _operation(notes: dict[str, str], image: str) -> str:
    return notes.get(OPERATION, "") if notes.get(IMAGE) == image else ""


def configuration_of(item: Object, place: Place) -> Configuration:
    """Of all the place's containers; what is another one's than the first's says whose it is."""
    whole = _configuration(container_of(item, place.container) or {})
    for name in place.beside:
        own = _configuration(container_of(item, name) or {})
        whole = Configuration(
            {**whole.env, **{f"{key} ({name})": value for key, value in own.env.items()}},
            {**whole.resources, **{f"{name}: {key}": value for key, value in own.resources.items()}},
            f"{whole.command}; {name}: {own.command}" if own.command else whole.command,
        )
    return whole


def _configuration(container: Object) -> Configuration:
    env = {
        **{_source(each): _fingerprint(each) for each in container.get("envFrom", ())},
        **{each["name"]: _fingerprint(each) for each in container.get("env", ())},
    }
    resources = {
        f"{name} {which.removesuffix('s')}": str(amount)
        for which, amounts in container.get("resources", {}).items()
        if which in ("requests", "limits")
        for name, amount in amounts.items()
    }
    command = shlex.join([*container.get("command", ()), *container.get("args", ())])
    return Configuration(env, resources, redact(command).text)


def _source(env_from: Object) -> str:
    for field, what in (("secretRef", ALL_OF_SECRET), ("configMapRef", ALL_OF_CONFIG_MAP)):
        if field in env_from:
            return _(what, name=env_from[field].get("name", ""))
    return _("another source")


def _fingerprint(value: Any) -> str:
    text = json.dumps(value, sort_keys=True).encode()
    return hmac.new(_KEY, text, hashlib.sha256).hexdigest()[:16]


# -- JSON patches


def noted(item: Object, notes: dict[str, str], path: str = "") -> Operations:
    """Operations that annotate an object (or, with `path`, its template), whatever is there already."""
    metadata = item["metadata"] if not path else template_of(item).get("metadata", {})
    if "annotations" in metadata:
        return [
            {"op": "add", "path": f"{path}/metadata/annotations/{pointer(name)}", "value": value}
            for name, value in notes.items()
        ]
    return [
        {"op": "test", "path": "/metadata/resourceVersion", "value": item["metadata"]["resourceVersion"]},
        {"op": "add", "path": f"{path}/metadata/annotations", "value": notes},
    ]


def pointer(name: str) -> str:
    """A key within a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
