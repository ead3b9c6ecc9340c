"""Prometheus with what kafka_exporter tells it (https://github.com/danielqsj/kafka_exporter#metrics)."""

from __future__ import annotations

import time

from aiohttp import web

from sandbox.pipeline.model import Counter, Pipeline
from sandbox.pipeline.promql import Series, evaluate
from sandbox.server import Server

TOPIC, GROUP = "logs", "logstash-logs"
PARTITIONS = 3
BROKERS = 3


class PrometheusServer(Server):
    name = "prometheus"

    def __init__(self, pipeline: Pipeline, port: int = 0) -> None:
        super().__init__(port=port)
        self.pipeline = pipeline
        for method in ("GET", "POST"):
            self.app.router.add_route(method, "/api/v1/query", self._query)
        self.app.router.add_get("/-/healthy", self._healthy)

    async def _healthy(self, _request: web.Request) -> web.Response:
        return web.Response(text="Prometheus Server is Healthy.\n")

    async def _query(self, request: web.Request) -> web.Response:
        given = {**request.query, **(await request.post() if request.method == "POST" else {})}
        try:
            vector = evaluate(str(given["query"]), self.series())
        except (KeyError, ValueError) as error:
            body = {
                "status": "error",
                "errorType": "bad_data",
                "error": f'invalid parameter "query": {error}',
            }
            return web.json_response(body, status=400)
        now = time.time()
        result = [{"metric": labels, "value": [now, str(value)]} for labels, value in vector]
        return web.json_response({"status": "success", "data": {"resultType": "vector", "result": result}})

    def series(self) -> list[Series]:
        line = self.pipeline
        up = "kafka" not in line.stalled
        found = [Series("kafka_brokers", {"job": "kafka"}, BROKERS if up else 0)]
        if not up:  # without brokers the exporter knows no topic
            return found
        for partition in range(PARTITIONS):
            found += self._of(partition)
        return found

    def _of(self, partition: int) -> list[Series]:
        """Lines go to the partitions in turn."""
        line = self.pipeline
        where = {"job": "kafka", "topic": TOPIC, "partition": str(partition)}
        read = {**where, "consumergroup": GROUP}
        behind = line.lag // PARTITIONS + (partition < line.lag % PARTITIONS)
        return [
            _series("kafka_topic_partition_current_offset", where, line.produced),
            _series("kafka_consumergroup_current_offset", read, line.taken),
            Series("kafka_consumergroup_lag", read, behind),
        ]


def _series(name: str, labels: dict[str, str], counter: Counter) -> Series:
    """A third of what is counted."""

    def grew(seconds: float) -> float:
        return counter.increase(seconds) / PARTITIONS

    return Series(name, labels, counter.value // PARTITIONS, grew)
