"""The real kubectl against the sandbox cluster, beyond the recorded session (test_kubernetes_kubectl_session.py)."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.kubernetes import kubeconfig
from tests.sandbox import kubectl_support
from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubectl_support import Kubectl
from tests.sandbox.kubernetes_support import Cluster

REGISTRY = "registry.example.com/shop"


@pytest.fixture(scope="module")
def shop() -> Iterator[Cluster]:
    with support.cluster(pace=0.05) as running:
        for tag in ("v1", "v2", "v3"):
            running.server.images.push(f"{REGISTRY}/fresh:{tag}")
        running.server.images.push(f"{REGISTRY}/web:crash", "crashes", ("starting", "ERROR no database"))
        yield running


@pytest.fixture(scope="module")
def program(shop: Cluster, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return kubectl_support.program(shop.server, tmp_path_factory.mktemp("kubectl"))


@pytest.fixture(scope="module")
def kubectl(program: list[str]) -> Kubectl:
    return kubectl_support.runner(program)


@pytest.fixture
def web(shop: Cluster, kubectl: Kubectl) -> Iterator[Kubectl]:
    """A complete `web` at v1 with 3 replicas, gone afterwards."""
    created = kubectl("create", "-f", "-", text=manifest("web", "v1", 3))
    assert created.out == "deployment.apps/web created\n", created.err
    shop.until_complete()
    yield kubectl
    assert kubectl("delete", "deployment", "web", "--cascade=foreground").code == 0


def manifest(name: str, tag: str, replicas: int = 1) -> str:
    """A Deployment as JSON, which is YAML too (`kubectl create deployment` would send protobuf)."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container(name, tag)]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    head = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": labels}}
    return json.dumps(head | {"spec": spec})


def container(name: str, tag: str) -> dict[str, str]:
    return {"name": name, "image": f"{REGISTRY}/{name}:{tag}"}


def test_describe_tells_conditions_sets_and_events(web: Kubectl) -> None:
    described = web("describe", "deploy/web").out
    pod = web("get", "pods", "-l", "app=web", "-o", "name").lines[0]
    pod_described = web("describe", pod).out

    assert (
        "Replicas:               3 desired | 3 updated | 3 total | 3 available | 0 unavailable" in described
    )
    assert re.search(r"Available +True +MinimumReplicasAvailable", described)
    assert re.search(r"NewReplicaSet: +web-\w+ \(3/3 replicas created\)", described)
    assert re.search(
        r"Normal +ScalingReplicaSet +\S+ +deployment-controller +Scaled up replica set web-\w+ from 0 to 3",
        described,
    )
    assert re.search(
        r"Normal +Scheduled +\S+ +default-scheduler +Successfully assigned shop/web-", pod_described
    )
    assert re.search(r"Normal +Pulling +\S+ +kubelet +Pulling image", pod_described)


def test_output_formats_and_selectors(web: Kubectl) -> None:
    item = json.loads(web("get", "deploy", "web", "-o", "json").out)
    image = web("get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}")
    as_yaml = web("get", "deploy", "web", "-o", "yaml")
    named = web("get", "pods", "-l", "app=web", "--field-selector=status.phase=Running", "-o", "name")
    elsewhere = web("get", "deploy", "-A")

    assert item["kind"] == "Deployment"
    assert image.out == f"{REGISTRY}/web:v1"
    assert as_yaml.out.startswith("apiVersion: apps/v1\nkind: Deployment\n")
    assert len(named.lines) == 3
    assert elsewhere.lines[0].split()[:2] == ["NAMESPACE", "NAME"]


def test_logs_of_a_deployment_and_of_a_crashed_container(shop: Cluster, web: Kubectl) -> None:
    web("set", "image", "deploy/web", f"web={REGISTRY}/web:crash")

    def crashed() -> Any:
        listed = [p["metadata"]["name"] for p in shop.server.pods("shop") if restarts(p)]
        return listed and listed[0]

    pod = shop.until("a restart", crashed)
    last = web("logs", pod, "--tail=1")
    before = web("logs", pod, "--previous")
    unknown = web("logs", pod, "-c", "nope")
    events = web("get", "events", "--field-selector", f"involvedObject.name={pod}")

    assert last.out == "ERROR no database\n"
    assert before.out == "starting\nERROR no database\n"
    assert (unknown.code, unknown.out) == (1, "")
    assert {line.split()[2] for line in events.lines[1:]} >= {"Pulling", "Pulled", "Started"}


def restarts(pod: Any) -> int:
    return sum(status["restartCount"] for status in pod["status"].get("containerStatuses", ()))


def test_annotate_apply_and_delete(kubectl: Kubectl, shop: Cluster) -> None:
    first = kubectl("apply", "-f", "-", text=manifest("fresh", "v1"))
    second = kubectl("apply", "-f", "-", text=manifest("fresh", "v2"))
    third = kubectl("apply", "-f", "-", text=manifest("fresh", "v2"))
    noted = kubectl("annotate", "deploy/fresh", "shop.example.com/note=hello")
    image = shop.server.image("shop", "fresh")
    gone = kubectl("delete", "deploy", "fresh")

    assert [said.out for said in (first, second, third)] == [
        "deployment.apps/fresh created\n",
        "deployment.apps/fresh configured\n",
        "deployment.apps/fresh unchanged\n",
    ]
    assert (noted.out, image) == ("deployment.apps/fresh annotated\n", f"{REGISTRY}/fresh:v2")
    assert gone.out.startswith('deployment.apps "fresh" deleted')


def test_watching_shows_each_change(web: Kubectl, program: list[str]) -> None:
    command = [*program, "get", "deploy", "web", "-w"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watch:  # noqa: S603 - as above
        assert watch.stdout is not None
        head, first = watch.stdout.readline(), watch.stdout.readline()
        web("set", "image", "deploy/web", f"web={REGISTRY}/web:v2")
        seen = {tuple(watch.stdout.readline().split()[1:4]) for _ in range(10)}
        watch.terminate()

    assert head.split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    assert first.split()[:4] == ["web", "3/3", "3", "3"]
    assert {("3/3", "0", "3"), ("3/3", "1", "3"), ("4/3", "1", "4"), ("3/3", "2", "3")} <= seen
    web("rollout", "status", "deploy/web")


def test_rights_and_other_kinds(shop: Cluster, web: Kubectl, tmp_path: Path) -> None:
    settings = tmp_path / "viewer"
    settings.write_text(kubeconfig(shop.server, token="viewer", namespace="shop"))
    viewer = f"--kubeconfig={settings}"

    refused = web(viewer, "scale", "deploy/web", "--replicas=1")
    quota = web("get", "quota,hpa,svc,nodes")

    assert refused.code == 1
    assert refused.err.startswith('Error from server (Forbidden): deployments.apps "web" is forbidden')
    assert quota.code == 0
    assert "sandbox-node-1" in quota.out
