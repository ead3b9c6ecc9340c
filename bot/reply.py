"""Neutral messages: what Shipmate says, before any chat system's shape.

Text is Slack's mrkdwn in its plain core (`*bold*`, `_italic_`, `` `code` ``, `<@U1>` mentions); whatever
comes from people, logs or backends has passed `bot.mrkdwn.inert` or stands in a `Code` block.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bot.language import anew


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Heading:
    """Plain text above several blocks, in a message or view of many parts."""

    text: str


@dataclass(frozen=True)
class Context:
    """Small print."""

    text: str


@dataclass(frozen=True)
class Fields:
    """Pairs of a short label and a short value."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Code:
    """Lines shown as they are, oldest first; the renderer keeps the newest when they do not fit."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Button:
    """Tapping it is typing `command`; everything is checked again then."""

    label: str
    command: str
    style: str = ""
    """primary, danger or empty."""
    confirm: str = ""
    """A question to ask first; empty: none."""
    url: str = ""
    """A button that only opens a page has this and no command."""


@dataclass(frozen=True)
class Buttons:
    buttons: tuple[Button, ...]


@dataclass(frozen=True)
class File:
    """A longer text that is put into the thread; `key` is where `bot.files` keeps it."""

    name: str
    title: str
    key: str


Block = Text | Heading | Context | Fields | Code | Buttons
_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Text, Heading, Context, Fields, Code, Buttons)
}


@dataclass(frozen=True)
class Reply:
    """`summary` is what a push notification shows, and all that a screen reader may get."""

    summary: str
    blocks: tuple[Block, ...] = ()
    private: bool = False
    """Only for the person who asked."""
    file: File | None = None

    def anew(self) -> Reply:
        """The same in the language spoken now, as far as its texts remember what they were made of."""
        return Reply.from_dict(_anew(self.to_dict()))

    def to_dict(self) -> dict[str, Any]:
        blocks = [{"kind": type(block).__name__, **asdict(block)} for block in self.blocks]
        file = {"file": asdict(self.file)} if self.file else {}
        return {"summary": self.summary, "private": self.private, "blocks": blocks, **file}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Reply:
        file = File(**plain["file"]) if plain.get("file") else None
        return cls(plain["summary"], tuple(map(_block, plain["blocks"])), plain["private"], file)


def _anew(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _anew(held) for name, held in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(_anew(held) for held in value)
    return anew(value) if isinstance(value, str) else value


def _block(plain: dict[str, Any]) -> Block:
    values = {name: value for name, value in plain.items() if name != "kind"}
    match plain["kind"]:
        case "Buttons":
            return Buttons(tuple(Button(**button) for button in values["buttons"]))
        case "Fields":
            return Fields(tuple((label, value) for label, value in values["pairs"]))
        case "Code":
            return Code(tuple(values["lines"]))
        case kind:
            block: Block = _KINDS[kind](**values)
            return block


def says(text: str, *buttons: Button, private: bool = True) -> Reply:
    """The commonest reply: a paragraph and, if any, buttons."""
    blocks: tuple[Block, ...] = (Text(text), Buttons(buttons)) if buttons else (Text(text),)
    return Reply(text, blocks, private)
