"""Bring the catalogues up to date with the code: `python -m bot.language.update`.

New messages come in without a translation, which a test then asks for; those that no code says any more go.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.language import CATALOGUES, LOCALES

ROOT = Path(__file__).parents[2]
SPEAKING = ("bot", "commands", "integrations")
KEYWORDS = {"_": None, "N_": None, "counted": (1, 2), "until": None}
"""With the names of steps that are waited for, which `Story.until` takes."""
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
        found = extract_from_dir(str(ROOT / folder), [("**.py", "python")], keywords=KEYWORDS)
        for _file, _line, message, _comments, _context in found:
            yield (message[0], message[1]) if isinstance(message, tuple) else message


def _of_commands() -> Iterator[str]:
    """What stands in the commands themselves: the first line of their docstrings, and what their slots are called."""
    from bot.command import discover
    from bot.grammar.usage import usage_of

    commands: tuple[Any, ...] = discover("commands")
    for command in commands:
        yield command.english()
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
