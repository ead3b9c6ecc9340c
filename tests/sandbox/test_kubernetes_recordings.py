"""The sandbox cluster answers core flows as a real one did: recorded requests replayed, answers compared."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pytest

from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubernetes_support import MERGE, WEB, Cluster, assert_same, normal, recorded, without

EVENTS = "/api/v1/namespaces/shop/events?fieldSelector=involvedObject.name%3D"
SETS = "/apis/apps/v1/namespaces/shop/replicasets"
PODS = "/api/v1/namespaces/shop/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments"


@pytest.fixture
def shop() -> Iterator[Cluster]:
    with support.cluster() as running:
        yield running


def create(shop: Cluster, **spec: Any) -> Any:
    """The recordings' `web` at v1, complete; `spec` replaces fields."""
    body = support.index()["01-create/post-response.json"]["request"]["body"]
    body["spec"] |= spec
    assert shop.ask("POST", DEPLOYMENTS, body).status == 201
    return shop.until_complete()


def roll_out_v2(shop: Cluster) -> Any:
    """As the recordings: v2 with a change cause and a note."""
    create(shop)
    shop.replay("02-rollout/patch-response.json")
    shop.patch({"metadata": {"annotations": {"shop.example.com/note": "hello"}}}, kind=MERGE)
    return shop.until_complete()


def messages(shop: Cluster, name: str, reason: str = "") -> list[str]:
    listed = shop.get(EVENTS + name)["items"]
    listed.sort(key=lambda event: int(event["metadata"]["resourceVersion"]))
    return [normal(event["message"]) for event in listed if reason in ("", event["reason"])]


def reasons(events: list[Any]) -> list[str]:
    """The Progressing reasons that a watch went through."""
    shown = [
        condition["reason"]
        for event in events
        for condition in event["object"]["status"].get("conditions", [])
        if condition["type"] == "Progressing"
    ]
    return [reason for reason, _ in groupby(shown)]


def test_create_answers_and_ends_as_recorded(shop: Cluster) -> None:
    answer = shop.replay("01-create/post-response.json")
    done = shop.until_complete()

    assert answer.status == 201
    assert_same(answer.body, "01-create/post-response.json")
    assert_same(done, "01-create/get-06.json")
    assert_same(shop.get(SETS), "01-create/after-replicasets.json")
    assert_same(shop.get(PODS), "01-create/after-pods.json")
    assert_same(shop.get(EVENTS + "web"), "01-create/after-events-deployment.json")


def test_create_watch_goes_through_the_recorded_steps(shop: Cluster) -> None:
    version = shop.get(DEPLOYMENTS)["metadata"]["resourceVersion"]
    shop.replay("01-create/post-response.json")
    shop.until_complete()

    events = shop.changes(f"{DEPLOYMENTS}?watch=1&resourceVersion={version}")

    before = recorded("01-create/watch-deployments.ndjson")
    assert [event["type"] for event in events][:2] == ["ADDED", "MODIFIED"]
    assert reasons(events) == reasons(before)
    assert normal(events[0]) == normal(before[0])
    assert normal(events[1]) == normal(before[1])
    assert normal(events[-1]) == normal(before[-1])


def test_patch_answers_with_the_new_generation_and_the_old_counters(shop: Cluster) -> None:
    create(shop)

    answer = shop.replay("02-rollout/patch-response.json")

    assert_same(answer.body, "02-rollout/patch-response.json")
    assert answer.body["metadata"]["generation"] == 2
    assert answer.body["status"]["observedGeneration"] == 1


def test_rollout_ends_as_recorded_and_scales_in_the_recorded_steps(shop: Cluster) -> None:
    create(shop)
    version = shop.get(DEPLOYMENTS)["metadata"]["resourceVersion"]

    shop.replay("02-rollout/patch-response.json")
    done = shop.until_complete()

    assert_same(done, "02-rollout/after-deployment.json")
    assert_same(by_revision(shop.get(SETS)), "02-rollout/after-replicasets.json")
    assert_same(shop.get(PODS), "02-rollout/after-pods.json")
    scaled = [normal(e["message"]) for e in recorded("02-rollout/after-events-deployment.json")["items"]]
    assert sorted(messages(shop, "web")) == sorted(scaled)
    events = shop.changes(f"{DEPLOYMENTS}?watch=1&resourceVersion={version}")
    assert reasons(events) == reasons(recorded("02-rollout/watch-deployments.ndjson"))


def by_revision(listed: Any) -> Any:
    """ReplicaSets in the order of their revisions: their names, and so their order, are hashes."""

    def revision(item: Any) -> int:
        return int(item["metadata"]["annotations"]["deployment.kubernetes.io/revision"])

    return listed | {"items": sorted(listed["items"], key=revision)}


