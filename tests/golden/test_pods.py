"""What is said of pods that are not well, and of how far a rollout has come, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.language import LANGUAGES, speaking
from bot.ports import Place
from integrations.kubernetes_causes import Cause, Warnings, briefly, causes, groups, refusal
from integrations.rollout import Picture, judge
from tests.golden.drawn import named
from tests.golden.telling import INDENT, SAID, SCENES, golden

Json = dict[str, Any]
Told = Iterator[tuple[str, str]]

OLD, NEW = "harbor.shop.example/web/web:r671", "harbor.shop.example/web/web:r672"
PATHS = {language: SAID / "pods" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())

WAITS: dict[str, tuple[str, str]] = {
    "a tag that is not in the registry": ("ImagePullBackOff", "manifest unknown"),
    "a registry that wants a password": ("ImagePullBackOff", "401 Unauthorized"),
    "an image for another kind of processor": (
        "ImagePullBackOff",
        "no match for platform in manifest: not found",
    ),
    "a registry with a certificate of its own": ("ImagePullBackOff", "x509: unknown authority"),
    "a registry that was asked too often": ("ImagePullBackOff", "429 Too Many Requests"),
    "a registry that is down": ("ErrImagePull", "dial tcp: i/o timeout"),
    "a pull that failed, and nothing says why": ("ErrImagePull", ""),
    "a name that no image can have": ("InvalidImageName", 'couldn\'t parse image name "web:R 1"'),
    "an image that must be on the node already": ("ErrImageNeverPull", ""),
    "an image that the node has, broken": ("ImageInspectError", ""),
    "a secret that is missing": ("CreateContainerConfigError", 'secret "db" not found'),
    "a container name in use": ("CreateContainerError", "the container name is already in use"),
    "a command that is a folder": ("RunContainerError", 'exec: "/srv": is a directory'),
    "a reason that Shipmate does not know": ("Preempting", "makes room for a more important pod"),
    "a reason that Shipmate does not know, without a word": ("Preempting", ""),
}
ENDS: dict[str, tuple[str, int | None]] = {
    "its file cannot be run": ("Error", 126),
    "its command has a slip": ("Error", 127),
    "somebody killed it": ("Error", 137),
    "it read memory that is not its own": ("Error", 139),
    "it was asked to end": ("Error", 143),
    "it needs more memory than it may have": ("OOMKilled", 137),
    "nothing is known of its end": ("ContainerStatusUnknown", None),
}
UNPLACED = {
    "no node has room": "0/3 nodes are available: 3 Insufficient memory. preemption: none",
    "its disk is not there": "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
    "the scheduler has not looked yet": "",
}
REFUSED = {
    "the quota is used up": 'pods "web-1" is forbidden: exceeded quota: team, requested: memory=256Mi, '
    "used: memory=1Gi, limited: memory=1Gi",
    "a hook of the cluster refuses": 'admission webhook "policy.shop.example" denied the request: no owner label',
    "a limit range refuses": 'pods "web-1" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
}
PROBE = "Readiness probe failed: HTTP probe failed with statuscode: 503"
ALIVE = "Liveness probe failed: HTTP probe failed with statuscode: 500"


def pod(image: str = NEW, name: str = "web-0", **status: Any) -> Json:
    return {
        "metadata": {"name": name},
        "spec": {"containers": [{"name": "web", "image": image}]},
        "status": status,
    }


def container(**state: Any) -> Json:
    return {"name": "web", "ready": False, "restartCount": 0, **state}


def waiting(reason: str, message: str = "", **more: Any) -> Json:
    return pod(
        containerStatuses=[container(state={"waiting": {"reason": reason, "message": message}}, **more)]
    )


def crashed(reason: str, code: int | None) -> Json:
    ended = {"reason": reason, **({} if code is None else {"exitCode": code})}
    return waiting("CrashLoopBackOff", lastState={"terminated": ended}, restartCount=4)


def running() -> Json:
    return pod(containerStatuses=[container(state={"running": {"startedAt": "2026-11-24T09:00:00Z"}})])


def warned(reason: str, message: str) -> Warnings:
    return {"web-0": [{"reason": reason, "message": message}]}


def workload(kind: str = "Deployment", image: str = NEW, status: Json | None = None, **spec: Any) -> Json:
    template = {"spec": {"containers": [{"name": "web", "image": image}]}}
    return {
        "kind": kind,
        "metadata": {"name": "web", "namespace": "trunk", "generation": 2},
        "spec": {"replicas": 3, "template": template, **spec},
        "status": {"observedGeneration": 2, **(status or {})},
    }


def _told(cause: Cause | None) -> str:
    assert cause is not None
    return f"{groups([cause])[0]}\n{briefly(cause)}"


def wrong() -> Told:
    """With what a notification has room for."""
    for name, (reason, message) in WAITS.items():
        yield name, _told(*causes([waiting(reason, message)], {}))
    for name, (reason, code) in ENDS.items():
        yield f"{name}, again and again", _told(*causes([crashed(reason, code)], {}))
    for name, message in UNPLACED.items():
        placed = {"type": "PodScheduled", "status": "False", "message": message}
        yield name, _told(*causes([pod(conditions=[placed])], {}))
    ended = container(state={"terminated": {"reason": "Completed", "exitCode": 0}})
    yield "it ended, and is not started again yet", _told(*causes([pod(containerStatuses=[ended])], {}))
    mount = 'MountVolume.SetUp failed for volume "keys" : secret "keys" not found'
    yield (
        "its files are missing",
        _told(*causes([waiting("ContainerCreating")], warned("FailedMount", mount))),
    )
    yield "it does not become ready", _told(*causes([running()], warned("Unhealthy", PROBE)))
    yield "it answers no more", _told(*causes([crashed("Error", 137)], warned("Unhealthy", ALIVE)))
    for name, message in REFUSED.items():
        said = {"type": "ReplicaFailure", "status": "True", "message": message}
        yield name, _told(refusal(workload(status={"conditions": [said]}), [], {}))


def rollouts() -> Iterator[tuple[str, str, Picture]]:
    """What happens -> of which kind, and what there is."""
    some = {"updatedReplicas": 1, "availableReplicas": 3, "replicas": 4}
    most = {"updatedReplicas": 3, "availableReplicas": 2, "replicas": 3}
    new = {"updateRevision": "b", "currentRevision": "a"}
    late = {"conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]}
    refuses = warned("Unhealthy", PROBE)
    yield "the cluster has not seen it yet", "Deployment", Picture(workload(status={"observedGeneration": 1}))
    yield "the first pod has started", "Deployment", Picture(workload(status=some))
    yield "all have started", "Deployment", Picture(workload(status=most))
    yield (
        "earlier pods still stop",
        "Deployment",
        Picture(workload(status={**most, "availableReplicas": 3, "replicas": 5})),
    )
    yield "somebody has paused it", "Deployment", Picture(workload(status=some, paused=True))
    yield "somebody sets another image", "Deployment", Picture(workload(image=OLD))
    yield "a pod is not ready yet", "Deployment", Picture(workload(status=most), [running()], [], refuses)
    yield "a pod crashes, others serve", "Deployment", Picture(workload(status=most), [crashed("Error", 1)])
    yield (
        "a pod crashes, and no pod serves",
        "Deployment",
        Picture(workload(status={"updatedReplicas": 3}), [crashed("Error", 1)]),
    )
    yield "it is stuck, nobody knows why", "Deployment", Picture(workload(status={**most, **late}))
    yield (
        "it is stuck, as a pod is not ready",
        "Deployment",
        Picture(workload(status={**most, **late}), [running()], [], refuses),
    )
    yield (
        "the last pod of a StatefulSet",
        "StatefulSet",
        Picture(workload("StatefulSet", status={**new, "updatedReplicas": 3, "availableReplicas": 2})),
    )
    ordered = workload(
        "StatefulSet", status={**new, "updatedReplicas": 1}, podManagementPolicy="OrderedReady"
    )
    before = crashed("Error", 1) | {"spec": {"containers": [{"name": "web", "image": OLD}]}}
    yield "a StatefulSet waits for an earlier pod", "StatefulSet", Picture(ordered, [before])
    for kind in ("StatefulSet", "DaemonSet"):
        yield (
            f"pods of a {kind} are replaced by hand",
            kind,
            Picture(workload(kind, status=new, updateStrategy={"type": "OnDelete"})),
        )


def followed() -> Told:
    """A failure stands in a notification as well."""
    for name, kind, picture in rollouts():
        place = Place("trunk", kind, "web", "web")
        seen = judge(picture, place, 2, NEW, lambda cause: cause.grace == 0.0).seen
        yield name, "\n".join(filter(None, (seen.failure or seen.progress, seen.brief)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_pods(language: str, request: pytest.FixtureRequest) -> None:
    lines = ["# Pods that are not well, and how far a rollout has come.", ""]
    with speaking(language):
        for what, words in (*wrong(), *followed()):
            parts = zip(("told", "push"), words.split("\n"), strict=False)
            shown = [line for name, part in parts for line in named(name, part)]
            lines += [f"({what})", "", *(f"{INDENT}{line}" for line in shown), ""]
    golden(PATHS[language], "\n".join(lines), request.config.getoption("--rewrite-goldens"))
