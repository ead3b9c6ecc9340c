"""Scale, pause, quota and the other flows of the recordings, replayed against the sandbox cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubernetes_support import MERGE, WEB, Cluster, normal, recorded, without

DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments"
PODS = "/api/v1/namespaces/shop/pods"
EVENTS = "/api/v1/namespaces/shop/events"
STORY = ("generation", "observedGeneration", "annotations")
"""Fields that count what happened before."""


@pytest.fixture
def shop() -> Iterator[Cluster]:
    with support.cluster() as running:
        yield running


def create(shop: Cluster, name: str = "web", tag: str = "v1", **spec: Any) -> Any:
    labels = {"app": name}
    container = {"name": name, "image": f"registry.example.com/shop/{name}:{tag}"} | spec.pop("container", {})
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    body: Any = {"metadata": {"name": name, "labels": labels}}
    body |= {"spec": {"replicas": 3, "selector": {"matchLabels": labels}, "template": template} | spec}
    answer = shop.ask("POST", DEPLOYMENTS, body)
    assert answer.status == 201, answer.body
    return answer.body


def push(shop: Cluster, reference: str, *behaviour: Any) -> None:
    shop.call(lambda: shop.server.images.push(reference, *behaviour))


def assert_same(answer: Any, recording: str, *but: str) -> None:
    assert without(normal(answer), *but) == without(normal(recorded(recording)), *but)


def first_pod(shop: Cluster, app: str, ready: Any) -> Any:
    """The first pod of `app` once its first container's state satisfies `ready`."""

    def found() -> Any:
        for pod in shop.get(f"{PODS}?labelSelector=app%3D{app}")["items"]:
            if ready(pod):
                return pod
        return None

    return shop.until(f"a pod of {app}", found)


def state(pod: Any) -> Any:
    return pod["status"].get("containerStatuses", [{"state": {}}])[0]["state"]


def test_crashing_pods_back_off_with_rising_restarts_and_keep_their_logs(shop: Cluster) -> None:
    push(shop, "registry.example.com/shop/f-crash:v1", "crashes", ("starting", "Traceback: KeyError: 'DSN'"))
    create(shop, "f-crash", replicas=1, progressDeadlineSeconds=6)

    pod = first_pod(
        shop, "f-crash", lambda p: state(p).get("waiting", {}).get("reason") == "CrashLoopBackOff"
    )
    late = shop.until_reason("ProgressDeadlineExceeded", "f-crash")

    want = normal(recorded("06-failures/crash-pods.json")["items"][0]["status"])
    got = normal(pod["status"])
    assert without(got, "restartCount", "name", "image", "imageID", "message") == without(
        want, "restartCount", "name", "image", "imageID", "message"
    )
    status = pod["status"]["containerStatuses"][0]
    assert status["restartCount"] >= 1
    assert status["state"]["waiting"]["message"].startswith(
        "back-off 10s restarting failed container=f-crash pod="
    )
    assert {c["type"]: c["status"] for c in late["status"]["conditions"]} == {
        "Available": "False",
        "Progressing": "False",
    }
    log = f"{PODS}/{pod['metadata']['name']}/log"
    assert shop.get(f"{log}?previous=true") == "starting\nTraceback: KeyError: 'DSN'\n"
    assert shop.get(f"{log}?tailLines=1") == "Traceback: KeyError: 'DSN'\n"
    assert [line.level for line in shop.lines[:2]] == ["INFO", "ERROR"]
    more = first_pod(shop, "f-crash", lambda p: p["status"]["containerStatuses"][0]["restartCount"] >= 3)
    events = shop.get(f"{EVENTS}?fieldSelector=involvedObject.name%3D{more['metadata']['name']}")["items"]
    back_off = [e for e in events if e["reason"] == "BackOff"]
    assert [e["count"] for e in back_off] >= [2]


