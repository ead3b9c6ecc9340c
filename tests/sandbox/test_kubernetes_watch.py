"""Lists and watches: pages, versions, bookmarks, ends; by hand and through the `kubernetes` package."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
import yaml
from kubernetes import client, config
from kubernetes import watch as kubernetes_watch

from sandbox.kubernetes import kubeconfig
from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubernetes_account import unread
from tests.sandbox.kubernetes_support import MERGE, Cluster, normal, recorded, without

DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments"
PODS = "/api/v1/namespaces/shop/pods"
STORY = ("generation", "observedGeneration", "annotations", "status")


@pytest.fixture
def shop() -> Iterator[Cluster]:
    with support.cluster(history=40) as running:
        body = support.index()["01-create/post-response.json"]["request"]["body"]
        body["spec"]["template"]["spec"]["containers"][0]["image"] = f"{support.IMAGE}:v10"
        running.ask("POST", DEPLOYMENTS, body)
        running.until_complete()
        yield running


def annotate(shop: Cluster, times: int = 1) -> None:
    for number in range(times):
        shop.patch({"metadata": {"annotations": {"touch": str(number)}}}, kind=MERGE)


def version(shop: Cluster) -> str:
    return str(shop.get(DEPLOYMENTS)["metadata"]["resourceVersion"])


def test_an_old_version_is_one_error_event_inside_200(shop: Cluster) -> None:
    events = shop.changes(f"{DEPLOYMENTS}?watch=1&resourceVersion=1")

    want = recorded("23-watch/410-gone.ndjson")
    assert len(events) == 1
    assert events[0]["object"]["message"].startswith("too old resource version: 1 (")
    assert without(events, "message") == without(want, "message")


def test_a_version_grows_too_old_as_history_moves_on(shop: Cluster) -> None:
    old = version(shop)
    annotate(shop, times=41)

    events = shop.changes(f"{DEPLOYMENTS}?watch=1&resourceVersion={old}")

    assert [event["type"] for event in events] == ["ERROR"]
    assert events[0]["object"]["code"] == 410


def test_a_restarted_server_has_forgotten_every_version(shop: Cluster) -> None:
    old = version(shop)
    annotate(shop)
    shop.call(shop.server.store.forget)

    events = shop.changes(f"{DEPLOYMENTS}?watch=1&resourceVersion={old}")

    assert [event["type"] for event in events] == ["ERROR"]


def test_garbage_for_a_version_is_500(shop: Cluster) -> None:
    answer = shop.replay("23-watch/500-bad-rv.json")

    assert (answer.status, answer.body) == (500, recorded("23-watch/500-bad-rv.json"))


def test_without_a_version_what_exists_is_added_first(shop: Cluster) -> None:
    events = shop.changes(f"{DEPLOYMENTS}?watch=1&resourceVersion=")

    want = recorded("23-watch/initial-no-rv.ndjson")
    assert [event["type"] for event in events] == ["ADDED"]
    assert without(normal(events), *STORY, "template", "progressDeadlineSeconds") == without(
        normal(want), *STORY, "template", "progressDeadlineSeconds"
    )


def test_bookmarks_are_zero_objects_with_a_version(shop: Cluster) -> None:
    path = f"{DEPLOYMENTS}?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&timeoutSeconds=1"

    events = list(shop.watch(path))

    assert [event["type"] for event in events] == ["ADDED", "BOOKMARK", "BOOKMARK"]
    assert normal(events[1:]) == normal(recorded("23-watch/send-initial-events.ndjson")[1:])
    assert normal(events[-1]) == normal(recorded("23-watch/bookmarks.ndjson")[-1])


def test_leaving_the_selection_is_a_deletion(shop: Cluster) -> None:
    pods = shop.get(PODS)
    pod = pods["items"][0]["metadata"]["name"]
    path = f"{PODS}?watch=1&labelSelector=app%3Dweb"

    shop.patch({"metadata": {"labels": {"app": "debug"}}}, f"{PODS}/{pod}", MERGE)
    events = shop.changes(f"{path}&resourceVersion={pods['metadata']['resourceVersion']}")

    left = recorded("23-watch/selector-out.ndjson")[0]
    assert (events[0]["type"], events[0]["object"]["metadata"]["name"]) == (left["type"], pod)
    assert shop.ask("GET", f"{PODS}/{pod}").status == 200


def test_pages_are_of_one_moment_and_their_token_expires(shop: Cluster) -> None:
    first = shop.get(f"{PODS}?limit=2")
    token = first["metadata"]["continue"]
    shop.ask("DELETE", f"{PODS}/{first['items'][0]['metadata']['name']}")
    shop.until("a fourth pod", lambda: len(shop.get(PODS)["items"]) > 3)

    second = shop.get(f"{PODS}?limit=2&continue={token}")
    wrong = shop.replay("22-lists/400-bad-continue.json")
    shop.call(shop.server.store.forget)
    annotate(shop)
    gone = shop.ask("GET", f"{PODS}?limit=2&continue={token}")

    assert first["metadata"]["remainingItemCount"] == 1
    assert len(second["items"]) == 1
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    assert (wrong.status, wrong.body["reason"]) == (400, "BadRequest")
    assert gone.status == 410
    want = recorded("23-watch/410-continue.json")
    assert without(gone.body, "continue") == without(want, "continue")
    rest = shop.get(f"{PODS}?limit=9&continue={gone.body['metadata']['continue']}")
    assert rest["items"]


def test_an_exact_version_that_is_gone_is_410(shop: Cluster) -> None:
    answer = shop.replay("23-watch/410-exact.json")

    assert (answer.status, answer.body) == (410, recorded("23-watch/410-exact.json"))


@pytest.mark.parametrize("name", ["table-deployments", "partial-metadata", "deployments"])
def test_forms_of_a_list(shop: Cluster, name: str) -> None:
    answer = shop.replay(f"22-lists/{name}.json").body

    but = (*STORY, "description", "cells", "template", "progressDeadlineSeconds")
    want = recorded(f"22-lists/{name}.json")
    assert without(normal(answer), *but) == without(normal(want), *but)
    if name == "table-deployments":
        cells = [row["cells"] for row in answer["rows"]]
        assert [[*row[:4], *row[5:]] for row in cells] == [
            [*row["cells"][:4], *row["cells"][5:]] for row in want["rows"]
        ]


def test_events_have_two_forms(shop: Cluster) -> None:
    new = shop.get("/apis/events.k8s.io/v1/namespaces/shop/events?fieldSelector=reason%3DScheduled")["items"][
        0
    ]

    want = next(e for e in recorded("22-lists/events-v1.json")["items"] if e["reason"] == "Scheduled")
    assert normal(new).keys() == normal(want).keys()
    assert normal(new)["regarding"].keys() == normal(want)["regarding"].keys()


def test_switches_end_streams_cleanly_or_in_mid_line(shop: Cluster) -> None:
    path = f"{DEPLOYMENTS}?watch=1&resourceVersion={version(shop)}"
    clean = shop.open(path)
    shop.call(shop.server.watches.close)
    assert clean.read() == b""
    cut = shop.open(path)
    shop.call(shop.server.watches.cut)
    with pytest.raises(urllib3.exceptions.ProtocolError):
        cut.read()
    shop.until("no stream", lambda: len(shop.server.watches) == 0)


def test_a_silent_server_keeps_streams_open_and_says_nothing(shop: Cluster) -> None:
    path = f"{DEPLOYMENTS}?watch=1&resourceVersion={version(shop)}"
    stream = shop.open(path)
    shop.call(shop.server.watches.hush)

    annotate(shop)
    heard_by_a_new_one = shop.changes(path)

    assert stream.read() == b""
    assert [event["type"] for event in heard_by_a_new_one] == ["MODIFIED"]


def test_the_python_client_lists_patches_watches_and_reads_logs(shop: Cluster) -> None:
    settings = yaml.safe_load(kubeconfig(shop.server, namespace="shop"))
    configure: Any = config.new_client_from_config_dict
    api_client = configure(settings)
    apps: Any = client.AppsV1Api(api_client)
    core: Any = client.CoreV1Api(api_client)
    watch: Any = kubernetes_watch
    seen: list[tuple[str, str]] = []
    start = apps.list_namespaced_deployment("shop").metadata.resource_version

    def follow() -> None:
        stream = watch.Watch().stream(
            apps.list_namespaced_deployment, "shop", resource_version=start, timeout_seconds=1
        )
        seen.extend((event["type"], event["object"].metadata.name) for event in stream)

    following = threading.Thread(target=follow)
    following.start()
    containers = [{"name": "web", "image": f"{support.IMAGE}:v2"}]
    apps.patch_namespaced_deployment(
        "web", "shop", {"spec": {"template": {"spec": {"containers": containers}}}}
    )
    shop.until_complete()
    following.join(10)

    assert set(seen) == {("MODIFIED", "web")}
    assert apps.read_namespaced_deployment_scale("web", "shop").status.replicas == 3
    pod = core.list_namespaced_pod("shop", label_selector="app=web").items[0]
    assert pod.status.container_statuses[0].ready
    shop.call(lambda: shop.server.logs.print(shop.server.pods("shop")[0], "web", "hello"))
    first = shop.server.pods("shop")[0]["metadata"]["name"]
    assert core.read_namespaced_pod_log(first, "shop", tail_lines=1) == "hello\n"
    errors: Any = client.ApiException
    with pytest.raises(errors) as refused:
        apps.read_namespaced_deployment("nope", "shop")
    assert (refused.value.status, json.loads(refused.value.body)["reason"]) == (404, "NotFound")
    stale = watch.Watch().stream(
        apps.list_namespaced_deployment, "shop", resource_version="1", timeout_seconds=1
    )
    with pytest.raises(errors) as expired:
        list(stale)
    assert expired.value.status == 410


def test_every_recording_that_this_file_answers_for_was_read() -> None:
    """Runs last: by the tests above."""
    assert unread(__file__) == set()
