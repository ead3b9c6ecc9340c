"""Pods that crash, never become ready, fit nowhere or may not be made: as recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubernetes_support import WEB, Cluster, assert_same, normal, recorded, without

DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments"
PODS = "/api/v1/namespaces/shop/pods"
EVENTS = "/api/v1/namespaces/shop/events"
STORY = ("generation", "observedGeneration", "annotations")
"""Fields that count what happened before."""


@pytest.fixture
def shop() -> Iterator[Cluster]:
    with support.cluster() as running:
        yield running


def first_pod(shop: Cluster, app: str, ready: Any) -> Any:
    """The first pod of `app` once its first container's state satisfies `ready`."""

    def found() -> Any:
        for pod in shop.get(f"{PODS}?labelSelector=app%3D{app}")["items"]:
            if ready(pod):
                return pod
        return None

    return shop.until(f"a pod of {app}", found)


def state(pod: Any) -> Any:
    return pod["status"].get("containerStatuses", [{"state": {}}])[0]["state"]


def test_crashing_pods_back_off_with_rising_restarts_and_keep_their_logs(shop: Cluster) -> None:
    shop.push("f-crash:v1", "crashes", ("starting", "Traceback: KeyError: 'DSN'"))
    shop.create("f-crash", replicas=1, progressDeadlineSeconds=6)

    pod = first_pod(
        shop, "f-crash", lambda p: state(p).get("waiting", {}).get("reason") == "CrashLoopBackOff"
    )
    late = shop.until_reason("ProgressDeadlineExceeded", "f-crash")

    want = normal(recorded("06-failures/crash-pods.json")["items"][0]["status"])
    got = normal(pod["status"])
    assert without(got, "restartCount", "name", "image", "imageID", "message") == without(
        want, "restartCount", "name", "image", "imageID", "message"
    )
    status = pod["status"]["containerStatuses"][0]
    assert status["restartCount"] >= 1
    assert status["state"]["waiting"]["message"].startswith(
        "back-off 10s restarting failed container=f-crash pod="
    )
    assert {c["type"]: c["status"] for c in late["status"]["conditions"]} == {
        "Available": "False",
        "Progressing": "False",
    }
    log = f"{PODS}/{pod['metadata']['name']}/log"
    assert shop.get(f"{log}?previous=true") == "starting\nTraceback: KeyError: 'DSN'\n"
    assert shop.get(f"{log}?tailLines=1") == "Traceback: KeyError: 'DSN'\n"
    assert [line.level for line in shop.lines[:2]] == ["INFO", "ERROR"]
    more = first_pod(shop, "f-crash", lambda p: p["status"]["containerStatuses"][0]["restartCount"] >= 3)
    events = shop.get(f"{EVENTS}?fieldSelector=involvedObject.name%3D{more['metadata']['name']}")["items"]
    back_off = [e for e in events if e["reason"] == "BackOff"]
    assert [e["count"] for e in back_off] >= [2]


def test_unready_pods_run_with_warnings_and_are_never_available(shop: Cluster) -> None:
    shop.push("f-unready:v1", "unready")
    shop.create("f-unready", replicas=1, progressDeadlineSeconds=6)

    pod = first_pod(shop, "f-unready", lambda p: "running" in state(p))
    shop.until_reason("ProgressDeadlineExceeded", "f-unready")

    want = normal(recorded("06-failures/unready-pods.json")["items"][0]["status"])
    assert without(normal(pod["status"]), "image", "imageID") == without(want, "image", "imageID")
    unhealthy = f"{EVENTS}?fieldSelector=involvedObject.name%3D{pod['metadata']['name']},reason%3DUnhealthy"
    shop.until("a counted warning", lambda: any(e["count"] > 1 for e in shop.get(unhealthy)["items"]))
    event = shop.get(unhealthy)["items"][0]
    assert (event["type"], event["message"]) == (
        "Warning",
        "Readiness probe failed: HTTP probe failed with statuscode: 503",
    )


def test_unschedulable_pods_have_no_container_statuses(shop: Cluster) -> None:
    shop.push("f-pending:v1")
    shop.create("f-pending", replicas=2, container={"resources": {"requests": {"cpu": "64"}}})

    pod = first_pod(shop, "f-pending", lambda p: p["status"].get("conditions"))

    want = recorded("06-failures/pending-pods.json")["items"][0]
    assert without(pod["status"], "message", "qosClass", "lastTransitionTime") == without(
        want["status"], "message", "qosClass", "lastTransitionTime"
    )
    assert pod["status"]["conditions"][0]["message"].startswith(
        "0/3 nodes are available: 3 Insufficient cpu."
    )
    assert "nodeName" not in pod["spec"]


@pytest.mark.parametrize("image", ["Not A Ref!!", "registry.example.com/shop/WEB:v1"])
def test_what_is_no_reference_is_accepted_and_never_pulled(shop: Cluster, image: str) -> None:
    shop.create(container={"image": image}, replicas=1)

    pod = first_pod(shop, "web", lambda p: "waiting" in state(p) and state(p)["waiting"].get("message"))

    assert state(pod)["waiting"]["reason"] == "InvalidImageName"


def test_a_full_quota_is_a_replica_failure_and_the_rollout_recovers_later(shop: Cluster) -> None:
    shop.create(progressDeadlineSeconds=10)
    shop.until_complete()

    quota = shop.replay("10-quota/quota-created.json")
    refused = shop.replay("10-quota/pod-post-403.json")
    shop.replay("10-quota/patch-response.json")
    failing = shop.until_reason("FailedCreate")
    late = shop.until_reason("ProgressDeadlineExceeded")
    shop.ask("DELETE", "/api/v1/namespaces/shop/resourcequotas/pods")
    shop.until_complete()

    assert quota.status == 201
    assert_same(quota.body, "10-quota/quota-created.json")
    assert (refused.status, refused.body) == (403, recorded("10-quota/pod-post-403.json"))
    for got, name in ((failing, "deployment"), (late, "deadline"), (shop.get(WEB), "recovered")):
        want = recorded(f"10-quota/{name}.json")["status"]
        assert without(normal(got["status"]), *STORY, "terminatingReplicas") == without(
            normal(want), *STORY, "terminatingReplicas"
        )


def test_an_image_with_a_space_never_makes_a_pod(shop: Cluster) -> None:
    shop.create(progressDeadlineSeconds=10)
    shop.until_complete()

    shop.replay("16-image-space/patch-response.json")
    late = shop.until_reason("ProgressDeadlineExceeded")

    want = recorded("16-image-space/deployment.json")["status"]
    assert without(normal(late["status"]), *STORY) == without(normal(want), *STORY)
