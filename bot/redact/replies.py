"""The door through which every reply leaves: whatever wrote it, nothing that is to be hidden passes."""

from __future__ import annotations

from dataclasses import replace

from bot.redact import HIDDEN, redact, redact_lines
from bot.reply import Block, Button, Buttons, Code, Context, Fields, Heading, Text


def without_secrets(block: Block) -> Block:
    """Texts are looked at as they will be sent. The command of a button is not shown, and stays as it is."""
    match block:
        case Text(text):
            return Text(redact(text).text)
        case Heading(text):
            return Heading(redact(text).text)
        case Context(text):
            return Context(redact(text).text)
        case Fields(pairs):
            return Fields(tuple((redact(label).text, redact(value).text) for label, value in pairs))
        case Code(lines):
            return Code(redact_lines(lines)[0]) if lines else block
        case Buttons(buttons):
            return Buttons(tuple(map(_button, buttons)))


def hidden_in(block: Block) -> int:
    """How many values were hidden in what a block shows."""
    match block:
        case Text(text) | Heading(text) | Context(text):
            return text.count(HIDDEN)
        case Fields(pairs):
            return sum(value.count(HIDDEN) for _, value in pairs)
        case Code(lines):
            return sum(line.count(HIDDEN) for line in lines)
    return 0


def _button(button: Button) -> Button:
    return replace(button, label=redact(button.label).text, confirm=redact(button.confirm).text)
