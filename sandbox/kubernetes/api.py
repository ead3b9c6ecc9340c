"""From an HTTP request to a verb on a resource, and from its outcome to an HTTP answer."""

from __future__ import annotations

import json
import time
import uuid
from collections import deque
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.kubernetes import (
    access,
    decoding,
    discovery,
    errors,
    logs_endpoint,
    reading,
    reviews,
    scales,
    schema,
    writing,
)
from sandbox.kubernetes.access import Caller, Rights
from sandbox.kubernetes.decoding import Options
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.pods import Logs
from sandbox.kubernetes.resources import REVIEWS, Object, Right, find
from sandbox.kubernetes.store import Store
from sandbox.kubernetes.watches import Watches
from sandbox.kubernetes.writing import Target, Writer

BODY_LIMIT = 3 * 2**20
_JSON_BODIES = ("application/json", "application/octet-stream")
"""The second is what aiohttp takes a missing Content-Type for."""
_COLLECTION = {"GET": "list", "POST": "create", "DELETE": "deletecollection"}
_NAMED = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(frozen=True)
class Audited:
    """One request as the audit log has it; `at` in seconds of `time.monotonic()`.

    `user` bears the token; `impersonated` (with `groups`) is whom it acted as, empty: itself.
    """

    at: float
    verb: str
    target: Target
    code: int
    user: str
    agent: str
    impersonated: str
    groups: tuple[str, ...] = ()

    @property
    def right(self) -> Right:
        """What the caller needed for it."""
        return self.target.right(self.verb)


@dataclass(frozen=True)
class Patch:
    """One accepted PATCH or PUT of a workload, its Scale or an autoscaler, dry runs aside.

    `at` as `time.monotonic()`; `resource`: its plural, `deployments`.
    `changed`: whether the spec became another (the same image again does not).
    """

    at: float
    namespace: str
    name: str
    body: Any
    agent: str
    impersonated: str
    changed: bool
    resource: str = "deployments"


class Api:
    """The request handler of the server."""

    def __init__(self, store: Store, watches: Watches, logs: Logs) -> None:
        self.tokens: dict[str, Rights] = {}
        self.users: dict[str, Rights] = {}
        self.audit: deque[Audited] = deque(maxlen=100_000)
        self.patches: list[Patch] = []
        self._store = store
        self._watches = watches
        self._logs = logs
        self._reader = reading.Reader(store)
        self._writer = Writer(store)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._answer(request)
        except ApiError as refusal:
            return _json(refusal.status, refusal.code, refusal.headers)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        caller = access.authenticate(request.headers, self.tokens, self.users)
        target = _route(request.path)
        if target is None:
            access.authorise_path(caller, request.path)
            return _document(request)
        verb = _verb(request, target)
        code = 500
        try:
            access.authorise(caller, verb, target.resource, target.namespace, target.name, target.subresource)
            response = await self._carry_out(request, verb, target, caller)
            code = response.status
            return response
        except ApiError as refusal:
            code = refusal.code
            raise
        finally:
            entry = Audited(
                time.monotonic(),
                verb,
                target,
                code,
                caller.bearer.user,
                caller.agent,
                caller.impersonated,
                caller.groups,
            )
            self.audit.append(entry)

    async def _carry_out(
        self, request: web.Request, verb: str, target: Target, caller: Caller
    ) -> web.StreamResponse:
        query = request.query
        shape = reading.form(request.headers.get("Accept", "*/*"), query.get("includeObject", ""))
        if verb == "watch":
            return await self._watches.serve(
                request, target.resource, target.namespace, target.name, query, shape
            )
        if verb == "list":
            return _json(self._reader.list(target.resource, target.namespace, query, shape))
        if verb == "get":
            return await self._get(request, target, shape)
        body = await _body(request)
        if request.content_type not in _JSON_BODIES and verb != "patch":
            raise errors.unsupported_media_type()
        if target.resource in REVIEWS:
            return _json(reviews.answer(caller, target.resource, decoding.parsed(body)), 201)
        return self._write(request, verb, target, caller, body, shape)

    async def _get(self, request: web.Request, target: Target, shape: reading.Form) -> web.StreamResponse:
        if target.subresource == "log":
            return await logs_endpoint.serve(request, self._store, self._logs, target)
        stored = Target(reading.stored_as(target.resource), target.namespace, target.name)
        item = reading.view(target.resource, self._writer.find(stored))
        return _json(scales.show(item) if target.subresource == "scale" else shape.one(target.resource, item))

    def _write(
        self,
        request: web.Request,
        verb: str,
        target: Target,
        caller: Caller,
        body: bytes,
        shape: reading.Form,
    ) -> web.StreamResponse:
        dry_run = request.query.get("dryRun") == "All"
        options = Options(dry_run, request.query.get("fieldValidation", "Ignore"))
        if verb == "delete" or target.subresource == "eviction":
            return _json(self._writer.delete(target, decoding.parsed(body), dry_run))
        if verb == "deletecollection":
            return self._delete_all(request, target, decoding.parsed(body), dry_run)
        if verb == "create":
            done = self._writer.create(target, decoding.parsed(body), options)
        elif verb == "update":
            done = self._writer.update(target, decoding.parsed(body), options)
        elif verb == "patch":
            done = self._writer.patch(target, request.content_type, body, options)
        else:
            raise errors.method_not_allowed()
        if verb in ("update", "patch") and writing.touches_rollout(target) and not dry_run:
            self._note(target, caller, body, done.spec_changed)
        answer = shape.one(target.resource, done.answer) if not target.subresource else done.answer
        warnings = (
            {"Warning": ", ".join(f"299 - {json.dumps(text)}" for text in done.warnings)}
            if done.warnings
            else {}
        )
        return _json(answer, done.code, warnings)

    def _delete_all(
        self, request: web.Request, target: Target, options: Object, dry_run: bool
    ) -> web.Response:
        listed = self._reader.list(target.resource, target.namespace, request.query, reading.Form())
        for item in listed["items"]:
            metadata = item["metadata"]
            one = Target(target.resource, metadata.get("namespace", ""), metadata["name"])
            self._writer.delete(one, options, dry_run)
        return _json(listed)

    def _note(self, target: Target, caller: Caller, body: bytes, changed: bool) -> None:
        self.patches.append(
            Patch(
                time.monotonic(),
                target.namespace,
                target.name,
                json.loads(body),
                caller.agent,
                caller.impersonated,
                changed,
                target.resource.plural,
            )
        )


