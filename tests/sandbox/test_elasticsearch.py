"""The sandbox Elasticsearch, judged by the elasticsearch client: searching, paging, aggregating."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from elasticsearch import BadRequestError, Elasticsearch, NotFoundError
from elasticsearch.helpers import bulk

from sandbox.elasticsearch import shop
from tests.sandbox.elasticsearch_support import NOW, Line, Running, running

TIMEOUT = "java.net.SocketTimeoutException: read of order 4711 timed out"
LOGS = (
    Line("GET /cart 200 12ms", "INFO", NOW.timestamp() - 3000),
    Line("GET /search slow response 900ms", "WARN", NOW.timestamp() - 1200),
    Line(TIMEOUT, "ERROR", NOW.timestamp() - 600, pod="web-6d4f9c7b8-abcde"),
    Line("order 4711 placed", "INFO", NOW.timestamp() - 300, labels={"app": "shop"}, container="shop"),
    Line(
        "payment declined: code 05", "error", NOW.timestamp() - 60, "product", "pay-1", "pay", {"app": "pay"}
    ),
)
ORDERS: tuple[dict[str, Any], ...] = (
    {"@timestamp": "2026-03-10T08:00:00Z", "number": 1, "total": 9.5, "paid": True, "city": "Ulm", "note": "Gift wrap"},
    {"@timestamp": "2026-03-10T20:00:00Z", "number": 2, "total": 20, "paid": False, "city": "Graz", "note": "call first"},
    {"@timestamp": "2026-03-12T08:00:00Z", "number": 3, "total": 1, "paid": True, "city": "Ulm", "note": "first order"},
    {"number": 4, "total": 5, "paid": False, "city": "Ulm north"},
)  # fmt: skip


@pytest.fixture(scope="module")
def es() -> Iterator[Running]:
    with running() as here:
        here.write(*LOGS)
        for order in ORDERS:
            here.call(here.server.add, "orders", order)
        yield here


@pytest.fixture(scope="module")
def client(es: Running) -> Iterator[Elasticsearch]:
    with es.client() as made:
        yield made


def messages(answer: Any) -> list[str]:
    return [hit["_source"]["message"] for hit in answer["hits"]["hits"]]


def numbers(client: Elasticsearch, query: dict[str, Any]) -> list[int]:
    answer = client.search(index="orders", query=query, sort=["number"])
    return [hit["_source"]["number"] for hit in answer["hits"]["hits"]]


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
    asked = {
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
        rows = client.cat.indices(format="json")
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


def test_the_recent_past_is_found_quickly_among_many() -> None:
    """Bisection, not a scan: a scan of these takes over ten times as long."""
    with running(capacity=300_000) as es, es.client() as client:
        begin = NOW.timestamp() - 250_000
        es.write(*(Line("GET /cart 200", "info", begin + n) for n in range(250_000)))
        recent = {
            "bool": {
                "filter": [{"range": {"@timestamp": {"gte": "now-15m"}}}, {"match": {"message": "cart"}}]
            }
        }
        client.search(index="logs-*", query=recent)
        start = time.perf_counter()
        answer = client.search(index="logs-*", query=recent, sort=[{"@timestamp": "desc"}])
        took = time.perf_counter() - start
    assert answer["hits"]["total"]["value"] == 900
    assert took < 0.1
