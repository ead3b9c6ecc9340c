"""What `kubectl get pods` shows of a pod: ready, status and restarts (kubernetes/pkg/printers, printPod)."""

from __future__ import annotations

from sandbox.kubernetes import times
from sandbox.kubernetes.resources import Object


def ready(pod: Object) -> str:
    return f"{sum(c['ready'] for c in _statuses(pod))}/{len(pod['spec']['containers'])}"


def status(pod: Object) -> str:
    """The phase, or the reason that says more."""
    if "deletionTimestamp" in pod["metadata"]:
        return "Terminating"
    if initializing := _initializing(pod):
        return initializing
    shown = str(pod.get("status", {}).get("phase", "Unknown"))
    for container in reversed(_statuses(pod)):
        state = container["state"]
        if reason := state.get("waiting", {}).get("reason"):
            shown = reason
        elif "terminated" in state:
            shown = state["terminated"].get("reason") or f"ExitCode:{state['terminated']['exitCode']}"
    return shown


def restarts(pod: Object) -> str:
    """Of the init containers until they have ended well, then of the others."""
    counted = _statuses(pod, "initContainerStatuses" if _initializing(pod) else "containerStatuses")
    total = sum(c["restartCount"] for c in counted)
    ended = [c["lastState"]["terminated"]["finishedAt"] for c in counted if c["lastState"]]
    return f"{total} ({times.age(max(ended))} ago)" if total and ended else str(total)


def _initializing(pod: Object) -> str:
    """`Init:0/1`, `Init:CrashLoopBackOff`: of the first init container that has not ended well; empty: none."""
    first = _statuses(pod, "initContainerStatuses")
    for number, container in enumerate(first):
        state = container["state"]
        ended = state.get("terminated")
        if ended and not ended["exitCode"]:
            continue
        if ended:
            return f"Init:{ended['reason']}"
        reason = state.get("waiting", {}).get("reason", "")
        known = reason not in ("", "PodInitializing")
        return f"Init:{reason}" if known else f"Init:{number}/{len(first)}"
    return ""


def _statuses(pod: Object, field: str = "containerStatuses") -> list[Object]:
    return list(pod.get("status", {}).get(field, ()))
