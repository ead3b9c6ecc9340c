"""Labels of buttons that stand side by side -> labels that differ in what a phone shows of them. Pure.

A phone cuts the end of a long label, and that is where commands and tags differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile

FITS = 26
"""Latin characters that a button of a phone shows; a Chinese one takes the room of two."""


def width(text: str) -> int:
    return sum(1 if character.isascii() else 2 for character in text)


def seen(label: str) -> str:
    """As much of it as a phone shows."""
    for end in range(min(len(label), FITS), -1, -1):
        if width(label[:end]) <= FITS:
            return label[:end]
    return ""


def apart(labels: Sequence[str]) -> list[str]:
    """As they are where a phone tells them apart; else without the words that all begin with, or by their ends.

    What are the same stay the same.
    """
    ways: tuple[Callable[[Sequence[str]], list[str]], ...] = (list, _without_beginning, _ends, _numbered)
    return next(said for way in ways if _differ(said := way(labels), labels))


def _differ(said: Sequence[str], meant: Sequence[str]) -> bool:
    return len({seen(label) for label in said}) == len(set(meant)) or said == _numbered(meant)


def _without_beginning(labels: Sequence[str]) -> list[str]:
    words = [label.split(" ") for label in labels]
    same = list(takewhile(lambda column: len(set(column)) == 1, zip(*words, strict=False)))
    begun = min(len(same), min(map(len, words)) - 1)
    return ["… " + " ".join(own[begun:]) if begun else " ".join(own) for own in words]


def _ends(labels: Sequence[str]) -> list[str]:
    return [label if width(label) <= FITS else "…" + _end(label, FITS - 2) for label in labels]


def _end(label: str, most: int) -> str:
    return next(
        label[start:]
        for start in range(max(0, len(label) - most), len(label) + 1)
        if width(label[start:]) <= most
    )


def _numbered(labels: Sequence[str]) -> list[str]:
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels), 1)}
    return [f"{numbers[label]}: {label}" for label in labels]
