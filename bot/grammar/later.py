"""Words by which somebody says: not at once, or not at all. What stands beside them is not started, nor offered
without them.
"""

import re

from bot.grammar.lengths import LENGTH, NUMBERS
from bot.grammar.times import DAYS

DOUBTS = frozenset(
    {
        "not", "no", "never", "nor", "neither", "nothing", "none", "without", "except", "excluding", "but", "minus",
        "dont", "don't", "cannot", "cant", "can't", "won't", "shouldn't", "mustn't", "instead", "rather", "other",
        "if", "unless", "when", "whenever", "until", "till", "after", "before", "once", "while", "provided", "assuming",
        "case", "depending", "maybe", "perhaps", "probably", "otherwise", "down", "fewer", "less", "kidding",
        "❌", "🚫", "⛔", "🛑",
    }
)  # fmt: skip
LATER = frozenset(
    {
        "yesterday", "today", "tonight", "tomorrow", "later", "soon", "sometime", "eventually", "ago", "week", "month",
        "weekend", "morning", "afternoon", "evening", "night", "noon", "midnight", "lunch", "lunchtime", "dinner",
        "dawn", "dusk", "eod", "cob", "christmas", "easter", *DAYS, *(day[:3] for day in DAYS),
    }
)  # fmt: skip
"""Whoever says one does not want it at once."""
_SAYS_NOTHING = frozenset(
    {
        "now", "once", "all", "least", "most", "latest", "last", "first", "half", "quarter", "the", "a", "an", "any",
        "some", "end", "your", "my", "our", "this", "that", "it",
    }
)  # fmt: skip
"""`at once`, `at the end of the day`: words of a sentence, and no branch of the code unless it is quoted."""
NO_CODE = DOUBTS | LATER | _SAYS_NOTHING
AMOUNTS = frozenset({*NUMBERS, "hundred", "thousand", "dozen", "half", "double", "twice", "percent"})
"""Part of a number: what is left without one is another number."""
ZONES = frozenset(["utc", "gmt", "z", "cet", "cest", "cst", "est", "pst"])
_CLOCK = re.compile(
    "@?(?P<hour>[01]?[0-9]|2[0-3]|24(?=h|[.:h]?00|$))(?:[.:h_-]?(?P<minute>[0-5][0-9]))?(?:h|hrs?)?"
)
_ABOUT = re.compile("@?[0-9]{1,2}(?::[0-9]{2})?(?:ish|a|p)")
_MONTH, _DAY, _YEAR = "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|[12][0-9]|3[01])", "20[0-9]{2}"
_DATE = re.compile(
    f"{_DAY}(?P<a>[./-]){_DAY}(?P=a){_YEAR}|{_DAY}/{_DAY}(?:/[0-9]{{2}})?|(?:1[3-9]|2[0-9]|3[01])[.](?:0[1-9]|1[0-2])"
    f"|{_YEAR}(?P<b>[./-]){_MONTH}(?P=b){_DAY}|{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
)
_IN_A_WHILE = re.compile(rf"(?:in |after )?(?:{LENGTH})")  # not said: a pattern


def may_be_time(word: str) -> bool:
    """`22`, `9.30`, `22h`, `0900`, `24.12.2026`, `ten` and `tonight`: perhaps meant as a time, and as no code."""
    word = word.lower()
    return word in LATER or word in NUMBERS or any(shape.fullmatch(word) for shape in (_CLOCK, _ABOUT, _DATE))


def doubted(word: str) -> bool:
    """Whether it says that the rest is not meant, or not yet: `not`, `if`, `!product`, `~product~`, `non-product`."""
    return word in DOUBTS or word[:1] in ("!", "~") or word[:4] == "non-"


def says_later(words: str) -> bool:
    """`tonight`, `@22:00`, `2 hours`: what is left over of a sentence says when. In Chinese `下` is the next one."""
    said = words.lower()
    if said in ZONES or _CLOCK.fullmatch(said) or _IN_A_WHILE.fullmatch(said):
        return True
    each = said.split(" ")
    return any(
        word[:1] == "下" or (may_be_time(word) and not word.isdecimal() and word not in NUMBERS)
        for word in each
    )


def meanings(word: str) -> tuple[str, ...]:
    """`22` as a time and as a revision; nothing for a word, of which nobody knows when that is."""
    said = _CLOCK.fullmatch(word.lower())
    hour = int(said["hour"]) if said else NUMBERS.get(word.lower(), 99)
    times = (f"{hour % 24:02}:{(said and said['minute']) or '00'}",) if hour <= 24 else ()
    if not (said or _DATE.fullmatch(word.lower())) or "@" in word or ":" in word:
        return times
    return (*times, f"r{word}" if word.isdecimal() else f"tag {word}")  # not said: what is typed
