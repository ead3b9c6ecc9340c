"""What a search finds by looking at a few lists only is what it finds by looking at every document."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.elasticsearch.cluster import Cluster, Expression
from tests.sandbox.elasticsearch_support import NOW, Line

AT = NOW.timestamp()
LEVELS, PODS = ("INFO", "WARN", "ERROR"), ("web-1", "web-2", "api-1")
LINES = st.builds(
    Line,
    message=st.sampled_from(("order placed", "order failed", "all is well")),
    level=st.sampled_from(LEVELS),
    at=st.integers(0, 30).map(lambda second: AT - second),
    pod=st.sampled_from(PODS),
)
TERMS = st.one_of(
    st.lists(st.sampled_from(LEVELS), max_size=3).map(lambda levels: {"terms": {"log.level": levels}}),
    st.sampled_from(PODS).map(lambda pod: {"term": {"kubernetes.pod.name": pod}}),
    st.sampled_from(("web", "api", "")).map(lambda start: {"prefix": {"kubernetes.pod.name": start}}),
    st.just({"match_phrase": {"message": "order failed"}}),
    st.just({"exists": {"field": "log.level"}}),
)
QUERIES = st.recursive(
    TERMS,
    lambda inner: st.dictionaries(
        st.sampled_from(("filter", "should", "must_not")), st.lists(inner, max_size=3), min_size=1
    ).map(lambda groups: {"bool": groups}),
    max_leaves=6,
)


@given(st.lists(LINES, max_size=40), QUERIES, st.integers(0, 30), st.booleans(), st.integers(5, 40))
def test_lists_and_a_look_at_everything_find_the_same(
    lines: list[Line], query: dict[str, Any], since: int, newest_first: bool, capacity: int
) -> None:
    cluster = Cluster(capacity=capacity, clock=NOW.timestamp)
    for line in lines:
        cluster.write_log(line)
    bounds = {"range": {"@timestamp": {"gte": int((AT - since) * 1000), "lt": int((AT - 1) * 1000)}}}
    body = {
        "size": 100,
        "query": {"bool": {"filter": [bounds, query]}},
        "sort": [{"@timestamp": "desc" if newest_first else "asc"}, {"_doc": "desc"}],
        "track_total_hits": 5,
    }

    listed = cluster.search(Expression("logs-*"), body)
    for index in cluster.indices.values():
        index.documents.postings = None
    scanned = cluster.search(Expression("logs-*"), body)

    assert listed == scanned
