"""The switches that break the shop over HTTP, for the page's drawer and for curl: faults and stalled hops."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from sandbox.page.guard import from_this_machine, json_object, refused
from sandbox.pipeline.model import HOPS, Pipeline
from sandbox.server import Fault, Kind, Server

_FAULT = TypeAdapter(Fault)
_KINDS = get_args(Kind)


class Switches:
    """GET lists, POST `{"server", "kind", ...fields of Fault}` sets, DELETE `?server=&kind=` clears.

    Each answers `{"servers": [{"name", "url", "hits", "faults": [...]}], "hops": [{"name", "stalled",
    "waiting"}]}` as it is afterwards. A DELETE without `kind` clears the server, without `server` everything.
    `/api/stalls` does the same with the hops of the log pipeline: POST `{"hop"}` stalls one, DELETE `?hop=`
    mends it. From this machine only.
    """

    def __init__(self, servers: Mapping[str, Server], pipeline: Pipeline | None) -> None:
        self._servers = servers
        self._pipeline = pipeline

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/api/faults", self._list)
        app.router.add_post("/api/faults", self._set)
        app.router.add_delete("/api/faults", self._clear)
        app.router.add_post("/api/stalls", self._stall)
        app.router.add_delete("/api/stalls", self._mend)

    async def _list(self, request: web.Request) -> web.Response:
        return self._shown(request)

    async def _set(self, request: web.Request) -> web.Response:
        if not from_this_machine(request):
            return self._shown(request)
        fields = await json_object(request)
        server = self._servers[fields.pop("server", "")]
        fault = _fault(fields)
        server.faults.active = [on for on in server.faults.active if on.kind != fault.kind]
        server.faults.set(fault)
        return self._shown(request)

    async def _clear(self, request: web.Request) -> web.Response:
        if not from_this_machine(request):
            return self._shown(request)
        name, kind = request.query.get("server"), request.query.get("kind")
        for server in [self._servers[name]] if name else self._servers.values():
            server.faults.active = [on for on in server.faults.active if kind and on.kind != kind]
        if name is None and self._pipeline:
            for hop in HOPS:
                self._pipeline.mend(hop)
        return self._shown(request)

    async def _stall(self, request: web.Request) -> web.Response:
        if from_this_machine(request):
            self._line().stall((await json_object(request)).get("hop", ""))
        return self._shown(request)

    async def _mend(self, request: web.Request) -> web.Response:
        if from_this_machine(request):
            self._line().mend(request.query.get("hop", ""))
        return self._shown(request)

    def _line(self) -> Pipeline:
        if self._pipeline is None:
            raise LookupError("There is no log pipeline here.")
        return self._pipeline

    def _shown(self, request: web.Request) -> web.Response:
        if not from_this_machine(request):
            return refused("Fault switches work from this machine only.")
        servers = [
            {
                "name": name,
                "url": server.url,
                "hits": server.faults.hits,
                "faults": [asdict(fault) for fault in server.faults.active],
            }
            for name, server in self._servers.items()
        ]
        hops = [
            {"name": hop, "stalled": hop in self._pipeline.stalled, "waiting": self._pipeline.waiting[hop]}
            for hop in HOPS
            if self._pipeline
        ]
        return web.json_response({"servers": servers, "hops": hops})


def _fault(fields: dict[str, Any]) -> Fault:
    """Raises ValueError, in words, for fields that make no fault."""
    if fields.get("kind") not in _KINDS:
        raise ValueError(f"kind: one of {', '.join(_KINDS)}")
    try:
        fault = _FAULT.validate_python(fields)
        re.compile(fault.match)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except re.error as wrong:
        raise ValueError(f"match: not a regular expression: {wrong}") from None
    return fault
