"""Words of a text, as the `standard` analyzer finds them, lower-cased.

Unicode text segmentation (UAX #29) in one linear expression: letters, digits and `_` form words; a dot,
colon or apostrophe joins two letters, a dot, comma or semicolon two digits. So
`java.lang.NullPointerException` is one word and `web-1` is two.
"""

from __future__ import annotations

import re

_WORD = re.compile(
    r"\w+(?:(?:(?<=[^\W\d_])[.:'’](?=[^\W\d_])|(?<=\d)[.,;'’](?=\d))\w+)*",
)


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def contains_phrase(text: str, phrase: list[str]) -> bool:
    """Are the words of `phrase` in `text`, in a row?"""
    lowered = text.lower()
    if not all(word in lowered for word in phrase):  # much cheaper than taking the text apart
        return False
    found = _WORD.findall(lowered)
    length = len(phrase)
    first = phrase[0]
    return any(
        word == first and found[at : at + length] == phrase
        for at, word in enumerate(found[: len(found) - length + 1])
    )


def mark(text: str, wanted: frozenset[str], before: str, after: str) -> str | None:
    """`text` with the wanted words between marks; None when none occurs."""
    hits = 0

    def around(match: re.Match[str]) -> str:
        nonlocal hits
        if match[0].lower() not in wanted:
            return match[0]
        hits += 1
        return f"{before}{match[0]}{after}"

    marked = _WORD.sub(around, text)
    return marked if hits else None


def wildcard(pattern: str, ignore_case: bool = False) -> re.Pattern[str]:
    """`*` and `?` with `\\` escaping them, as a regular expression over a whole value."""
    parts = re.findall(r"\\.|[*?]|[^*?\\]+|\\$", pattern, re.DOTALL)
    out = [{"*": ".*", "?": "."}.get(part, re.escape(_unescape(part))) for part in parts]
    # Runs of `*` would make matching slow without meaning more than one.
    collapsed = re.sub(r"(?:\.\*){2,}", ".*", "".join(out))
    return re.compile(collapsed, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def _unescape(part: str) -> str:
    return part[1:] if part.startswith("\\") and len(part) == 2 else part
