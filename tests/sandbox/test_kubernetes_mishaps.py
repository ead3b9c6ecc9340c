"""Each way in which an image can fail: what its pods say of it, which warnings there are, what it printed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.jenkins.shop import MISHAPS
from sandbox.kubernetes import kubeconfig
from sandbox.kubernetes.fates import FATES
from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubernetes_support import Cluster

PODS = "/api/v1/namespaces/shop/pods"
EVENTS = "/api/v1/namespaces/shop/events"
REFUSED = 'failed to pull and unpack image "registry.example.com/shop/m-'


@pytest.fixture(scope="module")
def shop() -> Iterator[Cluster]:
    """One pod of each image that misbehaves."""
    with support.cluster(pace=0.01) as running:
        for behaviour in FATES:
            running.push(f"m-{behaviour}:v1", behaviour, ("starting", f"this image {behaviour}"))
            running.create(f"m-{behaviour}", replicas=1)
        yield running


def pod_of(shop: Cluster, app: str, seen: Any) -> Any:
    """The pod of `app` once its container's status satisfies `seen`."""

    def found() -> Any:
        pods = shop.get(f"{PODS}?labelSelector=app%3D{app}")["items"]
        statuses = pods[0]["status"].get("containerStatuses") if pods else None
        return pods[0] if statuses and seen(statuses[0]) else None

    return shop.until(app, found)


def warnings(shop: Cluster, pod: Any, reason: str) -> list[Any]:
    selector = f"involvedObject.name%3D{pod['metadata']['name']},reason%3D{reason}"
    return list(shop.get(f"{EVENTS}?fieldSelector={selector}")["items"])


def waits(reason: str) -> Any:
    return lambda status: status["state"].get("waiting", {}).get("reason") == reason


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        ("missing", "not found"),
        ("denied", "authorization failed: no basic auth credentials"),
        ("unreachable", "dial tcp 192.0.2.40:443: i/o timeout"),
        ("throttled", "429 Too Many Requests"),
        ("untrusted", "x509: certificate signed by unknown authority"),
        ("foreign", "no match for platform in manifest: not found"),
    ],
)
def test_what_cannot_be_pulled_says_why(shop: Cluster, behaviour: str, why: str) -> None:
    pod = pod_of(shop, f"m-{behaviour}", waits("ImagePullBackOff"))

    waiting = pod["status"]["containerStatuses"][0]["state"]["waiting"]
    assert waiting["message"].startswith(
        f'Back-off pulling image "registry.example.com/shop/m-{behaviour}:v1": ErrImagePull: rpc error: code = '
    )
    assert f"{REFUSED}{behaviour}:v1" in waiting["message"]
    assert waiting["message"].endswith(why)
    failed = [event["message"] for event in warnings(shop, pod, "Failed")]
    assert {text.partition(" image")[0] for text in failed} >= {"Failed to pull", "Error: ErrImagePull"}


@pytest.mark.parametrize(
    ("behaviour", "reason", "why"),
    [
        ("uncreatable", "CreateContainerError", "no space left on device"),
        ("unstartable", "RunContainerError", "executable file not found in $PATH"),
    ],
)
def test_what_the_runtime_refuses_says_why(shop: Cluster, behaviour: str, reason: str, why: str) -> None:
    pod = pod_of(shop, f"m-{behaviour}", waits(reason))

    message = pod["status"]["containerStatuses"][0]["state"]["waiting"]["message"]
    assert why in message
    assert [event["message"] for event in warnings(shop, pod, "Failed")] == [f"Error: {message}"]


def test_a_missing_secret_is_a_configuration_error(shop: Cluster) -> None:
    pod = pod_of(shop, "m-misconfigured", waits("CreateContainerConfigError"))

    waiting = pod["status"]["containerStatuses"][0]["state"]["waiting"]
    assert waiting["message"] == 'secret "m-misconfigured-credentials" not found'
    assert [event["message"] for event in warnings(shop, pod, "Failed")] == [f"Error: {waiting['message']}"]
    log = shop.ask("GET", f"{PODS}/{pod['metadata']['name']}/log")
    assert (log.status, log.body["message"].rpartition(": ")[2]) == (400, "CreateContainerConfigError")


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (
            {"env": [{"name": "DSN", "valueFrom": {"secretKeyRef": {"name": "db", "key": "dsn"}}}]},
            'secret "db"',
        ),
        ({"envFrom": [{"configMapRef": {"name": "settings"}}]}, 'configmap "settings"'),
    ],
)
def test_a_template_that_asks_for_what_is_not_there(shop: Cluster, source: Any, why: str) -> None:
    name = f"m-asks-{why.split()[0]}"
    shop.push(f"{name}:v1")

    shop.create(name, replicas=1, container=source)

    pod = pod_of(shop, name, waits("CreateContainerConfigError"))
    assert pod["status"]["containerStatuses"][0]["state"]["waiting"]["message"] == f"{why} not found"