def test_unready_pods_run_with_warnings_and_are_never_available(shop: Cluster) -> None:
    push(shop, "registry.example.com/shop/f-unready:v1", "unready")
    create(shop, "f-unready", replicas=1, progressDeadlineSeconds=6)

    pod = first_pod(shop, "f-unready", lambda p: "running" in state(p))
    shop.until_reason("ProgressDeadlineExceeded", "f-unready")

    want = normal(recorded("06-failures/unready-pods.json")["items"][0]["status"])
    assert without(normal(pod["status"]), "image", "imageID") == without(want, "image", "imageID")
    unhealthy = f"{EVENTS}?fieldSelector=involvedObject.name%3D{pod['metadata']['name']},reason%3DUnhealthy"
    shop.until("a counted warning", lambda: any(e["count"] > 1 for e in shop.get(unhealthy)["items"]))
    event = shop.get(unhealthy)["items"][0]
    assert (event["type"], event["message"]) == (
        "Warning",
        "Readiness probe failed: HTTP probe failed with statuscode: 503",
    )


def test_unschedulable_pods_have_no_container_statuses(shop: Cluster) -> None:
    push(shop, "registry.example.com/shop/f-pending:v1")
    create(shop, "f-pending", replicas=2, container={"resources": {"requests": {"cpu": "64"}}})

    pod = first_pod(shop, "f-pending", lambda p: p["status"].get("conditions"))

    want = recorded("06-failures/pending-pods.json")["items"][0]
    assert without(pod["status"], "message", "qosClass", "lastTransitionTime") == without(
        want["status"], "message", "qosClass", "lastTransitionTime"
    )
    assert pod["status"]["conditions"][0]["message"].startswith(
        "0/2 nodes are available: 2 Insufficient cpu."
    )
    assert "nodeName" not in pod["spec"]


@pytest.mark.parametrize("image", ["Not A Ref!!", "registry.example.com/shop/WEB:v1"])
def test_what_is_no_reference_is_accepted_and_never_pulled(shop: Cluster, image: str) -> None:
    create(shop, container={"image": image}, replicas=1)

    pod = first_pod(shop, "web", lambda p: "waiting" in state(p) and state(p)["waiting"].get("message"))

    assert state(pod)["waiting"]["reason"] == "InvalidImageName"


def test_scale_answers_as_recorded(shop: Cluster) -> None:
    create(shop)
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
    create(shop)
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
    create(shop)
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


def test_a_full_quota_is_a_replica_failure_and_the_rollout_recovers_later(shop: Cluster) -> None:
    create(shop, progressDeadlineSeconds=10)
    shop.until_complete()

    quota = shop.replay("10-quota/quota-created.json")
    refused = shop.replay("10-quota/pod-post-403.json")
    shop.replay("10-quota/patch-response.json")
    failing = shop.until_reason("FailedCreate")
    late = shop.until_reason("ProgressDeadlineExceeded")
    shop.ask("DELETE", "/api/v1/namespaces/shop/resourcequotas/pods")
    shop.until_complete()

    assert quota.status == 201
    assert_same(quota.body, "10-quota/quota-created.json")
    assert (refused.status, refused.body) == (403, recorded("10-quota/pod-post-403.json"))
    for got, name in ((failing, "deployment"), (late, "deadline"), (shop.get(WEB), "recovered")):
        want = recorded(f"10-quota/{name}.json")["status"]
        assert without(normal(got["status"]), *STORY, "terminatingReplicas") == without(
            normal(want), *STORY, "terminatingReplicas"
        )


def test_an_image_with_a_space_never_makes_a_pod(shop: Cluster) -> None:
    create(shop, progressDeadlineSeconds=10)
    shop.until_complete()

    shop.replay("16-image-space/patch-response.json")
    late = shop.until_reason("ProgressDeadlineExceeded")

    want = recorded("16-image-space/deployment.json")["status"]
    assert without(normal(late["status"]), *STORY) == without(normal(want), *STORY)


