"""What is said comes out in the language spoken, and nothing is said that has no translation."""

import json
import re
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from bot.language import CATALOGUES, Told, _, counted, retold, speaking
from bot.language.update import messages, updated


@pytest.mark.parametrize("language", CATALOGUES)
def test_the_catalogue_holds_what_the_code_says(language: str) -> None:
    """If not: `make words`, then translate what has none."""
    assert CATALOGUES[language].read_text() == updated(language)


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_text_is_translated_and_shows_the_same_values(language: str) -> None:
    with CATALOGUES[language].open("rb") as file:
        wrong = [
            f"{entry.id!r}: {entry.string!r}" for entry in read_po(file) if entry.id and not _fits(entry)
        ]
    assert not wrong, "\n".join(wrong)


def test_a_text_can_be_said_again_in_another_language_also_from_json() -> None:
    told = _("{thing} is late", thing=counted("{n} mail", "{n} mails", 2))

    kept = json.loads(json.dumps(told.to_plain() if isinstance(told, Told) else None), object_hook=retold)

    assert told == "2 mails is late"
    assert kept == told
    with speaking("zh"):
        assert kept.again() == "2 mails is late"  # no translation: English rather than nothing


def test_an_unknown_language_is_english() -> None:
    with speaking("tlh"):
        assert counted("{n} mail", "{n} mails", 1) == "1 mail"


def test_every_message_is_plain_text() -> None:
    """An f-string would put its values into the message, which then has no translation."""
    assert not [message for message in messages() if not message]


def _fits(entry: object) -> bool:
    ids, said = entry.id, entry.string  # type: ignore[attr-defined]
    ids = ids if isinstance(ids, (tuple, list)) else (ids,)
    said = said if isinstance(said, (tuple, list)) else (said,)
    return all(said) and all(_places(text) == _places(ids[-1]) and _marks(text) for text in said)


def _places(text: str) -> set[str | None]:
    return {name for _text, name, _spec, _how in Formatter().parse(text) if name is not None}


def _marks(text: str) -> bool:
    """Slack draws `*bold*` and `code` only with white space or punctuation around; Chinese has no spaces."""
    return not re.search(
        r"[一-鿿][`*]|[`*][一-鿿]",
        re.sub(r"`[^`]*`|\*[^*]*\*", lambda found: found[0][0] + found[0][-1], text),
    )
