"""The blocks, elements and views that Shipmate uses, as JSON Schemas: what Slack documents that it takes.

https://docs.slack.dev/reference/block-kit; each part names its own page.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100

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
"""https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object"""
OPTION = shape(
    "", "text", "value", text=any_text(75), value=chars(150), description=any_text(75), url=chars(3_000)
)
"""https://docs.slack.dev/reference/block-kit/composition-objects/option-object"""
OPTION_GROUP = shape("", "label", "options", label=plain(75), options=some(OPTION, 100))
"""https://docs.slack.dev/reference/block-kit/composition-objects/option-group-object"""
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
"""https://docs.slack.dev/reference/block-kit/block-elements, and a page for each: `button-element`,
`select-menu-element`, `overflow-menu-element`, `checkboxes-element`, `radio-button-group-element`,
`plain-text-input-element`, `number-input-element`, `time-picker-element`, `image-element`."""


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
        element=elements(*INPUTS),  # no `dispatch_action`: selects in inputs emit nothing on phones
    ),
}
"""https://docs.slack.dev/reference/block-kit/blocks, and a page for each: `section-block`, `header-block`,
`divider-block`, `context-block`, `actions-block`, `image-block`, `input-block`."""

OF_VIEWS: Json = {
    "blocks": {"type": "array", "items": one_of(BLOCKS), "maxItems": VIEW_BLOCKS},
    "private_metadata": chars(3_000, 0),
    "callback_id": chars(255, 0),
    "external_id": chars(255, 0),
}
"""https://docs.slack.dev/reference/views: what modals and the Home tab share."""
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
METADATA = shape(
    "",
    "event_type",
    "event_payload",
    event_type={"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,255}$"},
    event_payload={"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
)
"""https://docs.slack.dev/messaging/message-metadata; it names no size, and ours holds one id."""

BLOCKS_OF_A_MESSAGE: Json = {"type": "array", "items": one_of(BLOCKS), "maxItems": MESSAGE_BLOCKS}
"""https://docs.slack.dev/reference/block-kit/blocks: up to 50 in each message, and up to 100 in modals or Home tabs."""
OFFERED: Json = {"type": "array", "items": OPTION, "maxItems": 100}
"""https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload"""
