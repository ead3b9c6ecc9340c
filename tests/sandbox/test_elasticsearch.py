"""The sandbox Elasticsearch, judged by the elasticsearch client: indices, order, pages, aggregations."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from elasticsearch import BadRequestError, Elasticsearch, NotFoundError
from elasticsearch.helpers import bulk

from sandbox.elasticsearch import shop
from tests.sandbox.elasticsearch_support import NOW, TIMEOUT, Line, messages, running, running_shop


@pytest.fixture(scope="module")
def client() -> Iterator[Elasticsearch]:
    with running_shop() as here, here.client() as made:
        yield made


def test_the_client_takes_it_for_an_elasticsearch(client: Elasticsearch) -> None:
    assert client.ping()
    assert client.info()["tagline"] == "You Know, for Search"


def test_log_lines_have_the_shape_that_filebeat_gives_them(client: Elasticsearch) -> None:
    answer = client.search(index="logs-web-trunk", query={"match": {"message": "4711"}})
    assert answer["hits"]["hits"][0]["_source"] == {
        "@timestamp": "2026-03-14T11:50:00.000Z",
        "message": TIMEOUT,
        "log": {"level": "ERROR"},
        "kubernetes": {
            "namespace": "trunk",
            "pod": {"name": "web-6d4f9c7b8-abcde"},
            "container": {"name": "web"},
            "labels": {"app": "web"},
        },
        "host": {"name": "node-3"},
        "stream": "stderr",
    }


@pytest.mark.parametrize(
    ("index", "count"),
    [
        ("logs-web-trunk", 3),
        ("logs-*-trunk", 4),
        ("logs-*", 5),
        ("logs-*,-logs-pay-*", 4),
        ("logs-web-trunk,logs-pay-product", 4),
        (["logs-web-trunk", "logs-shop-*"], 4),
        ("_all", 9),
        (None, 9),
        ("nothing-*", 0),
    ],
)
def test_index_expressions(client: Elasticsearch, index: Any, count: int) -> None:
    assert client.count(index=index)["count"] == count


def test_an_index_that_is_not_there(client: Elasticsearch) -> None:
    with pytest.raises(NotFoundError) as caught:
        client.search(index="logs-web-trunk,logs-web-moon")
    assert caught.value.body["error"]["type"] == "index_not_found_exception"
    assert caught.value.body["error"]["index"] == "logs-web-moon"
    some = client.search(index="logs-web-trunk,logs-web-moon", ignore_unavailable=True)
    assert some["hits"]["total"]["value"] == 3
    with pytest.raises(NotFoundError):
        client.search(index="nothing-*", allow_no_indices=False)


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ([{"@timestamp": "desc"}], [3, 2, 1, 4]),
        ([{"@timestamp": "asc"}], [1, 2, 3, 4]),
        ([{"@timestamp": {"order": "asc", "missing": "_first"}}], [4, 1, 2, 3]),
        ([{"city.keyword": "asc"}, {"number": "desc"}], [2, 3, 1, 4]),
        ([{"paid": "desc"}, {"total": "asc"}], [3, 1, 4, 2]),
        (["_doc"], [1, 2, 3, 4]),
        ([{"_doc": "desc"}], [4, 3, 2, 1]),
        ([{"nowhere": {"order": "asc", "unmapped_type": "long"}}, "number:desc"], [4, 3, 2, 1]),
    ],
)
def test_sorting(client: Elasticsearch, sort: list[Any], found: list[int]) -> None:
    answer = client.search(index="orders", sort=sort)
    assert [hit["_source"]["number"] for hit in answer["hits"]["hits"]] == found


def test_lines_of_the_same_moment_keep_their_order_across_indices() -> None:
    with running() as es, es.client() as client:
        for app in ("web", "api"):
            es.write(*(Line(f"{app} {n}", labels={"app": app}) for n in range(3)))
        answer = client.search(index="logs-*", sort=[{"@timestamp": "desc"}, {"_doc": "desc"}], size=4)
    assert messages(answer) == ["api 2", "web 2", "api 1", "web 1"]


def test_pages_follow_each_other_without_gaps_while_lines_arrive() -> None:
    with running() as es, es.client() as client:
        es.write(*(Line(f"line {n}", at=NOW.timestamp() - n // 3) for n in range(100)))
        point = client.open_point_in_time(index="logs-*", keep_alive="1m")["id"]
        seen: list[str] = []
        after: Any = None
        while True:
            page = client.search(
                pit={"id": point, "keep_alive": "1m"},
                sort=[{"@timestamp": "desc"}],
                size=7,
                **({"search_after": after} if after else {}),
            )
            if not page["hits"]["hits"]:
                break
            seen += messages(page)
            after = page["hits"]["hits"][-1]["sort"]
            es.write(Line("late", at=NOW.timestamp() - 5))
        assert client.close_point_in_time(id=point)["num_freed"] == 1
        with pytest.raises(NotFoundError) as caught:
            client.search(pit={"id": point})
    assert sorted(seen) == sorted(f"line {n}" for n in range(100))
    assert len(after) == 2  # the time and the tiebreak that a point in time adds
    assert caught.value.body["error"]["root_cause"][0]["type"] == "search_context_missing_exception"


def test_totals_are_exact_up_to_a_limit(client: Elasticsearch) -> None:
    def total(track: bool | int) -> Any:
        return client.search(index="logs-*", size=1, track_total_hits=track)["hits"].get("total")

    assert total(True) == {"value": 5, "relation": "eq"}
    assert total(3) == {"value": 3, "relation": "gte"}
    assert total(False) is None


def test_only_the_parts_of_a_source_that_were_asked_for(client: Elasticsearch) -> None:
    def source(rule: Any) -> Any:
        return client.search(index="logs-pay-*", source=rule)["hits"]["hits"][0].get("_source")

    assert source(False) is None
    assert source(["kubernetes.n*", "stream"]) == {"kubernetes": {"namespace": "product"}, "stream": "stderr"}
    assert source({"includes": ["kubernetes"], "excludes": ["*.labels", "kubernetes.pod"]}) == {
        "kubernetes": {"namespace": "product", "container": {"name": "pay"}}
    }


def test_fields_are_flat_lists_in_the_format_asked_for(client: Elasticsearch) -> None:
    wanted: list[Any] = [{"field": "@timestamp", "format": "epoch_second"}, "kubernetes.pod.*", "absent"]
    answer = client.search(index="logs-pay-*", source=False, fields=wanted)
    fields = answer["hits"]["hits"][0]["fields"]
    assert fields == {"@timestamp": [str(int(NOW.timestamp()) - 60)], "kubernetes.pod.name": ["pay-1"]}


def test_highlighting_marks_the_words_that_matched(client: Elasticsearch) -> None:
    marked = {"fields": {"message": {}}, "pre_tags": ["["], "post_tags": ["]"]}
    answer = client.search(index="logs-*", query={"match": {"message": "Payment 05"}}, highlight=marked)
    assert answer["hits"]["hits"][0]["highlight"] == {"message": ["[payment] declined: code [05]"]}


def test_aggregations(client: Elasticsearch) -> None:
    asked: dict[str, dict[str, Any]] = {
        "cities": {"terms": {"field": "city.keyword"}, "aggs": {"most": {"max": {"field": "total"}}}},
        "days": {
            "date_histogram": {"field": "@timestamp", "calendar_interval": "day", "format": "yyyy-MM-dd"}
        },
        "half": {"date_histogram": {"field": "@timestamp", "fixed_interval": "12h", "min_doc_count": 1}},
        "by": {
            "filters": {"filters": {"paid": {"term": {"paid": True}}, "big": {"range": {"total": {"gt": 9}}}}}
        },
        "first": {"min": {"field": "@timestamp"}},
        "different": {"cardinality": {"field": "city.keyword"}},
        "absent": {"max": {"field": "nowhere"}},
    }
    found = client.search(index="orders", size=0, aggs=asked)["aggregations"]
    assert [(b["key"], b["doc_count"], b["most"]["value"]) for b in found["cities"]["buckets"]] == [
        ("Ulm", 2, 9.5),
        ("Graz", 1, 20.0),
        ("Ulm north", 1, 5.0),
    ]
    assert [(b["key_as_string"], b["doc_count"]) for b in found["days"]["buckets"]] == [
        ("2026-03-10", 2),
        ("2026-03-11", 0),
        ("2026-03-12", 1),
    ]
    assert [b["doc_count"] for b in found["half"]["buckets"]] == [1, 1, 1]
    assert {name: b["doc_count"] for name, b in found["by"]["buckets"].items()} == {"paid": 2, "big": 2}
    assert found["first"]["value_as_string"] == "2026-03-10T08:00:00.000Z"
    assert (found["different"]["value"], found["absent"]["value"]) == (3, None)


def test_documents_live_and_die() -> None:
    with running() as es, es.client() as client:
        assert client.index(index="notes", id="a", document={"n": 1})["result"] == "created"
        assert client.index(index="notes", id="a", document={"n": 2})["_version"] == 2
        made = client.index(index="notes", document={"n": 3})["_id"]
        actions = [{"_index": "notes", "_id": f"b{n}", "n": n} for n in range(10, 15)]
        assert bulk(client, actions) == (5, [])
        assert client.get(index="notes", id="a")["_source"] == {"n": 2}
        assert client.get(index="notes", id=made)["_source"] == {"n": 3}
        client.delete(index="notes", id="b10")
        assert not client.exists(index="notes", id="b10")
        assert client.count(index="notes")["count"] == 6
        rows: Any = client.cat.indices(format="json").body
        assert [(row["index"], row["docs.count"]) for row in rows] == [("notes", "6")]
        client.indices.delete(index="notes")
        assert not client.indices.exists(index="notes")


def test_mappings_explicit_and_learnt() -> None:
    with running() as es, es.client() as client:
        client.indices.create(index="notes", mappings={"properties": {"code": {"type": "keyword"}}})
        client.index(index="notes", document={"code": 5, "by": {"name": "Ada"}, "at": "2026-01-01"})
        with pytest.raises(BadRequestError) as caught:
            client.index(index="notes", document={"at": "soon"})
        properties = client.indices.get_mapping(index="notes")["notes"]["mappings"]["properties"]
    assert caught.value.body["error"]["type"] == "document_parsing_exception"
    assert properties["code"] == {"type": "keyword"}
    assert properties["at"] == {"type": "date"}
    assert properties["by"]["properties"]["name"] == {
        "type": "text",
        "fields": {"keyword": {"type": "keyword"}},
    }


def test_an_index_keeps_the_newest() -> None:
    with running(capacity=50) as es, es.client() as client:
        es.write(*(Line(f"line {n}", at=NOW.timestamp() + n) for n in range(120)))
        kept = messages(client.search(index="logs-web-trunk", sort=["@timestamp"], size=100))
    assert kept == [f"line {n}" for n in range(70, 120)]


def test_the_shops_history_is_plausible_and_the_same_each_time() -> None:
    first, second = list(shop.history(NOW.timestamp())), list(shop.history(NOW.timestamp()))
    levels = {line.level for line in first}
    hour = timedelta(hours=1).total_seconds()
    assert first == second
    assert levels == {"info", "warn", "error"}
    assert all(0 <= NOW.timestamp() - line.at <= hour for line in first)
    assert {(line.container, line.namespace) for line in first} == {
        (project, namespace)
        for project in ("web", "api", "shop", "pay")
        for namespace in ("dev", "trunk", "hidden", "product")
    }
    assert any("\tat com.shop" in line.message for line in first)


def test_the_recent_past_is_found_without_a_look_at_the_rest() -> None:
    with running() as es, es.client() as client:
        begin = NOW.timestamp() - 100_000
        es.write(*(Line("GET /cart 200", "info", begin + n) for n in range(100_000)))

        def search(since: str) -> tuple[int, float]:
            span = {"range": {"@timestamp": {"gte": since}}}
            start = time.perf_counter()
            query = {"bool": {"filter": [span, {"match": {"message": "cart"}}]}}
            answer = client.search(index="logs-*", query=query, track_total_hits=True)
            return answer["hits"]["total"]["value"], time.perf_counter() - start

        everything, long = search("now-30d")
        recent = [search("now-15m") for _ in range(3)]
    assert everything == 100_000
    assert {found for found, _ in recent} == {900}
    assert min(took for _, took in recent) < long / 5
