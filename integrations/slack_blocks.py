"""Neutral replies -> Block Kit, within Slack's limits: shortened, never failing.

Limits: https://docs.slack.dev/reference/block-kit/blocks (50 blocks, 3,000 characters a section, 10 fields
of 2,000, 75 a button label, 2,000 a button value, 25 elements an actions block) and 40,000 a message text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.labels import apart
from bot.language import N_, _
from bot.mrkdwn import code_block
from bot.redact import redact
from bot.redact.replies import without_secrets
from bot.reply import Block, Button, Buttons, Code, Context, Fields, Heading, Reply, Text

Json = dict[str, Any]

MOST_BLOCKS = 50
MOST_TEXT = 3_000
MOST_SUMMARY_BYTES = 3_900
"""chat.update takes 4,000, and counts bytes."""
MOST_LABEL = 75
MOST_HEADING = 150
MOST_BUTTONS = 25
MOST_FIELDS = 10
LEFT_OUT = N_("_… the rest does not fit here._")


NOT_A_PERSON = re.compile(r"<@hook:([^>|]*)>")
"""A mention of a hook, which Slack could not show."""


def blocks(reply: Reply, most: int = MOST_BLOCKS) -> list[Json]:
    """Its buttons are numbered through the message: phones tell elements apart by `action_id` alone."""
    numbers = itertools.count()
    drawn = [drawn for block in reply.blocks for drawn in _draw(without_secrets(block), numbers)]
    if len(drawn) > most:
        drawn = [*drawn[: most - 1], _section(_(LEFT_OUT))]
    return drawn


def summary(reply: Reply) -> str:
    return redact(reply.summary).text.encode()[:MOST_SUMMARY_BYTES].decode(errors="ignore")


def _draw(block: Block, numbers: Iterator[int]) -> list[Json]:
    match block:
        case Text(text):
            return [_section(part) for part in _parts(text)]
        case Heading(text):
            plain = {"type": "plain_text", "text": _cut(text, MOST_HEADING), "emoji": True}
            return [{"type": "header", "text": plain}]
        case Context(text):
            return [{"type": "context", "elements": [_mrkdwn(_cut(text, MOST_TEXT))]}]
        case Fields(pairs):
            return [
                {
                    "type": "section",
                    "fields": [_mrkdwn(_cut(f"*{label}*\n{value}", 2_000)) for label, value in group],
                }
                for group in _groups(pairs, MOST_FIELDS)
            ]
        case Code(lines):
            return [_section(code_block(_fitting(lines)))] if lines else []
        case Buttons(buttons):
            labels = apart([button.label for button in buttons])
            shown = tuple(replace(own, label=label) for own, label in zip(buttons, labels, strict=True))
            return [_actions(group, numbers) for group in _groups(shown, MOST_BUTTONS)]


def _section(text: str) -> Json:
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> Json:
    """`verbatim` keeps Slack from making links of what looks like an address or a channel's name."""
    shown = NOT_A_PERSON.sub(lambda hook: _("the {name} hook", name=hook[1]), text)
    return {"type": "mrkdwn", "text": shown, "verbatim": True}


def _actions(buttons: tuple[Button, ...], numbers: Iterator[int]) -> Json:
    return {"type": "actions", "elements": [_button(next(numbers), button) for button in buttons]}


def _button(number: int, button: Button) -> Json:
    drawn: Json = {
        "type": "button",
        "action_id": f"open:{number}" if button.url else f"say:{number}",
        "text": {"type": "plain_text", "text": _cut(button.label, MOST_LABEL), "emoji": True},
    }
    if button.url:
        return {**drawn, "url": button.url}
    drawn["value"] = button.command
    if button.style:
        drawn["style"] = button.style
    if button.confirm:
        drawn["confirm"] = _confirm(button)
    return drawn


def _confirm(button: Button) -> Json:
    """https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object"""
    dialog = {
        "title": {"type": "plain_text", "text": _("Are you sure?")},
        "text": _mrkdwn(_cut(button.confirm, 300)),
        "confirm": {"type": "plain_text", "text": _cut(button.label, 30)},
        "deny": {"type": "plain_text", "text": _("No")},
    }
    return {**dialog, "style": "danger"} if button.style == "danger" else dialog


def _fitting(lines: tuple[str, ...]) -> list[str]:
    """The newest lines that fit into one section; long lines are cut first."""
    room = MOST_TEXT - 100 - len(code_block([]))
    kept: list[str] = []
    for line in reversed(lines):
        short = _cut(line, 400)
        room -= len(code_block([short])) - len(code_block([])) + 1
        if room < 0:
            return ["…", *reversed(kept)]
        kept.append(short)
    return list(reversed(kept))


def _parts(text: str) -> list[str]:
    """Whole lines, in as many sections as they need."""
    parts, current = [], ""
    for line in text.split("\n"):
        line = _cut(line, MOST_TEXT)
        if current and len(current) + 1 + len(line) > MOST_TEXT:
            parts.append(current)
            current = line
        else:
            current = f"{current}\n{line}" if current else line
    return [*parts, current or " "]


def _groups(items: tuple[Any, ...], size: int) -> list[tuple[Any, ...]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