def _route(path: str) -> Target | None:
    """`/apis/{group}/{version}[/namespaces/{ns}]/{plural}[/{name}[/{sub}]]`; None: not about resources.

    Raises ApiError 404 for a resource or version that a known group does not have.
    """
    match path.strip("/").split("/"):
        case ["api", version, *rest] if rest:
            group = ""
        case ["apis", group, version, *rest] if rest and group in discovery.GROUPS:
            pass
        case _:
            return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        namespace, rest = rest[1], rest[2:]
    resource = find(group, version, rest[0])
    if resource is None or len(rest) > 3:
        raise errors.no_such_resource()
    name, subresource = [*rest[1:], "", ""][:2]
    below = {each for each, _ in resource.subresources} | ({"status"} if resource.status else set())
    if subresource and subresource not in below:
        raise errors.no_such_resource()
    return Target(resource, namespace, name, subresource)


def _verb(request: web.Request, target: Target) -> str:
    watching = request.query.get("watch") in ("1", "true")
    if request.method == "GET" and watching and not target.subresource:
        return "watch"
    verb = (_NAMED if target.name else _COLLECTION).get(request.method)
    posted_to_name = verb == "create" and target.name and target.subresource != "eviction"
    if verb is None or posted_to_name:
        raise errors.method_not_allowed()
    return verb


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > BODY_LIMIT:
        raise ApiError(413, "RequestEntityTooLarge", f"Request entity too large: limit is {BODY_LIMIT}")
    return await request.read()


def _document(request: web.Request) -> web.Response:
    path = request.path.rstrip("/")
    if path in ("/livez", "/readyz", "/healthz"):
        return web.Response(text=_health(path.lstrip("/"), verbose="verbose" in request.query))
    if path == "/openapi/v3/apis/apps/v1":
        return web.Response(body=schema.document(), content_type="application/json")
    accept = request.headers.get("Accept", "")
    found = discovery.document(path, accept, request.host)
    if found is None:
        return web.Response(
            status=404, text="404 page not found\n", headers={"X-Content-Type-Options": "nosniff"}
        )
    kind = discovery.AGGREGATED if found.get("kind") == "APIGroupDiscoveryList" else "application/json"
    return _json(found, headers={"Content-Type": kind})


def _health(name: str, *, verbose: bool) -> str:
    checks = ("ping", "log", "etcd", "informer-sync", "shutdown") if verbose else ()
    return (
        "\n".join([*(f"[+]{check} ok" for check in checks), f"{name} check passed", ""]) if checks else "ok"
    )


def _json(body: Object, code: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    usual = {
        "Content-Type": "application/json",
        "Cache-Control": "no-cache, private",
        "Audit-Id": str(uuid.uuid4()),
    }
    text = json.dumps(body, separators=(",", ":")) + "\n"
    return web.Response(body=text.encode(), status=code, headers=usual | (headers or {}))