def test_the_same_image_again_changes_neither_generation_nor_version(shop: Cluster) -> None:
    before = roll_out_v2(shop)

    again = shop.replay("03-nochange/patch-same-image.json").body

    assert again == before


@pytest.mark.parametrize("case", ["patch-annotation-only", "patch-dryrun", "patch-unknown-container"])
def test_patches_that_start_no_rollout_answer_as_recorded(shop: Cluster, case: str) -> None:
    name = f"03-nochange/{case}.json"
    before = roll_out_v2(shop)
    before = shop.patch({"spec": {"progressDeadlineSeconds": 10}}, kind=MERGE)

    answer = shop.replay(name)

    assert answer.status == 200
    assert_same(answer.body, name, "generation", "observedGeneration", "annotations", "conditions")
    assert shop.get(WEB)["spec"] == before["spec"]


def test_a_spec_change_outside_the_template_keeps_the_revision(shop: Cluster) -> None:
    create(shop)
    shop.replay("02-rollout/patch-response.json")
    shop.until_complete()

    answer = shop.replay("03-nochange/patch-progressDeadline.json").body
    done = shop.until_complete()

    assert_same(answer, "03-nochange/patch-progressDeadline.json")
    assert_same(done, "03-nochange/get-after-progressDeadline.json")


def test_a_bad_image_misses_its_deadline_while_old_pods_serve(shop: Cluster) -> None:
    roll_out_v2(shop)
    shop.patch({"spec": {"progressDeadlineSeconds": 10}}, kind=MERGE)

    answer = shop.replay("04-bad-image/patch-response.json").body
    failing = shop.until("ErrImagePull", lambda: waiting(shop, "ErrImagePull"))
    backing_off = shop.until("ImagePullBackOff", lambda: waiting(shop, "ImagePullBackOff"))
    late = shop.until_reason("ProgressDeadlineExceeded")

    assert_same(answer, "04-bad-image/patch-response.json", "generation", "observedGeneration")
    assert_same(failing, "04-bad-image/pods-errimagepull.json")
    assert_same(backing_off, "04-bad-image/pods-imagepullbackoff.json")
    assert_same(late, "04-bad-image/deadline-deployment.json", "generation", "observedGeneration")
    listed = recorded("04-bad-image/deadline-events-all.json")["items"]
    new = {normal(e["message"]) for e in listed if "69db79d679" in e["metadata"]["name"]}
    bad_pod = next(p for p in shop.server.pods("shop") if "v3-bad" in p["spec"]["containers"][0]["image"])
    seen = messages(shop, bad_pod["metadata"]["name"])
    seen += messages(shop, bad_pod["metadata"]["ownerReferences"][0]["name"])
    assert set(seen) == new


def waiting(shop: Cluster, reason: str) -> Any:
    """All pods, the one that waits first, as soon as one waits for `reason`."""
    listed = shop.get(PODS)

    def reason_of(pod: Any) -> str:
        statuses = pod["status"].get("containerStatuses", [{"state": {}}])
        return str(statuses[0]["state"].get("waiting", {}).get("reason", ""))

    listed["items"].sort(key=lambda pod: reason_of(pod) != reason)
    return listed if reason_of(listed["items"][0]) == reason else None


def test_undo_uses_the_old_replica_set_again_and_moves_its_revision(shop: Cluster) -> None:
    roll_out_v2(shop)
    shop.replay("04-bad-image/patch-response.json")
    shop.until("revision 3", lambda: len(shop.get(SETS)["items"]) == 3)
    old = by_revision(shop.get(SETS))["items"][1]
    template = old["spec"]["template"]
    del template["metadata"]["labels"]["pod-template-hash"]
    kept = {"kubernetes.io/change-cause", "shop.example.com/note"}
    annotations = {k: v for k, v in old["metadata"]["annotations"].items() if k in kept}
    annotations["deployment.kubernetes.io/revision"] = "3"

    operations = [
        {"op": "replace", "path": "/spec/template", "value": template},
        {"op": "replace", "path": "/metadata/annotations", "value": annotations},
    ]
    shop.patch(operations, kind="application/json-patch+json")
    done = shop.until_complete()

    assert_same(
        done, "05-undo/after-deployment.json", "generation", "observedGeneration", "progressDeadlineSeconds"
    )
    sets = by_revision(shop.get(SETS))
    want = by_revision(recorded("05-undo/after-replicasets.json"))
    assert without(normal(sets), "annotations") == without(normal(want), "annotations")
    assert [revisions(item) for item in sets["items"]] == [("1", None), ("3", None), ("4", "2")]


def revisions(item: Any) -> tuple[str | None, str | None]:
    """(revision, revision-history)."""
    annotations = item["metadata"]["annotations"]
    prefix = "deployment.kubernetes.io/revision"
    return annotations.get(prefix), annotations.get(f"{prefix}-history")
