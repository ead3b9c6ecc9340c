"""Block Kit's limits, each at the edge and one beyond."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.slack.limits import problems, view_problems

Json = dict[str, Any]


def plain(length: int) -> Json:
    return {"type": "plain_text", "text": "x" * length}


def section(length: int) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x" * length}}


def fields(count: int, length: int = 1) -> Json:
    return {"type": "section", "fields": [plain(length)] * count}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def button(**changed: Any) -> Json:
    return {"type": "button", "text": plain(2)} | changed


def select(count: int, **option: Any) -> Json:
    return {"type": "static_select", "options": [{"text": plain(1), "value": "v"} | option] * count}


def confirm(name: str, length: int) -> Json:
    texts = {part: plain(1) for part in ("title", "text", "confirm", "deny")}
    return button(confirm=texts | {name: plain(length)})


EDGES: dict[str, Callable[[int], Json]] = {
    "section text": lambda n: section(3000 + n),
    "section fields": lambda n: fields(10 + n),
    "field text": lambda n: fields(1, 2000 + n),
    "header": lambda n: {"type": "header", "text": plain(150 + n)},
    "context elements": lambda n: {"type": "context", "elements": [plain(1)] * (10 + n)},
    "actions elements": lambda n: actions(*[button()] * (25 + n)),
    "button text": lambda n: actions(button(text=plain(75 + n))),
    "button value": lambda n: actions(button(value="x" * (2000 + n))),
    "button url": lambda n: actions(button(url="x" * (3000 + n))),
    "action_id": lambda n: actions(button(action_id="x" * (255 + n))),
    "block_id": lambda n: {"type": "divider", "block_id": "x" * (255 + n)},
    "options": lambda n: actions(select(100 + n)),
    "option text": lambda n: actions(select(1, text=plain(75 + n))),
    "option value": lambda n: actions(select(1, value="x" * (150 + n))),
    "overflow": lambda n: actions(select(5 + n) | {"type": "overflow"}),
    "radio buttons": lambda n: actions(select(10 + n) | {"type": "radio_buttons"}),
    "placeholder": lambda n: actions(select(1) | {"placeholder": plain(150 + n)}),
    "confirm title": lambda n: actions(confirm("title", 100 + n)),
    "confirm text": lambda n: actions(confirm("text", 300 + n)),
    "confirm button": lambda n: actions(confirm("confirm", 30 + n)),
    "accessory": lambda n: section(1) | {"accessory": button(text=plain(75 + n))},
    "input label": lambda n: {
        "type": "input",
        "label": plain(2000 + n),
        "element": {"type": "plain_text_input"},
    },
    "markdown": lambda n: {"type": "markdown", "text": "x" * (12_000 + n)},
}


@pytest.mark.parametrize("name", EDGES)
def test_the_limit_itself_is_taken_and_one_more_is_not(name: str) -> None:
    assert problems([EDGES[name](0)]) == []
    [problem] = problems([EDGES[name](1)])
    assert problem.startswith("[ERROR] ")
    assert "[json-pointer:/blocks" in problem


@pytest.mark.parametrize(
    "block",
    [
        section(0),
        {"type": "section"},
        {"type": "marquee"},
        {"type": "actions", "elements": []},
        {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
        actions(button(style="blue")),
        actions({"type": "slider"}),
        actions(select(0)),
        {"type": "image", "image_url": "http://x"},
        {"type": "section", "text": "just text"},
    ],
)
def test_a_malformed_block_is_refused(block: Json) -> None:
    assert len(problems([block])) == 1


def test_fifty_blocks_in_a_message_a_hundred_in_a_view() -> None:
    divider = {"type": "divider"}
    assert problems([divider] * 50) == []
    assert problems([divider] * 51) == ["[ERROR] no more than 50 items allowed [json-pointer:/blocks]"]
    view = {"type": "modal", "title": plain(24), "blocks": [divider] * 100}
    assert view_problems(view, "modal") == []
    assert len(view_problems(view | {"blocks": [divider] * 101}, "modal")) == 1


def test_an_action_id_is_unique_in_its_block_and_a_block_id_in_the_message() -> None:
    twice = actions(button(action_id="go"), button(action_id="go"))
    assert problems([twice]) == ["[ERROR] `action_id` 'go' already exists [json-pointer:/blocks/0/elements]"]
    once = actions(button(action_id="go"))
    assert problems([once, once]) == []
    named = {"type": "divider", "block_id": "b"}
    assert problems([named, named]) == ["[ERROR] `block_id` 'b' already exists [json-pointer:/blocks]"]


@pytest.mark.parametrize(
    "changed",
    [
        {"title": plain(25)},
        {"submit": plain(25)},
        {"private_metadata": "x" * 3001},
        {"callback_id": "x" * 256},
        {"type": "home"},
        {"blocks": [{"type": "input", "label": plain(1), "element": {"type": "plain_text_input"}}]},
    ],
)
def test_a_modal_slack_would_refuse(changed: Json) -> None:
    modal = {"type": "modal", "title": plain(24), "blocks": [{"type": "divider"}]}
    assert view_problems(modal, "modal") == []
    assert len(view_problems(modal | changed, "modal")) == 1
