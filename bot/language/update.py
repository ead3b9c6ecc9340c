"""Bring the catalogues up to date with the code: `python -m bot.language.update`.

New messages come in without a translation, which a test then asks for; those that no code says any more go.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from bot.language import CATALOGUES, LOCALES

ROOT = Path(__file__).parents[2]
SPEAKING = ("bot", "commands", "integrations")
KEYWORDS = {"_": 1, "N_": 1, "counted": 2, "until": 1}
"""Function -> how many of its first arguments are a message; `Story.until` takes the name of a step that is shown
while it is waited for."""
HEADER = r"""msgid ""
msgstr ""
"Language: {locale}\n"
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=1; plural=0;\n"

"""


def messages() -> Iterator[str | tuple[str, str]]:
    """Every message that the code says; one with a plural is a pair."""
    yield from _of_commands()
    for folder in SPEAKING:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from of_code(path.read_text())


def of_code(source: str) -> Iterator[str | tuple[str, str]]:
    """By Python's own parser: babel's extractor reads tokens, and misses what stands in an f-string or within
    another message. An f-string given as a message is an empty one."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        given = node.args[: KEYWORDS.get(name, 0)]
        parts = [
            part.value for part in given if isinstance(part, ast.Constant) and isinstance(part.value, str)
        ]
        if any(isinstance(part, ast.JoinedStr) for part in given):
            yield ""
        elif parts and len(parts) == len(given):
            yield (parts[0], parts[1]) if len(parts) == 2 else parts[0]


def _of_commands() -> Iterator[str]:
    """What stands in the commands themselves: the first line of their docstrings, and what their slots are called."""
    from bot.command import discover
    from bot.grammar.usage import usage_of

    commands: tuple[Any, ...] = discover("commands")
    for command in commands:
        yield command.english()
        yield command.verb.capitalize()
        for slot in usage_of(command).slots:
            yield slot.name.replace("_", " ")


def updated(language: str) -> str:
    """The catalogue of a language as it should be: PO, sorted, without the places in the code."""
    path = CATALOGUES[language]
    kept = read_po(io.BytesIO(path.read_bytes())) if path.exists() else Catalog()
    new = Catalog(locale=LOCALES[language], fuzzy=False, charset="utf-8")
    for message in messages():
        key = message[0] if isinstance(message, tuple) else message
        known = kept.get(key)
        new.add(message, known.string if known is not None else None)
    out = io.BytesIO()
    write_po(out, new, width=0, no_location=True, sort_output=True, omit_header=True)
    return HEADER.format(locale=LOCALES[language]) + out.getvalue().decode()


if __name__ == "__main__":
    for language, path in CATALOGUES.items():
        text = updated(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
