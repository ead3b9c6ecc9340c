"""Words by which somebody says: not at once, or not at all. What stands beside them is not started, nor offered
without them.
"""

import re

from bot.grammar.lengths import LENGTH
from bot.grammar.times import DAYS

DOUBTS = frozenset(
    [
        "not",
        "no",
        "never",
        "dont",
        "don't",
        "nor",
        "if",
        "unless",
        "when",
        "until",
        "after",
        "before",
        "without",
    ]
)
LATER = frozenset(
    {
        *(
            "today",
            "tonight",
            "tomorrow",
            "later",
            "soon",
            "week",
            "morning",
            "afternoon",
            "evening",
            "night",
        ),
        *("noon", "midnight", *DAYS, *(day[:3] for day in DAYS)),
    }
)
"""Whoever says one does not want it at once."""
ZONES = frozenset(["utc", "gmt", "z", "cet", "cest", "cst", "est", "pst"])
_CLOCK = re.compile("@?(?P<hour>[01]?[0-9]|2[0-4])(?:[.:h]?(?P<minute>[0-5][0-9]))?(?:h|hrs?)?")
_IN_A_WHILE = re.compile(rf"(?:in |after )?(?:{LENGTH})")  # not said: a pattern


def may_be_time(word: str) -> bool:
    """`22`, `9.30`, `22h`, `0900` and `tonight`: no time as Shipmate knows them, and perhaps meant as one."""
    return word.lower() in LATER or _CLOCK.fullmatch(word.lower()) is not None


def says_later(words: str) -> bool:
    """`tonight`, `@22:00`, `2 hours`: what is left over of a sentence says when. In Chinese `下` is the next one."""
    said = words.lower()
    if said in ZONES or _CLOCK.fullmatch(said) or _IN_A_WHILE.fullmatch(said):
        return True
    each = said.split(" ")
    return any(word[:1] == "下" or (may_be_time(word) and not word.isdecimal()) for word in each)


def meanings(word: str) -> tuple[str, ...]:
    """`22` as a time and as a revision; nothing for a word, of which nobody knows when that is."""
    said = _CLOCK.fullmatch(word.lower())
    if said is None:
        return ()
    time = f"{int(said['hour']) % 24:02}:{said['minute'] or '00'}"
    return time, f"r{word}" if word.isdecimal() else f"tag {word}"  # not said: what is typed
