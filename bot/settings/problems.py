"""What pydantic found wrong, said so that it can be mended without reading the manual."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

from bot.settings.document import Document, Path, Problem
from bot.settings.values import EXPECTED, NAME_EXPECTED, SAID

Schema = dict[str, Any]


def explain(errors: Iterable[ErrorDetails], document: Document, schema: Schema) -> list[Problem]:
    """One problem for each error of a validated document; `schema` is the model's JSON Schema."""
    found = list(errors)
    return [_explain(error, document, schema) for error in found if not _follows(error, found)]


def _follows(error: ErrorDetails, others: Iterable[ErrorDetails]) -> bool:
    """Too short only because an item was refused, which is told by itself."""
    path = error["loc"]
    return error["type"] == "too_short" and any(
        len(other["loc"]) > len(path) and other["loc"][: len(path)] == path for other in others
    )


def _explain(error: ErrorDetails, document: Document, schema: Schema) -> Problem:
    path: Path = error["loc"]
    if path and path[-1] == "[key]":
        return Problem(path[:-1], f'expected {NAME_EXPECTED}, found "{path[-2]}"')
    node = node_at(schema, path)
    match error["type"]:
        case "extra_forbidden":
            valid = node_at(schema, path[:-1]).get("properties", {})
            return Problem(path, "unknown key" + did_you_mean(str(path[-1]), valid))
        case "missing":
            return Problem(path, f"missing; expected {expected(node, schema)}")
        case str(kind) if kind == SAID:
            return Problem(path, error["msg"])
        case str(kind) if kind == EXPECTED:
            return Problem(path, f"expected {error['msg']}, found {document.found(path)}")
        case _:
            return Problem(path, _mismatch(path, node, document, schema))


def _mismatch(path: Path, node: Schema, document: Document, schema: Schema) -> str:
    found = document.found(path)
    message = f"expected {expected(node, schema)}, found {found}"
    if node.get("type") == "string" and "enum" not in node and document.is_unquoted_number(path):
        return f'{message}; write "{found}" in quotes'
    return message + did_you_mean(found.strip('"'), node.get("enum", ()))


def did_you_mean(word: str, valid: Iterable[str]) -> str:
    """`; did you mean trunk?`, or nothing when no valid word is near."""
    near = get_close_matches(word.lower(), list(valid), n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""


def resolve(node: Schema, schema: Schema) -> Schema:
    """The node that `node` refers to; of an optional one the part that is not null."""
    if "anyOf" in node:
        node = next(part for part in node["anyOf"] if part.get("type") != "null")
    if "$ref" in node:
        found: Schema = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        return found
    return node


def node_at(schema: Schema, path: Path) -> Schema:
    """The part of a JSON Schema that describes the value at `path`; empty when there is none."""
    node = schema
    for step in path:
        node = resolve(_inside(node, step), schema)
    return node


def _inside(node: Schema, step: str | int) -> Schema:
    if isinstance(step, int):
        inside: Schema = node.get("items", {})
    elif "properties" in node:
        inside = node["properties"].get(step, {})
    else:
        inside = named(node) or {}
    return inside


def named(node: Schema) -> Schema | None:
    """What each value of a mapping by name is like; None: `node` is not such a mapping."""
    patterns = node.get("patternProperties", {})
    found: Schema | None = next(iter(patterns.values()), None) or node.get("additionalProperties") or None
    return found


def expected(node: Schema, schema: Schema) -> str:
    """In words: "a number from 0 to 500"."""
    node = resolve(node, schema)
    if "enum" in node:
        return "one of " + ", ".join(map(str, node["enum"]))
    if "const" in node:
        return str(node["const"])
    match node.get("type"):
        case "integer":
            return f"a number from {node['minimum']} to {node['maximum']}"
        case "boolean":
            return "true or false"
        case "string":
            return "a secret written ${NAME}" if node.get("format") == "password" else "text"
        case "array":
            items = f"a list of {expected(node['items'], schema)}"
            return f"{items}, at least one" if node.get("minItems") else items
        case _:
            return "keys with values" if "properties" in node else "names with values"
