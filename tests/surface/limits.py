"""What Slack documents that it takes, written down apart from the sandbox's own idea of it.

A JSON Schema of the blocks and elements that Shipmate uses (https://docs.slack.dev/reference/block-kit), of
views (https://docs.slack.dev/reference/views) and of messages
(https://docs.slack.dev/reference/methods/chat.postMessage), and what a schema cannot say: ids that are said
once only. A block, an element or a field that is not listed here is a mistake, too: Slack refuses those it
does not know, and nobody has looked at the limits of the others.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from bot.labels import seen
from tests.surface.shapes import BLOCKS_OF_A_MESSAGE, METADATA, OFFERED, VIEW

Json = dict[str, Any]

MESSAGE_TEXT_BYTES = 4_000
"""chat.postMessage takes 40,000 characters and recommends 4,000, which is all that chat.update takes
(https://docs.slack.dev/reference/methods/chat.update): ours are all updated some time."""
VIEW_BYTES = 250_000
"""https://docs.slack.dev/reference/methods/views.open: `view_too_large`"""

MESSAGE, VIEWS = Draft202012Validator(BLOCKS_OF_A_MESSAGE), Draft202012Validator(VIEW)
OPTIONS, METADATAS = Draft202012Validator(OFFERED), Draft202012Validator(METADATA)


def of_message(message: Json) -> list[str]:
    """What Slack would refuse or cut in `{"text": ..., "blocks": [...], "metadata": {...}}`; empty: nothing.

    Posted, updated and ephemeral ones alike. Attachments, which Slack calls outdated, are a mistake.
    """
    found, words, blocks = [], message.get("text") or "", message.get("blocks") or []
    if len(words.encode()) > MESSAGE_TEXT_BYTES:
        found.append(f"text: {len(words.encode())} bytes, not {MESSAGE_TEXT_BYTES}")
    if blocks and not words.strip():
        found.append("text: nothing for a notification or a screen reader")
    if message.get("attachments"):
        found.append("attachments: nobody has looked at their limits")
    if message.get("metadata") is not None:
        found += _mistakes(message["metadata"], METADATAS)
    return [*found, *_mistakes(blocks, MESSAGE), *_twice(blocks), *_alike(blocks)]


def of_view(view: Json) -> list[str]:
    """The same of a modal or a Home tab, as it was sent to Slack."""
    found = _mistakes(view, VIEWS)
    has_inputs = any(block.get("type") == "input" for block in view.get("blocks", []))
    if view.get("type") == "modal" and has_inputs and "submit" not in view:
        found.append("submit: missing in a modal with inputs")
    if (size := len(json.dumps(view).encode())) > VIEW_BYTES:
        found.append(f"view: {size} bytes, not {VIEW_BYTES}")
    return [*found, *_twice(view.get("blocks", []))]


def of_options(options: list[Json]) -> list[str]:
    """The same of the answer to what somebody types into an external select."""
    return [*_mistakes(options, OPTIONS), *_repeated([option["value"] for option in options], "value")]


def _mistakes(thing: Any, schema: Draft202012Validator) -> list[str]:
    return [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[-300:]}"
        for error in schema.iter_errors(thing)
    ]


def _twice(blocks: list[Json]) -> list[str]:
    """Ids within one message or view. Slack asks for an `action_id` that is unique in its block; here it is in
    all of them, so that an element is known by it alone."""
    named = [block["block_id"] for block in blocks if "block_id" in block]
    acting = [element["action_id"] for element in _elements(blocks) if "action_id" in element]
    return [*_repeated(named, "block_id"), *_repeated(acting, "action_id")]


def _alike(blocks: list[Json]) -> list[str]:
    """Buttons of one row that differ, and that a phone shows alike."""
    rows = (block["elements"] for block in blocks if block.get("type") == "actions")
    labels = [{e["text"]["text"] for e in row if e.get("type") == "button"} for row in rows]
    return [
        f"labels alike on a phone: {sorted(row)}" for row in labels if len(set(map(seen, row))) < len(row)
    ]


def _repeated(values: list[str], name: str) -> list[str]:
    return [f"{name}: {value!r} {times} times" for value, times in Counter(values).items() if times > 1]


def _elements(blocks: list[Json]) -> Iterator[Json]:
    for block in blocks:
        yield from block.get("elements", [])
        yield from (block[name] for name in ("accessory", "element") if name in block)
