"""Why pods are not well, in plain words, and how long each cause may last. Pure functions over JSON.

A cause is told as soon as it shows. It ends a rollout when it has lasted for its grace: none for what does
not go away by itself, some seconds for what often does, no end for what says too little.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.language import N_, _, counted
from bot.redact import redact
from integrations.kubernetes_api import Object
from integrations.kubernetes_objects import time_of
from integrations.kubernetes_states import (
    BRIEFLY,
    CREATE_GRACE,
    EXITS,
    MOUNT_GRACE,
    NEVER,
    PROBES,
    PULL_GRACE,
    PULLS,
    READY_FACTOR,
    READY_GRACE,
    SCHEDULE_GRACE,
    STARTING,
    VOLUMES,
    WAITING,
)

Warnings = Mapping[str, list[Object]]
"""Name of an object -> its events of type Warning, oldest first."""

MOST_COLUMNS = 160
WHY = N_("{what}: {why}")
USED_UP = N_("quota {name} is used up ({what})")
ASKED_FOR = N_("{resource}: asked for {requested}, {used} of {limited} in use")


@dataclass(frozen=True)
class Cause:
    """`words` are equal for pods that have the same trouble."""

    pod: str
    """Its name; empty: the workload's own trouble."""
    words: str
    grace: float
    """Seconds it may last before the rollout is called failed."""
    state: str = ""
    """The cluster's own term, where people know it: "CrashLoopBackOff"."""
    restarts: int = 0
    ran: bool = False
    """Whether its container printed a log that may say why."""
    container: str = ""
    """Whose log that is."""
    unscheduled: bool = False
    """Whether it waits for a node."""
    maker: str = ""
    """Of the workload's own trouble: who makes its pods and warns when it cannot (a ReplicaSet); else itself."""


def causes(pods: Iterable[Object], warnings: Warnings, ready_grace: float = NEVER) -> list[Cause]:
    """At most one for each pod that is not well."""
    found = (_cause(pod, warnings.get(pod["metadata"]["name"], []), ready_grace) for pod in pods)
    return [cause for cause in found if cause is not None]


def ready_grace(pods_before: Iterable[Object]) -> float:
    """How long a new pod may run without being ready, judged by those that became ready before it."""
    took = [seconds for seconds in map(_ready_after, pods_before) if seconds is not None]
    return max(READY_GRACE, READY_FACTOR * min(took)) if took else NEVER


def refusal(workload: Object, pods: Iterable[Object], warnings: Warnings) -> Cause | None:
    """Why the cluster creates no pods: quota, limits, an admission hook.

    A Deployment has a condition for it. Of the other kinds there is a warning only, which stays for an hour:
    one from before the newest pod is over.
    """
    conditions = workload.get("status", {}).get("conditions", ())
    said = [
        c.get("message", "") for c in conditions if c["type"] == "ReplicaFailure" and c["status"] == "True"
    ]
    newest = max((pod["metadata"].get("creationTimestamp", "") for pod in pods), default="")
    said += [
        event.get("message", "")
        for event in warnings.get(workload["metadata"]["name"], [])
        if event["reason"] == "FailedCreate" and (event.get("lastTimestamp") or "") >= newest
    ]
    words = refused_words(said[-1]) if said else ""
    return Cause("", _("the cluster refuses new pods: {why}", why=words), CREATE_GRACE) if words else None


def groups(found: Iterable[Cause]) -> tuple[str, ...]:
    """Most frequent first: `3 pods: Insufficient memory`, `1 pod in CrashLoopBackOff: the container ...`."""
    counted: Counter[tuple[str, str]] = Counter()
    restarts: Counter[tuple[str, str]] = Counter()
    alone: set[tuple[str, str]] = set()
    for cause in found:
        key = (cause.state, cause.words)
        counted[key] += 1
        restarts[key] += cause.restarts
        if not cause.pod:
            alone.add(key)
    return tuple(
        key[1] if key in alone else _group(*key, count, restarts[key]) for key, count in counted.most_common()
    )


