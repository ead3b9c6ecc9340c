"""Values at each limit of a JSON Schema, and one beyond it: all else about them is as small as can be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

Json = dict[str, Any]


class Try(NamedTuple):
    """`rule`: where in the schema, and which of its rules; `limit`: the number in it, if there is one."""

    rule: str
    value: Any
    limit: int = 0


def smallest(schema: Json) -> Any:
    """A value that keeps all rules."""
    if "allOf" in schema:
        return smallest(_alternatives(schema)[0])
    if "enum" in schema:
        return schema["enum"][0]
    match schema["type"]:
        case "string":
            return "x" * schema.get("minLength", 1)
        case "boolean":
            return True
        case "integer":
            return schema.get("minimum", 1)
        case "array":
            return [smallest(schema["items"])] * schema.get("minItems", 1)
    return {name: smallest(schema["properties"][name]) for name in _needed(schema)}


def edges(schema: Json, at: str = "") -> Iterator[Try]:
    """Each is still within its limit."""
    for rule, part, wrap in _parts(schema, at):
        if "maxLength" in part:
            yield Try(f"{rule} maxLength", wrap("x" * part["maxLength"]), part["maxLength"])
        if "maxItems" in part:
            yield Try(
                f"{rule} maxItems", wrap([smallest(part["items"])] * part["maxItems"]), part["maxItems"]
            )
        if "maximum" in part:
            yield Try(f"{rule} maximum", wrap(part["maximum"]), part["maximum"])


def breaches(schema: Json, at: str = "") -> Iterator[Try]:
    """Each breaks that one rule."""
    for rule, part, wrap in _parts(schema, at):
        for name, value in _wrong(part):
            yield Try(f"{rule} {name}", wrap(value))


def _wrong(part: Json) -> Iterator[tuple[str, Any]]:
    if "enum" in part:
        yield "enum", "marquee"
    if "maxLength" in part:
        yield "maxLength", "x" * (part["maxLength"] + 1)
    if part.get("minLength"):
        yield "minLength", "x" * (part["minLength"] - 1)
    if "pattern" in part:
        yield "pattern", "two words"
    if "maxItems" in part:
        yield "maxItems", [smallest(part["items"])] * (part["maxItems"] + 1)
    if part.get("minItems"):
        yield "minItems", []
    if "maximum" in part:
        yield "maximum", part["maximum"] + 1
    if "minimum" in part:
        yield "minimum", part["minimum"] - 1
    if part.get("type") in ("boolean", "integer"):
        yield "type", "yes"
    if part.get("type") == "object" and "properties" in part:
        whole = smallest(part)
        for name in _needed(part):
            yield f"required {name}", {key: value for key, value in whole.items() if key != name}
        yield "additionalProperties", {**whole, "colour": "red"}


def _parts(schema: Json, at: str) -> Iterator[tuple[str, Json, Any]]:
    """Every part of the schema, with where it is, and what puts a value of it into the smallest whole."""
    if "allOf" in schema:
        for part in _alternatives(schema):
            yield from _parts(part, f"{at}/{part['properties']['type']['enum'][0]}")
        yield f"{at}", {"enum": []}, lambda value: {"type": value}
        return
    yield at, schema, lambda value: value
    if schema.get("type") == "array":
        for rule, part, wrap in _parts(schema["items"], f"{at}[]"):
            yield rule, part, lambda value, wrap=wrap: [wrap(value)]
    for name, field in schema.get("properties", {}).items():
        whole = smallest(schema)
        for rule, part, wrap in _parts(field, f"{at}.{name}"):
            yield rule, part, lambda value, wrap=wrap, name=name, whole=whole: {**whole, name: wrap(value)}


def _alternatives(schema: Json) -> list[Json]:
    return [case["then"] for case in schema["allOf"] if "then" in case]


def _needed(schema: Json) -> list[str]:
    """With the first of those of which one is needed."""
    return [*schema.get("required", ()), *(schema["anyOf"][0]["required"] if "anyOf" in schema else ())]
