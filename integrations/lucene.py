"""Queries in Lucene's syntax that people type: what would read the whole index is refused. Pure.

https://www.elastic.co/docs/reference/query-languages/query-dsl/query-dsl-query-string-query#query-string-syntax
"""

from __future__ import annotations

import re

from bot.faults import Refused

_LITERAL = re.compile(r'\\.|"(?:[^"\\]|\\.)*"', re.DOTALL)
_START = r"(?:^|(?<=[\s(:+!{\[-]))"
_EVERYTHING = re.compile(r"^\s*(?:\*(?::\*)?|_exists_:\s*\*)\s*$")
_REGEX = re.compile(rf"{_START}/")
_LEADING = re.compile(rf"{_START}[*?](?=[^\s)\]}}])|{_START}\?")
_SHORT = re.compile(rf"{_START}[^\s\"():+!*?/-][*?]")
_IN_RANGE = re.compile(r"[\[{][^\]}]*[\]}]")


def check(text: str) -> None:
    """Raises Refused for a query that makes Elasticsearch go through every word it knows."""
    bare = _LITERAL.sub("x", text)
    bare = _IN_RANGE.sub("x", bare)  # `[* TO 5]` is an open end
    if _EVERYTHING.match(bare):
        raise Refused("That query matches every line.", "Leave it out, or say `level error`.")
    if _REGEX.search(bare):
        hint = 'Put text that holds a / in quotes, or look for its words with `grep "..."`.'
        raise Refused("A regular expression (`/.../`) reads every word of the index.", hint)
    if _LEADING.search(bare):
        hint = "Begin with letters, such as `Timeout*`, or look for a word with `grep Timeout`."
        raise Refused("A word that begins with `*` or `?` reads every word of the index.", hint)
    if _SHORT.search(bare):
        hint = "Put at least two letters before it, such as `ti*`."
        raise Refused("A single letter before `*` or `?` matches too much of the index.", hint)
