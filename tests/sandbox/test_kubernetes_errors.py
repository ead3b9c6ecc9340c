"""Refusals: every recorded one is asked for again and must come back in the same words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubernetes_account import unread
from tests.sandbox.kubernetes_story import STILL
from tests.sandbox.kubernetes_support import MERGE, STRATEGIC, WEB, Cluster, normal, recorded, without

DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments"
STORY = ("generation", "observedGeneration", "annotations", "status")

NEEDS_MORE = {
    "409-apply-conflict",  # server-side apply
    "422-admission-policy",  # admission policies
    "429-eviction",  # disruption budgets
    "422-annotation-size",  # bodies too long to be recorded
    "413-too-large",
    "504-future-rv",  # names the current version
    "422-wrong-type-merge",  # embeds the whole object
    "422-strict-merge",
    "200-namespace-delete",  # needs its namespace first
    "403-terminating-namespace",
}
EVERY = sorted(n for n in support.index() if n.startswith("20-errors/"))
SAME = [n for n in EVERY if n.split("/")[1].rsplit(".", 1)[0] not in NEEDS_MORE]


@pytest.fixture(scope="module")
def shop() -> Iterator[Cluster]:
    with support.cluster() as running:
        body = support.index()["01-create/post-response.json"]["request"]["body"]
        running.ask("POST", DEPLOYMENTS, body)
        restarted = {"kubectl.kubernetes.io/restartedAt": "2026-11-23T03:25:32Z"}
        container = {"name": "web", "image": f"{support.IMAGE}:v10"}
        template = {"metadata": {"annotations": restarted}, "spec": {"containers": [container]}}
        running.patch({"spec": {"template": template}})
        deadline = recorded("20-errors/200-warning.json")["spec"]["progressDeadlineSeconds"]
        running.patch({"spec": {"progressDeadlineSeconds": deadline}}, kind=MERGE)
        running.until_complete()
        yield running


@pytest.mark.parametrize("name", SAME)
def test_recorded_refusal(shop: Cluster, name: str) -> None:
    answer = shop.replay(name)

    about = support.index()[name]
    assert answer.status == about["status"]
    assert answer.headers.get("Warning") == about["warning"]
    assert answer.headers["Content-Type"].startswith(
        "text/plain" if name.endswith(".txt") else "application/json"
    )
    want = recorded(name)
    if name.endswith(".txt"):
        assert answer.body.strip() == want.strip()
    else:
        assert without(normal(answer.body), *STORY) == without(normal(want), *STORY)


@pytest.mark.parametrize("case", ["422-wrong-type-merge", "422-strict-merge"])
def test_a_merge_patch_of_the_wrong_type_embeds_the_whole_object_twice(shop: Cluster, case: str) -> None:
    answer = shop.replay(f"20-errors/{case}.json")

    want = recorded(f"20-errors/{case}.json")
    cause = answer.body["details"]["causes"][0]
    assert answer.status == 422
    assert answer.body["message"] == f' "" is invalid: patch: {cause["message"]}'
    assert "registry.example.com/shop/web:v10" in cause["message"]
    assert cause["message"].rsplit("}", 1)[1] == want["details"]["causes"][0]["message"].rsplit("}", 1)[1]
    assert without(answer.body, "message") == without(want, "message")


def test_a_version_from_the_future_is_504_with_the_current_one(shop: Cluster) -> None:
    answer = shop.replay("20-errors/504-future-rv.json")

    current = shop.get(DEPLOYMENTS)["metadata"]["resourceVersion"]
    want = recorded("20-errors/504-future-rv.json")
    assert (answer.status, answer.headers["Retry-After"]) == (504, "1")
    assert answer.body["message"] == want["message"].replace("1582", current)
    assert without(answer.body, "message") == without(want, "message")


def test_annotations_over_256_kib_are_refused(shop: Cluster) -> None:
    answer = shop.ask("PATCH", WEB, {"metadata": {"annotations": {"big": "x" * 270_000}}}, MERGE)

    want = recorded("20-errors/422-annotation-size.json")
    assert (answer.status, answer.body["message"]) == (422, want["message"])
    assert answer.body["details"]["causes"][0] == want["details"]["causes"][0]


def test_a_body_over_3_mib_is_413(shop: Cluster) -> None:
    answer = shop.ask("PATCH", WEB, {"metadata": {"annotations": {"big": "x" * 3_145_800}}}, MERGE)

    assert (answer.status, answer.body) == (413, recorded("20-errors/413-too-large.json"))


def test_a_namespace_that_ends_takes_nothing_new(shop: Cluster) -> None:
    """Time stands still while its pods stop, so that what happens meanwhile can be seen."""
    shop.ask("POST", "/api/v1/namespaces", {"metadata": {"name": "dying"}})
    body = support.index()["20-errors/403-terminating-namespace.json"]["request"]["body"]
    body["spec"]["template"]["spec"]["containers"][0]["image"] = f"{support.IMAGE}:v1"
    shop.ask("POST", "/apis/apps/v1/namespaces/dying/deployments", body)
    pods = "/api/v1/namespaces/dying/pods"
    shop.until(
        "a running pod",
        lambda: all(p["status"]["phase"] == "Running" for p in got(shop, pods)) and got(shop, pods),
    )

    shop.call(lambda: setattr(shop.server.clock, "pace", STILL))
    ending = shop.replay("20-errors/200-namespace-delete.json")
    refused = shop.replay("20-errors/403-terminating-namespace.json")

    assert without(normal(ending.body), "name", "labels") == without(
        normal(recorded("20-errors/200-namespace-delete.json")), "name", "labels"
    )
    assert (refused.status, refused.body) == (403, recorded("20-errors/403-terminating-namespace.json"))

    def gone() -> bool:
        shop.call(shop.server.clock.step)
        return shop.ask("GET", "/api/v1/namespaces/dying").status == 404

    shop.until("gone", gone)
    shop.call(lambda: setattr(shop.server.clock, "pace", support.PACE))
    shop.call(shop.server.clock.step)
    assert got(shop, pods) == []


def got(shop: Cluster, path: str) -> list[Any]:
    return list(shop.get(path)["items"])


@pytest.mark.parametrize("user", ["bot", "viewer", "nobody"])
def test_access_reviews(shop: Cluster, user: str) -> None:
    answer = shop.replay(f"21-reviews/can-patch-{user}.json")

    assert answer.status == 201
    assert (
        answer.body["status"]["allowed"] == recorded(f"21-reviews/can-patch-{user}.json")["status"]["allowed"]
    )


def test_who_am_i(shop: Cluster) -> None:
    answer = shop.replay("21-reviews/whoami-bot.json")

    want = recorded("21-reviews/whoami-bot.json")["status"]["userInfo"]
    assert answer.status == 201
    assert answer.body["status"]["userInfo"]["username"] == want["username"]


def test_impersonation_is_refused_without_the_right_and_recorded_with_it(shop: Cluster) -> None:
    refused = shop.ask("GET", WEB, user="bot", Impersonate_User="alice")
    shop.ask(
        "PATCH", WEB, {"spec": {"replicas": 4}}, MERGE, Impersonate_User="alice", User_Agent="shipmate/1.0"
    )

    assert refused.status == 403
    assert refused.body["message"].startswith(
        'users "alice" is forbidden: User "deploy-bot" cannot impersonate'
    )
    patch, entry = shop.server.patches[-1], shop.server.audit[-1]
    assert (patch.namespace, patch.name, patch.body) == ("shop", "web", {"spec": {"replicas": 4}})
    assert (patch.agent, patch.impersonated, patch.changed) == ("shipmate/1.0", "alice", True)
    assert (entry.verb, entry.code, entry.user, entry.impersonated) == ("patch", 200, "admin", "alice")


def test_an_impersonated_user_has_rights_of_its_own(shop: Cluster) -> None:
    shop.server.users["bob"] = support.USERS["viewer"]

    read = shop.ask("GET", WEB, Impersonate_User="bob")
    written = shop.ask("PATCH", WEB, {"spec": {"replicas": 1}}, STRATEGIC, Impersonate_User="bob")

    assert (read.status, written.status) == (200, 403)
    assert written.body["message"].startswith('deployments.apps "web" is forbidden: User "bob" cannot patch')


def test_every_recording_that_this_file_answers_for_was_read() -> None:
    """Runs last: by the tests above."""
    assert unread(__file__) == set()