def test_a_superseded_rollout_gives_way_to_the_next(shop: Cluster) -> None:
    create(shop)
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
        push(shop, f"registry.example.com/shop/rec:{tag}")
    create(shop, "rec", replicas=2, strategy={"type": "Recreate"}, progressDeadlineSeconds=20)
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
        push(shop, f"registry.example.com/shop/rec:{tag}")
    create(shop, "rec", replicas=2, strategy={"type": "Recreate"}, progressDeadlineSeconds=20)
    shop.until_complete("rec")
    shop.set_image("v2", "rec")
    shop.until_complete("rec")
    version = shop.get(DEPLOYMENTS)["metadata"]["resourceVersion"]

    refused = shop.replay("14-delete/delete-403.json")
    answer = shop.replay("14-delete/delete-foreground.json")
    events = shop.changes(f"{DEPLOYMENTS}?watch=1&resourceVersion={version}")

    assert (refused.status, refused.body) == (403, recorded("14-delete/delete-403.json"))
    assert_same(answer.body, "14-delete/delete-foreground.json")
    want = recorded("14-delete/watch-deployments.ndjson")
    assert normal(events[0]) == normal(want[0])
    assert normal(events[-1])["type"] == "DELETED"
    assert shop.get(PODS)["items"] == []


def test_background_delete_answers_at_once_and_collects_the_pods(shop: Cluster) -> None:
    push(shop, "registry.example.com/shop/rec:v1")
    create(shop, "rec", replicas=2)
    shop.until_complete("rec")

    answer = shop.replay("14-delete/delete-background.json")

    assert_same(answer.body, "14-delete/delete-background.json")
    assert shop.ask("GET", f"{DEPLOYMENTS}/rec").status == 404
    shop.until("no pods", lambda: shop.get(PODS)["items"] == [])
    assert sets(shop) == []


def test_ready_pods_are_available_only_after_min_ready_seconds(shop: Cluster) -> None:
    push(shop, "registry.example.com/shop/mr:v1")
    create(shop, "mr", replicas=2, minReadySeconds=20)
    path = WEB.replace("web", "mr")

    ready = shop.until(
        "ready", lambda: item if (item := shop.get(path))["status"].get("readyReplicas") == 2 else None
    )
    done = shop.until_complete("mr")

    for got, name in ((ready, "get-04"), (done, "get-05")):
        want = recorded(f"15-minready/{name}.json")["status"]
        assert without(normal(got["status"]), *STORY) == without(normal(want), *STORY)


def test_a_restart_is_a_new_revision_of_the_same_image(shop: Cluster) -> None:
    create(shop)
    before = shop.until_complete()

    shop.replay("08-restart/patch-response.json")
    done = shop.until_complete()

    assert done["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"
    image = [item["spec"]["template"]["spec"]["containers"][0]["image"] for item in (before, done)]
    assert image[0] == image[1]


def test_a_slow_controller_leaves_the_old_status_in_place(shop: Cluster) -> None:
    create(shop)
    before = shop.until_complete()
    shop.call(lambda: setattr(shop.server.deployments.queue, "lag", 60))

    shop.set_image("v2")
    seen = shop.get(WEB)

    assert (seen["metadata"]["generation"], seen["status"]) == (2, before["status"])


def test_old_replica_sets_beyond_the_history_limit_are_deleted(shop: Cluster) -> None:
    create(shop, revisionHistoryLimit=1, replicas=1)
    shop.until_complete()

    for tag in ("v2", "v4", "v5"):
        shop.set_image(tag)
        shop.until_complete()

    shop.until("two sets", lambda: len(sets(shop)) == 2)
    kept = {item["metadata"]["annotations"]["deployment.kubernetes.io/revision"] for item in sets(shop)}
    assert kept == {"3", "4"}


def test_dry_run_of_everything_changes_nothing(shop: Cluster) -> None:
    create(shop)
    before = shop.until_complete()

    shop.patch({"spec": {"replicas": 9}}, f"{WEB}?dryRun=All", MERGE)
    shop.patch({"spec": {"replicas": 9}}, f"{WEB}/scale?dryRun=All", MERGE)
    shop.ask("DELETE", f"{WEB}?dryRun=All")

    assert shop.get(WEB) == before
    assert shop.server.patches == []
