"""What is wrong with pods, in plain words: from recorded objects, and from what kubelets and schedulers say."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.kubernetes_causes import causes, groups, refusal, unschedulable
from tests.sandbox.kubernetes_support import recorded


def test_pods_without_a_node_have_no_container_statuses() -> None:
    pods = recorded("06-failures/pending-pods.json")["items"]

    assert all("containerStatuses" not in pod["status"] for pod in pods)
    assert groups(causes(pods, {})) == (f"{len(pods)} pods: Insufficient cpu",)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "06-failures/crash-pods.json",
            "in CrashLoopBackOff: the container stops again soon after it starts: exit code 1",
        ),
        ("06-failures/oom-pods.json", "it ran out of memory (OOMKilled)"),
        ("06-failures/config-pods.json", 'its configuration is missing: configmap "app-config" not found'),
        (
            "04-bad-image/pods-imagepullbackoff.json",
            "1 pod in ImagePullBackOff: the image cannot be pulled: the registry has no such image",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_pods_is_told_in_plain_words(name: str, words: str) -> None:
    told = groups(causes(recorded(name)["items"], {}))

    assert len(told) == 1
    assert words in told[0]


def test_a_failed_probe_is_known_from_its_warning() -> None:
    pods, events = (recorded(f"06-failures/unready-{what}.json")["items"] for what in ("pods", "events"))
    warnings: dict[str, list[Any]] = {}
    for event in events:
        warnings.setdefault(event["involvedObject"]["name"], []).append(event)

    assert groups(causes(pods, warnings)) == (f"{len(pods)} pods: readiness probe failed: HTTP 503",)
    assert causes(pods, {}) == []


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Readiness probe failed: HTTP probe failed with statuscode: 503", "readiness probe failed: HTTP 503"),
        (
            'Readiness probe failed: Get "http://10.244.0.7:8080/health": dial tcp 10.244.0.7:8080: connect: '
            "connection refused",
            "readiness probe failed: /health: connection refused",
        ),
        (
            'Startup probe failed: Get "http://10.244.0.7:8080/": context deadline exceeded (Client.Timeout '
            "exceeded while awaiting headers)",
            "startup probe failed: /: no answer in time",
        ),
        ("Liveness probe failed: cat: alive: No such file", "liveness probe failed: cat: alive: No such file"),
    ],
)  # fmt: skip
def test_what_a_probe_got_is_told_alike_for_every_pod(message: str, words: str) -> None:
    (pod, *_) = recorded("06-failures/unready-pods.json")["items"]

    (cause,) = causes([pod], {pod["metadata"]["name"]: [{"reason": "Unhealthy", "message": message}]})

    assert cause.words == words


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            "0/5 nodes are available: 2 Insufficient memory, 3 node(s) had untolerated taint {gpu: true}. "
            "preemption: 0/5 nodes are available: 5 Preemption is not helpful for scheduling.",
            "Insufficient memory; had untolerated taint {gpu: true}",
        ),
        (
            "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found",
            "its volume claim (PersistentVolumeClaim) is not bound",
        ),
        ('persistentvolumeclaim "data" not found', 'persistentvolumeclaim "data" not found'),
        ("", "not given to a node yet"),
    ],
)
def test_why_no_node_takes_a_pod(message: str, words: str) -> None:
    assert unschedulable(message) == words


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            'MountVolume.SetUp failed for volume "config" : configmap "shop" not found',
            'it cannot begin: volume "config": configmap "shop" not found',
        ),
        (
            "Unable to attach or mount volumes: unmounted volumes=[data]",
            "it cannot begin: Unable to attach or mount volumes: unmounted volumes=[data]",
        ),
    ],
)
def test_a_volume_that_does_not_mount_is_known_from_its_warning(message: str, words: str) -> None:
    creating = recorded("04-bad-image/watch-pods.ndjson")[2]["object"]
    warnings: dict[str, list[Any]] = {
        creating["metadata"]["name"]: [{"reason": "FailedMount", "message": message}]
    }

    assert [cause.words for cause in causes([creating], warnings)] == [words]
    assert causes([creating], {}) == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            'admission webhook "policy.example" denied the request: images must be signed',
            "the cluster refuses new pods: policy.example says images must be signed",
        ),
        (
            'pods "web-1" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
            'the cluster refuses new pods: violates PodSecurity "restricted:latest": runAsNonRoot != true',
        ),
    ],
)
def test_other_refusals_of_pods_are_told_with_who_refuses(said: str, words: str) -> None:
    deployment = recorded("10-quota/deployment.json")
    (failure,) = (c for c in deployment["status"]["conditions"] if c["type"] == "ReplicaFailure")
    failure["message"] = said

    cause = refusal(deployment, [], {})

    assert cause is not None
    assert cause.words == words


def test_a_warning_from_before_the_newest_pod_is_over() -> None:
    said = (
        'create Pod web-2 in StatefulSet web failed error: pods "web-2" is forbidden: exceeded quota: pods, '
    )
    said += "requested: pods=1, used: pods=2, limited: pods=2"
    event = {"reason": "FailedCreate", "message": said, "lastTimestamp": "2026-11-24T08:10:00Z"}
    older, newer = (
        {"metadata": {"creationTimestamp": f"2026-11-24T08:{minute}:00Z"}} for minute in ("05", "15")
    )
    stateful = {"metadata": {"name": "web"}, "status": {"availableReplicas": 2}}

    standing = refusal(stateful, [older], {"web": [event]})

    assert standing is not None
    assert standing.words == (
        "the cluster refuses new pods: quota pods is used up (pods: asked for 1, 2 of 2 in use)"
    )
    assert refusal(stateful, [older, newer], {"web": [event]}) is None
