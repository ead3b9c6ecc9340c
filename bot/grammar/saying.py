"""How what was typed, and what may have been meant, is said in a message."""

from collections.abc import Iterable, Sequence

from bot.grammar.problems import Leftover
from bot.grammar.slips import SUGGESTIONS
from bot.language import _
from bot.spoken import in_words
from bot.words import any_of, sentences

MANY = 20
"""So many names and choices at most."""


def shown(text: str) -> str:
    """What a person typed, as a short piece of code."""
    text = text.replace("`", "'")
    return f"`{text if len(text) <= 40 else text[:39] + '…'}`"


def listed(names: Sequence[str]) -> str:
    """The names, the first MANY of them."""
    if not names:
        return _("none in the configuration")
    shown_names = _(", ").join(names[:MANY])
    more = len(names) - MANY
    return _("{names} and {n} more", names=shown_names, n=more) if more > 0 else shown_names


def first(texts: Iterable[str], count: int = SUGGESTIONS) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))[:count]


def meant(suggestions: Sequence[str]) -> str:
    if not suggestions:
        return ""
    texts = any_of([f"`{in_words(text)}`" for text in suggestions[:SUGGESTIONS]])
    return _("Did you mean {texts}?", texts=texts)


def leftover(raw: str, suggestions: Sequence[str]) -> Leftover:
    unclear = _("I do not understand {words}.", words=shown(raw))
    return Leftover(sentences(unclear, meant(suggestions)), raw, first(suggestions))
