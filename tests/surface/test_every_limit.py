"""Each limit of the validator takes what is at it and not one more; and the numbers are those of Slack's own SDK."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.models import blocks, views

from tests.surface import limits, shapes
from tests.surface.breaking import breaches, edges

SCHEMAS = {
    "message": (shapes.BLOCKS_OF_A_MESSAGE, limits.MESSAGE),
    "view": (shapes.VIEW, limits.VIEWS),
    "options": (shapes.OFFERED, limits.OPTIONS),
    "metadata": (shapes.METADATA, limits.METADATAS),
}
PLAIN = ".text maxLength"
ACTS = "[]/actions.elements[]"
SELECT = ACTS + "/static_select"
OF_THE_SDK: tuple[tuple[Any, str, str], ...] = (
    (blocks.Block, "block_id_max_length", "[]/divider.block_id maxLength"),
    (blocks.SectionBlock, "fields_max_length", "[]/section.fields maxItems"),
    (blocks.SectionBlock, "text_max_length", "[]/section.text" + PLAIN),
    (blocks.ImageBlock, "image_url_max_length", "[]/image.image_url maxLength"),
    (blocks.ImageBlock, "alt_text_max_length", "[]/image.alt_text maxLength"),
    (blocks.ImageBlock, "title_max_length", "[]/image.title" + PLAIN),
    (blocks.ActionsBlock, "elements_max_length", "[]/actions.elements maxItems"),
    (blocks.ContextBlock, "elements_max_length", "[]/context.elements maxItems"),
    (blocks.InputBlock, "label_max_length", "[]/input.label" + PLAIN),
    (blocks.InputBlock, "hint_max_length", "[]/input.hint" + PLAIN),
    (blocks.HeaderBlock, "text_max_length", "[]/header.text" + PLAIN),
    (blocks.ButtonElement, "action_id_max_length", ACTS + "/button.action_id maxLength"),
    (blocks.ButtonElement, "text_max_length", ACTS + "/button.text" + PLAIN),
    (blocks.ButtonElement, "url_max_length", ACTS + "/button.url maxLength"),
    (blocks.ButtonElement, "value_max_length", ACTS + "/button.value maxLength"),
    (blocks.StaticSelectElement, "placeholder_max_length", SELECT + ".placeholder" + PLAIN),
    (blocks.StaticSelectElement, "options_max_length", SELECT + ".options maxItems"),
    (blocks.StaticSelectElement, "option_groups_max_length", SELECT + ".option_groups maxItems"),
    (blocks.OverflowMenuElement, "options_max_length", ACTS + "/overflow.options maxItems"),
    (blocks.Option, "label_max_length", ACTS + "/overflow.options[].text" + PLAIN),
    (blocks.Option, "value_max_length", ACTS + "/overflow.options[].value maxLength"),
    (blocks.OptionGroup, "label_max_length", SELECT + ".option_groups[].label" + PLAIN),
    (blocks.OptionGroup, "options_max_length", SELECT + ".option_groups[].options maxItems"),
    (blocks.ConfirmObject, "title_max_length", ACTS + "/button.confirm.title" + PLAIN),
    (blocks.ConfirmObject, "text_max_length", ACTS + "/button.confirm.text" + PLAIN),
    (blocks.ConfirmObject, "confirm_max_length", ACTS + "/button.confirm.confirm" + PLAIN),
    (blocks.ConfirmObject, "deny_max_length", ACTS + "/button.confirm.deny" + PLAIN),
    (views.View, "title_max_length", "/modal.title" + PLAIN),
    (views.View, "submit_max_length", "/modal.submit" + PLAIN),
    (views.View, "close_max_length", "/modal.close" + PLAIN),
    (views.View, "blocks_max_length", "/modal.blocks maxItems"),
    (views.View, "private_metadata_max_length", "/modal.private_metadata maxLength"),
    (views.View, "callback_id_max_length", "/modal.callback_id maxLength"),
)  # fmt: skip
"""Where Slack's SDK writes a limit down -> the same in ours."""


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_is_at_a_limit_is_taken(name: str) -> None:
    schema, validator = SCHEMAS[name]
    refused = [found.rule for found in edges(schema) if not validator.is_valid(found.value)]

    assert not refused


@pytest.mark.parametrize(
    ("name", "at_least"), [("message", 1_900), ("view", 3_900), ("options", 20), ("metadata", 4)]
)
def test_what_breaks_one_rule_is_told(name: str, at_least: int) -> None:
    schema, validator = SCHEMAS[name]
    tried = list(breaches(schema))

    assert [found.rule for found in tried if validator.is_valid(found.value)] == []
    assert len({found.rule for found in tried}) >= at_least


@pytest.mark.parametrize(("owner", "attribute", "rule"), OF_THE_SDK, ids=str)
def test_the_number_is_that_of_slacks_sdk(owner: Any, attribute: str, rule: str) -> None:
    schema = shapes.VIEW if rule.startswith("/modal") else shapes.BLOCKS_OF_A_MESSAGE

    assert [found.limit for found in edges(schema) if found.rule == rule] == [getattr(owner, attribute)]
