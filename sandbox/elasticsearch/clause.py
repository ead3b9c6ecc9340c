"""What a query becomes: a test of one document, and the span of time outside which nothing can match."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.elasticsearch.errors import ParsingError
from sandbox.elasticsearch.index import TIMELESS, Document, Window

Test = Callable[[Document], bool]

ALWAYS: Window = (TIMELESS, 2**62)
EMPTY: Window = (0, 0)


@dataclass(frozen=True)
class Clause:
    """`test` None: every document inside `window` matches. `words`: what a highlighter marks."""

    test: Test | None = None
    window: Window = ALWAYS
    words: frozenset[str] = frozenset()

    def matches(self, document: Document) -> bool:
        low, high = self.window
        return low <= document.time < high and (self.test is None or self.test(document))


EVERYTHING = Clause()
NOTHING = Clause(window=EMPTY)


def every(clauses: Sequence[Clause]) -> Clause:
    """All of them."""
    low = max((clause.window[0] for clause in clauses), default=ALWAYS[0])
    high = min((clause.window[1] for clause in clauses), default=ALWAYS[1])
    tests = [clause.test for clause in clauses if clause.test is not None]
    words = frozenset[str]().union(*(clause.words for clause in clauses))
    window = (low, high) if low < high else EMPTY
    if len(tests) <= 1:
        return Clause(tests[0] if tests else None, window, words)
    return Clause(lambda document: all(test(document) for test in tests), window, words)


def at_least(count: int, clauses: Sequence[Clause]) -> Clause:
    """`count` of them or more."""
    if count <= 0:
        return Clause(words=frozenset[str]().union(*(clause.words for clause in clauses)))
    if count > len(clauses):
        return NOTHING
    if count == len(clauses):
        return every(clauses)
    open_windows = [clause.window for clause in clauses if clause.window != EMPTY]
    low = min((low for low, _ in open_windows), default=0)
    high = max((high for _, high in open_windows), default=0)
    words = frozenset[str]().union(*(clause.words for clause in clauses))
    return Clause(lambda document: sum(c.matches(document) for c in clauses) >= count, (low, high), words)


def none_of(clauses: Sequence[Clause]) -> Clause:
    if not clauses:
        return EVERYTHING
    return Clause(lambda document: not any(clause.matches(document) for clause in clauses))


def how_many(rule: int | str, of: int) -> int:
    """`minimum_should_match`: `2`, `-1` (all but one), `75%`, `-25%`."""
    match = re.fullmatch(r"(-?\d+)(%?)", str(rule).strip())
    if match is None:
        raise ParsingError(f"minimum_should_match [{rule}] is not understood")
    count = int(match[1])
    if match[2]:
        share = abs(count) * of // 100
        return share if count >= 0 else of - share
    return count if count >= 0 else of + count
