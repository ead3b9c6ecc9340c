"""A run of characters without spaces -> the words it is made of, all of them known."""

from collections.abc import Callable, Collection

Pieces = list[str]


def segment(run: str, known: Collection[str], also: Callable[[str], bool] = lambda _piece: False) -> Pieces:
    """`run` cut into words of `known` (or such that `also` takes), as few as can be; empty when it cannot be.

    Of two ways with as many words the one whose first words are longer is taken. Quadratic in the length of
    `run` at most, by the longest word at best.
    """
    longest = max((len(word) for word in known), default=0)
    best: list[Pieces | None] = [None] * len(run) + [[]]
    for start in range(len(run) - 1, -1, -1):
        for stop in range(min(len(run), start + max(longest, 1)), start, -1):
            rest, piece = best[stop], run[start:stop]
            if rest is None or not (piece in known or also(piece)):
                continue
            so_far = best[start]
            if so_far is None or 1 + len(rest) < len(so_far):
                best[start] = [piece, *rest]
    return best[0] or []
