"""What Slack documents that it takes, written down apart from the sandbox's own idea of it.

A JSON Schema of the blocks and elements that Shipmate uses (https://docs.slack.dev/reference/block-kit), of
views (https://docs.slack.dev/reference/views) and of messages
(https://docs.slack.dev/reference/methods/chat.postMessage), and what a schema cannot say: ids that are said
once only. A block, an element or a field that is not listed here is a mistake, too: Slack refuses those it
does not know, and nobody has looked at the limits of the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

Json = dict[str, Any]

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
MESSAGE_TEXT_BYTES = 4_000
"""chat.postMessage takes 40,000 characters and recommends 4,000, which is all that chat.update takes."""

YES_OR_NO: Json = {"type": "boolean"}
WHOLE: Json = {"type": "integer"}
ID: Json = {"type": "string", "minLength": 1, "maxLength": 255}


def chars(most: int, least: int = 1) -> Json:
    return {"type": "string", "minLength": least, "maxLength": most}


def shape(kinds: str, *needs: str, **fields: Json) -> Json:
    """An object of one of these types (empty: it has none), of these fields and no others."""
    typed: Json = {"type": {"enum": kinds.split()}} if kinds else {}
    return {
        "type": "object",
        "properties": typed | fields,
        "required": [*typed, *needs],
        "additionalProperties": False,
    }


def text(most: int, kinds: str) -> Json:
    """https://docs.slack.dev/reference/block-kit/composition-objects/text-object"""
    return shape(kinds, "text", text=chars(most), emoji=YES_OR_NO, verbatim=YES_OR_NO)


def plain(most: int) -> Json:
    return text(most, "plain_text")


def any_text(most: int) -> Json:
    return text(most, "plain_text mrkdwn")


def some(what: Json, most: int) -> Json:
    return {"type": "array", "items": what, "minItems": 1, "maxItems": most}


def one_of(shapes: dict[str, Json]) -> Json:
    """By `type`, so that what is told is wrong with that one."""
    chosen = [
        {"if": {"properties": {"type": {"const": kind}}}, "then": fields} for kind, fields in shapes.items()
    ]
    known = {"type": "object", "required": ["type"], "properties": {"type": {"enum": list(shapes)}}}
    return {"allOf": [known, *chosen]}


CONFIRM = shape(
    "",
    "title",
    "text",
    "confirm",
    "deny",
    title=plain(100),
    text=any_text(300),
    confirm=plain(30),
    deny=plain(30),
    style={"enum": ["primary", "danger"]},
)
OPTION = shape(
    "", "text", "value", text=any_text(75), value=chars(150), description=any_text(75), url=chars(3_000)
)
OPTION_GROUP = shape("", "label", "options", label=plain(75), options=some(OPTION, 100))
COMMON = {"action_id": ID, "confirm": CONFIRM, "focus_on_load": YES_OR_NO}
PLACEHOLDER = {"placeholder": plain(150)}
TYPED = {"action_id": ID, "focus_on_load": YES_OR_NO, **PLACEHOLDER}
CHOSEN = {"options": some(OPTION, 100), "option_groups": some(OPTION_GROUP, 100), "initial_option": OPTION}
IMAGE = {"image_url": chars(3_000), "alt_text": chars(2_000)}

ELEMENTS = {
    "button": shape(
        "button",
        "text",
        text=plain(75),
        value=chars(2_000),
        url=chars(3_000),
        style={"enum": ["primary", "danger"]},
        accessibility_label=chars(75),
        action_id=ID,
        confirm=CONFIRM,
    ),
    "static_select": shape("static_select", **COMMON, **PLACEHOLDER, **CHOSEN),
    "external_select": shape(
        "external_select",
        **COMMON,
        **PLACEHOLDER,
        initial_option=OPTION,
        min_query_length=WHOLE,
    ),
    "conversations_select": shape(
        "conversations_select",
        **COMMON,
        **PLACEHOLDER,
        initial_conversation=chars(255),
        default_to_current_conversation=YES_OR_NO,
    ),
    "overflow": shape("overflow", "options", action_id=ID, confirm=CONFIRM, options=some(OPTION, 5)),
    "checkboxes": shape(
        "checkboxes",
        "options",
        **COMMON,
        options=some(OPTION, 10),
        initial_options=some(OPTION, 10),
    ),
    "radio_buttons": shape(
        "radio_buttons",
        "options",
        **COMMON,
        options=some(OPTION, 10),
        initial_option=OPTION,
    ),
    "plain_text_input": shape(
        "plain_text_input",
        **TYPED,
        initial_value=chars(3_000, 0),
        multiline=YES_OR_NO,
        min_length=WHOLE,
        max_length={"type": "integer", "minimum": 1, "maximum": 3_000},
    ),
    "number_input": shape(
        "number_input",
        "is_decimal_allowed",
        **TYPED,
        is_decimal_allowed=YES_OR_NO,
        initial_value=chars(255),
        min_value=chars(255),
        max_value=chars(255),
    ),
    "timepicker": shape("timepicker", **COMMON, **PLACEHOLDER, initial_time=chars(5)),
    "image": shape("image", "image_url", "alt_text", **IMAGE),
}