def _group(state: str, words: str, count: int, restarts: int) -> str:
    pods = counted("{n} pod", "{n} pods", count)
    told = _("{pods} in {state}: {words}", pods=pods, state=state, words=words) if state else ""
    told = told or _("{pods}: {words}", pods=pods, words=words)
    if not restarts:
        return told
    return _("{what}, {restarts}", what=told, restarts=counted("{n} restart", "{n} restarts", restarts))


def briefly(cause: Cause) -> str:
    """`crash loop`: what a notification has room for."""
    if "OOMKilled" in cause.words:
        return _("out of memory")
    if cause.state in BRIEFLY:
        return _(BRIEFLY[cause.state])
    if cause.unscheduled:
        return _("no node takes the pods")
    return _("pods not ready") if cause.pod else _("cluster refuses new pods")


# -- one pod


def _cause(pod: Object, warnings: list[Object], grace: float) -> Cause | None:
    name, status = pod["metadata"]["name"], pod.get("status", {})
    if "deletionTimestamp" in pod["metadata"]:
        return None
    if status.get("phase") == "Failed":
        words = " ".join(filter(None, (status.get("reason", "ended"), short(status.get("message", "")))))
        return Cause(name, words, NEVER)
    states = [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]
    for state in states:
        waiting = state.get("state", {}).get("waiting", {})
        if waiting.get("reason", "") not in ("", *STARTING):
            return _waiting(name, state, waiting, warnings)
    ended = next((state for state in states if _stopped(state)), None)
    if ended is not None:
        restarts = ended.get("restartCount", 0)
        words = _("its container has ended: {why}", why=_ending(ended, warnings))
        return Cause(name, words, NEVER, restarts=restarts, ran=True, container=ended["name"])
    for condition in status.get("conditions", ()):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return Cause(name, unschedulable(condition.get("message", "")), SCHEDULE_GRACE, unscheduled=True)
    if any(state.get("state", {}).get("waiting") for state in states):
        return _volume(name, warnings)
    return _unready(name, states, warnings, grace)


def _stopped(state: Object) -> bool:
    """Whether a container has ended that is to run; of one before the others (init) whether it ended badly."""
    ended = state.get("state", {}).get("terminated")
    return ended is not None and not state.get("ready")


def _waiting(name: str, state: Object, waiting: Object, warnings: list[Object]) -> Cause:
    reason, message = waiting["reason"], waiting.get("message", "")
    if reason not in WAITING:
        words, grace = short(message) or _("it waits"), SCHEDULE_GRACE
    else:
        words, grace = _(WAITING[reason][0]), WAITING[reason][1]
    if reason in ("ErrImagePull", "ImagePullBackOff"):
        detail, grace = next(
            ((_(text), g) for pattern, text, g in PULLS if pattern.search(message)), ("", PULL_GRACE)
        )
        words = _(WHY, what=words, why=detail) if detail else words
        grace = PULL_GRACE if reason == "ErrImagePull" else grace
    elif reason == "CrashLoopBackOff":
        words = _(WHY, what=words, why=_ending(state, warnings))
    elif message and reason in WAITING:
        words = _(WHY, what=words, why=short(message))
    restarts = state.get("restartCount", 0)
    ran = reason == "CrashLoopBackOff"
    return Cause(name, words, grace, reason, restarts, ran, state["name"])


def _ending(state: Object, warnings: list[Object]) -> str:
    """How its last run ended."""
    ended = state.get("lastState", {}).get("terminated") or state.get("state", {}).get("terminated") or {}
    code = ended.get("exitCode")
    if ended.get("reason") == "OOMKilled":
        return _("it ran out of memory (OOMKilled)")
    probe = _probe(warnings, ("Liveness", "Startup"))
    if probe and code in (0, 2, 137, 143):
        return _("it is killed, as its {probe}", probe=probe)
    if code in EXITS:
        return _("{what} (exit code {code})", what=_(EXITS[code]), code=code)
    return _("exit code {code}", code=code) if code is not None else _("nobody knows why")


