"""Bodies of writes: JSON to objects, with what is wrong said in the words of the API server."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.kubernetes import errors, schema
from sandbox.kubernetes.errors import bad_request
from sandbox.kubernetes.resources import Object, Resource
from sandbox.kubernetes.schema import Problem


@dataclass(frozen=True)
class Options:
    """Query parameters of a write."""

    dry_run: bool = False
    validation: str = "Ignore"
    """fieldValidation: Ignore, Warn or Strict."""

    def warnings(self, unknown: tuple[str, ...]) -> tuple[str, ...]:
        return unknown if self.validation == "Warn" else ()


def parsed(body: bytes) -> Object:
    """A JSON object; an empty body is an empty object. Raises ApiError 400."""
    found = read_json(body, "error decoding body") if body.strip() else {}
    if not isinstance(found, dict):
        raise bad_request("the body must be an object")
    return found


def read_json(body: bytes, what: str) -> Any:
    """JSON. Raises ApiError 400 in the words of Go's decoder, as far as they can be known."""
    try:
        return json.loads(body)
    except UnicodeDecodeError:
        raise bad_request(f"{what}: invalid UTF-8") from None
    except json.JSONDecodeError as error:
        before, after = error.doc[: error.pos].rstrip(), error.doc[error.pos : error.pos + 1]
    if not after:
        raise bad_request(f"{what}: unexpected end of JSON input")
    where = "object key string" if before.endswith(("{", ",")) else "value"
    raise bad_request(f"{what}: invalid character '{after}' looking for beginning of {where}")


def whole(resource: Resource, body: Object, options: Options) -> tuple[Object, tuple[str, ...]]:
    """An object from the body of a POST or PUT, unknown fields dropped, and warnings. Raises ApiError 400."""
    node = schema.root(resource)
    what = f'{resource.kind} in version "{resource.version}" cannot be handled as a {resource.kind}'
    found = list(schema.problems(body, node))
    for problem in found:
        if problem.expected:
            raise bad_request(f"{what}: json: {_go_error(problem)}")
    unknown = _unknown(found)
    if unknown and options.validation == "Strict":
        raise bad_request(f"{what}: strict decoding error: {', '.join(unknown)}")
    return schema.prune(body, node), options.warnings(unknown)


def check_strategic(patch: Any, node: schema.Node, options: Options) -> tuple[str, ...]:
    """Warnings about a strategic merge patch. Raises ApiError 400, 422: that one shows the patch only."""
    if not isinstance(patch, dict):
        kind = "json: cannot unmarshal array into Go value of type map[string]interface {}"
        raise bad_request(f"error decoding patch: {kind}")
    found = list(schema.problems(_undirected(patch), node))
    for problem in found:
        if problem.expected:
            raise errors.invalid_patch(f'"{_go_map(patch)}"', f"unrecognized type: {problem.expected}")
    unknown = _unknown(found)
    if unknown and options.validation == "Strict":
        raise errors.invalid_patch(f'"{_go_map(patch)}"', f"strict decoding error: {', '.join(unknown)}")
    return options.warnings(unknown)


def check_patched(patched: Any, node: schema.Node, options: Options) -> tuple[str, ...]:
    """Warnings about a patched object. Raises ApiError 422 that embeds **all of it**, as a real one does."""
    found = list(schema.problems(patched, node))
    unknown = _unknown(found)
    wrong = [f"json: {_go_error(problem)}" for problem in found if problem.expected]
    if unknown and options.validation == "Strict":
        wrong.append(f"strict decoding error: {', '.join(unknown)}")
    if wrong:
        raise errors.invalid_patch(json.dumps(json.dumps(patched, separators=(",", ":"))), wrong[0])
    return options.warnings(unknown)


def _unknown(found: Iterable[Problem]) -> tuple[str, ...]:
    return tuple(f'unknown field "{problem.path}"' for problem in found if not problem.expected)


def _undirected(patch: Any) -> Any:
    """A strategic merge patch without its `$` directives."""
    if isinstance(patch, dict):
        return {k: _undirected(v) for k, v in patch.items() if not k.startswith("$")}
    return [_undirected(item) for item in patch] if isinstance(patch, list) else patch


def _go_error(problem: Problem) -> str:
    where = f"{problem.struct}.{problem.path}"
    return f"cannot unmarshal {problem.found} into Go struct field {where} of type {problem.expected}"


def _go_map(value: Any) -> str:
    """How Go prints a decoded JSON value with %v."""
    match value:
        case dict():
            return f"map[{' '.join(f'{k}:{_go_map(v)}' for k, v in sorted(value.items()))}]"
        case list():
            return f"[{' '.join(map(_go_map, value))}]"
        case None:
            return "<nil>"
        case bool():
            return str(value).lower()
        case _:
            return str(value)
