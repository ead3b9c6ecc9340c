"""What is sent to Elasticsearch: valid by its published schema, the same from day to day, and never shaped
by what people type.

The schema's names are checked against the official client, which is generated from the whole specification.
`python -m tests.integrations.test_elasticsearch_bodies` writes the snapshot anew; read what it changes.
"""

from __future__ import annotations

import inspect
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from elasticsearch.dsl import aggs, query, types
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from bot.ports import LogQuery
from integrations import elasticsearch_query as bodies
from integrations.log_fields import ECS, LOGSTASH, PRESETS

DATA = Path(__file__).parents[1] / "data" / "elasticsearch"
SCHEMA = json.loads((DATA / "search.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
SNAPSHOT = DATA / "bodies.json"
NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
PLAIN = LogQuery("logs-web-product", NOW - timedelta(minutes=15))
FULL = LogQuery(
    "logs-web-product",
    NOW - timedelta(hours=1),
    NOW,
    level="error",
    text="order 4711",
    pod="web-7f3",
    trace="4bf92f3577b34da6",
    lucene="log.level:error AND order",
    limit=200,
    filters=(("kubernetes.namespace", "product"),),
)


def asked() -> dict[str, Any]:
    """Every kind of request, once plain and once with all there is."""
    return {
        "lines": bodies.lines(PLAIN, ECS, 10),
        "lines, everything": bodies.lines(FULL, ECS, 10),
        "lines, as Logstash names fields": bodies.lines(FULL, LOGSTASH, 10),
        "errors before": bodies.before(PLAIN, ECS, 10, NOW),
        "errors before, everything": bodies.before(FULL, ECS, 10, NOW),
        "newest": bodies.newest(FULL, ECS, 10),
        "newest, without filters": bodies.newest(PLAIN, ECS, 10),
        "a word inside of others": bodies.lines(
            LogQuery("logs-*", NOW, text="SocketTimeout", inside=True), ECS, 10
        ),
        "followed": bodies.mark(FULL, ECS, 10),
        "first page": bodies.page(FULL, ECS, 10, "point", None),
        "next page": bodies.page(FULL, ECS, 10, "point", ["2026-03-14T11:59:00.000Z", 7]),
        "signatures": bodies.signatures(FULL, ECS, 10, 8, NOW),
        "first seen": bodies.first_seen(PLAIN, ECS, 10, "order has no address"),
    }


@pytest.mark.parametrize("name", asked())
def test_every_body_is_valid_by_the_schema(name: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(asked()[name])] == []


def test_every_body_is_as_it_was() -> None:
    assert asked() == json.loads(SNAPSHOT.read_text())


@given(
    st.sampled_from(list(PRESETS.values())),
    st.builds(
        LogQuery,
        index=st.just("logs-web-product"),
        since=st.just(NOW),
        until=st.none() | st.just(NOW + timedelta(hours=1)),
        level=st.none() | st.text(min_size=1),
        text=st.none() | st.text(min_size=1),
        inside=st.booleans(),
        pod=st.none() | st.text(min_size=1),
        trace=st.none() | st.text(min_size=1),
        lucene=st.none() | st.text(min_size=1),
        limit=st.integers(1, 1000),
        filters=st.lists(st.tuples(st.text(min_size=1), st.text()), max_size=2).map(tuple),
    ),
)
def test_whatever_people_type_the_body_stays_valid(fields: Any, asked_for: LogQuery) -> None:
    for body in (
        bodies.lines(asked_for, fields, 10),
        bodies.before(asked_for, fields, 10, NOW),
        bodies.mark(asked_for, fields, 10),
        bodies.signatures(asked_for, fields, 10, 8, NOW),
    ):
        VALIDATOR.validate(body)
        assert json.loads(json.dumps(body)) == body
    assert bodies.from_text(bodies.to_text(asked_for)) == asked_for


@pytest.mark.parametrize(
    "body",
    [
        {"script_fields": {"x": {"script": "1"}}},
        {"runtime_mappings": {"x": {"type": "keyword"}}},
        {"query": {"script": {"script": "1"}}},
        {"query": {"regexp": {"message": {"value": ".*"}}}},
        {"query": {"match_all": {}, "term": {"a": {"value": "b"}}}},
        {"query": {"query_string": {"query": "*x", "allow_leading_wildcard": True}}},
        {"size": 10_001},
    ],
)
def test_the_schema_refuses_what_could_be_smuggled_in(body: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid({"query": {"match_all": {}}, "size": 1, "timeout": "1s", **body})


DEFS = SCHEMA["$defs"]
AGGREGATION = DEFS["Aggregations"]["additionalProperties"]["properties"]


@pytest.mark.parametrize(
    ("part", "generated"),
    [
        (SCHEMA, Elasticsearch.search),
        (DEFS["QueryContainer"]["properties"]["bool"], query.Bool.__init__),
        (DEFS["TermQuery"], types.TermQuery.__init__),
        (DEFS["MatchQuery"], types.MatchQuery.__init__),
        (DEFS["MatchPhraseQuery"], types.MatchPhraseQuery.__init__),
        (DEFS["PrefixQuery"], types.PrefixQuery.__init__),
        (DEFS["WildcardQuery"], types.WildcardQuery.__init__),
        (DEFS["QueryString"], query.QueryString.__init__),
        (DEFS["Fields"]["items"]["anyOf"][1], types.FieldAndFormat.__init__),
        (DEFS["Sort"]["items"]["additionalProperties"]["anyOf"][1], types.FieldSort.__init__),
        (AGGREGATION["categorize_text"], aggs.CategorizeText.__init__),
        (AGGREGATION["min"], aggs.Min.__init__),
        (AGGREGATION["top_hits"], aggs.TopHits.__init__),
    ],
)
def test_the_schema_says_nothing_that_the_specification_does_not(part: Any, generated: Any) -> None:
    known = {"source" if name == "_source" else name for name in inspect.signature(generated).parameters}
    assert {name.lstrip("_") for name in part["properties"]} <= known


@pytest.mark.parametrize("name", DEFS["QueryContainer"]["properties"])
def test_every_kind_of_query_is_one_of_the_specification(name: str) -> None:
    assert query.Query.get_dsl_class(name).name == name


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(asked(), indent=1) + "\n")
