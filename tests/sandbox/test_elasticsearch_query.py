"""The sandbox Elasticsearch, judged by the elasticsearch client: what each query finds, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from elasticsearch import BadRequestError, Elasticsearch

from tests.sandbox.elasticsearch_support import TIMEOUT, messages, running_shop


@pytest.fixture(scope="module")
def client() -> Iterator[Elasticsearch]:
    with running_shop() as here, here.client() as made:
        yield made


def numbers(client: Elasticsearch, query: dict[str, Any]) -> list[int]:
    answer = client.search(index="orders", query=query, sort=["number"])
    return [hit["_source"]["number"] for hit in answer["hits"]["hits"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"match_all": {}}, [1, 2, 3, 4]),
        ({"match_none": {}}, []),
        ({"term": {"number": 2}}, [2]),
        ({"term": {"paid": True}}, [1, 3]),
        ({"term": {"city.keyword": "Ulm"}}, [1, 3]),
        ({"term": {"city.keyword": {"value": "ULM", "case_insensitive": True}}}, [1, 3]),
        ({"term": {"city": "Ulm"}}, []),  # the words of a text are lower case, a term is not analysed
        ({"term": {"city": "ulm"}}, [1, 3, 4]),
        ({"term": {"@timestamp": "2026-03-10"}}, [1, 2]),
        ({"terms": {"city.keyword": ["Graz", "Ulm north"]}}, [2, 4]),
        ({"terms": {"number": [1, 3]}}, [1, 3]),
        ({"match": {"note": "order first"}}, [2, 3]),
        ({"match": {"note": {"query": "ORDER first", "operator": "and"}}}, [3]),
        ({"match": {"note": {"query": "a first order", "minimum_should_match": "66%"}}}, [2, 3]),
        ({"match_phrase": {"note": "First Order"}}, [3]),
        ({"match_phrase": {"note": "order first"}}, []),
        ({"multi_match": {"query": "gift ulm", "fields": ["note", "city"]}}, [1, 3, 4]),
        ({"multi_match": {"query": "first order", "fields": ["*"], "type": "phrase"}}, [3]),
        ({"exists": {"field": "note"}}, [1, 2, 3]),
        ({"exists": {"field": "@timestamp"}}, [1, 2, 3]),
        ({"prefix": {"city.keyword": "Ulm "}}, [4]),
        ({"wildcard": {"city.keyword": "?l*th"}}, [4]),
        ({"wildcard": {"note": {"value": "*IF*", "case_insensitive": True}}}, [1]),
        ({"range": {"total": {"gt": 5, "lte": 20}}}, [1, 2]),
        ({"range": {"@timestamp": {"lte": "2026-03-10"}}}, [1, 2]),
        ({"range": {"@timestamp": {"lt": "2026-03-10"}}}, []),
        ({"range": {"@timestamp": {"gt": "2026-03-10"}}}, [3]),
        ({"range": {"@timestamp": {"gte": "now-4d/d", "lt": "now-3d/d"}}}, [1, 2]),
        ({"range": {"@timestamp": {"gte": "2026-03-12||-2d", "lt": "2026-03-10T19:00:00+01:00"}}}, [1]),
        ({"range": {"@timestamp": {"gte": 1773129600001, "format": "epoch_millis"}}}, [2, 3]),
        ({"range": {"@timestamp": {"gte": "10.03.2026 10:00", "format": "dd.MM.yyyy HH:mm"}}}, [2, 3]),
        ({"bool": {"must": {"term": {"paid": True}}, "must_not": [{"term": {"number": 1}}]}}, [3]),
        ({"bool": {"filter": [{"term": {"paid": True}}], "should": [{"term": {"number": 9}}]}}, [1, 3]),
        ({"bool": {"should": [{"term": {"number": 1}}, {"term": {"number": 2}}]}}, [1, 2]),
        (
            {
                "bool": {
                    "should": [
                        {"term": {"paid": True}},
                        {"term": {"city": "ulm"}},
                        {"match": {"note": "first"}},
                    ],
                    "minimum_should_match": 2,
                }
            },
            [1, 3],
        ),
        ({"constant_score": {"filter": {"term": {"number": 4}}}}, [4]),
    ],
)
def test_queries(client: Elasticsearch, query: dict[str, Any], found: list[int]) -> None:
    assert numbers(client, query) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("first", [2, 3]),
        ("note:first AND city:ulm", [3]),
        ("note:first -number:2", [3]),
        ("NOT paid:true", [2, 4]),
        ('"first order" OR number:4', [3, 4]),
        ("(gift OR call) AND wrap", [1]),
        ("city:(graz ulm) AND paid:false", [2, 4]),
        ("total:[5 TO 10]", [1, 4]),
        ("total:{5 TO *}", [1, 2]),
        ("total:>=20", [2]),
        ("gif*", [1]),
        ("_exists_:note", [1, 2, 3]),
        ("@timestamp:[2026-03-11 TO now]", [3]),
        ("*", [1, 2, 3, 4]),
        ("", []),
    ],
)
def test_query_strings(client: Elasticsearch, text: str, found: list[int]) -> None:
    assert numbers(client, {"query_string": {"query": text}}) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("first + order", [3]),
        ('"gift wrap" | call', [1, 2]),
        ("ord*", [3]),
        ('"((', []),
        ("first -call", [1, 2, 3, 4]),
    ],
)
def test_simple_query_strings_are_never_an_error(client: Elasticsearch, text: str, found: list[int]) -> None:
    assert numbers(client, {"simple_query_string": {"query": text, "fields": ["note"]}}) == found


def test_ids(client: Elasticsearch) -> None:
    known = client.search(index="orders", query={"term": {"number": 3}})["hits"]["hits"][0]["_id"]
    assert numbers(client, {"ids": {"values": [known, "other"]}}) == [3]


def test_a_dotted_name_is_one_word(client: Elasticsearch) -> None:
    """As the standard analyzer has it: a phrase does not find the last part of a class name."""
    phrase = client.search(index="logs-*", query={"match_phrase": {"message": "SocketTimeoutException"}})
    word = {"value": "*sockettimeoutexception*"}
    assert phrase["hits"]["total"]["value"] == 0
    assert messages(client.search(index="logs-*", query={"wildcard": {"message": word}})) == [TIMEOUT]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"query": {"fuzzy": {"a": "b"}}}, "parsing_exception"),
        ({"query": {"matchphrase": {"a": "b"}}}, "parsing_exception"),
        ({"query": {"match_phrase": {"a": {"query": "b", "slop": 3}}}}, "parsing_exception"),
        ({"query": {"bool": {"muss": []}}}, "parsing_exception"),
        ({"query": {"term": {"a": 1, "b": 2}}}, "parsing_exception"),
        ({"query": {"term": {"a": [1]}}}, "parsing_exception"),
        ({"query": {"term": {"a": 1}, "match_all": {}}}, "parsing_exception"),
        ({"query": []}, "parsing_exception"),
        ({"query": {"bool": {"must": "x"}}}, "parsing_exception"),
        ({"aggs": {"a": {"percentiles": {"field": "x"}}}}, "parsing_exception"),
        ({"aggs": {"a": {"terms": {"size": 3}}}}, "illegal_argument_exception"),
        ({"min_score": 1}, "parsing_exception"),
        ({"size": -1}, "illegal_argument_exception"),
        ({"size": "many"}, "parsing_exception"),
    ],
)
def test_what_is_not_understood_is_refused(client: Elasticsearch, body: dict[str, Any], kind: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        client.search(index="orders", body=body)
    assert caught.value.body["error"]["type"] == kind
    assert caught.value.body["error"]["root_cause"][0]["reason"]


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ({"sort": ["city"]}, "illegal_argument_exception"),
        ({"sort": ["nowhere"]}, "query_shard_exception"),
        ({"query": {"range": {"@timestamp": {"gte": "yesterday"}}}}, "parse_exception"),
        ({"query": {"term": {"number": "six"}}}, "number_format_exception"),
        ({"query": {"query_string": {"query": "(a AND"}}}, "query_shard_exception"),
        ({"aggs": {"a": {"terms": {"field": "city"}}}}, "illegal_argument_exception"),
        ({"size": 10_001}, "illegal_argument_exception"),
    ],
)
def test_what_no_shard_can_do(client: Elasticsearch, body: dict[str, Any], cause: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        client.search(index="orders", body=body)
    error = caught.value.body["error"]
    assert error["type"] == "search_phase_execution_exception"
    assert error["root_cause"][0]["type"] == cause
    assert error["failed_shards"][0]["index"] == "orders"
