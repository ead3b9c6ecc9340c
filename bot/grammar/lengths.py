"""Lengths of time as people say them: `90s`, `2h30m`, `1.5h`, `an hour`, `half an hour`, `two and a half hours`.

What may mean two things is none: `half a day` is twelve hours or a morning, `a couple of hours` anything.
"""

import re
from fractions import Fraction

SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_UP_TO_TWENTY = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
NUMBERS = {word: n for n, word in enumerate(_UP_TO_TWENTY)} | {"thirty": 30, "forty": 40, "fifty": 50}
"""Numbers that a dictation may write as words."""

_SMALL = "h(?:ou)?rs?|h|min(?:ute)?s?|m"
_UNIT = rf"w(?:ee)?ks?|w|days?|d|{_SMALL}|sec(?:ond)?s?|s"
_WORD = f"an?|{'|'.join(list(NUMBERS)[1:])}"
_FIGURES = rf"[0-9]+(?:\.[0-9]{{1,2}})? ?(?:{_UNIT})"
_PART = rf"(?:{_FIGURES}|(?:{_WORD}) (?:{_UNIT}))"
_COUNT = rf"(?:[0-9]+|{_WORD})"
_AND_HALF = (
    rf"{_COUNT} and a half (?:{_SMALL})|(?:[0-9]+|{_COUNT} )(?:{_SMALL}) and a half"  # not said: a pattern
)
_SEVERAL = rf"{_PART}(?:(?: and)? ?{_FIGURES}| and {_PART})*"  # not said: a pattern
LENGTH = rf"(?:{_AND_HALF}|half (?:an? )?(?:{_SMALL})|{_SEVERAL})(?: ago)?"
"""How one is written, in small letters, with one space between words."""
_READ = re.compile(rf"([0-9.]+|\b(?:half an?|half|{_WORD})\b) ?([wdhms])")


def seconds(text: str) -> Fraction:
    """How long `text` is. Raises ValueError when it says no length of time, or not clearly which."""
    said = text.lower()
    if not re.fullmatch(LENGTH, said):
        raise ValueError(text)
    parts = _READ.findall(said.replace(" and a half", ""))
    whole = sum((_amount(amount) * SECONDS[unit] for amount, unit in parts), Fraction())
    return whole + Fraction(SECONDS[parts[0][1]], 2) if " and a half" in said else whole


def _amount(text: str) -> Fraction:
    if text.startswith("half"):
        return Fraction(1, 2)
    if text in ("a", "an"):
        return Fraction(1)
    return Fraction(NUMBERS.get(text, text))
