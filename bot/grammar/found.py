"""What a pass over the words of a line finds: values, loose words, or why they make no command."""

from typing import Any, NamedTuple

from bot.grammar.usage import Slot


class Span(NamedTuple):
    """Which words: from `start`, before `stop`."""

    start: int
    stop: int


class Given(NamedTuple):
    """A value that followed its keyword."""

    slot: Slot
    value: Any
    at: Span
    word: str
    by_preposition: bool


class Loose(NamedTuple):
    """A word, or a phrase, without a keyword of its own."""

    text: str
    raw: str
    at: Span
    quoted: bool = False
    asked: Slot | None = None
    """The slot whose preposition stood before it, though it is no value of that slot."""


class Finding(Exception):
    """Why the words do not make a command."""


class NotAValue(Finding):
    """What stands at a slot is not one of its values."""

    def __init__(self, slot: Slot, raw: str, at: Span) -> None:
        self.slot, self.raw, self.at = slot, raw, at


class Place(Finding):
    """Where code is said to come from stands an environment, which may be meant."""

    def __init__(self, raw: str, at: Span) -> None:
        self.raw, self.at = raw, at


class Late(Finding):
    """What stands where code could is perhaps a time; nothing is started at once that may be meant for later."""

    def __init__(self, raw: str, at: Span) -> None:
        self.raw, self.at = raw, at