def unschedulable(message: str) -> str:
    """`0/3 nodes are available: 3 Insufficient memory. preemption: ...` -> `Insufficient memory`."""
    if "unbound immediate PersistentVolumeClaims" in message:
        return _("its volume claim (PersistentVolumeClaim) is not bound")
    found = re.match(r"\d+/\d+ nodes are available: (.*?)(?:\.(?: |$)|$)", message)
    if not found:
        return short(message) or _("not given to a node yet")
    parts = re.split(r", (?=\d+ )", found[1])
    return short("; ".join(re.sub(r"^\d+ (?:node\(s\) )?", "", part) for part in parts))


def _volume(name: str, warnings: list[Object]) -> Cause | None:
    message = next((e.get("message", "") for e in reversed(warnings) if e["reason"] in VOLUMES), "")
    if not message:
        return None
    words = re.sub(r"^(?:MountVolume|AttachVolume)\.\w+ failed for (volume \"[^\"]*\") ?: ", r"\1: ", message)
    return Cause(name, _("it cannot begin: {why}", why=short(words)), MOUNT_GRACE)


def _unready(name: str, states: list[Object], warnings: list[Object], grace: float) -> Cause | None:
    """Running and not ready. Without a failed probe it may just be starting: nothing to tell yet."""
    running = [s for s in states if s.get("state", {}).get("running") and not s.get("ready")]
    if not running:
        return None
    restarts = sum(state.get("restartCount", 0) for state in running)
    probe = _probe(warnings, ("Readiness", "Startup", "Liveness"))
    if probe:
        return Cause(name, probe, grace, restarts=restarts, ran=True, container=running[0]["name"])
    return None


def _probe(warnings: list[Object], kinds: tuple[str, ...]) -> str:
    """`readiness probe failed: HTTP probe failed with statuscode: 503`, the latest of these kinds."""
    for event in reversed(warnings):
        message = event.get("message", "")
        if event["reason"] == "Unhealthy" and message.startswith(kinds):
            for pattern, words in PROBES:
                message = pattern.sub(words, message)
            return short(message[:1].lower() + message[1:])
    return ""


def _ready_after(pod: Object) -> float | None:
    """Seconds from the start of its containers until it was ready; None while it is not."""
    status = pod.get("status", {})
    ready: Object = next((c for c in status.get("conditions", ()) if c["type"] == "Ready"), {})
    starts = [
        time_of(state["state"]["running"].get("startedAt"))
        for state in status.get("containerStatuses", ())
        if state.get("state", {}).get("running")
    ]
    at, known = time_of(ready.get("lastTransitionTime")), [start for start in starts if start]
    if ready.get("status") != "True" or at is None or not known:
        return None
    return max(0.0, (at - max(known)).total_seconds())


# -- words


def refused_words(message: str) -> str:
    """Of a quota, an admission hook, a limit: which one, and how far."""
    quota = re.search(r"exceeded quota: (\S+), requested: (.*?), used: (.*?), limited: (\S+)", message)
    if quota:
        name, *amounts = quota.groups()
        requested, used, limited = (dict(re.findall(r"([^,=]+)=([^,]+)", amount)) for amount in amounts)
        what = [
            _(
                ASKED_FOR,
                resource=key,
                requested=requested[key],
                used=used.get(key, "?"),
                limited=limited.get(key, "?"),
            )
            for key in requested
        ]
        return _(USED_UP, name=name, what="; ".join(what))
    hook = re.search(r'admission webhook "([^"]*)" denied the request: (.*)', message)
    if hook:
        return _("{hook} says {words}", hook=hook[1], words=short(hook[2]))
    return short(re.sub(r'^.*?pods "[^"]*" is forbidden: ', "", message))


def short(message: str) -> str:
    """One line that fits a phone, secrets hidden."""
    text = redact(" ".join(message.split())).text
    return text if len(text) <= MOST_COLUMNS else text[: MOST_COLUMNS - 1] + "…"
