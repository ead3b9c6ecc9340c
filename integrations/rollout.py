"""Kubernetes objects -> what they mean. Pure functions over the JSON of the API.

The rules are those of `kubectl rollout status` (k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go)
and of https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status: counters
are absent at zero, and nothing is believed before observedGeneration has caught up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from bot.ports import Seen, Workload

Object = Mapping[str, Any]

PULLING_FAILED = {"ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"}
CONFIGURATION_WRONG = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
HOPELESS = PULLING_FAILED | CONFIGURATION_WRONG | {"CrashLoopBackOff"}
"""Waiting reasons that do not go away by themselves: the rollout is called failed at once.

ErrImagePull is not among them: the kubelet tries again, and says ImagePullBackOff when that fails too."""

WORDS = {
    "ImagePullBackOff": "the image cannot be pulled",
    "InvalidImageName": "the image's name is not valid",
    "ErrImageNeverPull": "the image is not on the node and may not be pulled",
    "ImageInspectError": "the node cannot read the image",
    "CreateContainerConfigError": "its configuration (a ConfigMap or Secret) is missing",
    "CreateContainerError": "the container cannot be created",
    "RunContainerError": "the container cannot be started",
    "CrashLoopBackOff": "the container stops again soon after it starts",
}


def container_of(workload: Object, name: str) -> Object | None:
    """The container called `name` in the pod template (or in a pod), if there is one."""
    spec = workload["spec"].get("template", workload)["spec"]
    return next((c for c in spec["containers"] if c["name"] == name), None)


def image_of(workload: Object, container: str) -> str:
    found = container_of(workload, container)
    return str(found["image"]) if found else ""


def judge(deployment: Object, pods: Iterable[Object], container: str, generation: int, image: str) -> Seen:
    """How far the rollout of `image`, asked for at `generation`, has come.

    A failure carries no excerpt: fetching one costs calls, which the adapter makes.
    """
    spec, status = deployment["spec"], deployment.get("status", {})
    current = deployment["metadata"].get("generation", 0)
    if current < generation:
        return Seen(done=False, progress="rollout: the cluster has not begun yet")
    running = image_of(deployment, container)
    if running != image:
        return Seen(done=True, failure=f"Somebody else set another image meanwhile: {_tag(running)}.")
    if status.get("observedGeneration", 0) < current:
        return Seen(done=False, progress="rollout: the cluster has not begun yet")
    wanted = spec.get("replicas", 1)
    counters = {name: status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")}
    hopeless = trouble([pod for pod in pods if image_of(pod, container) == image], only=HOPELESS)
    if hopeless:
        return Seen(done=True, failure=_sentence(hopeless, counters, wanted))
    if _condition(deployment, "Progressing").get("reason") == "ProgressDeadlineExceeded":
        return Seen(done=True, failure=_stalled(deployment, counters, wanted))
    return _progress(wanted, counters)


def _progress(wanted: int, counters: Mapping[str, int]) -> Seen:
    updated, available = counters["updatedReplicas"], counters["availableReplicas"]
    if updated < wanted:
        return Seen(done=False, progress=f"rollout: {updated} of {wanted} started")
    if available < wanted:
        return Seen(done=False, progress=f"rollout: {available} of {wanted} ready")
    surplus = counters["replicas"] - wanted
    if surplus > 0:
        return Seen(done=False, progress=f"rollout: {surplus} still stopping")
    return Seen(done=True, value={"ready": available})


def _sentence(reasons: tuple[str, ...], counters: Mapping[str, int], wanted: int) -> str:
    return f"{'; '.join(reasons)}. {_still_serving(counters, wanted)}"


def _stalled(deployment: Object, counters: Mapping[str, int], wanted: int) -> str:
    seconds = deployment["spec"].get("progressDeadlineSeconds", 600)
    quota = _condition(deployment, "ReplicaFailure").get("message", "")
    cause = f" The cluster refuses new pods: {quota}." if "quota" in quota else ""
    return f"No progress for {seconds} s.{cause} {_still_serving(counters, wanted)}"


def _still_serving(counters: Mapping[str, int], wanted: int) -> str:
    available = counters["availableReplicas"]
    return f"{available} of {wanted} pods still serve."


def _condition(deployment: Object, kind: str) -> Object:
    conditions = deployment.get("status", {}).get("conditions", ())
    return next((c for c in conditions if c["type"] == kind), {})


def waiting_reason(pod: Object) -> str:
    """`CrashLoopBackOff`, `Unschedulable`, ... or "" for a pod that is well or still starting."""
    status = pod.get("status", {})
    for state in (*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())):
        reason = state.get("state", {}).get("waiting", {}).get("reason", "")
        if reason and reason not in ("ContainerCreating", "PodInitializing"):
            return str(reason)
    for condition in status.get("conditions", ()):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return str(condition.get("reason", ""))
    return ""


def trouble(pods: Iterable[Object], only: set[str] | None = None) -> tuple[str, ...]:
    """Grouped, in plain words: `2 pods in CrashLoopBackOff: the container stops again ... (5 restarts)`."""
    reasons: Counter[str] = Counter()
    restarts: Counter[str] = Counter()
    for pod in pods:
        reason = waiting_reason(pod)
        if reason and (only is None or reason in only):
            reasons[reason] += 1
            restarts[reason] += sum(
                s.get("restartCount", 0) for s in pod.get("status", {}).get("containerStatuses", ())
            )
    return tuple(_group(reason, count, restarts[reason]) for reason, count in reasons.most_common())


def _group(reason: str, count: int, restarts: int) -> str:
    pods = "1 pod" if count == 1 else f"{count} pods"
    words = f": {WORDS[reason]}" if reason in WORDS else ""
    again = f" ({restarts} restart{'s' if restarts > 1 else ''})" if restarts else ""
    return f"{pods} in {reason}{words}{again}"


def worst_pod(pods: Iterable[Object], container: str, image: str) -> Object | None:
    """The pod of `image` whose log is most likely to say why: one that waits for a bad reason."""
    candidates = [pod for pod in pods if image_of(pod, container) == image and waiting_reason(pod)]
    return max(candidates, key=_restarts, default=None)


def _restarts(pod: Object) -> int:
    return sum(s.get("restartCount", 0) for s in pod.get("status", {}).get("containerStatuses", ()))


def workload_of(deployment: Object, pods: Iterable[Object], container: str) -> Workload:
    status = deployment.get("status", {})
    annotations = deployment["metadata"].get("annotations", {})
    return Workload(
        image=image_of(deployment, container),
        wanted=deployment["spec"].get("replicas", 1),
        ready=status.get("readyReplicas", 0),
        revision=annotations.get("deployment.kubernetes.io/revision", ""),
        generation=deployment["metadata"].get("generation", 0),
        trouble=trouble(pods),
    )


def event_line(event: Object) -> str:
    count = event.get("count") or (event.get("series") or {}).get("count") or 1
    times = f" (x{count})" if count > 1 else ""
    return f"{event.get('reason', '')}: {event.get('message', '').strip()}{times}"


def _tag(image: str) -> str:
    return image.rsplit("/", 1)[-1]
