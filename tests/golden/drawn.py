"""Block Kit as text that a person can review: nothing that is shown or sent back is left out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.surface import limits

Json = dict[str, Any]

SENT = frozenset(
    {"type", "title", "submit", "close", "blocks", "private_metadata", "callback_id", "external_id"}
)
"""What of a view is ours; the rest is what Slack has made of it."""
NAMED = 10
"""Columns for the name of what a line is of."""


def message(text: str, blocks: list[Json]) -> list[str]:
    """A message: what a push notification says, then its blocks. AssertionError beyond Slack's limits."""
    assert limits.of_message({"text": text, "blocks": blocks}) == []
    return [*named("push", text), *(line for block in blocks for line in _block(block))]


def view(shown: Json) -> list[str]:
    """A modal or a Home tab; AssertionError beyond Slack's limits."""
    assert (
        limits.of_view({name: value for name, value in shown.items() if name in SENT and value is not None})
        == []
    )
    lines = []
    for part in ("title", "submit", "close"):
        if shown.get(part):
            lines += named(part, shown[part]["text"])
    return [*lines, *(line for block in shown["blocks"] for line in _block(block))]


def _block(block: Json) -> Iterator[str]:
    kind = block["type"]
    match kind:
        case "section" | "header":
            if "text" in block:
                yield from named(kind, block["text"]["text"])
            for field in block.get("fields", []):
                yield from named("field", field["text"])
            if "accessory" in block:
                yield from named("beside it", _element(block["accessory"]))
        case "context":
            for element in block["elements"]:
                yield from named(kind, element.get("text") or json.dumps(element))
        case "actions":
            for number, element in enumerate(block["elements"]):
                yield from named("" if number else kind, _element(element))
        case "input":
            needed = "" if block.get("optional") else " (required)"
            hint = f"\nhint: {block['hint']['text']}" if "hint" in block else ""
            yield from named(
                kind,
                f"{block['label']['text']}{needed} {block['block_id']}: {_element(block['element'])}{hint}",
            )
        case _:
            yield from named(kind, _rest(block))


def _element(element: Json) -> str:
    """`[Label] -> what tapping it says`, and whatever else there is to it."""
    kind = element["type"]
    if kind == "button":
        goes = element.get("url") or element.get("value", "")
        style = f" ({element['style']})" if "style" in element else ""
        asks = _confirm(element["confirm"]) if "confirm" in element else ""
        return f"[{element['text']['text']}]{style} -> {goes}{asks}"
    return f"{kind} {_rest(element)}"


def _confirm(confirm: Json) -> str:
    answers = f"[{confirm['deny']['text']}] [{confirm['confirm']['text']}]"
    style = f" ({confirm['style']})" if "style" in confirm else ""
    return f"\nasks{style}: {confirm['title']['text']} {confirm['text']['text']} {answers}"


def _rest(thing: Json) -> str:
    """The fields of an element, texts and options without their wrapping."""
    told = {name: _short(value) for name, value in thing.items() if name not in ("type", "block_id")}
    return " ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in told.items())


def _short(value: Any) -> Any:
    if isinstance(value, list):
        return [_short(one) for one in value]
    if isinstance(value, dict) and "value" in value and "text" in value:
        said = value["text"]["text"]
        return said if said == value["value"] else f"{said} = {value['value']}"
    if isinstance(value, dict) and value.get("type") in ("plain_text", "mrkdwn"):
        return value["text"]
    return value


def named(name: str, text: str) -> list[str]:
    first, *rest = text.split("\n")
    return [f"{name:<{NAMED}}{first}".rstrip(), *(f"{'':<{NAMED}}{line}".rstrip() for line in rest)]
