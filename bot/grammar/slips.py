"""Slips of the finger: a word that is nearly another one, and words whose spaces were lost."""

from collections.abc import Iterable, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.grammar.segment import segment
from bot.grammar.several import AND
from bot.grammar.times import Moment
from bot.grammar.usage import PREPOSITIONS, Slot
from bot.grammar.values import Line, Name, Ref, Text, Typed, Verb, Version
from bot.grammar.words import Word

SUGGESTIONS = 3
_LONGEST_GLUED = 80


def near(word: str, pool: Iterable[str]) -> list[str]:
    """The words of `pool` that `word` may be a slip for, nearest first: a few letters off, or cut short."""
    bare = word.lstrip("-")
    if not 2 <= len(bare) <= 40:
        return []
    pool = list(pool)
    slips = 1 if len(bare) <= 5 else 2 if len(bare) <= 8 else 3
    close = process.extract(bare, pool, scorer=OSA.distance, score_cutoff=slips, limit=SUGGESTIONS)
    begun = [name for name in pool if name.startswith(bare) or (len(name) > 2 and bare.startswith(name))]
    return list(dict.fromkeys([name for name, _, _ in close] + begun))[:SUGGESTIONS]


def unglued(word: Word, known: Iterable[str]) -> list[Word]:
    """`webtotrunk` as `web to trunk`, where spaces were lost; empty when it is not made of `known` words.

    A number may follow a small word: `to6`.
    """
    bare = word.text.strip(".,;:!?")
    if word.quoted or len(bare) > _LONGEST_GLUED:
        return []
    pieces = segment(bare, {*known}, str.isdecimal)
    numbers = (i for i, piece in enumerate(pieces) if piece.isdecimal())
    if len(pieces) < 2 or any(i == 0 or pieces[i - 1] not in PREPOSITIONS for i in numbers):
        return []
    return [Word(piece, piece, word.start, word.end) for piece in pieces]


def worth_offering(slot: Slot, word: str, names: Mapping[type[Name], Mapping[str, str]]) -> bool:
    """Whether `word` may be meant as a value of `slot`: a word of the sentence seldom is, such as `asap`."""
    if (
        not issubclass(slot.kind, Typed)
        or slot.kind.choices
        or slot.kind is Moment
        or word in names.get(Verb, {})
    ):
        return False
    if slot.kind in (Ref, Version):
        return not word.isalpha() or word == "head" or word in names.get(Line, {})
    return slot.kind is not Text or word not in AND
