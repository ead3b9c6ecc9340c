"""What a button says is seen whole on a phone, in every language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from bot.language import LANGUAGES, _, speaking

ROOT = Path(__file__).parents[2]
FITS = 26
"""Latin characters that a button of a phone shows; a Chinese one takes the room of two."""


def labels() -> Iterator[str]:
    """Every message that is the label of a `Button` somewhere."""
    for path in (path for folder in ("bot", "commands") for path in (ROOT / folder).rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Button" and call.args:
                said = call.args[0]
                if isinstance(said, ast.Call) and said.args and isinstance(said.args[0], ast.Constant):
                    yield str(said.args[0].value)


def test_labels_survive_a_phone() -> None:
    found = {label for label in labels() if "{" not in label}
    assert {"Roll back", "Cancel", "What changed"} <= found

    for language in LANGUAGES:
        with speaking(language):
            assert [label for label in found if _width(_(label)) > FITS] == []


def _width(text: str) -> int:
    return sum(1 if character.isascii() else 2 for character in text)
