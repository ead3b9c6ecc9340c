"""The server: routes of the REST API onto the cluster."""

from __future__ import annotations

from collections import deque
from typing import Any

from aiohttp import web

from sandbox.elasticsearch import documents
from sandbox.elasticsearch.cluster import Cluster
from sandbox.elasticsearch.errors import ElasticError, IllegalArgument
from sandbox.elasticsearch.logs import LogLine
from sandbox.elasticsearch.rest import (
    SPEAKS,
    body_of,
    expression_of,
    flag,
    plain,
    reply,
    search_lines,
    speak,
    with_parameters,
)
from sandbox.elasticsearch.search import Trouble
from sandbox.elasticsearch.security import Credentials, authenticate
from sandbox.server import Handler, Server

VERSION = "9.1.0"
_INDEX = "{index:(?:_all|[^_/][^/]*)}"


class ElasticsearchServer(Server):
    """`credentials` None: security is off. `trouble` is what fails inside the cluster."""

    name = "elasticsearch"

    def __init__(self, host: str = "127.0.0.1", port: int = 0, capacity: int = 200_000) -> None:
        super().__init__(host, port)
        self.cluster = Cluster(capacity)
        self.version = VERSION
        self.credentials: Credentials | None = None
        self.health = "green"
        self.searches: deque[Any] = deque(maxlen=10_000)
        """The bodies of the searches received, oldest first."""
        self.app.middlewares.append(self._speak)
        self._add_routes()

    @property
    def speaks(self) -> tuple[str, str]:
        """Versions of the REST API: its own and the one before."""
        major = int(self.version.split(".")[0])
        return str(major - 1), str(major)

    @property
    def trouble(self) -> Trouble:
        return self.cluster.trouble

    def add(self, index: str, document: dict[str, Any]) -> str:
        """Index a document and return its id. Raises ElasticError when it does not fit the mapping."""
        added, _ = self.cluster.index(index).add(document)
        return added.id

    def write_log(self, line: LogLine) -> None:
        """Index a line of a pod into `logs-<project>-<namespace>`."""
        self.cluster.write_log(line)

    def reset(self) -> None:
        """Forget every document, search and fault; credentials stay."""
        self.cluster.reset()
        self.searches.clear()
        self.faults.clear()
        self.health = "green"

    def _add_routes(self) -> None:
        routes: list[tuple[str, str, Handler]] = [
            ("GET HEAD", "/", self._info),
            ("POST", f"/{_INDEX}/_pit", self._open_point),
            ("DELETE", "/_pit", self._close_point),
            ("PUT POST", f"/{_INDEX}/_doc/{{id}}", self._put),
            ("PUT POST", f"/{_INDEX}/_create/{{id}}", self._put),
            ("POST", f"/{_INDEX}/_doc", self._put),
            ("GET HEAD", f"/{_INDEX}/_doc/{{id}}", self._get),
            ("DELETE", f"/{_INDEX}/_doc/{{id}}", self._delete),
            ("PUT", f"/{_INDEX}", self._create_index),
            ("HEAD", f"/{_INDEX}", self._index_exists),
            ("DELETE", f"/{_INDEX}", self._delete_index),
        ]
        for where in ("", f"/{_INDEX}"):
            routes += [
                ("GET POST", f"{where}/_search", self._search),
                ("GET POST", f"{where}/_msearch", self._searches),
                ("GET POST", f"{where}/_count", self._count),
                ("GET", f"{where}/_mapping", self._mapping),
                ("PUT POST", f"{where}/_bulk", self._bulk),
                ("GET POST", f"{where}/_refresh", self._refresh),
                ("GET", f"/_cat/indices{where}", self._cat_indices),
                ("GET", f"/_cluster/health{where}", self._cluster_health),
            ]
        for methods, path, handler in routes:
            for method in methods.split():
                self.app.router.add_route(method, path, handler)

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        request[SPEAKS] = self.speaks
        response = await super()._answer(request, handler)
        if response.status != 429:
            return response
        reason = "rejected execution of search on EsThreadPoolExecutor[name = sandbox-node-1/search]"
        return reply(request, ElasticError(429, "es_rejected_execution_exception", reason).body(), 429)

    @web.middleware
    async def _speak(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        async def authenticated(request: web.Request) -> web.StreamResponse:
            authenticate(self.credentials, request.headers.get("Authorization"), request.path_qs)
            return await handler(request)

        return await speak(request, authenticated)

    async def _info(self, request: web.Request) -> web.Response:
        version = {
            "number": self.version,
            "build_flavor": "default",
            "build_type": "docker",
            "build_hash": "0" * 40,
            "build_date": "2026-01-01T00:00:00.000Z",
            "build_snapshot": False,
            "lucene_version": "10.2.2",
            "minimum_wire_compatibility_version": "8.19.0",
            "minimum_index_compatibility_version": "8.0.0",
        }
        names = {
            "name": "sandbox-node-1",
            "cluster_name": "sandbox",
            "cluster_uuid": "c2FuZGJveC1jbHVzdGVyMQ",
        }
        return reply(request, {**names, "version": version, "tagline": "You Know, for Search"})

    async def _search(self, request: web.Request) -> web.Response:
        body = with_parameters(await body_of(request), request)
        self.searches.append(body)
        expression = expression_of(request) if request.match_info.get("index") else None
        allow_partial = flag(request, "allow_partial_search_results", True)
        return reply(request, self.cluster.search(expression, body, allow_partial))

    async def _searches(self, request: web.Request) -> web.Response:
        """Several searches; what is wrong with one of them stays with it."""
        asked = search_lines((await request.read()).decode(), request.match_info.get("index"))
        self.searches.extend(body for _, body in asked)
        return reply(request, self.cluster.search_all(asked))

    async def _count(self, request: web.Request) -> web.Response:
        body = with_parameters(await body_of(request), request)
        return reply(request, self.cluster.count(expression_of(request), body))

    async def _mapping(self, request: web.Request) -> web.Response:
        found = self.cluster.resolve(expression_of(request))
        mappings = {index.name: {"mappings": {"properties": index.mapping.properties()}} for index in found}
        return reply(request, mappings)

    async def _bulk(self, request: web.Request) -> web.Response:
        text = (await request.read()).decode()
        return reply(request, documents.bulk(self.cluster, text, request.match_info.get("index")))

    async def _refresh(self, request: web.Request) -> web.Response:
        shards = sum(index.shards for index in self.cluster.resolve(expression_of(request)))
        return reply(request, {"_shards": {"total": shards, "successful": shards, "failed": 0}})

    async def _open_point(self, request: web.Request) -> web.Response:
        keep_alive = request.query.get("keep_alive")
        if keep_alive is None:
            reason = "Validation Failed: 1: [keep_alive] is not specified;"
            raise ElasticError(400, "action_request_validation_exception", reason)
        return reply(request, self.cluster.open_point(expression_of(request), keep_alive))

    async def _close_point(self, request: web.Request) -> web.Response:
        freed = self.cluster.points.pop(str((await body_of(request)).get("id")), None) is not None
        return reply(request, {"succeeded": True, "num_freed": int(freed)}, 200 if freed else 404)

    async def _put(self, request: web.Request) -> web.Response:
        names = request.match_info
        create = "/_create/" in request.path or request.query.get("op_type") == "create"
        source = await body_of(request)
        status, answer = documents.put(self.cluster, names["index"], source, names.get("id"), create)
        return reply(request, answer, status)

    async def _get(self, request: web.Request) -> web.Response:
        names = request.match_info
        status, answer = documents.get(self.cluster, names["index"], names["id"])
        return reply(request, answer, status)

    async def _delete(self, request: web.Request) -> web.Response:
        names = request.match_info
        status, answer = documents.delete(self.cluster, names["index"], names["id"])
        return reply(request, answer, status)

    async def _create_index(self, request: web.Request) -> web.Response:
        body, name = await body_of(request), request.match_info["index"]
        if unknown := body.keys() - {"mappings", "settings", "aliases"}:
            raise IllegalArgument(f"unknown key [{min(unknown)}] for create index")
        settings = body.get("settings", {})
        shards = settings.get("number_of_shards", settings.get("index", {}).get("number_of_shards"))
        self.cluster.create(name, body.get("mappings"), int(shards) if shards else None)
        return reply(request, {"acknowledged": True, "shards_acknowledged": True, "index": name})

    async def _index_exists(self, request: web.Request) -> web.Response:
        self.cluster.resolve(expression_of(request))
        return reply(request, None)

    async def _delete_index(self, request: web.Request) -> web.Response:
        for index in self.cluster.resolve(expression_of(request)):
            self.cluster.delete(index.name)
        return reply(request, {"acknowledged": True})

    async def _cat_indices(self, request: web.Request) -> web.Response:
        rows = [
            {
                "health": self.health,
                "status": "close" if index.closed else "open",
                "index": index.name,
                "uuid": index.uuid,
                "pri": str(index.shards),
                "rep": "1",
                "docs.count": str(len(index)),
                "docs.deleted": "0",
            }
            for index in self.cluster.resolve(expression_of(request))
        ]
        if request.query.get("format") == "json":
            return reply(request, rows)
        return plain("".join(" ".join(row.values()) + "\n" for row in rows))

    async def _cluster_health(self, request: web.Request) -> web.Response:
        shards = sum(index.shards for index in self.cluster.resolve(expression_of(request)))
        lost = sum(len(broken) for broken in self.trouble.broken.values())
        health = {
            "cluster_name": "sandbox",
            "status": self.health,
            "timed_out": False,
            "number_of_nodes": 3,
            "number_of_data_nodes": 3,
            "active_primary_shards": shards - lost,
            "active_shards": 2 * (shards - lost),
            "relocating_shards": 0,
            "initializing_shards": 0,
            "unassigned_shards": 2 * lost,
        }
        return reply(request, health)
