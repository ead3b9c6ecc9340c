"""Logstash's node stats API, of one node with one pipeline."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.pipeline.model import Pipeline
from sandbox.server import Server

VERSION = "9.1.0"
_CURRENT, _MINUTE = 10.0, 60.0
"""Seconds that `flow`'s windows span."""


class LogstashServer(Server):
    name = "logstash"

    def __init__(self, pipeline: Pipeline, port: int = 0) -> None:
        super().__init__(port=port)
        self.pipeline = pipeline
        self.app.router.add_get("/", self._info)
        self.app.router.add_get("/_node/stats", self._stats)
        self.app.router.add_get("/_node/stats/{part:events|flow|pipelines}", self._stats)
        self.app.router.add_route("*", "/{anything:.*}", _nothing_here)

    async def _info(self, _request: web.Request) -> web.Response:
        return web.json_response(self._head())

    async def _stats(self, request: web.Request) -> web.Response:
        events, flow = self._events(), self._flow()
        queue = {"type": "memory", "events_count": self.pipeline.queued}
        parts = {
            "events": events,
            "flow": flow,
            "pipelines": {"main": {"events": events, "flow": flow, "queue": queue}},
        }
        only = request.match_info.get("part")
        shown = {only: parts[only]} if only else {**parts, "queue": queue}
        return web.json_response({**self._head(), **shown})

    def _head(self) -> dict[str, Any]:
        return {
            "host": "logstash-1",
            "version": VERSION,
            "http_address": f"{self.host}:{self.port}",
            "id": "8d2f6a7e-0c1b-4c39-9a5e-9f7a3a0b1c2d",
            "name": "logstash-1",
            "ephemeral_id": "1f0c7c0a-7a43-4d0e-8e1e-2d9a5b6c7d8e",
            "status": "green",
            "pipeline": {"workers": 4, "batch_size": 125, "batch_delay": 50},
        }

    def _events(self) -> dict[str, int]:
        line = self.pipeline
        return {
            "in": line.taken.value,
            "filtered": line.taken.value if line.queued == 0 else line.given.value,
            "out": line.given.value,
            "duration_in_millis": line.given.value * 2,
            "queue_push_duration_in_millis": line.taken.value,
        }

    def _flow(self) -> dict[str, Any]:
        line = self.pipeline
        full = 1.0 if line.queued and "elasticsearch" in line.stalled else 0.0
        return {
            "input_throughput": _windows(line.taken.rate),
            "filter_throughput": _windows(line.given.rate),
            "output_throughput": _windows(line.given.rate),
            "queue_backpressure": {"current": full, "lifetime": full},
        }


def _windows(rate: Any) -> dict[str, float]:
    return {"current": round(rate(_CURRENT), 3), "last_1_minute": round(rate(_MINUTE), 3), "lifetime": 1.0}


async def _nothing_here(request: web.Request) -> web.Response:
    body = {"path": request.path, "status": 404, "error": {"message": "Not Found"}}
    return web.json_response(body, status=404)
