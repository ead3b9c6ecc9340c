"""The sandbox Elasticsearch, judged by the elasticsearch client: who asks, in what words, and what fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import urllib3
from elasticsearch import ApiError, AuthenticationException, BadRequestError, NotFoundError

from sandbox.elasticsearch import Credentials
from sandbox.server import Fault
from tests.sandbox.elasticsearch_support import Line, Running, running


@pytest.fixture
def es() -> Iterator[Running]:
    with running() as here:
        here.write(*(Line(f"line {n}") for n in range(10)))
        yield here


def test_keys_and_passwords_are_checked(es: Running) -> None:
    es.server.credentials = Credentials(users={"bot": "right"}, api_keys={"Ym90OmtleQ=="})
    assert es.client(api_key="Ym90OmtleQ==").count()["count"] == 10
    assert es.client(basic_auth=("bot", "right")).count()["count"] == 10
    for refused in ({}, {"api_key": "b3RoZXI="}, {"basic_auth": ("bot", "wrong")}, {"basic_auth": ("x", "")}):
        with pytest.raises(AuthenticationException) as caught:
            es.client(**refused).count()
        assert caught.value.body["error"]["type"] == "security_exception"
        assert "WWW-Authenticate" in caught.value.meta.headers


@pytest.mark.parametrize(
    ("media", "status"),
    [
        ("application/json", 200),
        ("application/vnd.elasticsearch+json; compatible-with=8", 200),
        ("application/vnd.elasticsearch+json; compatible-with=9", 200),
        ("application/vnd.elasticsearch+json; compatible-with=7", 400),
        ("application/xml", 406),
    ],
)
def test_media_types(es: Running, media: str, status: int) -> None:
    headers = {"Content-Type": media, "Accept": media}
    answer = urllib3.request("POST", f"{es.server.url}/_search", headers=headers, body=b"{}")
    assert answer.status == status
    assert answer.headers["X-Elastic-Product"] == "Elasticsearch"
    if status == 200:
        assert answer.headers["Content-Type"] == media.replace("; ", ";")


def test_paths_and_parameters_that_are_not_there(es: Running) -> None:
    client = es.client()
    headers = {"accept": "application/json"}
    with pytest.raises(BadRequestError, match="no handler found"):
        client.perform_request("GET", "/_nothing/here", headers=headers)
    with pytest.raises(BadRequestError, match="unrecognized parameter"):
        client.perform_request("GET", "/_search", params={"siez": 3}, headers=headers)
    with pytest.raises(ApiError, match="405"):
        client.perform_request("DELETE", "/_search", headers=headers)


def test_the_url_may_carry_the_search(es: Running) -> None:
    url = f"{es.server.url}/logs-web-trunk/_search?q=message:line&size=2&sort=@timestamp:desc&_source=message"
    found = urllib3.request("GET", url).json()["hits"]
    assert found["total"]["value"] == 10
    assert [list(hit["_source"]) for hit in found["hits"]] == [["message"], ["message"]]


def test_a_busy_cluster_answers_429_in_its_own_shape(es: Running) -> None:
    es.server.faults.set(Fault("throttle"))
    with pytest.raises(ApiError) as caught:
        es.client(retry_on_status=()).search()
    assert caught.value.status_code == 429
    assert caught.value.body["error"]["type"] == "es_rejected_execution_exception"


def test_a_shard_that_does_not_answer_leaves_a_partial_result(es: Running) -> None:
    es.server.trouble.broken["logs-web-trunk"] = frozenset({1})
    answer = es.client().search(index="logs-web-trunk")
    shards = answer["_shards"]
    assert (shards["total"], shards["successful"], shards["failed"]) == (2, 1, 1)
    assert shards["failures"][0]["shard"] == 1
    assert answer["hits"]["total"]["value"] == 5
    with pytest.raises(ApiError) as caught:
        es.client(retry_on_status=()).search(index="logs-web-trunk", allow_partial_search_results=False)
    assert caught.value.status_code == 503


def test_no_shard_answers(es: Running) -> None:
    es.server.trouble.broken["logs-web-trunk"] = frozenset({0, 1})
    with pytest.raises(ApiError) as caught:
        es.client(retry_on_status=()).search(index="logs-web-trunk")
    assert caught.value.status_code == 503
    assert caught.value.body["error"]["type"] == "search_phase_execution_exception"


def test_a_closed_index(es: Running) -> None:
    es.server.cluster.indices["logs-web-trunk"].closed = True
    with pytest.raises(BadRequestError) as caught:
        es.client().search(index="logs-web-trunk")
    assert caught.value.body["error"]["type"] == "index_closed_exception"
    assert es.client().search(index="logs-*")["hits"]["total"]["value"] == 0


def test_health_tells_what_is_lost(es: Running) -> None:
    es.server.health = "red"
    es.server.trouble.broken["logs-web-trunk"] = frozenset({0})
    health = es.client().cluster.health()
    assert (health["status"], health["active_primary_shards"], health["unassigned_shards"]) == ("red", 1, 2)


def test_searches_are_remembered_and_forgotten(es: Running) -> None:
    es.client().search(index="logs-*", query={"match_all": {}}, size=1)
    assert list(es.server.searches) == [{"query": {"match_all": {}}, "size": 1}]
    es.call(es.server.reset)
    assert not es.server.searches
    with pytest.raises(NotFoundError):
        es.client().search(index="logs-web-trunk")
