"""What is sent to Elasticsearch: valid by its published specification, the same from day to day, and never
shaped by what people type.

Where the specification comes from: tests/integrations/elasticsearch_specification.py.
`python -m tests.integrations.test_elasticsearch_bodies` writes the snapshot anew; read what it changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from bot.ports import LogQuery
from integrations import elasticsearch_query as bodies
from integrations.log_fields import ECS, LOGSTASH, PRESETS
from tests.integrations.elasticsearch_specification import FILE

SPECIFICATION = json.loads(FILE.read_text())
VALIDATORS = {
    name: Draft202012Validator({**schema, "$defs": SPECIFICATION["$defs"]})
    for name, schema in SPECIFICATION["requests"].items()
}
SNAPSHOT = FILE.parent / "bodies.json"
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
        "errors": bodies.errors(PLAIN, ECS, 10),
        "errors before": bodies.before(PLAIN, ECS, 10, NOW),
        "errors before, everything": bodies.before(FULL, ECS, 10, NOW),
        "of the future": bodies.ahead(FULL, ECS, 10),
        "newest": bodies.newest(FULL, ECS, 10),
        "newest, without filters": bodies.newest(PLAIN, ECS, 10),
        "followed": bodies.mark(FULL, ECS, 10),
        "first page": bodies.page(FULL, ECS, 10, "point", None),
        "next page": bodies.page(FULL, ECS, 10, "point", ["2026-03-14T11:59:00.000Z", 7]),
        "next page, without what the lines say": bodies.page(FULL, ECS, 10, "point", ["2026-03-14", 7], True),
        "signatures": bodies.signatures(FULL, ECS, 10, 8, NOW),
        "first seen": bodies.first_seen(PLAIN, ECS, 10, "order has no address"),
    }


@pytest.mark.parametrize("name", asked())
def test_every_body_is_valid_by_the_published_specification(name: str) -> None:
    body = asked()[name]

    assert [error.message for error in VALIDATORS["search"].iter_errors(body)] == []
    assert VALIDATORS["msearch body"].is_valid(body)


def test_so_is_what_stands_around_them() -> None:
    header, body = bodies.several([("logs-web-product,logs-web-trunk", {"size": 1})])

    assert VALIDATORS["msearch header"].is_valid(header)
    assert header == {"index": ["logs-web-product", "logs-web-trunk"]}
    assert VALIDATORS["msearch body"].is_valid(body)
    assert VALIDATORS["open_point_in_time"].is_valid(bodies.OPEN_POINT)
    assert VALIDATORS["close_point_in_time"].is_valid(bodies.close_point("a point"))


def test_the_specification_is_elastics_own_and_says_which() -> None:
    assert SPECIFICATION["title"] == "Elasticsearch Request & Response Specification"
    assert SPECIFICATION["license"]["name"] == "Apache 2.0"
    assert SPECIFICATION["package"] == "npm:@elastic/request-converter@9.5.0"


def test_every_body_is_as_it_was() -> None:
    assert asked() == json.loads(SNAPSHOT.read_text())


NAMES = [
    name
    for fields in PRESETS.values()
    for name in (fields.time, fields.message, *fields.level, *fields.pod, *fields.trace)
]
OURS = {*NAMES, "_doc", "_shard_doc", "kubernetes.namespace", "early", "signatures", "first", "example"}
"""What may be named freely in a body: fields, with what comes of them, and aggregations."""


@pytest.mark.parametrize("name", asked())
def test_a_word_that_is_not_the_specifications_makes_any_body_invalid(name: str) -> None:
    body = asked()[name]

    passed = {
        path[-1]
        for path, changed in mutations(body, lambda key, value: {f"{key}x": value})
        if VALIDATORS["search"].is_valid(changed)
    }

    assert {str(key).removesuffix(".keyword") for key in passed} <= OURS


@pytest.mark.parametrize("name", asked())
def test_a_value_of_another_type_makes_any_body_invalid(name: str) -> None:
    """But for the bounds of a range: what they may be depends on the field."""
    body = asked()[name]

    passed = {
        path[-1]
        for path, changed in mutations(body, lambda key, _: {key: [[{"x": 1}]]})
        if VALIDATORS["search"].is_valid(changed)
    }

    assert passed <= {"gte", "lt"}


def mutations(body: Any, change: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The body once for each name in it, with this one changed; and where that is."""
    for path in places(body):
        changed = deepcopy(body)
        inner = changed
        for step in path[:-1]:
            inner = inner[step]
        value = inner.pop(path[-1])
        inner.update(change(path[-1], value))
        yield path, changed


def places(part: Any) -> Iterator[tuple[Any, ...]]:
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for step, inner in items:
        if isinstance(part, dict):
            yield (step,)
        yield from ((step, *path) for path in places(inner))


@pytest.mark.parametrize(
    "body",
    [
        {"sizes": 1},
        {"size": "many"},
        {"query": {"matchall": {}}},
        {"query": {"match_all": {}, "term": {"a": "b"}}},
        {"query": {"bool": {"filters": []}}},
        {"query": {"term": {"a": {"value": "b", "fuzzy": True}}}},
        {"sort": [{"@timestamp": {"order": "newest"}}]},
        {"aggs": {"a": {"min": {"field": "b"}, "max": {"field": "b"}}}},
        {"aggs": {"a": {"filter": {"nothing": {}}}}},
        {"pit": {"keep_alive": "1m"}},
    ],
)
def test_the_specification_refuses_what_elasticsearch_would(body: dict[str, Any]) -> None:
    assert not VALIDATORS["search"].is_valid({"query": {"match_all": {}}, "size": 1, **body})


@settings(max_examples=30)
@given(
    st.sampled_from(list(PRESETS.values())),
    st.builds(
        LogQuery,
        index=st.just("logs-web-product"),
        since=st.just(NOW),
        until=st.none() | st.just(NOW + timedelta(hours=1)),
        level=st.none() | st.text(min_size=1),
        text=st.none() | st.text(min_size=1),
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
        VALIDATORS["search"].validate(body)
        assert not RISKY & {path[-1] for path in places(body)}
        assert json.loads(json.dumps(body)) == body
    assert bodies.from_text(bodies.to_text(asked_for)) == asked_for


RISKY = {
    "wildcard", "regexp", "fuzzy", "script", "script_fields", "script_score", "runtime_mappings", "source",
}  # fmt: skip
"""The specification has them; no body of ours does."""


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(asked(), indent=1) + "\n")
