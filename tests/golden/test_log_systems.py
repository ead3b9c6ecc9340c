"""What is said of the systems that log lines pass through: their refusals, and the hop that holds lines up."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from functools import partial
from typing import Any

from bot.faults import Unavailable
from bot.language import _
from bot.ports import Shipped
from bot.reply import Reply, Text
from commands.pipeline import _hops
from commands.pipeline_verdict import Found, verdict
from integrations import lucene
from integrations.elasticsearch_http import TOO_LARGE, Connection
from integrations.elasticsearch_http import partial as missing
from integrations.logstash import Logstash
from integrations.prometheus import Prometheus
from tests.golden.canned import Canned, answering
from tests.golden.tables import Words, raised, table

ELASTIC = {"X-Elastic-Product": "Elasticsearch", "Content-Type": "application/json"}
FINE = {"total": 2, "failed": 0}


def error(kind: str, reason: str = "") -> str:
    return json.dumps({"error": {"type": kind, "reason": reason, "root_cause": [{"type": kind}]}})


SEARCHES = {
    "there is no such index": (404, error("index_not_found_exception")),
    "the index is closed": (400, error("index_closed_exception")),
    "a pattern matches no index": (200, json.dumps({"hits": {}, "_shards": {"total": 0}})),
    "the index may not be read": (403, error("security_exception")),
    "a query that is none": (400, error("query_shard_exception", "Failed to parse query [AND]")),
    "an index without machine learning": (400, error("parsing_exception", "unknown [categorize_text]")),
    "a field of another kind": (400, error("illegal_argument_exception")),
    "the key is not accepted": (401, error("security_exception")),
    "too many searches": (429, error("circuit_breaking_exception")),
    "an answer that is too large": (400, error(TOO_LARGE)),
    "no shard answers": (503, error("search_phase_execution_exception")),
    "a fault of its own": (500, error("null_pointer_exception")),
    "the answer is a list": (200, "[]"),
    "the answer is no search": (200, "{}"),
    "the answer is cut off": (200, '{"hits":'),
}
SHARDS: dict[str, dict[str, Any]] = {
    "one shard did not answer": {"_shards": {"total": 2, "failed": 1}, "timed_out": False},
    "the search took too long": {"_shards": FINE, "timed_out": True},
}
QUERIES = {
    "everything": "*",
    "a regular expression": "/err.*/",
    "begins with a star": "*rror",
    "one letter and a star": "e*",
}
OTHERS = {
    "there is no such page": (404, "{}"),
    "no permission": (403, "{}"),
    "the answer is no JSON": (200, "<html>"),
    "the answer is something else": (200, '{"data": 1}'),
}
QUIET = {"logs-web-trunk": 400.0, "logs-api-trunk": 900.0}
FRESH = {"logs-web-trunk": 2.0}
NODE = Shipped("logstash-1", 1500, 1500, 1500, 2.5, 2.5)
HOLDS = Shipped("logstash-1", 1500, 1500, 300, 2.5, 0.0)


def away(system: str) -> str:
    return Unavailable(f"{system} (main)", _("cannot be reached")).words


def hops() -> dict[str, Found]:
    deaf = Shipped("logstash-1", trouble=_("cannot be reached"))
    return {
        "all is well": Found(FRESH, nodes=(NODE,), lag=0, arriving=12.5, brokers=3),
        "no line is there at all": Found(),
        "nothing is known but the store": Found(QUIET),
        "Kafka is down": Found(QUIET, nodes=(NODE,), lag=None, arriving=None, brokers=0),
        "the store takes nothing": Found(QUIET, nodes=(HOLDS,), lag=0, arriving=12.5, brokers=3),
        "Logstash is silent": Found(QUIET, nodes=(deaf,), lag=70, arriving=12.5, brokers=3),
        "one Logstash of two is silent": Found(FRESH, nodes=(NODE, deaf), lag=0, arriving=12.5, brokers=3),
        "Logstash does not read": Found(QUIET, nodes=(NODE,), lag=1, arriving=12.5, brokers=3),
        "Logstash is too slow": Found(FRESH, nodes=(NODE,), lag=54_321, arriving=900, brokers=3),
        "filebeat sends nothing": Found(QUIET, nodes=(NODE,), lag=0, arriving=0, brokers=3),
        "Prometheus is silent": Found(FRESH, nodes=(NODE,), kafka_trouble=away("Prometheus")),
        "the store is silent": Found(store_trouble=away("Elasticsearch"), nodes=(NODE,)),
    }


@table
def test_searches() -> Iterator[tuple[str, Words]]:
    """A log store that does not answer as it should."""
    with answering() as server:
        store = Connection("main", [server.url], None, None, None, 5)
        for what, (status, body) in SEARCHES.items():
            server.answers = {"/logs-web-trunk/_search": Canned(body, status, ELASTIC)}
            yield what, raised(lambda: store.search("logs-web-trunk", {}))
        server.answers = {
            "/logs-web-trunk/_search": Canned("{}", headers={"Content-Type": "application/json"})
        }
        other = Connection("main", [server.url], None, None, None, 5)
        yield "something else answers", raised(lambda: other.search("logs-web-trunk", {}))
        safe = Connection("main", [server.url.replace("http:", "https:")], None, None, None, 5)
        yield "it has no certificate", raised(lambda: safe.search("logs-web-trunk", {}))
    gone = Connection("main", ["http://127.0.0.1:1"], None, None, None, 5)
    yield "it is not there", raised(lambda: gone.search("logs-web-trunk", {}))
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        slow = Connection("main", [f"http://127.0.0.1:{deaf.getsockname()[1]}"], None, None, None, 0.1)
        yield "it takes the question and is silent", raised(lambda: slow.search("logs-web-trunk", {}))
    yield "its address is none", raised(lambda: Connection("main", ["logs"], None, None, None, 5))
    for what, answer in SHARDS.items():
        yield f"{what}, which stands below the lines", missing(answer) or ""


@table
def test_queries() -> Iterator[tuple[str, Words]]:
    """Queries that would read the whole index."""
    for what, query in QUERIES.items():
        yield f"{what}: {query}", raised(partial(lucene.check, query))


@table
def test_figures() -> Iterator[tuple[str, Words]]:
    """Logstash and Prometheus, which answer with something else."""
    with answering() as server:
        logstash = Logstash("main", [server.url], None, None, 5)
        prometheus = Prometheus("main", server.url, None, None, None, 5)
        for what, (status, body) in OTHERS.items():
            server.answers = {path: Canned(body, status) for path in ("/_node/stats", "/api/v1/query")}
            yield f"Logstash: {what}", f":red_circle: Logstash node 1: {logstash.nodes()[0].trouble}"
            yield f"Prometheus: {what}", raised(lambda: prometheus.query("up"))


@table
def test_hops() -> Iterator[tuple[str, Words]]:
    """Where lines are held up: as `logs pipeline` says it."""
    for what, found in hops().items():
        said = verdict(found)
        yield what, Reply(said, (Text("\n".join([f"*{said}*", *_hops(found)])),))
