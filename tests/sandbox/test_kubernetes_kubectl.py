"""The real kubectl against the sandbox cluster: words and exit codes are those of a recorded session."""

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
from tests.sandbox.kubectl_support import Kubectl, Said
from tests.sandbox.kubernetes_support import Cluster, recorded

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


def session(command: str, time: int = 1) -> tuple[list[str], int]:
    """(lines, exit code) of a command of the recorded kubectl session, the `time`-th time it was given."""
    text = recorded("kubectl-1.36-session.txt")
    found = re.findall(rf"\$ kubectl {re.escape(command)}\n(.*?)\[rc=(\d+)\]", text, re.DOTALL)
    lines, code = found[time - 1]
    return lines.splitlines(), int(code)


def assert_as_recorded(said: Said, command: str, time: int = 1) -> None:
    lines, code = session(command, time)
    assert ((said.lines or said.err.splitlines()), said.code) == (lines, code)


def test_a_rollout_and_its_undo_read_as_recorded(web: Kubectl) -> None:
    web("set", "image", "deploy/web", f"web={REGISTRY}/web:v2")
    status = web("rollout", "status", "deploy/web", "--timeout=20s")
    web("set", "image", "deploy/web", f"web={REGISTRY}/web:v3-bad")
    web("patch", "deployment", "web", "--type=merge", "-p", '{"spec":{"progressDeadlineSeconds":6}}')
    late = web("rollout", "status", "deploy/web", "--timeout=20s")
    pods = web("get", "pods", "-l", "app=web")
    sets = web("get", "deploy,rs", "-o", "wide")
    history = web("rollout", "history", "deploy/web")
    undone = web("rollout", "undo", "deploy/web")
    again = web("rollout", "status", "deploy/web", "--timeout=20s")
    after = web("rollout", "history", "deploy/web")

    assert set(status.lines) <= set(session("rollout status deploy/web --timeout=60s")[0]) | {
        'deployment "web" successfully rolled out',
        *(f'Waiting for deployment "web" rollout to finish: {step}...' for step in ROLLING),
    }
    assert status.lines[-1] == 'deployment "web" successfully rolled out'
    assert (late.code, late.err) == (1, 'error: deployment "web" exceeded its progress deadline\n')
    assert sorted(line.split()[2] for line in pods.lines[1:]) == ["ImagePullBackOff", *["Running"] * 3]
    wide = ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"]
    assert sets.lines[0].split() == wide
    assert_as_recorded(history, "rollout history deploy/web")
    assert_as_recorded(undone, "rollout undo deploy/web")
    assert again.lines == ['deployment "web" successfully rolled out']
    assert [line.split()[0] for line in after.lines[2:] if line] == ["1", "3", "4"]
    assert_as_recorded(
        web("rollout", "undo", "deploy/web", "--to-revision=4"), "rollout undo deploy/web --to-revision=4"
    )
    assert_as_recorded(
        web("rollout", "undo", "deploy/web", "--to-revision=99"), "rollout undo deploy/web --to-revision=99"
    )


ROLLING = (
    "1 out of 3 new replicas have been updated",
    "2 out of 3 new replicas have been updated",
    "1 old replicas are pending termination",
)


def test_history_shows_who_changed_what_and_why(web: Kubectl) -> None:
    for tag, cause in (("v3-bad", "deploy-bot: web v3-bad by alice"), ("v2", "deploy-bot: web v2 by alice")):
        web("set", "image", "deploy/web", f"web={REGISTRY}/web:{tag}")
        web("annotate", "deploy/web", f"kubernetes.io/change-cause={cause}", "--overwrite")

    history = web("rollout", "history", "deploy/web")

    want = recorded("05-undo/kubectl-history.txt").replace("\n4 ", "\n2 ").splitlines()
    assert history.lines[:2] == want[:2]
    assert [line.split(maxsplit=1)[1] for line in history.lines[3:] if line] == [
        line.split(maxsplit=1)[1] for line in want[3:] if line
    ]


def test_scale_restart_pause_and_their_refusals_read_as_recorded(web: Kubectl) -> None:
    assert_as_recorded(web("scale", "deploy/web", "--replicas=5"), "scale deploy/web --replicas=5")
    grown = web("rollout", "status", "deploy/web", "--timeout=20s")
    assert grown.lines[-1] == 'deployment "web" successfully rolled out'
    assert_as_recorded(web("rollout", "restart", "deploy/web"), "rollout restart deploy/web")
    assert web("rollout", "status", "deploy/web", "--timeout=20s").code == 0
    assert_as_recorded(web("rollout", "pause", "deploy/web"), "rollout pause deploy/web")
    assert_as_recorded(web("rollout", "undo", "deploy/web"), "rollout undo deploy/web", 2)
    for command in (
        "rollout resume deploy/web",
        "set image deploy/web nope=x",
        "scale deploy/web --replicas=4 --current-replicas=9",
    ):
        assert_as_recorded(web(*command.split()), command)
    missing = web("scale", "deploy/nope", "--replicas=1")  # client 1.32 says it in other words than 1.36
    assert (missing.code, missing.err.endswith('deployments.apps "nope" not found\n')) == (1, True)


def test_a_paused_deployment_does_not_restart(web: Kubectl) -> None:
    web("rollout", "pause", "deploy/web")

    refused = web("rollout", "restart", "deploy/web")

    assert_as_recorded(refused, "rollout restart deploy/web", 2)
    web("rollout", "resume", "deploy/web")


def test_undo_without_history(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", text=manifest("fresh", "v1"))
    kubectl("rollout", "status", "deploy/fresh")

    assert_as_recorded(kubectl("rollout", "undo", "deploy/fresh"), "rollout undo deploy/fresh")
    kubectl("delete", "deploy", "fresh")


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
