"""Scale, pause, supersede and the other flows of the recordings, replayed against the sandbox cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubernetes_support import MERGE, WEB, Cluster, assert_same, normal, recorded, without

DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments"
PODS = "/api/v1/namespaces/shop/pods"
EVENTS = "/api/v1/namespaces/shop/events"
STORY = ("generation", "observedGeneration", "annotations")
"""Fields that count what happened before."""


@pytest.fixture
def shop() -> Iterator[Cluster]:
    with support.cluster() as running:
        yield running


def test_scale_answers_as_recorded(shop: Cluster) -> None:
    shop.create()
    shop.until_complete()

    scale = shop.get(f"{WEB}/scale")
    assert_same(scale, "07-scale/get.json")
    up = shop.ask("PUT", f"{WEB}/scale", scale | {"spec": {"replicas": 5}}, user="bot")
    assert_same(up.body, "07-scale/put-5.json")
    stale = shop.ask("PUT", f"{WEB}/scale", scale | {"spec": {"replicas": 5}}, user="bot")
    assert (stale.status, stale.body) == (409, recorded("07-scale/put-stale-409.json"))
    shop.until_complete()
    for case in ("patch-2", "patch-same", "patch-negative-422", "patch-403"):
        answer = shop.replay(f"07-scale/{case}.json")
        shop.until_complete()
        assert answer.status == support.index()[f"07-scale/{case}.json"]["status"]
        assert_same(answer.body, f"07-scale/{case}.json")
    same = [shop.replay("07-scale/patch-same.json").body["metadata"]["resourceVersion"] for _ in range(2)]
    assert same[0] == same[1]
    wrong = shop.replay("07-scale/patch-string-422.json")
    assert wrong.status == 422
    assert '"spec\\":{\\"replicas\\":\\"two\\"}' in wrong.body["message"]
    assert wrong.body["message"].endswith(recorded("07-scale/patch-string-422.json")["message"][-89:])


def test_at_zero_replicas_counters_are_absent_and_a_rollout_is_complete_at_once(shop: Cluster) -> None:
    shop.create()
    shop.until_complete()

    shop.replay("07-scale/patch-zero.json")
    at_zero = shop.until_complete()
    scale = shop.get(f"{WEB}/scale")
    answer = shop.replay("07-scale/zero-rollout-patch.json")
    rolled = shop.until_complete()

    assert without(normal(at_zero["status"]), *STORY, "message") == without(
        normal(recorded("07-scale/zero-deployment.json")["status"]), *STORY, "message"
    )
    assert_same(scale, "07-scale/zero-get.json")
    assert answer.status == 200
    want = recorded("07-scale/zero-rollout-deployment.json")["status"]
    assert without(rolled["status"], *STORY, "conditions") == without(want, *STORY, "conditions")


def test_a_paused_deployment_takes_an_image_and_rolls_when_resumed(shop: Cluster) -> None:
    shop.create()
    shop.until_complete()

    shop.replay("09-pause/patch-pause.json")
    paused = shop.until_reason("DeploymentPaused")
    shop.replay("09-pause/patch-image-paused.json")
    held = shop.until("observed", lambda: caught_up(shop))
    shop.replay("09-pause/patch-resume.json")
    done = shop.until_complete()

    assert without(normal(paused["status"]), *STORY) == without(
        normal(recorded("09-pause/get-paused.json")["status"]), *STORY
    )
    assert without(normal(held["status"]), *STORY) == without(
        normal(recorded("09-pause/get-image-paused.json")["status"]), *STORY
    )
    assert done["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"
    assert "paused" not in done["spec"]


def caught_up(shop: Cluster) -> Any:
    item = shop.get(WEB)
    return item if item["status"]["observedGeneration"] == item["metadata"]["generation"] else None


def test_a_superseded_rollout_gives_way_to_the_next(shop: Cluster) -> None:
    shop.create()
    shop.until_complete()

    shop.set_image("missing")
    shop.until("the first rollout", lambda: shop.get(WEB)["status"].get("updatedReplicas") == 1)
    shop.set_image("v9")
    done = shop.until_complete()

    assert done["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "3"
    want = recorded("12-supersede/after.json")["status"]
    assert without(normal(done["status"]), *STORY, "terminatingReplicas") == without(
        normal(want), *STORY, "terminatingReplicas"
    )
    sizes = {
        s["spec"]["template"]["spec"]["containers"][0]["image"][-7:]: s["spec"]["replicas"]
        for s in sets(shop)
    }
    assert sizes == {"/web:v1": 0, "missing": 0, "/web:v9": 3}


def sets(shop: Cluster) -> list[Any]:
    return list(shop.get("/apis/apps/v1/namespaces/shop/replicasets")["items"])


def test_recreate_ends_all_old_pods_before_it_starts_new_ones(shop: Cluster) -> None:
    for tag in ("v1", "v2"):
        shop.push(f"rec:{tag}")
    shop.create("rec", replicas=2, strategy={"type": "Recreate"}, progressDeadlineSeconds=20)
    shop.until_complete("rec")
    version = shop.get(PODS)["metadata"]["resourceVersion"]

    shop.set_image("v2", "rec")
    done = shop.until_complete("rec")

    assert_same(done, "13-recreate/get-08.json")
    events = shop.changes(f"{PODS}?watch=1&resourceVersion={version}")
    kinds = [event["type"] for event in events if event["type"] != "MODIFIED"]
    assert kinds == ["DELETED", "DELETED", "ADDED", "ADDED"]


def test_foreground_delete_waits_for_the_pods(shop: Cluster) -> None:
    for tag in ("v1", "v2"):
        shop.push(f"rec:{tag}")
    shop.create("rec", replicas=2, strategy={"type": "Recreate"}, progressDeadlineSeconds=20)
    shop.until_complete("rec")
    shop.set_image("v2", "rec")
    shop.until_complete("rec")
    version = shop.get(DEPLOYMENTS)["metadata"]["resourceVersion"]

    refused = shop.replay("14-delete/delete-403.json")
    answer = shop.replay("14-delete/delete-foreground.json")
    shop.until("the end", lambda: shop.ask("GET", f"{DEPLOYMENTS}/rec").status == 404)
    events = shop.changes(f"{DEPLOYMENTS}?watch=1&resourceVersion={version}")

    assert (refused.status, refused.body) == (403, recorded("14-delete/delete-403.json"))
    assert_same(answer.body, "14-delete/delete-foreground.json")
    want = recorded("14-delete/watch-deployments.ndjson")
    assert normal(events[0]) == normal(want[0])
    assert normal(events[-1])["type"] == "DELETED"
    assert shop.get(PODS)["items"] == []


def test_background_delete_answers_at_once_and_collects_the_pods(shop: Cluster) -> None:
    shop.push("rec:v1")
    shop.create("rec", replicas=2)
    shop.until_complete("rec")

    answer = shop.replay("14-delete/delete-background.json")

    assert_same(answer.body, "14-delete/delete-background.json")
    assert shop.ask("GET", f"{DEPLOYMENTS}/rec").status == 404
    shop.until("no pods", lambda: shop.get(PODS)["items"] == [])
    assert sets(shop) == []


def test_ready_pods_are_available_only_after_min_ready_seconds(shop: Cluster) -> None:
    shop.push("mr:v1")
    shop.create("mr", replicas=2, minReadySeconds=20)
    path = WEB.replace("web", "mr")

    ready = shop.until(
        "ready", lambda: item if (item := shop.get(path))["status"].get("readyReplicas") == 2 else None
    )
    done = shop.until_complete("mr")

    for got, name in ((ready, "get-04"), (done, "get-05")):
        want = recorded(f"15-minready/{name}.json")["status"]
        assert without(normal(got["status"]), *STORY) == without(normal(want), *STORY)


def test_a_restart_is_a_new_revision_of_the_same_image(shop: Cluster) -> None:
    shop.create()
    before = shop.until_complete()

    shop.replay("08-restart/patch-response.json")
    done = shop.until_complete()

    assert done["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"
    image = [item["spec"]["template"]["spec"]["containers"][0]["image"] for item in (before, done)]
    assert image[0] == image[1]


def test_a_slow_controller_leaves_the_old_status_in_place(shop: Cluster) -> None:
    shop.create()
    before = shop.until_complete()
    shop.call(lambda: setattr(shop.server.deployments.queue, "lag", 60))

    shop.set_image("v2")
    seen = shop.get(WEB)

    assert (seen["metadata"]["generation"], seen["status"]) == (2, before["status"])


def test_old_replica_sets_beyond_the_history_limit_are_deleted(shop: Cluster) -> None:
    shop.create(revisionHistoryLimit=1, replicas=1)
    shop.until_complete()

    for tag in ("v2", "v4", "v5"):
        shop.set_image(tag)
        shop.until_complete()

    shop.until("two sets", lambda: len(sets(shop)) == 2)
    kept = {item["metadata"]["annotations"]["deployment.kubernetes.io/revision"] for item in sets(shop)}
    assert kept == {"3", "4"}


def test_dry_run_of_everything_changes_nothing(shop: Cluster) -> None:
    shop.create()
    before = shop.until_complete()

    shop.patch({"spec": {"replicas": 9}}, f"{WEB}?dryRun=All", MERGE)
    shop.patch({"spec": {"replicas": 9}}, f"{WEB}/scale?dryRun=All", MERGE)
    shop.ask("DELETE", f"{WEB}?dryRun=All")

    assert shop.get(WEB) == before
    assert shop.server.patches == []
