"""What can go wrong with a rollout: one line for each cause that Shipmate names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sandbox.kubernetes.resources import Object

Where = Literal["", "init container", "no pods allowed", "small nodes", "silent streams"]
CRASHING = "the container stops again soon after it starts: "
PULL = "the image cannot be pulled: "
BACK_OFF = "BackOff: Back-off restarting failed container"
NOT_PULLED = "Failed: Failed to pull image"
STACK = "Caused by: java.io"
STARTING = "WARN  still waiting for a connection"


@dataclass(frozen=True)
class Trouble:
    """`shows`: what the API says first, the beginning of `reason: message` in a pod's status or a warning.

    `words` is how Slack says it, `warns` stands among the cluster's warnings there. The new revision is the
    image that `at` builds (nothing: one that is well).
    """

    shows: str
    words: str
    warns: str
    at: str = ""
    log: str = ""
    """Of the container's log, to be told as well; empty: it never began."""
    where: Where = ""
    template: Object = field(default_factory=dict)
    """Added to the pods' template with the new image."""


def _pull(why: str, at: str, where: Where = "") -> Trouble:
    return Trouble("ErrImagePull", PULL + why, NOT_PULLED, at, where=where)


def _crash(why: str, at: str, log: str, where: Where = "") -> Trouble:
    return Trouble("CrashLoopBackOff", CRASHING + why, BACK_OFF, at, log, where)


VOLUME = {"volumes": [{"name": "data", "configMap": {"name": "settings"}}]}
TROUBLES = {
    "crash loop: exit code": _crash("exit code 1", "r667", STACK),
    "crash loop: out of memory": _crash("it ran out of memory (OOMKilled)", "r673", "OutOfMemoryError"),
    "crash loop: exits with 0": _crash("exit code 0", "r674", "INFO  nothing to do, bye"),
    "crash loop: init container": _crash("exit code 1", "r667", STACK, "init container"),
    "crash loop: over a watch gone silent": _crash("exit code 1", "r667", STACK, "silent streams"),
    "pull: no such image": _pull("the registry has no such image", "r676"),
    "pull: not allowed": _pull("the registry does not let the node pull it", "r677"),
    "pull: registry does not answer": _pull("the registry does not answer", "r678"),
    "pull: registry throttles": _pull("the registry throttles", "r680"),
    "pull: certificate": _pull("the node does not trust the registry's certificate", "r681"),
    "pull: another platform": _pull("it is not built for the node's platform", "r682"),
    "pull: init container": _pull("the registry has no such image", "r676", "init container"),
    "configuration missing": Trouble(
        "CreateContainerConfigError", "its configuration is missing: secret", "Failed: Error: secret", "r675"
    ),
    "container cannot be made": Trouble(
        "CreateContainerError", "the container cannot be created: ", "no space left on device", "r683"
    ),
    "container cannot be started": Trouble(
        "RunContainerError", "the container cannot be started: ", "Failed: Error: failed to create", "r684"
    ),
    "readiness probe": Trouble(
        "Unhealthy", "readiness probe failed: HTTP 503", "Unhealthy: Readiness probe", "r671", STARTING
    ),
    "startup probe": Trouble(
        "Unhealthy",
        "startup probe failed: /: connection refused",
        "Unhealthy: Startup probe",
        "r685",
        STARTING,
    ),
    "liveness probe": Trouble(
        "Unhealthy", "probe failed: /: no answer in time", "Unhealthy: Liveness probe", "r672", STARTING
    ),
    "no node has room": Trouble(
        "Unschedulable", "Insufficient memory", "Insufficient memory", where="small nodes"
    ),
    "no node is meant": Trouble(
        "Unschedulable",
        "didn't match Pod's node affinity/selector",
        "didn't match Pod's node affinity/selector",
        template={"nodeSelector": {"disk": "ssd"}},
    ),
    "volume": Trouble(
        "FailedMount",
        'it cannot begin: volume "data": configmap "settings" not found',
        "FailedMount: MountVolume.SetUp failed",
        template=VOLUME,
    ),
    "quota": Trouble(
        "FailedCreate",
        "the cluster refuses new pods: quota full is used up",
        "FailedCreate: quota full is used up",
        where="no pods allowed",
    ),
}
OF_EVERY_KIND = (
    "crash loop: exit code",
    "pull: no such image",
    "pull: registry does not answer",
    "readiness probe",
    "no node has room",
    "quota",
)
"""What StatefulSets and DaemonSets come to as well: of each family one."""
