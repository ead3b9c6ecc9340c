"""Rules of the cluster that need no server: patches, selectors, the arithmetic of a rollout, ages, times."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from sandbox.kubernetes import chatter, patches, rollout, schema, selectors, times
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.resources import DEPLOYMENTS, PODS

NODE = schema.root(DEPLOYMENTS)


def containers(*items: Any) -> Any:
    return {"spec": {"template": {"spec": {"containers": list(items)}}}}


def names(patched: Any) -> list[str]:
    return [item["name"] for item in patched["spec"]["template"]["spec"]["containers"]]


A, B = {"name": "a", "image": "a:1", "args": ["x"]}, {"name": "b", "image": "b:1"}


def test_strategic_merge_pairs_containers_by_name() -> None:
    patched = patches.strategic(containers(A, B), containers({"name": "b", "image": "b:2"}), NODE)

    assert patched == containers(A, {"name": "b", "image": "b:2"})


def test_strategic_merge_puts_an_unknown_container_first() -> None:
    patched = patches.strategic(containers(A, B), containers({"name": "typo", "image": "c"}), NODE)

    assert names(patched) == ["typo", "a", "b"]


def test_strategic_merge_replaces_lists_without_a_key_and_maps_item_by_item() -> None:
    patched = patches.strategic(containers(A), containers({"name": "a", "args": ["y"]}), NODE)

    assert patched == containers({"name": "a", "image": "a:1", "args": ["y"]})


def test_strategic_merge_directives() -> None:
    deleted = patches.strategic(containers(A, B), containers({"name": "a", "$patch": "delete"}), NODE)
    replaced = patches.strategic(containers(A, B), containers({"$patch": "replace"}, {"name": "c"}), NODE)
    order = {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}
    ordered = patches.strategic(
        containers(A, B),
        {
            "spec": {
                "template": {"spec": {**order, "containers": [{"name": "a", "image": "a:2"}, {"name": "b"}]}}
            }
        },
        NODE,
    )
    kept = patches.strategic(
        {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}},
        {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}},
        NODE,
    )

    assert (names(deleted), names(replaced), names(ordered)) == (["b"], ["c"], ["b", "a"])
    assert kept == {"spec": {"strategy": {"type": "Recreate"}}}


def test_merge_patch_deletes_with_null() -> None:
    assert patches.merge({"a": {"b": 1, "c": 2}}, {"a": {"b": None, "d": 3}}) == {"a": {"c": 2, "d": 3}}


@pytest.mark.parametrize(
    ("operations", "result"),
    [
        ([{"op": "add", "path": "/a/-", "value": 3}], {"a": [1, 2, 3]}),
        ([{"op": "add", "path": "/a/0", "value": 0}], {"a": [0, 1, 2]}),
        ([{"op": "remove", "path": "/a/0"}], {"a": [2]}),
        ([{"op": "replace", "path": "/a/1", "value": 9}], {"a": [1, 9]}),
        ([{"op": "move", "from": "/a", "path": "/b"}], {"b": [1, 2]}),
        ([{"op": "copy", "from": "/a/0", "path": "/x~1y"}], {"a": [1, 2], "x/y": 1}),
        ([{"op": "test", "path": "/a/0", "value": 1}], {"a": [1, 2]}),
    ],
)
def test_json_patch(operations: Any, result: Any) -> None:
    assert patches.json_patch({"a": [1, 2]}, operations) == result


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/a/0", "value": 2},
        {"op": "replace", "path": "/b", "value": 2},
        {"op": "remove", "path": "/a/7"},
        {"op": "add", "path": "/a/3", "value": 2},
        {"op": "grow", "path": "/a"},
    ],
)
def test_json_patch_that_does_not_apply(operation: Any) -> None:
    with pytest.raises(ApiError) as refused:
        patches.json_patch({"a": [1, 2]}, [operation])

    assert refused.value.code == 422


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("app=web", True),
        ("app==web,tier!=db", True),
        ("app!=web", False),
        ("app in (web, api),tier notin (db)", True),
        ("app notin (web)", False),
        ("app", True),
        ("!app", False),
        ("!tier", True),
        ("", True),
    ],
)
def test_label_selectors(text: str, matches: bool) -> None:
    item = {"metadata": {"labels": {"app": "web"}}}

    assert selectors.labels(text)(item) is matches


def test_field_selectors() -> None:
    item = {"metadata": {"name": "a", "namespace": "n"}, "status": {"phase": "Running"}}

    assert selectors.fields("metadata.name=a,status.phase!=Pending", PODS)(item)
    assert not selectors.fields("metadata.name!=a", PODS)(item)
    with pytest.raises(ApiError):
        selectors.fields("spec.image=x", PODS)


def deployment(replicas: int, surge: Any = "25%", unavailable: Any = "25%") -> Any:
    rolling = {"maxSurge": surge, "maxUnavailable": unavailable}
    return {"spec": {"replicas": replicas, "strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}}}


@pytest.mark.parametrize(
    ("wanted", "surge", "unavailable", "posts"),
    [
        (3, "25%", "25%", (1, 0)),
        (5, "25%", "25%", (2, 1)),
        (10, "25%", "25%", (3, 2)),
        (1, "25%", "25%", (1, 0)),
        (4, 0, 0, (0, 1)),
        (4, 2, 9, (2, 4)),
        (4, "0%", "50%", (0, 2)),
    ],
)
def test_surge_rounds_up_and_unavailable_rounds_down(
    wanted: int, surge: Any, unavailable: Any, posts: Any
) -> None:
    assert rollout.fenceposts(deployment(wanted, surge, unavailable)) == posts


def replica_set(name: str, replicas: int, maximum: int) -> Any:
    return {
        "metadata": {"name": name, "annotations": {rollout.MAXIMUM: str(maximum)}},
        "spec": {"replicas": replicas},
    }


def test_a_resize_in_mid_rollout_is_shared_in_proportion() -> None:
    sets = [replica_set("old", 8, 13), replica_set("new", 5, 13)]

    sizes = rollout.proportion(sets, deployment(15, 3, 2))

    assert sizes == {
        "old": 11,
        "new": 7,
    }  # kubernetes.io/docs: Deployment, proportional scaling: 5 more in all


def test_hashes_depend_on_the_template_alone_and_spell_nothing() -> None:
    one, other = rollout.template_hash({"a": 1, "b": 2}), rollout.template_hash({"b": 2, "a": 1})

    assert one == other != rollout.template_hash({"a": 2})
    assert not set(one) & set("aeiou013")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (5, "5s"),
        (119, "119s"),
        (130, "2m10s"),
        (600, "10m"),
        (3 * 3600, "3h"),
        (3 * 3600 + 240, "3h4m"),
        (30 * 3600, "30h"),
        (3 * 86400 + 7200, "3d2h"),
        (20 * 86400, "20d"),
    ],
)
def test_ages_as_kubectl_prints_them(seconds: int, shown: str) -> None:
    assert times.age(times.stamp(-seconds)) in (shown, shown.replace("5s", "6s"))
    assert times.epoch(times.stamp()) <= time.time()


@pytest.mark.parametrize("project", ["web", "api", "shop", "pay", "other"])
def test_pods_print_mostly_information_and_sometimes_trouble(project: str) -> None:
    choose = random.Random(1)

    levels = [chatter.line(choose, project)[0] for _ in range(1000)]

    shares = {level: levels.count(level) / 1000 for level in ("INFO", "WARN", "ERROR")}
    assert shares["INFO"] > 0.85
    assert 0.03 < shares["WARN"] < 0.1
    assert 0.005 < shares["ERROR"] < 0.05
    assert chatter.line(random.Random(5), project)[0] == chatter.line(random.Random(5), project)[0]
