"""Several things in one line: names with `and` between them, and a second command."""

import re
from collections.abc import Collection, Sequence

from bot.grammar.words import Word

AND = frozenset({"and", "or", "then", "also", "plus", "&", "&&", "+", "/", "->", "→"})
_BETWEEN = re.compile(r"[,&+/]")
_TOLD = 2  # places: before them there is a verb alone, or with one name


def second(
    words: Sequence[Word], strays: Sequence[int], verbs: Collection[str]
) -> tuple[Sequence[Word], Sequence[Word]] | None:
    """`lock web in product and deploy web to product`: the words of the two; None when there is one.

    `strays`: the places of the words that mean nothing in the first one.
    """
    for i in strays:
        if words[i].text in verbs and not words[i].quoted and (i > _TOLD or words[i - 1].text in AND):
            stop = i
            while words[stop - 1].text in AND:
                stop -= 1
            return words[:stop], words[i:]
    return None


def apart(words: Sequence[Word], strays: Sequence[int], names: Sequence[Collection[str]]) -> Sequence[Word]:
    """`web and pay`, `web,pay`: the words with the names side by side; empty when something else is stray.

    `names`: those of each kind.
    """
    found: list[Word] = []
    for i, word in enumerate(words):
        if i not in strays:
            found.append(word)
            continue
        if word.quoted:
            return ()
        if word.text in AND:
            beside = [other.text for other in words[max(0, i - 1) : i + 2 : 2]]
            pieces = []
        else:
            beside = pieces = _BETWEEN.split(word.text)
        kinds = {tuple(piece in kind for kind in names) for piece in beside}
        if len(beside) < 2 or len(kinds) > 1 or (pieces and not any(*kinds)):
            return ()  # `6 and pay`, `trunk and api`: two changes rather than two names
        found += [Word(piece, piece, word.start, word.end) for piece in pieces]
    return found
