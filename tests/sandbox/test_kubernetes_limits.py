"""What keeps replicas from being as many as was asked: nodes too small, quotas, autoscalers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.kubernetes.nodes import SIZE, Size
from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubernetes_support import MERGE, WEB, Cluster

CORE = "/api/v1/namespaces/shop"
SCALERS = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers"
QUOTAS = f"{CORE}/resourcequotas"
NO_ROOM = "0/3 nodes are available: 3 Insufficient memory. no new claims to deallocate, preemption: "


@pytest.fixture
def shop() -> Iterator[Cluster]:
    with support.cluster() as running:
        yield running


def asks(memory: str, cpu: str = "100m") -> dict[str, Any]:
    return {"resources": {"requests": {"cpu": cpu, "memory": memory}}}


def unscheduled(shop: Cluster, count: int) -> list[Any]:
    def found() -> list[Any] | None:
        pods = shop.get(f"{CORE}/pods")["items"]
        waiting = [pod for pod in pods if "nodeName" not in pod["spec"] and "conditions" in pod["status"]]
        return waiting if len(waiting) == count else None

    return shop.until(f"{count} pods without a node", found)


def test_pods_that_no_node_has_memory_for_wait_and_start_when_there_is_some(shop: Cluster) -> None:
    shop.create(container=asks("20Gi"), replicas=4)

    pod = unscheduled(shop, 1)[0]
    selector = f"involvedObject.name%3D{pod['metadata']['name']}"
    events = shop.get(f"{CORE}/events?fieldSelector={selector}")["items"]
    shop.call(lambda: shop.server.resize_nodes(Size(memory="64Gi")))
    done = shop.until_complete()

    why = f"{NO_ROOM}0/3 nodes are available: 3 No preemption victims found for incoming pod."
    assert [(e["type"], e["reason"], e["message"]) for e in events] == [("Warning", "FailedScheduling", why)]
    refused = pod["status"]["conditions"][0]
    assert (refused["type"], refused["reason"], refused["message"]) == ("PodScheduled", "Unschedulable", why)
    assert "containerStatuses" not in pod["status"]
    assert done["status"]["availableReplicas"] == 4


def test_a_pod_larger_than_any_node_is_not_helped_by_ending_others(shop: Cluster) -> None:
    shop.call(lambda: shop.server.resize_nodes(Size(cpu="2", memory="4Gi")))
    shop.create(container=asks("8Gi", cpu="3"), replicas=1)

    pod = unscheduled(shop, 1)[0]

    assert pod["status"]["conditions"][0]["message"] == (
        "0/3 nodes are available: 3 Insufficient cpu, 3 Insufficient memory. no new claims to deallocate, "
        "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
    )


def test_room_made_by_a_smaller_deployment_is_used(shop: Cluster) -> None:
    shop.push("other:v1")
    shop.create("other", container=asks("20Gi"))
    shop.until_complete("other")
    shop.create(container=asks("20Gi"), replicas=1)
    unscheduled(shop, 1)

    shop.patch({"spec": {"replicas": 2}}, WEB.replace("web", "other"), MERGE)

    assert shop.until_complete()["status"]["availableReplicas"] == 1


def test_cordoned_nodes_and_labels_are_named(shop: Cluster) -> None:
    shop.patch({"spec": {"unschedulable": True}}, "/api/v1/nodes/sandbox-node-1", MERGE)
    shop.create(replicas=1)
    here = shop.until_complete() and shop.get(f"{CORE}/pods")["items"][0]["spec"]["nodeName"]
    shop.patch({"spec": {"template": {"spec": {"nodeSelector": {"disk": "fast"}}}}}, kind=MERGE)

    pod = unscheduled(shop, 1)[0]

    assert here != "sandbox-node-1"
    assert pod["status"]["conditions"][0]["message"].startswith(
        "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector."
    )


def test_nodes_say_what_they_offer(shop: Cluster) -> None:
    nodes = shop.get("/api/v1/nodes")["items"]

    assert [node["status"]["allocatable"] for node in nodes] == [SIZE.shown()] * 3


def test_a_quota_of_memory_is_counted_and_refuses_in_its_words(shop: Cluster) -> None:
    hard = {"requests.memory": "1Gi", "pods": "9"}
    shop.ask("POST", QUOTAS, {"metadata": {"name": "team"}, "spec": {"hard": hard}})
    shop.create(container=asks("512Mi"), replicas=3)

    failing = shop.until_reason("FailedCreate")
    used = shop.until("counted", lambda: shop.get(f"{QUOTAS}/team").get("status", {}).get("used"))
    shop.ask("DELETE", f"{QUOTAS}/team")
    done = shop.until_complete()

    failure = next(c for c in failing["status"]["conditions"] if c["type"] == "ReplicaFailure")
    assert failure["message"].endswith(
        "is forbidden: exceeded quota: team, requested: requests.memory=512Mi, "
        "used: requests.memory=1Gi, limited: requests.memory=1Gi"
    )
    assert used == {"requests.memory": "1Gi", "pods": "2"}
    assert not any(c["type"] == "ReplicaFailure" for c in done["status"]["conditions"])


def test_a_quota_that_a_pod_does_not_speak_to_refuses_it(shop: Cluster) -> None:
    shop.ask("POST", QUOTAS, {"metadata": {"name": "team"}, "spec": {"hard": {"limits.memory": "1Gi"}}})
    shop.create(replicas=1)

    failing = shop.until_reason("FailedCreate")

    failure = next(c for c in failing["status"]["conditions"] if c["type"] == "ReplicaFailure")
    assert failure["message"].endswith("failed quota: team: must specify limits.memory for: web")


def scaler(shop: Cluster, least: int, most: int, target: str = "web") -> Any:
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": target}
    spec = {"scaleTargetRef": reference, "minReplicas": least, "maxReplicas": most}
    return shop.ask("POST", SCALERS, {"metadata": {"name": "web"}, "spec": spec})


def settled(shop: Cluster, reason: str) -> Any:
    """The autoscaler once one of its conditions has `reason`."""

    def found() -> Any:
        item = shop.get(f"{SCALERS}/web")
        return item if reason in [c["reason"] for c in item["status"].get("conditions", ())] else None

    return shop.until(reason, found)


def test_an_autoscaler_brings_its_target_inside_the_bounds(shop: Cluster) -> None:
    shop.create(replicas=1)
    created = scaler(shop, 2, 4)

    settled(shop, "SucceededRescale")
    item = settled(shop, "ReadyForNewScale")
    shop.patch({"spec": {"replicas": 9}}, f"{WEB}/scale", MERGE)
    shop.until("back to the most", lambda: shop.get(WEB)["spec"]["replicas"] == 4)
    events = shop.get(f"{CORE}/events?fieldSelector=involvedObject.kind%3DHorizontalPodAutoscaler")["items"]

    assert created.body["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 80
    assert (item["status"]["currentReplicas"], item["status"]["desiredReplicas"]) == (2, 2)
    assert [(c["type"], c["status"], c["reason"]) for c in item["status"]["conditions"]] == [
        ("AbleToScale", "True", "ReadyForNewScale"),
        ("ScalingActive", "True", "ValidMetricFound"),
        ("ScalingLimited", "False", "DesiredWithinRange"),
    ]
    assert sorted(event["message"] for event in events) == [
        "New size: 2; reason: Current number of replicas below Spec.MinReplicas",
        "New size: 4; reason: Current number of replicas above Spec.MaxReplicas",
    ]


def test_an_autoscaler_follows_the_load_up_to_its_bounds(shop: Cluster) -> None:
    shop.create(replicas=2)
    scaler(shop, 1, 5)

    shop.call(lambda: shop.server.autoscalers.weigh("shop", "web", 800))
    limited = settled(shop, "TooManyReplicas")
    raised = shop.patch({"spec": {"maxReplicas": 12}}, f"{SCALERS}/web", MERGE)
    shop.until("ten", lambda: shop.get(WEB)["spec"]["replicas"] == 10)

    assert limited["status"]["desiredReplicas"] == 5
    assert limited["status"]["currentMetrics"][0]["resource"]["current"]["averageUtilization"] == 400
    assert raised["spec"]["maxReplicas"] == 12


def test_an_autoscaler_leaves_zero_alone_and_says_when_its_target_is_missing(shop: Cluster) -> None:
    shop.create(replicas=0)
    scaler(shop, 2, 4)
    off = settled(shop, "ScalingDisabled")
    replicas = shop.get(WEB)["spec"]["replicas"]

    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "nope"}
    shop.patch({"spec": {"scaleTargetRef": reference}}, f"{SCALERS}/web", MERGE)
    lost = settled(shop, "FailedGetScale")

    assert (off["status"]["desiredReplicas"], replicas) == (0, 0)
    assert 'deployments.apps "nope" not found' in lost["status"]["conditions"][0]["message"]


def test_bounds_that_cross_are_refused(shop: Cluster) -> None:
    refused = scaler(shop, 4, 2)

    assert (refused.status, refused.body["reason"]) == (422, "Invalid")
    assert refused.body["details"]["causes"] == [
        {
            "reason": "FieldValueInvalid",
            "message": "Invalid value: 2: must be greater than or equal to `minReplicas`",
            "field": "spec.maxReplicas",
        }
    ]
