"""Block Kit as data: give ids to what has none, find the element a person uses."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from sandbox.slack.records import Json

_ids = itertools.count(1)
_ONE_OPTION = ("static_select", "overflow", "radio_buttons")


def stored(blocks: list[Json]) -> list[Json]:
    """A copy in which every block has a `block_id` and every interactive element an `action_id`, as Slack
    makes them up when the app gave none."""
    return [_stored(block) for block in blocks]


def _stored(block: Json) -> Json:
    kept = {**block, "block_id": block.get("block_id") or f"b{next(_ids)}"}
    match block["type"]:
        case "actions" | "context_actions":
            kept["elements"] = [_named(element) for element in block["elements"]]
        case "section" if "accessory" in block:
            kept["accessory"] = _named(block["accessory"])
        case "input":
            kept["element"] = _named(block["element"])
    return kept


def _named(element: Json) -> Json:
    if element["type"] == "image" or element.get("action_id"):
        return element
    return {**element, "action_id": f"a{next(_ids)}"}


def stored_attachments(attachments: list[Json]) -> list[Json]:
    return [
        {**attachment, "blocks": stored(attachment["blocks"])} if attachment.get("blocks") else attachment
        for attachment in attachments
    ]


def initial(blocks: list[Json]) -> Json:
    """The state of the inputs before anybody touched them: `{block_id: {action_id: {"type", ...}}}`."""
    values: Json = {}
    for block, element in elements(blocks):
        if element["type"] in ("button", "overflow"):
            continue
        given = {_state_name(name): element[name] for name in element if name.startswith("initial_")}
        state = {"type": element["type"], **(given or _untouched(element))}
        values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return values


def _untouched(element: Json) -> Json:
    one = (*_ONE_OPTION, "external_select")
    return {"selected_option": None} if element["type"] in one else chosen(element, None, None)


def _state_name(initial_name: str) -> str:
    """`initial_option` -> `selected_option`, but `initial_value` -> `value`."""
    name = initial_name.removeprefix("initial_")
    return name if name == "value" else f"selected_{name}"


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each interactive element with its block."""
    for block in blocks:
        inside = block.get("elements", []) if block["type"] in ("actions", "context_actions") else []
        for element in [*inside, block.get("accessory"), block.get("element")]:
            if element and element["type"] != "image":
                yield block, element


def find(blocks: list[Json], action_id: str, block_id: str | None, value: str | None) -> tuple[Json, Json]:
    """The block and element a person uses. Raises LookupError if it is not there.

    `value` chooses between buttons of one action_id in several blocks; other elements have none yet.
    """
    for block, element in elements(blocks):
        if element["action_id"] != action_id or block_id not in (None, block["block_id"]):
            continue
        if element["type"] != "button" or value in (None, element.get("value")):
            return block, element
    raise LookupError(f"no element {action_id!r} (block {block_id!r}, value {value!r})")


def chosen(element: Json, value: str | None, selected: str | list[str] | None) -> Json:
    """What an action or a form's state says of the element after the person used it.

    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """
    kind: str = element["type"]
    if kind == "button":
        return {name: element[name] for name in ("value", "text", "style", "url") if name in element}
    if kind in ("checkboxes", "multi_static_select"):
        wanted = [selected] if isinstance(selected, str) else selected or []
        return {"selected_options": [_option(element, one) for one in wanted]}
    if kind in _ONE_OPTION:
        if not isinstance(selected, str):
            raise LookupError(f"choose one option of {element['action_id']!r}")
        return {"selected_option": _option(element, selected)}
    if kind == "external_select":  # whatever the app offered: nobody else knows the list
        return {"selected_option": {"text": {"type": "plain_text", "text": selected}, "value": selected}}
    if kind.startswith("multi_"):
        return {f"selected_{kind.split('_')[1]}": selected or []}
    if kind in ("datepicker", "timepicker", "datetimepicker"):
        name = {"datepicker": "date", "timepicker": "time", "datetimepicker": "date_time"}[kind]
        return {f"selected_{name}": int(value or 0) if kind == "datetimepicker" else value}
    if kind.endswith("s_select"):
        return {f"selected_{kind.split('s_')[0]}": selected or value}
    return {"value": value}


def _option(element: Json, value: str) -> Json:
    options: list[Any] = [*element.get("options", [])]
    for group in element.get("option_groups", []):
        options += group["options"]
    for option in options:
        if option.get("value") == value:
            return dict(option)
    raise LookupError(f"no option {value!r} in {element['action_id']!r}")
