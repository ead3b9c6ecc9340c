"""What holds for every request of the REST API: media types, parameters, bodies, the shape of errors."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

from aiohttp import web

from sandbox.elasticsearch.cluster import Expression
from sandbox.elasticsearch.errors import (
    ElasticError,
    IllegalArgument,
    ParsingError,
    SearchFailed,
    ShardError,
    shard_failure,
)
from sandbox.elasticsearch.security import CHALLENGES
from sandbox.server import Handler

SPEAKS = web.RequestKey("speaks", tuple[str, str])
"""Under this name a request has the versions of the REST API that its server speaks."""

_PARAMETERS = {
    "size", "from", "sort", "q", "_source", "_source_includes", "_source_excludes", "track_total_hits",
    "ignore_unavailable", "allow_no_indices", "expand_wildcards", "allow_partial_search_results", "timeout",
    "keep_alive", "refresh", "op_type", "format", "h", "s", "v", "pretty", "human", "error_trace",
    "wait_for_status", "routing", "preference", "request_cache", "typed_keys", "master_timeout", "local",
}  # fmt: skip
_MEDIA = re.compile(
    r"(?:application/vnd\.elasticsearch\+(?:json|x-ndjson)|application/(?:json|x-ndjson)|text/plain|\*/\*)"
    r"(?:\s*;\s*(?:compatible-with=(?P<version>\d+)|charset=utf-8|q=[\d.]+))*",
    re.IGNORECASE,
)


async def speak(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Handle a request and answer errors as Elasticsearch does."""
    try:
        _check_media(request)
        for name in request.query:
            if name not in _PARAMETERS:
                raise IllegalArgument(f"request [{request.path}] contains unrecognized parameter: [{name}]")
        return await handler(request)
    except ElasticError as error:
        return _error(request, error)
    except ShardError as error:
        return _error(request, SearchFailed([shard_failure(0, "", error.cause(""))], error.status))
    except web.HTTPNotFound:
        reason = f"no handler found for uri [{request.path_qs}] and method [{request.method}]"
        return reply(request, {"error": reason, "status": 400}, 400)
    except web.HTTPMethodNotAllowed as error:
        allowed = ", ".join(sorted(error.allowed_methods))
        reason = f"Incorrect HTTP method for uri [{request.path_qs}] and method [{request.method}]"
        return reply(request, {"error": f"{reason}, allowed: [{allowed}]", "status": 405}, 405)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # A body of another shape than the query language: the real parsers say so in many ways.
        logging.getLogger(__name__).info("malformed request", exc_info=True)
        return _error(request, ParsingError(f"malformed request: {error}"))


def _error(request: web.Request, error: ElasticError) -> web.Response:
    response = reply(request, error.body(), error.status)
    if error.status == 401:
        for challenge in CHALLENGES:
            response.headers.add("WWW-Authenticate", challenge)
    return response


def _check_media(request: web.Request) -> None:
    """Raises 406 for media types it does not speak, 400 for versions it is not compatible with."""
    content = request.headers.get("Content-Type", "*/*") if request.can_read_body else "*/*"
    for name, header in (("Content-Type", content), ("Accept", request.headers.get("Accept", "*/*"))):
        for one in header.split(","):
            match = _MEDIA.fullmatch(one.strip())
            if match is None:
                reason = f"{name} header [{header}] is not supported"
                raise ElasticError(406, "media_type_header_exception", reason)
            if match["version"] not in (None, *request[SPEAKS]):
                reason = (
                    "A compatible version is required on both Content-Type and Accept headers if either one "
                    f"has requested a compatible version. {name}={header}"
                )
                raise ElasticError(400, "media_type_header_exception", reason)


def reply(request: web.Request, data: Any, status: int = 200) -> web.Response:
    """An answer in the media type that was asked for, with the header clients know the product by."""
    accept = request.headers.get("Accept", "")
    match = re.search(r"vnd\.elasticsearch\+json\s*;\s*compatible-with=(\d+)", accept)
    version = match[1] if match and match[1] in request[SPEAKS] else None
    media = f"application/vnd.elasticsearch+json;compatible-with={version}" if version else "application/json"
    headers = {"X-Elastic-Product": "Elasticsearch", "Content-Type": media}
    body = b"" if request.method == "HEAD" else json.dumps(data).encode()
    return web.Response(status=status, body=body, headers=headers)


def plain(text: str) -> web.Response:
    return web.Response(text=text, headers={"X-Elastic-Product": "Elasticsearch"})


async def body_of(request: web.Request) -> Any:
    """The JSON body; no body is an empty object. Raises 400 for what is not JSON."""
    raw = await request.read()
    if not raw.strip():
        return {}
    try:
        return json.loads(raw)
    except ValueError as error:
        raise ElasticError(400, "json_parse_exception", str(error)) from error


def expression_of(request: web.Request) -> Expression:
    return Expression(
        request.match_info.get("index", "_all"),
        flag(request, "ignore_unavailable", False),
        flag(request, "allow_no_indices", True),
    )


def flag(request: web.Request, name: str, default: bool) -> bool:
    """Raises 400 for anything but true, false and a bare parameter."""
    text = request.query.get(name)
    if text is None:
        return default
    if text not in ("true", "false", ""):
        raise IllegalArgument(f"Failed to parse value [{text}] as only [true] or [false] are allowed.")
    return text != "false"


def with_parameters(body: Any, request: web.Request) -> Any:
    """A search body with the parameters of the URL, which win over it."""
    if not isinstance(body, dict):
        return body
    given = request.query
    more: dict[str, Any] = {name: int(given[name]) for name in ("size", "from") if name in given}
    if "q" in given:
        more["query"] = {"query_string": {"query": given["q"]}}
    if "sort" in given:
        more["sort"] = given["sort"].split(",")
    if "track_total_hits" in given:
        text = given["track_total_hits"]
        more["track_total_hits"] = {"true": True, "false": False}.get(text) if text.isalpha() else int(text)
    if "_source" in given:
        more["_source"] = {"true": True, "false": False}.get(given["_source"], given["_source"].split(","))
    patterns = {
        name: given[f"_source_{name}"].split(",")
        for name in ("includes", "excludes")
        if f"_source_{name}" in given
    }
    return body | more | ({"_source": patterns} if patterns else {})


def search_lines(text: str, default_index: str | None) -> list[tuple[Expression, Any]]:
    """`_msearch`: a line that says where, then a line with the body, each ended by a newline."""
    if not text.endswith("\n"):
        raise IllegalArgument("The msearch request must be terminated by a newline [\\n]")
    lines = [json.loads(line or "{}") for line in text.split("\n")[:-1]]
    if len(lines) % 2 or not lines:
        raise IllegalArgument("Validation Failed: 1: no requests added;")
    return [(_where(head, default_index), body) for head, body in zip(lines[::2], lines[1::2], strict=True)]


def _where(head: dict[str, Any], default_index: str | None) -> Expression:
    known = {"index", "indices", "ignore_unavailable", "allow_no_indices", "expand_wildcards", "preference"}
    if unknown := head.keys() - known:
        raise IllegalArgument(f"key [{min(unknown)}] is not supported in the metadata section")
    index = head.get("index", default_index or "_all")
    return Expression(
        index if isinstance(index, str) else ",".join(index),
        bool(head.get("ignore_unavailable", False)),
        bool(head.get("allow_no_indices", True)),
    )
