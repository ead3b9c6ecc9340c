"""The adapters of Prometheus and Logstash against the sandbox's servers: what they read, and their troubles."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from bot.faults import Failed, Refused, Unavailable
from bot.ports import Shipped
from commands.pipeline_verdict import Found, verdict
from integrations.logstash import Logstash
from integrations.prometheus import Prometheus
from sandbox.elasticsearch.shop import Line
from sandbox.pipeline import LogstashServer, Pipeline, PrometheusServer
from sandbox.server import Fault

LINE = Line(0, "hidden", "web-1", "web", {"app": "web"}, "INFO", "a line")


class Servers:
    """Both, on one pipeline whose end is a list."""

    def __init__(self) -> None:
        self.written: list[object] = []
        self.pipeline = Pipeline(self.written.append)
        self.logstash, self.prometheus = LogstashServer(self.pipeline), PrometheusServer(self.pipeline)

    def accept(self, count: int) -> None:
        for _ in range(count):
            self.pipeline.accept(LINE)

    def shipper(self, *more: str) -> Logstash:
        return Logstash("main", [self.logstash.url, *more], None, None, 1)

    def metrics(self) -> Prometheus:
        return Prometheus("main", self.prometheus.url, None, "token", None, 1)


@pytest.fixture
def servers() -> Iterator[Servers]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    here = Servers()
    for server in (here.logstash, here.prometheus):
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    yield here
    for server in (here.logstash, here.prometheus):
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)


def test_what_passes_through_logstash(servers: Servers) -> None:
    servers.accept(20)
    servers.pipeline.stall("elasticsearch")
    servers.accept(5)

    (node,) = servers.shipper().nodes()

    assert (node.name, node.taken, node.given, node.held) == ("logstash-1", 25, 20, 5)
    assert (node.taken_rate, node.given_rate) == (2.5, 2.0)


def test_a_logstash_holds_only_so_much_and_then_stops_reading(servers: Servers) -> None:
    servers.pipeline.stall("elasticsearch")
    servers.accept(700)

    assert (servers.pipeline.queued, servers.pipeline.lag) == (500, 200)
    servers.pipeline.mend("elasticsearch")
    assert (servers.pipeline.queued, servers.pipeline.lag, len(servers.written)) == (0, 0, 700)


def test_each_node_speaks_for_itself(servers: Servers) -> None:
    here, away = servers.shipper("http://127.0.0.1:1").nodes()

    assert (here.trouble, away.trouble) == ("", "cannot be reached")


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (Fault("error", status=500), "answered 500"),
        (Fault("error", status=404), "what answers there is not Logstash"),
        (Fault("error", status=200), "answered with something that is not JSON"),
        (Fault("hang"), "did not answer within 1 s"),
    ],
)
def test_a_logstash_in_trouble_says_so(servers: Servers, fault: Fault, trouble: str) -> None:
    servers.logstash.faults.set(fault)

    assert [node.trouble for node in servers.shipper().nodes()] == [trouble]


def test_what_prometheus_knows_of_kafka(servers: Servers) -> None:
    servers.pipeline.stall("logstash")
    servers.accept(7)

    lag = servers.metrics().query('sum by (consumergroup) (kafka_consumergroup_lag{topic=~"logs"})')

    assert [(dict(one.labels), one.value) for one in lag] == [({"consumergroup": "logstash-logs"}, 7.0)]
    assert servers.metrics().query("nothing_of_the_kind") == []


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("error", status=503), Unavailable),
        (Fault("error", status=401), Failed),
        (Fault("error", status=404), Refused),
        (Fault("error", status=200), Unavailable),
        (Fault("refuse"), Unavailable),
    ],
)
def test_a_prometheus_in_trouble(servers: Servers, fault: Fault, kind: type[Exception]) -> None:
    servers.prometheus.faults.set(fault)

    with pytest.raises(kind):
        servers.metrics().query("kafka_brokers")


def test_a_query_that_it_does_not_understand_is_told(servers: Servers) -> None:
    with pytest.raises(Refused, match="answered 400"):
        servers.metrics().query("topk(1, lag)")


WELL = Shipped("one", taken=10, filtered=10, given=10, taken_rate=1, given_rate=1)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Found({"a": 5}), "lines arrive"),
        (Found({"a": 5}, lag=5_000), "Logstash reads too slowly: 5,000 lines wait in Kafka"),
        (Found({"a": 5}, nodes=(WELL, Shipped("two", trouble="cannot be reached"))), "though Logstash"),
        (Found({"a": 300, "b": 5}), "lines arrive"),
        (Found({"a": 300}), "cannot be told from what is configured"),
        (Found({}), "there are no lines at all"),
        (Found({"a": 300}, arriving=0.0, brokers=3, lag=0.0), "filebeat sends nothing"),
        (
            Found(store_trouble="Elasticsearch (main) cannot be reached"),
            "Elasticsearch (main) cannot be reached",
        ),
    ],
)
def test_the_verdict(found: Found, words: str) -> None:
    assert words in verdict(found)