@pytest.mark.parametrize(
    ("behaviour", "code", "reason"),
    [
        ("crashes", 1, "Error"),
        ("exits", 0, "Completed"),
        ("oom", 137, "OOMKilled"),
        ("hangs", 137, "Error"),
        ("stuck", 137, "Error"),
    ],
)
def test_what_ends_says_how_and_keeps_its_log(shop: Cluster, behaviour: str, code: int, reason: str) -> None:
    app = f"m-{behaviour}"

    pod = pod_of(shop, app, lambda s: s["restartCount"] >= 1 and waits("CrashLoopBackOff")(s))

    status = pod["status"]["containerStatuses"][0]
    ended = status["lastState"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (code, reason)
    assert status["state"]["waiting"]["message"].startswith("back-off ")
    log = shop.get(f"{PODS}/{pod['metadata']['name']}/log?previous=true")
    assert log == f"starting\nthis image {behaviour}\n"
    assert warnings(shop, pod, "BackOff")


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        ("unready", "Readiness probe failed: HTTP probe failed with statuscode: 503"),
        ("hangs", 'Readiness probe failed: Get "http://10.244.'),
        ("hangs", 'Liveness probe failed: Get "http://10.244.'),
        ("stuck", 'Startup probe failed: Get "http://10.244.'),
    ],
)
def test_failing_probes_are_told_in_warnings(shop: Cluster, behaviour: str, why: str) -> None:
    pod = pod_of(shop, f"m-{behaviour}", lambda status: "containerID" in status)

    def told() -> bool:
        return any(event["message"].startswith(why) for event in warnings(shop, pod, "Unhealthy"))

    shop.until(why, told)
    assert not pod["status"]["containerStatuses"][0]["ready"]


@pytest.mark.parametrize(("behaviour", "kind"), [("hangs", "liveness"), ("stuck", "startup")])
def test_a_hung_container_is_killed_after_three_failures(shop: Cluster, behaviour: str, kind: str) -> None:
    pod = pod_of(shop, f"m-{behaviour}", lambda status: status["restartCount"] >= 1)

    killing = warnings(shop, pod, "Killing")

    assert [event["message"] for event in killing] == [
        f"Container m-{behaviour} failed {kind} probe, will be restarted"
    ]
    failed = [e for e in warnings(shop, pod, "Unhealthy") if e["message"].startswith(kind.capitalize())]
    assert sum(event["count"] for event in failed) >= 3


def test_kubectl_shows_each_of_them_and_the_log_of_the_run_before(shop: Cluster, tmp_path: Path) -> None:
    settings = tmp_path / "config"
    settings.write_text(kubeconfig(shop.server, token="admin", namespace="shop"))
    pod = pod_of(shop, "m-oom", lambda s: s["restartCount"] >= 1 and waits("CrashLoopBackOff")(s))
    pod_of(shop, "m-runs", lambda status: status["ready"])

    listed = kubectl(settings, "get", "pods", "-o", "wide").splitlines()
    before = kubectl(settings, "logs", "-p", pod["metadata"]["name"])
    described = kubectl(settings, "describe", "pod", pod["metadata"]["name"])

    shown = {line.split("-")[1]: line.split()[1:3] for line in listed[1:]}
    assert shown["runs"] == ["1/1", "Running"]
    assert shown["unready"] == ["0/1", "Running"]
    assert shown["misconfigured"] == ["0/1", "CreateContainerConfigError"]
    assert shown["missing"][1] in ("ErrImagePull", "ImagePullBackOff")
    assert before == "starting\nthis image oom\n"
    assert "Reason:       OOMKilled" in described


def kubectl(settings: Path, *arguments: str) -> str:
    command = ["kubectl", f"--kubeconfig={settings}", f"--cache-dir={settings.parent / 'cache'}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)  # noqa: S603 - fixed
    return done.stdout


def test_the_sample_shop_has_a_revision_for_each_mishap() -> None:
    assert {behaviour for behaviour, _ in MISHAPS.values()} == set(FATES) - {"runs"}
