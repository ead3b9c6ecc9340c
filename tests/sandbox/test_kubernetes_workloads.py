"""StatefulSets and DaemonSets: their controllers' order, counters and history, and kubectl's words about them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pytest

from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubernetes_support import MERGE, Cluster

APPS = "/apis/apps/v1/namespaces/shop"
PODS = "/api/v1/namespaces/shop/pods"
HASH = "controller-revision-hash"
SETS = f"{APPS}/statefulsets"
QUEUE = f"{SETS}/queue"
AGENTS = f"{APPS}/daemonsets"
AGENT = f"{AGENTS}/agent"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with support.cluster() as running:
        for name in ("queue", "agent"):
            for tag in ("v1", "v2"):
                running.push(f"{name}:{tag}")
            running.push(f"{name}:unready", "unready")
        yield running


@pytest.fixture
def shop(cluster: Cluster) -> Iterator[Cluster]:
    yield cluster
    for path in (SETS, AGENTS):
        cluster.ask("DELETE", path)
    cluster.until("an empty namespace", lambda: not cluster.get(PODS)["items"])


def image(name: str, tag: str) -> dict[str, Any]:
    containers = [{"name": name, "image": f"registry.example.com/shop/{name}:{tag}"}]
    return {"spec": {"template": {"spec": {"containers": containers}}}}


def post(shop: Cluster, path: str, name: str, **spec: Any) -> Any:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}} | image(name, "v1")["spec"]["template"]
    body = {"metadata": {"name": name, "labels": labels}}
    answer = shop.ask(
        "POST", path, body | {"spec": {"selector": {"matchLabels": labels}, "template": template} | spec}
    )
    assert answer.status == 201, answer.body
    return answer.body


def queue(shop: Cluster, **spec: Any) -> Any:
    """A StatefulSet of 3 at v1, complete."""
    post(shop, SETS, "queue", **{"replicas": 3, "serviceName": "queue"} | spec)
    return until(shop, QUEUE, lambda status: status.get("readyReplicas") == 3)


def agent(shop: Cluster, **spec: Any) -> Any:
    """A DaemonSet at v1, complete on the three nodes."""
    post(shop, AGENTS, "agent", **spec)
    return until(shop, AGENT, lambda status: status.get("numberAvailable") == 3)


def until(shop: Cluster, path: str, done: Any) -> Any:
    def found() -> Any:
        item = shop.get(path)
        seen = item["status"].get("observedGeneration") == item["metadata"]["generation"]
        return item if seen and done(item["status"]) else None

    return shop.until(path, found)


def updated(status: Any) -> bool:
    whole = status["currentRevision"] == status["updateRevision"]
    return whole and bool(status.get("updatedReplicas") == status.get("readyReplicas") == 3)


def pods(shop: Cluster, app: str) -> list[Any]:
    found = shop.get(f"{PODS}?labelSelector=app%3D{app}")["items"]
    return sorted(found, key=lambda pod: str(pod["metadata"]["name"]))


def tags(shop: Cluster, app: str) -> list[str]:
    return [pod["spec"]["containers"][0]["image"].rpartition(":")[2] for pod in pods(shop, app)]


def test_a_stateful_set_makes_its_pods_in_order_each_when_the_one_before_is_ready(shop: Cluster) -> None:
    version = shop.get(PODS)["metadata"]["resourceVersion"]

    done = queue(shop)

    events = shop.changes(f"{PODS}?watch=1&resourceVersion={version}&labelSelector=app%3Dqueue")
    steps = [(e["type"], e["object"]["metadata"]["name"]) for e in events if ready_or_added(e)]
    assert [step for step, _ in groupby(steps)] == [
        (kind, f"queue-{ordinal}") for ordinal in range(3) for kind in ("ADDED", "MODIFIED")
    ]
    revision = done["status"]["updateRevision"]
    assert done["status"] == {
        "observedGeneration": 1,
        "replicas": 3,
        "readyReplicas": 3,
        "currentReplicas": 3,
        "updatedReplicas": 3,
        "currentRevision": revision,
        "updateRevision": revision,
        "collisionCount": 0,
        "availableReplicas": 3,
    }
    first = pods(shop, "queue")[0]
    assert first["metadata"]["labels"] == {
        "app": "queue",
        HASH: revision,
        "apps.kubernetes.io/pod-index": "0",
        "statefulset.kubernetes.io/pod-name": "queue-0",
    }
    assert (first["spec"]["hostname"], first["spec"]["subdomain"]) == ("queue-0", "queue")


def ready_or_added(event: Any) -> bool:
    listed = event["object"]["status"].get("conditions", ())
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in listed)
    return event["type"] == "ADDED" or ready


def test_a_stateful_set_rolls_from_the_highest_ordinal(shop: Cluster) -> None:
    before = queue(shop)["status"]
    version = shop.get(SETS)["metadata"]["resourceVersion"]
    pod_version = shop.get(PODS)["metadata"]["resourceVersion"]

    answer = shop.patch(image("queue", "v2"), QUEUE)
    done = until(shop, QUEUE, updated)

    assert (answer["metadata"]["generation"], answer["status"]) == (2, before)
    gone = shop.changes(f"{PODS}?watch=1&resourceVersion={pod_version}&labelSelector=app%3Dqueue")
    names = [event["object"]["metadata"]["name"] for event in gone if event["type"] == "DELETED"]
    assert names == ["queue-2", "queue-1", "queue-0"]
    steps = [event["object"]["status"] for event in shop.changes(f"{SETS}?watch=1&resourceVersion={version}")]
    assert {step["currentRevision"] for step in steps[:-1]} >= {before["currentRevision"]}
    counted = [step.get("updatedReplicas", 0) for step in steps if step["observedGeneration"] == 2]
    assert [count for count, _ in groupby(counted)] == [0, 1, 2, 3]
    assert done["status"]["currentRevision"] != before["currentRevision"]
    assert tags(shop, "queue") == ["v2"] * 3


def test_a_partition_keeps_the_lower_ordinals_and_their_revision(shop: Cluster) -> None:
    queue(shop, updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 2}})

    shop.patch(image("queue", "v2"), QUEUE)
    held = until(shop, QUEUE, lambda s: s.get("updatedReplicas") == 1 and s.get("readyReplicas") == 3)
    shop.ask("DELETE", f"{PODS}/queue-0")
    shop.until("queue-0 again", lambda: len(pods(shop, "queue")) == 3 and serves(pods(shop, "queue")[0]))
    partly = tags(shop, "queue")
    shop.patch({"spec": {"updateStrategy": {"rollingUpdate": {"partition": 0}}}}, QUEUE, MERGE)
    until(shop, QUEUE, updated)

    assert held["status"]["currentReplicas"] == 2
    assert held["status"]["currentRevision"] != held["status"]["updateRevision"]
    assert partly == ["v1", "v1", "v2"]
    assert tags(shop, "queue") == ["v2"] * 3


def serves(pod: Any) -> bool:
    living = "deletionTimestamp" not in pod["metadata"]
    return living and any(
        c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", ())
    )


def test_a_broken_revision_holds_a_stateful_set_until_its_pod_is_deleted(shop: Cluster) -> None:
    queue(shop)
    shop.patch(image("queue", "unready"), QUEUE)
    shop.until("the broken pod", lambda: tags(shop, "queue") == ["v1", "v1", "unready"])

    shop.patch(image("queue", "v1"), QUEUE)
    until(shop, QUEUE, lambda status: status.get("currentReplicas") == 2)
    stuck = tags(shop, "queue")
    shop.ask("DELETE", f"{PODS}/queue-2")
    done = until(shop, QUEUE, updated)

    assert stuck == ["v1", "v1", "unready"]
    numbers = [r["revision"] for r in shop.get(f"{APPS}/controllerrevisions")["items"]]
    assert (sorted(numbers), done["status"]["readyReplicas"]) == ([2, 3], 3)


def test_scaling_a_stateful_set_takes_the_highest_away_and_asks_for_scale(shop: Cluster) -> None:
    queue(shop)

    scale = shop.get(f"{QUEUE}/scale")
    down = shop.patch({"spec": {"replicas": 1}}, f"{QUEUE}/scale", MERGE)
    until(shop, QUEUE, lambda status: status["replicas"] == 1)

    assert (scale["spec"], scale["status"]) == ({"replicas": 3}, {"replicas": 3, "selector": "app=queue"})
    assert down["spec"] == {"replicas": 1}
    assert [pod["metadata"]["name"] for pod in pods(shop, "queue")] == ["queue-0"]


def test_pods_of_a_parallel_stateful_set_start_together(shop: Cluster) -> None:
    post(shop, SETS, "queue", replicas=3, serviceName="queue", podManagementPolicy="Parallel")

    def together() -> list[Any] | None:
        found = pods(shop, "queue")
        return found if len(found) == 3 else None

    begun = [pod for pod in shop.until("three pods", together) if "conditions" in pod["status"]]
    assert not any(map(serves, begun))


def test_on_delete_changes_nothing_until_somebody_deletes(shop: Cluster) -> None:
    queue(shop, updateStrategy={"type": "OnDelete"})
    agent(shop, updateStrategy={"type": "OnDelete"})

    shop.patch(image("queue", "v2"), QUEUE)
    shop.patch(image("agent", "v2"), AGENT)
    for path in (QUEUE, AGENT):
        until(shop, path, lambda _: True)
    victim = pods(shop, "agent")[0]["metadata"]["name"]
    for name in ("queue-1", victim):
        shop.ask("DELETE", f"{PODS}/{name}")
    until(shop, AGENT, lambda s: s.get("updatedNumberScheduled") == 1 and s.get("numberAvailable") == 3)
    until(shop, QUEUE, lambda s: s.get("updatedReplicas") == 1 and s.get("readyReplicas") == 3)

    assert tags(shop, "queue") == ["v1", "v2", "v1"]
    assert sorted(tags(shop, "agent")) == ["v1", "v1", "v2"]


def test_a_daemon_set_has_a_pod_on_each_node_and_replaces_them_one_by_one(shop: Cluster) -> None:
    before = agent(shop)
    version = shop.get(AGENTS)["metadata"]["resourceVersion"]

    shop.patch(image("agent", "v2"), AGENT)
    done = until(shop, AGENT, lambda s: (s.get("updatedNumberScheduled"), s.get("numberAvailable")) == (3, 3))

    assert before["status"] == {
        "currentNumberScheduled": 3,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": 3,
        "numberReady": 3,
        "observedGeneration": 1,
        "updatedNumberScheduled": 3,
        "numberAvailable": 3,
    }
    steps = [
        event["object"]["status"] for event in shop.changes(f"{AGENTS}?watch=1&resourceVersion={version}")
    ]
    assert max(step.get("numberUnavailable", 0) for step in steps) == 1
    hosts = {pod["spec"]["nodeName"] for pod in pods(shop, "agent")}
    assert hosts == {"sandbox-node-1", "sandbox-node-2", "sandbox-node-3"}
    assert tags(shop, "agent") == ["v2"] * 3
    assert done["metadata"]["annotations"]["deprecated.daemonset.template.generation"] == "2"


def test_a_daemon_set_that_breaks_stops_at_the_first_node(shop: Cluster) -> None:
    agent(shop)

    shop.patch(image("agent", "unready"), AGENT)
    held = until(shop, AGENT, lambda s: (s.get("updatedNumberScheduled"), s.get("numberReady")) == (1, 2))
    shop.patch(image("agent", "v1"), AGENT)
    until(shop, AGENT, lambda s: (s.get("updatedNumberScheduled"), s.get("numberAvailable")) == (3, 3))

    assert held["status"]["numberUnavailable"] == 1
    assert tags(shop, "agent") == ["v1"] * 3


def test_deleting_the_owner_takes_pods_and_history_along(shop: Cluster) -> None:
    queue(shop)

    shop.ask("DELETE", QUEUE, {"propagationPolicy": "Foreground"})

    shop.until("the end", lambda: shop.ask("GET", QUEUE).status == 404)
    assert shop.get(f"{APPS}/controllerrevisions")["items"] == []
    assert pods(shop, "queue") == []
