"""A command as it is said to people: as its canonical text, or in Chinese words that can be typed just so. Pure.

What an operation records stays canonical: this is only how it is shown.
"""

from __future__ import annotations

import re

from bot.language import CHINESE, _, spoken

SMALL = {
    "to": "到", "in": "在", "from": "从", "because": "因为", "replacing": "替换", "at": "", "for": "",
}  # fmt: skip
"""Words between values, in Chinese; empty: Chinese puts none there. After `because` comes text."""
_BARE = re.compile(r"r[0-9]+|HEAD|[0-9]+[smhdw]|[0-9:-]+|today|tomorrow|[a-z]+day")
"""What is unmistakable without `at` or `for` before it."""
_PART = re.compile(r'"(?:[^"\\]|\\.)*"|\S+')


def in_words(text: str) -> str:
    """`deploy web to trunk at r1841` as `部署 web 到 trunk r1841` to whoever reads Chinese."""
    if spoken() != CHINESE or not text:
        return text
    verb, *words = _PART.findall(text)
    said = [_(verb.capitalize())]
    for number, word in enumerate(words):
        following = words[number + 1] if number + 1 < len(words) else ""
        if "因为" in said[1:]:
            said.append(word)
        elif verb != "logs" and SMALL.get(word) == "":
            said.append("" if _BARE.fullmatch(following) else word)
        else:
            said.append(SMALL.get(word) or word)
    return " ".join(filter(None, said))
