"""The server as a whole: the sample shop, log lines, many Deployments, switches, a second start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from sandbox.kubernetes import shop as sample
from sandbox.kubernetes.resources import DAEMONSETS, STATEFULSETS, Resource
from sandbox.server import Fault
from sandbox.world import World, WorldThread
from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubernetes_support import MERGE, Cluster


@pytest.fixture
def running() -> Iterator[Cluster]:
    with support.cluster(chatter=5.0) as cluster:
        cluster.call(lambda: sample.create(cluster.server))
        yield cluster


def available(cluster: Cluster) -> dict[str, int]:
    listed = cluster.get("/apis/apps/v1/deployments")["items"]
    return {
        f"{d['metadata']['name']}/{d['metadata']['namespace']}": d["status"].get("availableReplicas", 0)
        for d in listed
    }


def test_the_sample_shop_becomes_available(running: Cluster) -> None:
    wanted = {f"{p}/{e}": size for e, size in sample.SIZES.items() for p in sample.TAGS}

    running.until("all available", lambda: available(running) == wanted)

    assert running.server.image("product", "web") == "harbor.shop.example/web/web:releases-r1798-40"
    assert len(running.server.pods("product", "web")) == 3
    quota = running.until("a counted quota", lambda: used(running) == "4" and used(running))
    assert quota == "4"
    scaler = running.get("/apis/autoscaling/v2/namespaces/product/horizontalpodautoscalers/pay")
    assert scaler["spec"]["maxReplicas"] == 8


def used(cluster: Cluster) -> Any:
    quota = cluster.get("/api/v1/namespaces/dev/resourcequotas/pods")
    return quota["status"].get("used", {}).get("pods")


def test_lines_go_to_the_pods_log_and_to_on_log(running: Cluster) -> None:
    line = running.until(
        "a line of web in product", lambda: next(iter(printed(running, "product", "web")), None)
    )

    path = f"/api/v1/namespaces/product/pods/{line.pod}/log"
    assert line.message in running.get(path)
    assert line.labels["app"] == "web"
    stamped = running.get(f"{path}?timestamps=true&tailLines=1&container=web")
    assert stamped[:4].isdigit()
    assert stamped[10] == "T"
    assert len(running.get(f"{path}?limitBytes=5")) == 5
    assert running.get(f"{path}?sinceSeconds=3600") != ""
    assert running.ask("GET", f"{path}?container=nope").status == 400
    assert running.ask("GET", f"{path}?previous=true").body["message"] == (
        f'previous terminated container "web" in pod "{line.pod}" not found'
    )


def printed(cluster: Cluster, namespace: str, container: str) -> list[Any]:
    return [
        line for line in list(cluster.lines) if (line.namespace, line.container) == (namespace, container)
    ]


def test_following_a_log_streams_new_lines(running: Cluster) -> None:
    pod = running.until("a pod", lambda: ready(running))
    path = f"{running.server.url}/api/v1/namespaces/dev/pods/{pod}/log?follow=true&tailLines=0"

    stream = urllib3.PoolManager().request(
        "GET", path, headers={"Authorization": "Bearer admin"}, preload_content=False
    )
    first = next(stream.stream(1024))
    stream.close()

    assert first.endswith(b"\n")


def ready(cluster: Cluster) -> str | None:
    pods = cluster.server.pods("dev", "api")
    statuses = [s for p in pods for s in p["status"].get("containerStatuses", ())]
    return str(pods[0]["metadata"]["name"]) if statuses and statuses[0]["ready"] else None


def test_a_thousand_deployments_and_one_watch() -> None:
    with support.cluster() as cluster:
        server = cluster.server

        def fill() -> None:
            server.images.push("r/p:1")
            for number in range(1000):
                sample.deploy(server, "shop", f"p{number}", "r/p:1", 1)

        cluster.call(fill)
        seen: set[str] = set()
        for event in cluster.watch("/apis/apps/v1/namespaces/shop/deployments?watch=1&timeoutSeconds=20"):
            if event["object"]["status"].get("availableReplicas"):
                seen.add(event["object"]["metadata"]["name"])
            if len(seen) == 1000:
                break

        assert len(seen) == 1000


def test_patches_are_noted_whether_they_change_anything_or_not(running: Cluster) -> None:
    path = "/apis/apps/v1/namespaces/product/deployments/web"

    running.patch({"spec": {"replicas": 4}}, f"{path}/scale", MERGE)
    running.patch({"spec": {"replicas": 4}}, path, MERGE)

    assert [(p.namespace, p.name, p.changed) for p in running.server.patches] == [
        ("product", "web", True),
        ("product", "web", False),
    ]


def test_faults_and_deafness_leave_the_state_alone(running: Cluster) -> None:
    path = "/apis/apps/v1/namespaces/product/deployments/web"
    running.call(lambda: running.server.faults.set(Fault("throttle", times=1, seconds=2)))

    throttled = running.ask("GET", path)
    running.run(running.server.deafen())
    with pytest.raises(urllib3.exceptions.HTTPError):
        urllib3.PoolManager().request("GET", running.server.url + path, retries=False)
    running.run(running.server.listen())
    again = running.ask("GET", path)

    assert (throttled.status, throttled.headers["Retry-After"]) == (429, "2")
    assert again.status == 200


def test_reset_leaves_nodes_only(running: Cluster) -> None:
    running.call(running.server.reset)

    assert running.get("/apis/apps/v1/deployments")["items"] == []
    assert running.get("/api/v1/pods")["items"] == []
    assert len(running.get("/api/v1/nodes")["items"]) == 3
    running.call(lambda: sample.create(running.server))
    running.until("available again", lambda: available(running).get("web/product") == 3)


def test_a_world_may_have_clusters_beside_the_main_one() -> None:
    thread = WorldThread(World(pace=0.02, seed_logs=False, more_clusters={"edge": 1}))
    thread.start()
    try:
        world, variables = thread.world, thread.world.variables()
        edge = world.more_clusters["edge"]
        thread.call(lambda: sample.namespace(edge, "product"))
        thread.call(lambda: sample.deploy(edge, "product", "web", sample.image("web", "edge"), 1))
        nodes = f"{variables['EDGE_URL']}/api/v1/nodes"
        listed = urllib3.request("GET", nodes, headers={"Authorization": f"Bearer {variables['EDGE_TOKEN']}"})
        other = urllib3.request(
            "GET", nodes, headers={"Authorization": f"Bearer {variables['KUBERNETES_TOKEN']}"}
        )

        assert (len(listed.json()["items"]), other.status) == (1, 401)
        assert edge.image("product", "web") != world.kubernetes.image("product", "web")
    finally:
        thread.stop()


@pytest.mark.parametrize("resource", [STATEFULSETS, DAEMONSETS], ids=["StatefulSet", "DaemonSet"])
def test_the_shop_deploys_other_workloads_too(running: Cluster, resource: Resource) -> None:
    name, reference = f"shop-{resource.kind.lower()}", sample.image("web", sample.TAGS["web"])

    made = running.call(lambda: sample.deploy(running.server, "trunk", name, reference, 2, resource))

    size = 2 if resource is STATEFULSETS else None
    assert (made["kind"], made["spec"].get("replicas")) == (resource.kind, size)
    assert "progressDeadlineSeconds" not in made["spec"]
    wanted = size or 3
    running.until("its pods", lambda: len(running.server.pods("trunk", name)) == wanted)