def elements(*kinds: str) -> Json:
    return one_of({kind: ELEMENTS[kind] for kind in kinds})


INPUTS = tuple(kind for kind in ELEMENTS if kind not in ("button", "overflow", "image"))
ACTING = tuple(kind for kind in ELEMENTS if not kind.endswith(("_input", "image")))
BLOCKS = {
    "section": {
        **shape(
            "section",
            block_id=ID,
            text=any_text(3_000),
            fields=some(any_text(2_000), 10),
            accessory=elements(*ACTING, "image"),
            expand=YES_OR_NO,
        ),
        "anyOf": [{"required": ["text"]}, {"required": ["fields"]}],
    },
    "header": shape("header", "text", block_id=ID, text=plain(150)),
    "divider": shape("divider", block_id=ID),
    "context": shape(
        "context",
        "elements",
        block_id=ID,
        elements=some(
            one_of(
                {
                    "mrkdwn": text(3_000, "mrkdwn"),
                    "plain_text": plain(3_000),
                    "image": ELEMENTS["image"],
                }
            ),
            10,
        ),
    ),
    "actions": shape("actions", "elements", block_id=ID, elements=some(elements(*ACTING), 25)),
    "image": shape("image", "image_url", "alt_text", block_id=ID, title=plain(2_000), **IMAGE),
    "input": shape(
        "input",
        "label",
        "element",
        block_id=ID,
        label=plain(2_000),
        hint=plain(2_000),
        optional=YES_OR_NO,
        dispatch_action=YES_OR_NO,
        element=elements(*INPUTS),
    ),
}


OF_VIEWS: Json = {
    "blocks": {"type": "array", "items": one_of(BLOCKS), "maxItems": VIEW_BLOCKS},
    "private_metadata": chars(3_000, 0),
    "callback_id": chars(255, 0),
    "external_id": chars(255, 0),
}
VIEW = one_of(
    {
        "home": shape("home", "blocks", **OF_VIEWS),
        "modal": shape(
            "modal",
            "title",
            "blocks",
            **OF_VIEWS,
            title=plain(24),
            submit=plain(24),
            close=plain(24),
            clear_on_close=YES_OR_NO,
            notify_on_close=YES_OR_NO,
            submit_disabled=YES_OR_NO,
        ),
    }
)
MESSAGE = Draft202012Validator({"type": "array", "items": one_of(BLOCKS), "maxItems": MESSAGE_BLOCKS})
VIEWS = Draft202012Validator(VIEW)
OPTIONS = Draft202012Validator({"type": "array", "items": OPTION, "maxItems": 100})


def of_message(message: Json) -> list[str]:
    """What Slack would refuse or cut in `{"text": ..., "blocks": [...]}`; empty: nothing."""
    found, words, blocks = [], message.get("text") or "", message.get("blocks") or []
    if len(words.encode()) > MESSAGE_TEXT_BYTES:
        found.append(f"text: {len(words.encode())} bytes, not {MESSAGE_TEXT_BYTES}")
    if blocks and not words.strip():
        found.append("text: nothing for a notification or a screen reader")
    return [*found, *_mistakes(blocks, MESSAGE), *_twice(blocks)]


def of_view(view: Json) -> list[str]:
    """The same of a modal or a Home tab, as it was sent to Slack."""
    found = _mistakes(view, VIEWS)
    has_inputs = any(block.get("type") == "input" for block in view.get("blocks", []))
    if view.get("type") == "modal" and has_inputs and "submit" not in view:
        found.append("submit: missing in a modal with inputs")
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


def _repeated(values: list[str], name: str) -> list[str]:
    return [f"{name}: {value!r} {times} times" for value, times in Counter(values).items() if times > 1]


def _elements(blocks: list[Json]) -> Iterator[Json]:
    for block in blocks:
        yield from block.get("elements", [])
        yield from (block[name] for name in ("accessory", "element") if name in block)
