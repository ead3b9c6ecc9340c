"""The fault switches of all sandbox servers over HTTP, for the page's drawer and for curl."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from sandbox.page.guard import from_this_machine, json_object, refused
from sandbox.server import Fault, Kind, Server

_FAULT = TypeAdapter(Fault)
_KINDS = get_args(Kind)


class Switches:
    """GET lists, POST `{"server", "kind", ...fields of Fault}` sets, DELETE `?server=&kind=` clears.

    Each answers `{"servers": [{"name", "url", "hits", "faults": [...]}]}` as it is afterwards. A DELETE
    without `kind` clears the server, without `server` all of them. From this machine only.
    """

    def __init__(self, servers: Mapping[str, Server]) -> None:
        self._servers = servers

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/api/faults", self._list)
        app.router.add_post("/api/faults", self._set)
        app.router.add_delete("/api/faults", self._clear)

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
        return self._shown(request)

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
        return web.json_response({"servers": servers})


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
