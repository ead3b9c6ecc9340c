"""Objects of a cluster -> values: restarts of the last hour, what a revision sets, what fits."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workloads import Configuration, Place, Restarts, Room, drift
from integrations.kubernetes_objects import (
    configuration_of,
    digest_of,
    restarts_of,
    revisions_of,
    selector_of,
)
from integrations.kubernetes_room import room
from tests.sandbox.kubernetes_support import recorded

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def pod(age: float, restarts: int, ended: float | None = None) -> Any:
    """A pod that is `age` minutes old, restarted so often, the last time `ended` minutes ago."""
    status: dict[str, Any] = {"name": "web", "restartCount": restarts}
    if ended is not None:
        status["lastState"] = {"terminated": {"finishedAt": (NOW - timedelta(minutes=ended)).isoformat()}}
    began = (NOW - timedelta(minutes=age)).isoformat()
    return {"metadata": {"creationTimestamp": began}, "status": {"containerStatuses": [status]}}


@pytest.mark.parametrize(
    ("pods", "told"),
    [
        ([pod(300, 0)], Restarts(0)),
        ([pod(30, 4, ended=2)], Restarts(4)),  # all of its life is within the hour
        ([pod(300, 4, ended=90)], Restarts(0)),  # the latest was before
        ([pod(300, 1, ended=5)], Restarts(1)),  # there was no other
        ([pod(300, 4, ended=5)], Restarts(1, exact=False)),  # the three before may be of any time
        ([pod(300, 4)], Restarts(0, exact=False)),  # the node forgot when
        ([pod(30, 4, ended=2), pod(300, 4, ended=5)], Restarts(5, exact=False)),
    ],
)
def test_restarts_of_the_last_hour_are_what_the_cluster_can_know(pods: list[Any], told: Restarts) -> None:
    assert restarts_of(pods, NOW) == told


def test_a_selector_says_all_that_the_workload_asks_of_labels() -> None:
    expressions = [
        {"key": "tier", "operator": "In", "values": ["front", "edge"]},
        {"key": "track", "operator": "NotIn", "values": ["canary"]},
        {"key": "app", "operator": "Exists"},
        {"key": "old", "operator": "DoesNotExist"},
    ]
    selector = {"matchLabels": {"app": "web"}, "matchExpressions": expressions}

    told = selector_of({"spec": {"selector": selector}})

    assert told == "app=web,tier in (front,edge),track notin (canary),app,!old"
    assert selector_of({"spec": {"selector": {"matchExpressions": expressions[3:]}}}) == "!old"


def revision_set(number: int, minutes_ago: int) -> Any:
    """The ReplicaSet of revision `number` of a Deployment `web`, made so long ago."""
    metadata = {
        "creationTimestamp": (NOW - timedelta(minutes=minutes_ago)).isoformat(),
        "annotations": {"deployment.kubernetes.io/revision": f"{number}"},
        "ownerReferences": [{"uid": "4711"}],
    }
    return {"metadata": metadata, "spec": {"template": {"spec": {"containers": []}}}}


@pytest.mark.parametrize(
    ("rolled_out", "told"),
    [
        (5, [(4, 5, False), (3, 60, True), (2, 60, False)]),
        (0, [(4, 60, True), (3, 60, True), (2, 60, False)]),
    ],
)
def test_a_revision_that_was_gone_back_to_is_dated_by_when_that_was(
    rolled_out: int, told: list[tuple[int, int, bool]]
) -> None:
    """Its ReplicaSet keeps the time at which it was made first; only of the newest the cluster knows better."""
    done = {"type": "Progressing", "lastUpdateTime": (NOW - timedelta(minutes=rolled_out)).isoformat()}
    status = {"conditions": [done]} if rolled_out else {}
    workload = {"metadata": {"uid": "4711"}, "spec": {}, "status": status}
    kept = [revision_set(4, 900), revision_set(3, 300), revision_set(2, 60)]

    found = revisions_of(workload, kept, Place("dev", "Deployment", "web", "web"))

    minutes = [(r.number, round((NOW - r.since).total_seconds() / 60), r.later) for r in found]
    assert minutes == told


def test_a_digest_is_told_when_all_pods_of_the_image_run_the_same() -> None:
    pods = recorded("02-rollout/after-pods.json")["items"]
    image = "registry.example.com/shop/web:v2"

    assert digest_of(pods, "web", image).startswith("sha256:")
    pods[0]["status"]["containerStatuses"][0]["imageID"] = "registry.example.com/shop/web@sha256:other"
    assert digest_of(pods, "web", image) == ""
    assert digest_of(pods, "web", "another:1") == ""


# -- what a revision sets


def configured(container: Any, **others: Any) -> Configuration:
    """Of a revision whose container `web` is given, and others by their names."""
    containers = [{"name": "web", **container}, *({"name": name, **other} for name, other in others.items())]
    place = Place("shop", "Deployment", "web", "web", tuple(others))
    return configuration_of({"spec": {"template": {"spec": {"containers": containers}}}}, place)


def test_what_another_container_sets_says_whose_it_is() -> None:
    before = configured({"command": ["web"]}, migrate={"env": [{"name": "A", "value": "1"}]})
    after = configured({"command": ["web", "-v"]}, migrate={"args": ["up"]})

    assert drift(before, after) == [
        "gone: environment variable A (migrate)",
        "command web → web -v; migrate: up",
    ]


secret = st.text(st.characters(categories=["L", "N"])).map("s3cret-{}".format)


@given(secret, secret)
def test_no_value_of_a_variable_gets_into_what_differs(one: str, other: str) -> None:
    def configuration(value: str) -> Any:
        return configured({"env": [{"name": "A", "value": value}], "args": [f"--password={value}"]})

    before, after = configuration(one), configuration(other)
    told = " ".join(drift(before, after))

    assert "s3cret" not in f"{before} {after} {told}"
    assert bool("A" in told) == (one != other)


def test_variables_are_named_wherever_their_values_come_from() -> None:
    before = configured({"env": [{"name": "A", "value": "1"}]})
    key = {"secretKeyRef": {"name": "web", "key": "password"}}
    after = configured(
        {
            "env": [{"name": "A", "valueFrom": key}],
            "envFrom": [{"secretRef": {"name": "web"}}, {"configMapRef": {"name": "shop"}}],
            "resources": {"limits": {"memory": "1Gi"}},
            "command": ["serve", "--port", "80"],
        }
    )

    assert drift(before, after) == [
        "added: environment variables all of config map shop, all of secret web",
        "other value: environment variable A",
        "memory limit none → 1Gi",
        "command of the image → serve --port 80",
    ]


# -- what fits


def workload(cpu: str = "500m", memory: str = "1Gi", replicas: int = 2, **spec: Any) -> Any:
    container = {"name": "web", "resources": {"requests": {"cpu": cpu, "memory": memory}}}
    return {"spec": {"replicas": replicas, "template": {"spec": {"containers": [container], **spec}}}}


def quota(hard: dict[str, str], used: dict[str, str]) -> Any:
    return {"spec": {"hard": hard}, "status": {"hard": hard, "used": used}}


def node(cpu: str = "4", memory: str = "8Gi", name: str = "n1", **spec: Any) -> Any:
    offered = {"cpu": cpu, "memory": memory, "pods": "110"}
    ready = [{"type": "Ready", "status": "True"}]
    status = {"allocatable": offered, "conditions": ready}
    return {"metadata": {"name": name, "labels": {"disk": "ssd"}}, "spec": spec, "status": status}


def on(node_name: str, cpu: str, memory: str, phase: str = "Running") -> Any:
    requests = {"requests": {"cpu": cpu, "memory": memory}}
    spec = {"nodeName": node_name, "containers": [{"name": "x", "resources": requests}]}
    return {"spec": spec, "status": {"phase": phase}}


def test_without_a_quota_and_without_nodes_everything_fits() -> None:
    assert room(workload(), 100, "trunk", [], [], []) == Room(100)


@pytest.mark.parametrize(
    ("hard", "used", "words"),
    [
        ({"pods": "20"}, {"pods": "18"}, "quota of trunk leaves room for 4 pods (pods)"),
        ({"count/pods": "20"}, {"count/pods": "18"}, "quota of trunk leaves room for 4 pods (pods)"),
        ({"requests.memory": "8Gi"}, {"requests.memory": "6Gi"}, "quota of trunk leaves room for 4 pods (memory)"),
        ({"cpu": "2"}, {"cpu": "1700m"}, "quota of trunk leaves room for 2 pods (cpu)"),
        (
            {"pods": "9", "memory": "4Gi"},
            {"pods": "2", "memory": "3Gi"},
            "quota of trunk leaves room for 3 pods (memory)",
        ),
    ],
)  # fmt: skip
def test_a_quota_that_is_too_small_is_told_with_what_is_scarce(
    hard: dict[str, str], used: dict[str, str], words: str
) -> None:
    told = room(workload(), 6, "trunk", [quota(hard, used)], [], [])

    assert told.why == words
    assert f"room for {told.fits} pod" in words


def test_nodes_count_what_is_left_of_them() -> None:
    nodes = [node(), node(name="n2"), node(name="n3", unschedulable=True)]
    pods = [on("n1", "3", "1Gi"), on("n2", "1", "6Gi"), on("n2", "1", "9Gi", phase="Succeeded")]

    told = room(workload(), 10, "trunk", [], nodes, pods)

    assert told == Room(6, "the nodes have room for 6 pods (cpu)")  # 2 that are there, 2 more on each


@pytest.mark.parametrize(
    ("taint", "toleration", "fits"),
    [
        ({"key": "gpu", "effect": "NoSchedule"}, None, False),
        ({"key": "gpu", "effect": "PreferNoSchedule"}, None, True),
        ({"key": "gpu", "effect": "NoSchedule"}, {"key": "gpu", "operator": "Exists"}, True),
        ({"key": "gpu", "value": "a", "effect": "NoExecute"}, {"key": "gpu", "value": "b"}, False),
        ({"key": "gpu", "value": "a", "effect": "NoExecute"}, {"key": "gpu", "value": "a"}, True),
    ],
)
def test_a_node_that_takes_no_such_pod_has_no_room(taint: Any, toleration: Any, fits: bool) -> None:
    wanted = workload(tolerations=[toleration] if toleration else [])

    told = room(wanted, 3, "trunk", [], [node(taints=[taint])], [])

    assert (told.fits == 3) == fits


def test_a_pod_that_selects_its_nodes_has_the_room_of_those() -> None:
    assert room(workload(nodeSelector={"disk": "hdd"}), 3, "trunk", [], [node()], []).fits == 2


@given(st.integers(0, 50), st.integers(0, 50))
def test_never_more_is_told_to_fit_than_was_asked_for(count: int, pods: int) -> None:
    hard = quota({"pods": str(pods)}, {"pods": "0"})

    told = room(json.loads(json.dumps(workload(replicas=0))), count, "trunk", [hard], [], [])

    assert told.fits == min(count, pods)
    assert bool(told.why) == (pods < count)
