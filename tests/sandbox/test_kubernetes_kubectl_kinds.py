"""The real kubectl on StatefulSets, DaemonSets, autoscalers and pods in trouble."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.kubernetes.nodes import Size
from tests.sandbox import kubectl_support
from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubectl_support import Kubectl
from tests.sandbox.kubernetes_support import Cluster

REGISTRY = "registry.example.com/shop"


@pytest.fixture(scope="module")
def shop() -> Iterator[Cluster]:
    with support.cluster(pace=0.03) as running:
        yield running


@pytest.fixture(scope="module")
def kubectl(shop: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    return kubectl_support.runner(kubectl_support.program(shop.server, tmp_path_factory.mktemp("kubectl")))


@pytest.fixture
def unhurried(tmp_path: Path) -> Iterator[Kubectl]:
    """On a cluster that takes its time: a kubectl that starts late on a busy machine still sees it at work."""
    with support.cluster(pace=0.15) as running:
        for name in ("queue:v1", "queue:v2", "agent:v1", "agent:v2"):
            running.push(name)
        yield kubectl_support.runner(kubectl_support.program(running.server, tmp_path))


def manifest(kind: str, name: str, **spec: Any) -> str:
    labels = {"app": name}
    container = {"name": name, "image": f"{REGISTRY}/{name}:v1"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"selector": {"matchLabels": labels}, "template": template} | spec
    return json.dumps({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": spec})


def test_a_stateful_set_is_rolled_out_undone_and_scaled(unhurried: Kubectl) -> None:
    kubectl = unhurried
    kubectl("create", "-f", "-", text=manifest("StatefulSet", "queue", replicas=3, serviceName="queue"))
    created = kubectl("rollout", "status", "sts/queue")
    kubectl("set", "image", "sts/queue", f"queue={REGISTRY}/queue:v2")
    rolled = kubectl("rollout", "status", "sts/queue")
    shown = kubectl("get", "sts", "-o", "wide")
    undone = kubectl("rollout", "undo", "sts/queue")
    kubectl("rollout", "status", "sts/queue")
    history = kubectl("rollout", "history", "sts/queue")
    paused = kubectl("rollout", "pause", "sts/queue")
    scaled = kubectl("scale", "sts/queue", "--replicas=1")
    described = kubectl("describe", "sts", "queue")

    assert created.lines[-1] == "partitioned roll out complete: 3 new pods have been updated..."
    assert rolled.lines[-1] == created.lines[-1]
    assert "Waiting for 1 pods to be ready..." in rolled.lines
    wait = "Waiting for partitioned roll out to finish: {} out of 3 new pods have been updated..."
    assert {wait.format(1), wait.format(2)} & set(rolled.lines)
    assert shown.lines[1].split()[0::2] == ["queue", shown.lines[1].split()[2], f"{REGISTRY}/queue:v2"]
    assert undone.out == "statefulset.apps/queue rolled back\n"
    assert [line.split()[0] for line in history.lines[2:] if line] == ["2", "3"]
    assert (paused.code, paused.err) == (1, 'error: statefulsets.apps "queue" pausing is not supported\n')
    assert scaled.out == "statefulset.apps/queue scaled\n"
    assert "create Pod queue-0 in StatefulSet queue successful" in described.out


def test_a_daemon_set_is_rolled_out_restarted_and_undone(unhurried: Kubectl) -> None:
    kubectl = unhurried
    kubectl("create", "-f", "-", text=manifest("DaemonSet", "agent"))
    kubectl("rollout", "status", "ds/agent")
    kubectl("set", "image", "ds/agent", f"agent={REGISTRY}/agent:v2")
    rolled = kubectl("rollout", "status", "ds/agent")
    restarted = kubectl("rollout", "restart", "ds/agent")
    kubectl("rollout", "status", "ds/agent")
    undone = kubectl("rollout", "undo", "ds/agent", "--to-revision=1")
    kubectl("rollout", "status", "ds/agent")
    shown = kubectl("get", "ds", "-o", "wide")

    assert rolled.lines[-1] == 'daemon set "agent" successfully rolled out'
    updated = 'Waiting for daemon set "agent" rollout to finish: {} out of 3 new pods have been updated...'
    assert updated.format(1) in rolled.lines
    assert restarted.out == "daemonset.apps/agent restarted\n"
    assert undone.out == "daemonset.apps/agent rolled back\n"
    row = shown.lines[1].split()
    assert row[:7] == ["agent", "3", "3", "3", "3", "3", "<none>"]
    assert row[-2:] == [f"{REGISTRY}/agent:v1", "app=agent"]


def test_an_autoscaler_is_listed_and_described(shop: Cluster, kubectl: Kubectl) -> None:
    shop.create(replicas=1)
    scaler = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"}}
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    scaler["spec"] = {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 5}

    created = kubectl("create", "-f", "-", text=json.dumps(scaler))
    assert created.out == "horizontalpodautoscaler.autoscaling/web created\n", created.err
    shop.until("two replicas", lambda: shop.server.deployment("shop", "web")["spec"]["replicas"] == 2)
    patched = kubectl("patch", "hpa", "web", "-p", '{"spec":{"maxReplicas":8}}')
    shown = kubectl("get", "hpa")
    described = kubectl("describe", "hpa", "web")

    assert patched.out == "horizontalpodautoscaler.autoscaling/web patched\n"
    assert shown.lines[0].split() == ["NAME", "REFERENCE", "TARGETS", "MINPODS", "MAXPODS", "REPLICAS", "AGE"]
    assert shown.lines[1].split()[:2] == ["web", "Deployment/web"]
    assert shown.lines[1].split()[4:6] == ["2", "8"]
    assert "New size: 2; reason: Current number of replicas below Spec.MinReplicas" in described.out


def test_a_pod_without_a_node_says_why(shop: Cluster, kubectl: Kubectl) -> None:
    shop.push("large:v1")
    shop.call(lambda: shop.server.resize_nodes(Size(memory="1Gi")))
    shop.create("large", replicas=1, container={"resources": {"requests": {"memory": "2Gi"}}})
    shop.until("an event", lambda: any("large" in e["involvedObject"]["name"] for e in failed(shop)))

    pods = kubectl("get", "pods", "-l", "app=large")
    events = kubectl("get", "events", "--field-selector=reason=FailedScheduling")
    nodes = kubectl("describe", "node", "sandbox-node-1")
    shop.call(lambda: shop.server.resize_nodes(Size()))

    assert pods.lines[1].split()[1:3] == ["0/1", "Pending"]
    assert "0/3 nodes are available: 3 Insufficient memory." in events.out
    assert "memory:  1Gi" in nodes.out


def failed(shop: Cluster) -> list[Any]:
    return [event for event in shop.server.events("shop") if event["reason"] == "FailedScheduling"]


def test_two_clusters_are_told_apart_by_their_contexts(
    shop: Cluster, kubectl: Kubectl, tmp_path: Path
) -> None:
    with support.cluster(nodes=1) as second:
        other = kubectl_support.runner(kubectl_support.program(second.server, tmp_path))

        here, there = kubectl("get", "nodes", "-o", "name"), other("get", "nodes", "-o", "name")
        missing = other("get", "deploy", "web")

    assert (len(here.lines), len(there.lines)) == (3, 1)
    assert (missing.code, missing.err) == (
        1,
        'Error from server (NotFound): deployments.apps "web" not found\n',
    )
