"""Block Kit's documented limits (https://docs.slack.dev/reference/block-kit).

The messages are worded as those of Slack's own validator:
`[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.slack.records import Json

MESSAGE_TEXT = 40_000
"""Characters of `text` in chat.postMessage."""
UPDATE_TEXT = 4_000
"""Bytes of `text` in chat.update. Documented as characters; Slack has been seen to count bytes."""
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MARKDOWN_TEXT = 12_000
"""Characters of all markdown blocks of one message together."""

Problems = Iterator[str]


def problems(blocks: Any, limit: int = MESSAGE_BLOCKS, at: str = "/blocks") -> list[str]:
    """What Slack would refuse these blocks for; empty: nothing."""
    if not isinstance(blocks, list):
        return [_error("must be an array", at)]
    return list(_all_blocks(blocks, limit, at))


def view_problems(view: Json, kind: str) -> list[str]:
    """The same for a modal or a home view."""
    if view.get("type") != kind:
        return [_error(f"must be of type {kind}", "/view/type")]
    return list(_view(view))


def _view(view: Json) -> Problems:
    blocks = view.get("blocks")
    if not isinstance(blocks, list):
        yield _error("missing required field: blocks", "/view")
        return
    yield from problems(blocks, VIEW_BLOCKS, "/view/blocks")
    for name, limit in (("callback_id", 255), ("external_id", 255), ("private_metadata", 3000)):
        yield from _length(view.get(name), limit, f"/view/{name}")
    if view["type"] == "home":
        return
    if "title" not in view:
        yield _error("missing required field: title", "/view")
    for name in ("title", "submit", "close"):
        yield from _text(view.get(name), 24, f"/view/{name}", plain=True)
    if "submit" not in view and any(block.get("type") == "input" for block in blocks):
        yield _error("missing required field: submit", "/view")


def _all_blocks(blocks: list[Any], limit: int, at: str) -> Problems:
    if len(blocks) > limit:
        yield _error(f"no more than {limit} items allowed", at)
    for index, block in enumerate(blocks):
        yield from _block(block, f"{at}/{index}")
    objects = [block for block in blocks if isinstance(block, dict)]
    yield from _repeated(objects, "block_id", at)
    markdown = sum(len(block.get("text", "")) for block in objects if block.get("type") == "markdown")
    if markdown > MARKDOWN_TEXT:
        yield _error(f"must be less than {MARKDOWN_TEXT + 1} characters in all markdown blocks", at)


def _block(block: Any, at: str) -> Problems:
    if not isinstance(block, dict):
        yield _error("must be an object", at)
        return
    check = _BLOCKS.get(block.get("type", ""))
    if check is None:
        yield _error(f"unsupported type: {block.get('type')}", f"{at}/type")
        return
    yield from _length(block.get("block_id"), 255, f"{at}/block_id")
    yield from check(block, at)


def _section(block: Json, at: str) -> Problems:
    if "text" not in block and not block.get("fields"):
        yield _error("missing required field: text or fields", at)
    yield from _text(block.get("text"), 3000, f"{at}/text")
    yield from _items(block.get("fields"), 10, f"{at}/fields")
    for index, field in enumerate(block.get("fields") or []):
        yield from _text(field, 2000, f"{at}/fields/{index}")
    if "accessory" in block:
        yield from _element(block["accessory"], f"{at}/accessory")


def _header(block: Json, at: str) -> Problems:
    yield from _required(block, "text", at)
    yield from _text(block.get("text"), 150, f"{at}/text", plain=True)


def _context(block: Json, at: str) -> Problems:
    yield from _required(block, "elements", at)
    yield from _items(block.get("elements"), 10, f"{at}/elements")
    for index, element in enumerate(block.get("elements") or []):
        if element.get("type") == "image":
            yield from _image(element, f"{at}/elements/{index}")
        else:
            yield from _text(element, 3000, f"{at}/elements/{index}")


def _actions(block: Json, at: str) -> Problems:
    yield from _required(block, "elements", at)
    elements = block.get("elements") or []
    yield from _items(elements, 25, f"{at}/elements")
    for index, element in enumerate(elements):
        yield from _element(element, f"{at}/elements/{index}")
    yield from _repeated(elements, "action_id", f"{at}/elements")


def _input(block: Json, at: str) -> Problems:
    yield from _required(block, "label", at)
    yield from _required(block, "element", at)
    yield from _text(block.get("label"), 2000, f"{at}/label", plain=True)
    yield from _text(block.get("hint"), 2000, f"{at}/hint", plain=True)
    if "element" in block:
        yield from _element(block["element"], f"{at}/element")


def _image(block: Json, at: str) -> Problems:
    yield from _required(block, "alt_text", at)
    if "image_url" not in block and "slack_file" not in block:
        yield _error("missing required field: image_url", at)
    yield from _length(block.get("image_url"), 3000, f"{at}/image_url")
    yield from _length(block.get("alt_text"), 2000, f"{at}/alt_text")
    if isinstance(block.get("title"), dict):
        yield from _text(block["title"], 2000, f"{at}/title", plain=True)


def _table(block: Json, at: str) -> Problems:
    yield from _required(block, "rows", at)
    yield from _items(block.get("rows"), 100, f"{at}/rows")
    for index, row in enumerate(block.get("rows") or []):
        yield from _items(row, 20, f"{at}/rows/{index}")


def _needs(*names: str) -> Callable[[Json, str], Problems]:
    def check(block: Json, at: str) -> Problems:
        for name in names:
            yield from _required(block, name, at)

    return check


_BLOCKS: dict[str, Callable[[Json, str], Problems]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "table": _table,
    "divider": _needs(),
    "markdown": _needs("text"),
    "rich_text": _needs("elements"),
    "file": _needs("external_id", "source"),
    "video": _needs("alt_text", "title", "thumbnail_url", "video_url"),
    "context_actions": _needs("elements"),
}

_ELEMENTS = {
    *("button", "checkboxes", "datepicker", "datetimepicker", "timepicker", "overflow", "radio_buttons"),
    *("image", "plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"),
    *(f"{many}{of}_select" for many in ("", "multi_") for of in ("static", "external", "users")),
    *(f"{many}{of}_select" for many in ("", "multi_") for of in ("conversations", "channels")),
    *("file_input", "workflow_button", "feedback_buttons", "icon_button"),
}
_OPTIONS = {"overflow": 5, "radio_buttons": 10, "checkboxes": 10}
"""How many options an element may have; selects 100."""


def _element(element: Json, at: str) -> Problems:
    kind = element.get("type", "")
    if kind not in _ELEMENTS:
        yield _error(f"unsupported type: {kind}", f"{at}/type")
        return
    if kind == "image":
        yield from _image(element, at)
        return
    yield from _length(element.get("action_id"), 255, f"{at}/action_id")
    yield from _text(element.get("placeholder"), 150, f"{at}/placeholder", plain=True)
    if kind == "button":
        yield from _button(element, at)
    if "confirm" in element:
        yield from _confirm(element["confirm"], f"{at}/confirm")
    if kind in ("static_select", "multi_static_select", *_OPTIONS):
        yield from _all_options(element, _OPTIONS.get(kind, 100), at)


def _button(element: Json, at: str) -> Problems:
    yield from _required(element, "text", at)
    yield from _text(element.get("text"), 75, f"{at}/text", plain=True)
    yield from _length(element.get("value"), 2000, f"{at}/value")
    yield from _length(element.get("url"), 3000, f"{at}/url")
    yield from _length(element.get("accessibility_label"), 75, f"{at}/accessibility_label")
    if element.get("style", "primary") not in ("primary", "danger"):
        yield _error("must be one of: primary, danger", f"{at}/style")


def _confirm(confirm: Json, at: str) -> Problems:
    for name, limit in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        yield from _required(confirm, name, at)
        yield from _text(confirm.get(name), limit, f"{at}/{name}")


def _all_options(element: Json, limit: int, at: str) -> Problems:
    groups = element.get("option_groups")
    if groups is None:
        yield from _some_options(element.get("options"), limit, f"{at}/options")
        return
    yield from _items(groups, 100, f"{at}/option_groups")
    for index, group in enumerate(groups):
        inside = f"{at}/option_groups/{index}"
        yield from _text(group.get("label"), 75, f"{inside}/label", plain=True)
        yield from _some_options(group.get("options"), limit, f"{inside}/options")


def options_problems(options: Any) -> list[str]:
    """What Slack would refuse an answer to a block_suggestion for."""
    if not isinstance(options, list):
        return [_error("must be an array", "/options")]
    return list(_some_options(options, 100, "/options")) if options else []


def _some_options(options: list[Json] | None, limit: int, at: str) -> Problems:
    yield from _items(options or [], limit, at)
    for index, option in enumerate(options or []):
        yield from _required(option, "text", f"{at}/{index}")
        yield from _text(option.get("text"), 75, f"{at}/{index}/text")
        yield from _text(option.get("description"), 75, f"{at}/{index}/description")
        yield from _length(option.get("value"), 150, f"{at}/{index}/value")


def _text(text: Any, limit: int, at: str, plain: bool = False) -> Problems:
    """A text object of 1 to `limit` characters."""
    if text is None:
        return
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    if not isinstance(text, dict) or text.get("type") not in kinds:
        yield _error(f"must be a text object of type {' or '.join(kinds)}", at)
        return
    content = text.get("text")
    if not isinstance(content, str) or not content:
        yield _error("must be more than 0 characters", f"{at}/text")
    else:
        yield from _length(content, limit, f"{at}/text")


def _length(value: Any, limit: int, at: str) -> Problems:
    if value is None:
        return
    if not isinstance(value, str):
        yield _error(f"must be a string, not {json.dumps(value)[:40]}", at)
    elif len(value) > limit:
        yield _error(f"must be less than {limit + 1} characters", at)


def _items(items: list[Any] | None, limit: int, at: str) -> Problems:
    if items is not None and not items:
        yield _error("must have at least 1 item", at)
    if items and len(items) > limit:
        yield _error(f"no more than {limit} items allowed", at)


def _required(thing: Json, name: str, at: str) -> Problems:
    if name not in thing:
        yield _error(f"missing required field: {name}", at)


def _repeated(things: list[Json], name: str, at: str) -> Problems:
    counted = Counter(thing[name] for thing in things if thing.get(name))
    for value, times in counted.items():
        if times > 1:
            yield _error(f"`{name}` {value!r} already exists", at)


def _error(what: str, at: str) -> str:
    return f"[ERROR] {what} [json-pointer:{at}]"
