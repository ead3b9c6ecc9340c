"""What comes before a pod's containers: init containers, one after the other, and volumes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox import kubectl_support
from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubernetes_support import Cluster

PODS = "/api/v1/namespaces/shop/pods"
REGISTRY = "registry.example.com/shop"


@pytest.fixture(scope="module")
def shop() -> Iterator[Cluster]:
    with support.cluster(pace=0.02) as running:
        for tag, behaviour in (("good", "runs"), ("bad", "crashes"), ("gone", "missing")):
            running.push(f"first:{tag}", behaviour, (f"ERROR the schema is {tag}",))
        running.push("main:v1")
        yield running


def create(shop: Cluster, name: str, *tags: str, **pod: Any) -> None:
    """One pod whose init containers `first-0`, `first-1` run `first:<tag>`; `pod` adds to its spec."""
    first = [{"name": f"first-{n}", "image": f"{REGISTRY}/first:{tag}"} for n, tag in enumerate(tags)]
    containers = [{"name": "main", "image": f"{REGISTRY}/main:v1"}]
    labels = {"app": name}
    template = {
        "metadata": {"labels": labels},
        "spec": {"initContainers": first, "containers": containers} | pod,
    }
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    answer = shop.ask(
        "POST", "/apis/apps/v1/namespaces/shop/deployments", {"metadata": {"name": name}, "spec": spec}
    )
    assert answer.status == 201, answer.body


def pod_once(shop: Cluster, app: str, seen: Callable[[Any], object]) -> Any:
    def found() -> Any:
        pods = shop.get(f"{PODS}?labelSelector=app%3D{app}")["items"]
        return pods[0] if pods and seen(pods[0]["status"]) else None

    return shop.until(f"the pod of {app}", found)


def condition(pod: Any, kind: str) -> Any:
    return next(each for each in pod["status"]["conditions"] if each["type"] == kind)


def test_init_containers_end_one_after_the_other_before_the_pod_is_ready(shop: Cluster) -> None:
    version = shop.get(PODS)["metadata"]["resourceVersion"]
    create(shop, "patient", "good", "good")

    pod = pod_once(shop, "patient", lambda status: status.get("phase") == "Running")
    events = shop.changes(f"{PODS}?watch=1&resourceVersion={version}&labelSelector=app%3Dpatient")

    ended = [each["state"]["terminated"]["reason"] for each in pod["status"]["initContainerStatuses"]]
    assert ended == ["Completed", "Completed"]
    assert condition(pod, "Initialized")["status"] == "True"
    told = [event["object"]["status"].get("initContainerStatuses", []) for event in events]
    assert not any(first and "running" in first[1]["state"] and not first[0]["ready"] for first in told)
    assert all(
        "waiting" in event["object"]["status"]["containerStatuses"][0]["state"]
        for event, first in zip(events, told, strict=True)
        if first and not all(each["ready"] for each in first)
    )


def test_an_init_container_that_crashes_keeps_the_others_waiting(shop: Cluster, tmp_path: Path) -> None:
    create(shop, "doomed", "good", "bad", "good")

    pod = pod_once(
        shop,
        "doomed",
        lambda status: (
            "initContainerStatuses" in status
            and status["initContainerStatuses"][1]["state"].get("waiting", {}).get("reason")
            == "CrashLoopBackOff"
        ),
    )
    kubectl = kubectl_support.runner(kubectl_support.program(shop.server, tmp_path))
    row = kubectl("get", "pods", "-l", "app=doomed").lines[1].split()
    log = kubectl("logs", pod["metadata"]["name"], "-c", "first-1")
    waits = kubectl("logs", pod["metadata"]["name"], "-c", "main")

    status = pod["status"]
    assert status["phase"] == "Pending"
    assert condition(pod, "Initialized")["message"] == "containers with incomplete status: [first-1 first-2]"
    assert [each["state"] for each in status["containerStatuses"]] == [
        {"waiting": {"reason": "PodInitializing"}}
    ]
    assert row[1] == "0/1"
    assert row[2] in ("Init:CrashLoopBackOff", "Init:Error", "Init:1/3")
    assert log.out == "ERROR the schema is bad\n"
    assert waits.code == 1
    assert "waiting to start: PodInitializing" in waits.err


def test_an_init_image_that_cannot_be_pulled_is_the_pods_status(shop: Cluster, tmp_path: Path) -> None:
    create(shop, "imageless", "gone")
    pod_once(
        shop,
        "imageless",
        lambda status: (
            "initContainerStatuses" in status
            and "Pull" in status["initContainerStatuses"][0]["state"]["waiting"]["reason"]
        ),
    )
    kubectl = kubectl_support.runner(kubectl_support.program(shop.server, tmp_path))

    shown = kubectl("get", "pods", "-l", "app=imageless").lines[1].split()[2]

    assert shown in ("Init:ErrImagePull", "Init:ImagePullBackOff")


@pytest.mark.parametrize(
    ("volume", "why"),
    [
        ({"configMap": {"name": "settings"}}, 'configmap "settings" not found'),
        ({"secret": {"secretName": "keys"}}, 'secret "keys" not found'),
    ],
)
def test_a_pod_whose_volume_is_not_there_goes_on_creating(
    shop: Cluster, volume: dict[str, Any], why: str
) -> None:
    name = f"m-{next(iter(volume)).lower()}"
    create(shop, name, volumes=[{"name": "data", **volume}])

    def told() -> Any:
        return [e for e in shop.server.events("shop") if e["reason"] == "FailedMount" and why in e["message"]]

    events = shop.until("a warning", told)
    pod = pod_once(shop, name, lambda status: "containerStatuses" in status)

    assert events[0]["message"] == f'MountVolume.SetUp failed for volume "data" : {why}'
    assert pod["status"]["containerStatuses"][0]["state"] == {"waiting": {"reason": "ContainerCreating"}}
