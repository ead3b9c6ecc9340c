"""_msearch, categorize_text and top_hits of the sandbox, judged through the official client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from elasticsearch import BadRequestError

from sandbox.elasticsearch.categories import tokens_of
from tests.sandbox.elasticsearch_support import NOW, Line, Running, running

AT = NOW.timestamp()


@pytest.fixture
def es() -> Iterator[Running]:
    with running() as here:
        yield here


def test_each_search_has_its_own_answer_or_its_own_error(es: Running) -> None:
    es.write(Line("one"), Line("two"))
    everything: dict[str, Any] = {"query": {"match_all": {}}}

    answer = es.client().msearch(
        searches=[
            {"index": "logs-web-trunk"}, everything,
            {"index": "logs-web-moon"}, everything,
            {"index": "logs-moon-*"}, everything,
            {"index": "logs-web-trunk"}, {"query": {"nonsense": {}}},
        ]
    )  # fmt: skip

    found, missing, nothing, wrong = answer["responses"]
    assert (found["status"], found["hits"]["total"]["value"]) == (200, 2)
    assert (missing["status"], missing["error"]["type"]) == (404, "index_not_found_exception")
    assert (nothing["status"], nothing["_shards"]["total"]) == (200, 0)
    assert wrong["status"] == 400
    assert len(es.server.searches) == 4


def kinds(es: Running, **options: Any) -> list[tuple[str, int]]:
    asked = {"field": "message", **options}
    body = {"kinds": {"categorize_text": asked}}
    answer = es.client().search(index="logs-web-trunk", size=0, aggregations=body)
    return [(bucket["key"], bucket["doc_count"]) for bucket in answer["aggregations"]["kinds"]["buckets"]]


def test_texts_that_differ_in_numbers_and_little_else_are_one_category(es: Running) -> None:
    es.write(*(Line(f"order {n} could not be placed: pay answered {500 + n}") for n in range(5)))
    es.write(*(Line(f"session {n:08x} renewed for customer {n}") for n in range(3)))
    es.write(Line("disk full"))

    assert kinds(es) == [
        ("order could not be placed pay answered", 5),
        ("session renewed for customer", 3),
        ("disk full", 1),
    ]
    assert kinds(es, size=1) == [("order could not be placed pay answered", 5)]
    assert kinds(es, min_doc_count=3)[-1][1] == 3


def test_a_category_has_aggregations_of_its_own(es: Running) -> None:
    es.write(Line("order 1 failed", at=AT - 60), Line("order 2 failed", at=AT - 30), Line("order 3 failed"))
    inner = {
        "first": {"min": {"field": "@timestamp"}},
        "example": {"top_hits": {"size": 1, "sort": [{"@timestamp": "desc"}], "_source": ["message"]}},
    }
    body = {"kinds": {"categorize_text": {"field": "message"}, "aggs": inner}}

    answer = es.client().search(index="logs-web-trunk", size=0, aggregations=body)

    (bucket,) = answer["aggregations"]["kinds"]["buckets"]
    assert bucket["first"]["value"] == (AT - 60) * 1000
    (hit,) = bucket["example"]["hits"]["hits"]
    assert (hit["_index"], hit["_source"]) == ("logs-web-trunk", {"message": "order 3 failed"})


def test_what_categorize_text_does_not_take(es: Running) -> None:
    es.write(Line("one"))

    with pytest.raises(BadRequestError):
        kinds(es, script="1")


def test_a_leading_wildcard_is_refused_where_it_is_not_allowed(es: Running) -> None:
    es.write(Line("SocketTimeout"))
    asked = {"query": "*Timeout", "default_field": "message"}

    allowed = es.client().search(index="logs-web-trunk", query={"query_string": asked})
    assert allowed["hits"]["total"]["value"] == 1
    with pytest.raises(BadRequestError, match="Failed to parse query"):
        es.client().search(
            index="logs-web-trunk", query={"query_string": {**asked, "allow_leading_wildcard": False}}
        )


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("2026-03-14 10:00:01 ERROR Mar 14 UTC cannot open /tmp/x", ("ERROR", "cannot", "open", "tmp", "x")),
        ("\n  123\nfirst line with letters\nsecond", ("first", "line", "with", "letters")),
        ("id=4f3a9c 0xdeadbeef1 deadbeef req", ("id", "deadbeef", "req")),
        ("java.lang.IllegalStateException: no", ("java.lang.IllegalStateException", "no")),
    ],
)
def test_tokens(text: str, tokens: tuple[str, ...]) -> None:
    assert tokens_of(text) == tokens
