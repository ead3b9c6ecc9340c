"""Which messages of the catalogue stand in a golden file, by matching each against all that is said there."""

from __future__ import annotations

import html
import re
from pathlib import Path

from bot.language import CHINESE
from bot.language.update import messages
from tests.golden.drawn import NAMED
from tests.golden.telling import INDENT, SAID

Message = str | tuple[str, str]

PLACE = re.compile(r"\{+\w+(?::,)?\}+")
"""`{n}`, `{n:,}`, and `{{time}}`, which Slack fills in."""
LONGEST = 400
"""Characters that stand in a place at most."""
LETTERS = 3
"""A message with fewer letters of its own, such as `{a}: {b}`, would be found everywhere: it is not looked for."""


def chinese(path: Path) -> bool:
    """Whether a Chinese reader sees what stands in that golden file."""
    return path.stem.split(".")[-1] == CHINESE or path.parent.name == "chinese"


def said() -> str:
    """All texts of the English golden files, without their layout."""
    found = []
    for path in sorted(path for path in SAID.rglob("*.txt") if not chinese(path)):
        for line in path.read_text().splitlines():
            if line.startswith(INDENT):
                found.append(line[len(INDENT) + NAMED :])
    return html.unescape("\n".join(found))


def unseen(text: str) -> list[str]:
    """The messages that `text` does not hold, in order; of those with a plural the singular."""
    missing = {first(message) for message in messages() if telling(message) and not held(message, text)}
    return sorted(missing)


def first(message: Message) -> str:
    return message if isinstance(message, str) else message[0]


def telling(message: Message) -> bool:
    return sum(map(str.isalpha, PLACE.sub("", first(message)))) >= LETTERS


def held(message: Message, text: str) -> bool:
    forms = (message,) if isinstance(message, str) else message
    return any(_stands(form, text) for form in forms)


def _stands(form: str, text: str) -> bool:
    """Whether its own words stand there in order, none too far from the one before: around the longest."""
    parts = [part for part in map(html.unescape, PLACE.split(form)) if part]
    longest = max(range(len(parts)), key=lambda number: len(parts[number]))
    before, middle, after = parts[:longest], parts[longest], parts[longest + 1 :]
    at = text.find(middle)
    while at >= 0:
        end = at + len(middle)
        whole = not _joined(text[at - 1 : at], middle[:1]) and not _joined(middle[-1:], text[end : end + 1])
        if (whole or before or after) and _leads(before, text, at) and _follows(after, text, end):
            return True
        at = text.find(middle, at + 1)
    return False


def _joined(left: str, right: str) -> bool:
    """Whether they are letters of one word."""
    return left.isalnum() and right.isalnum()


def _leads(parts: list[str], text: str, at: int) -> bool:
    for part in reversed(parts):
        at = text.rfind(part, max(0, at - LONGEST - len(part)), at)
        if at < 0:
            return False
    return True


def _follows(parts: list[str], text: str, at: int) -> bool:
    for part in parts:
        at = text.find(part, at, at + LONGEST + len(part))
        if at < 0:
            return False
        at += len(part)
    return True
