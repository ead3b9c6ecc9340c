"""What a client asks before and beside its work: discovery, health, who it is, and a cluster in trouble."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.kubernetes.resources import SERVED
from sandbox.server import Fault
from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubernetes_account import unread
from tests.sandbox.kubernetes_shapes import shape
from tests.sandbox.kubernetes_support import MERGE, WEB, Cluster, normal, recorded, without

FOREIGN = ("storageVersionHash", "scope", "hash")
PODS = "/api/v1/namespaces/shop/pods"


@pytest.fixture(scope="module")
def shop() -> Iterator[Cluster]:
    with support.cluster() as running:
        running.create()
        running.until_complete()
        yield running


@pytest.mark.parametrize("name", ["version", "version-anonymous", "version-badtoken", "api", "apis-apps"])
def test_documents_are_as_recorded(shop: Cluster, name: str) -> None:
    answer = shop.replay(f"00-discovery/{name}.json")

    want = recorded(f"00-discovery/{name}.json")
    assert answer.status == support.index()[f"00-discovery/{name}.json"]["status"]
    assert without(answer.body, "serverAddress") == without(want, "serverAddress")


@pytest.mark.parametrize("name", ["api-v1", "apis-apps-v1"])
def test_each_resource_is_described_as_recorded(shop: Cluster, name: str) -> None:
    answer = shop.replay(f"00-discovery/{name}.json")

    known = {
        each["name"]: without(each, *FOREIGN) for each in recorded(f"00-discovery/{name}.json")["resources"]
    }
    assert answer.body["resources"]
    for each in answer.body["resources"]:
        assert each == known[each["name"]]
    if name == "apis-apps-v1":
        assert {each["name"] for each in answer.body["resources"]} == known.keys()


def test_each_group_is_described_as_recorded(shop: Cluster) -> None:
    answer = shop.replay("00-discovery/apis.json")

    known = {group["name"]: group for group in recorded("00-discovery/apis.json")["groups"]}
    assert {group["name"] for group in answer.body["groups"]} == {each.group for each in SERVED} - {""} | {
        "authentication.k8s.io",
        "authorization.k8s.io",
    }
    for group in answer.body["groups"]:
        assert shape(group) == shape(known[group["name"]])
        assert group["preferredVersion"] in known[group["name"]]["versions"]


def test_the_aggregated_document_lists_the_same(shop: Cluster) -> None:
    answer = shop.replay("00-discovery/apis-aggregated.json")

    known = resources(recorded("00-discovery/apis-aggregated.json"))
    found = resources(answer.body)
    assert found
    assert {where: item for where, item in known.items() if where in found} == found


def resources(document: Any) -> dict[tuple[str, str, str], Any]:
    """(group, version, resource) -> its row; subresources in order of their names."""
    rows = {}
    for group in document["items"]:
        for version in group["versions"]:
            for row in version["resources"]:
                below = sorted(row.get("subresources", ()), key=lambda each: str(each["subresource"]))
                shown = {k: v for k, v in row.items() if k != "subresources"} | {"below": below}
                rows[group["metadata"]["name"], version["version"], row["resource"]] = shown
    return rows


def test_the_index_of_schemas_names_the_one_that_is_served(shop: Cluster) -> None:
    answer = shop.replay("00-discovery/openapi-v3.json")

    known = recorded("00-discovery/openapi-v3.json")["paths"]
    for place, found in answer.body["paths"].items():
        assert shape(found) == shape(known[place])
    assert shop.get("/openapi/v3/apis/apps/v1")["info"]["version"] == "1.36"


@pytest.mark.parametrize(
    "name", ["00-discovery/livez.txt", "00-discovery/readyz-verbose.txt", "24-outage/etcd-stopped-readyz.txt"]
)
def test_health_is_told_in_lines(shop: Cluster, name: str) -> None:
    answer = shop.replay(name)

    def kinds(text: str) -> set[str]:
        return {re.sub(r"^\[\+\]\S+ ok$", "[+]check ok", line) for line in text.strip().splitlines()}

    assert answer.status == 200
    assert kinds(answer.body) == kinds(recorded(name))


@pytest.mark.parametrize("name", ["can-patch-bot", "can-patch-viewer", "can-patch-nobody", "whoami-bot"])
def test_reviews_are_as_recorded(shop: Cluster, name: str) -> None:
    answer = shop.replay(f"21-reviews/{name}.json")

    assert answer.status == 201
    assert without(normal(answer.body), "reason") == without(
        normal(recorded(f"21-reviews/{name}.json")), "reason"
    )


def test_a_service_account_is_known_by_its_long_name(shop: Cluster) -> None:
    who = shop.replay("21-reviews/whoami-serviceaccount.json")
    read = shop.replay("21-reviews/sa-get-deployment.json")
    refused = shop.replay("21-reviews/sa-403-other-namespace.json")

    want = recorded("21-reviews/whoami-serviceaccount.json")["status"]["userInfo"]
    assert without(who.body["status"]["userInfo"], "uid") == without(want, "uid", "extra")
    assert read.status == 200
    assert as_told(read.body) == as_told(recorded("21-reviews/sa-get-deployment.json"))
    assert (refused.status, refused.body) == (403, recorded("21-reviews/sa-403-other-namespace.json"))


def test_pages_follow_one_another_as_recorded(shop: Cluster) -> None:
    first = shop.get(f"{PODS}?limit=1")
    second = shop.get(f"{PODS}?limit=1&continue={first['metadata']['continue']}")

    want = recorded("22-lists/pods-limit-1-page2.json")
    assert shape(second["metadata"]) == shape(want["metadata"])
    assert second["metadata"]["remainingItemCount"] == first["metadata"]["remainingItemCount"] - 1 == 1
    assert second["items"][0]["metadata"]["name"] > first["items"][0]["metadata"]["name"]


def test_a_write_that_times_out_may_have_been_applied(shop: Cluster) -> None:
    faults = shop.server.faults
    shop.call(lambda: faults.set(Fault("error", status=504, match="GET .*/web$", times=1)))
    shop.call(lambda: faults.set(Fault("error", status=504, match="PATCH .*/web$", times=1, when="after")))

    read = shop.replay("24-outage/etcd-stopped-get.json")
    listed = shop.replay("24-outage/etcd-stopped-list-cache.json")
    written = shop.replay("24-outage/etcd-stopped-patch.json")
    back = shop.replay("24-outage/etcd-back-get.json")

    for answer, name in ((read, "etcd-stopped-get"), (written, "etcd-stopped-patch")):
        assert (answer.status, answer.body) == (504, recorded(f"24-outage/{name}.json"))
        assert answer.headers["Content-Type"].startswith("text/plain")
    assert listed.status == back.status == 200
    assert as_told(listed.body) == as_told(recorded("24-outage/etcd-stopped-list-cache.json"))
    want = recorded("24-outage/etcd-back-get.json")
    assert as_told(back.body) == as_told(want)
    assert back.body["metadata"]["annotations"]["outage"] == want["metadata"]["annotations"]["outage"]


def as_told(answer: Any) -> Any:
    """Its shape; what a Deployment is annotated with is its story, not the server's."""
    return shape(without(answer, "annotations"))


def test_throttling_is_plain_text_with_a_time(shop: Cluster) -> None:
    shop.call(lambda: shop.server.faults.set(Fault("throttle", times=1, seconds=1)))

    answer = shop.replay("26-throttle/429-too-many-requests.txt")

    want = recorded("26-throttle/429-too-many-requests.txt")
    assert (answer.status, answer.headers["Retry-After"], answer.body) == (429, "1", want.removesuffix("\n"))
    assert shop.patch({"metadata": {"labels": {"after": "all"}}}, WEB, MERGE)


def test_every_recording_that_this_file_answers_for_was_read() -> None:
    """Runs last: by the tests above."""
    assert unread(__file__) == set()
