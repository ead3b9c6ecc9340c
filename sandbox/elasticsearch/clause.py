"""What a query becomes: a test of one document, one of what log lines share, and a span of time to look in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sandbox.elasticsearch.errors import ParsingError
from sandbox.elasticsearch.index import TIMELESS, Common, Document, Window

T = TypeVar("T")
Test = Callable[[Document], bool]
Shared = Callable[[Common], bool]

ALWAYS: Window = (TIMELESS, 2**62)
EMPTY: Window = (0, 0)


@dataclass(frozen=True)
class Clause:
    """What is inside `window` and passes both tests. None: everything does.

    `shared` is about what lines have in common with their neighbours, so that it is asked once for all of
    them. `words`: what a highlighter marks.
    """

    test: Test | None = None
    window: Window = ALWAYS
    words: frozenset[str] = frozenset()
    shared: Shared | None = None

    def matches(self, document: Document) -> bool:
        low, high = self.window
        if not low <= document.time < high or (self.shared is not None and not self.shared(document.common)):
            return False
        return self.test is None or self.test(document)

    @property
    def is_only_shared(self) -> bool:
        return self.test is None and self.window == ALWAYS


EVERYTHING = Clause()
NOTHING = Clause(window=EMPTY)


def every(clauses: Sequence[Clause]) -> Clause:
    """All of them."""
    low = max((clause.window[0] for clause in clauses), default=ALWAYS[0])
    high = min((clause.window[1] for clause in clauses), default=ALWAYS[1])
    tests = [clause.test for clause in clauses if clause.test is not None]
    words = frozenset[str]().union(*(clause.words for clause in clauses))
    window = (low, high) if low < high else EMPTY
    return Clause(_all(tests), window, words, _all([one.shared for one in clauses if one.shared is not None]))


def _all(tests: Sequence[Callable[[T], bool]]) -> Callable[[T], bool] | None:
    if len(tests) <= 1:
        return tests[0] if tests else None
    return lambda subject: all(test(subject) for test in tests)


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
    if all(clause.is_only_shared for clause in clauses):
        return Clause(words=words, shared=lambda common: sum(map(_takes(common), clauses)) >= count)
    return Clause(lambda document: sum(c.matches(document) for c in clauses) >= count, (low, high), words)


def none_of(clauses: Sequence[Clause]) -> Clause:
    if not clauses:
        return EVERYTHING
    if all(clause.is_only_shared for clause in clauses):
        return Clause(shared=lambda common: not any(map(_takes(common), clauses)))
    return Clause(lambda document: not any(clause.matches(document) for clause in clauses))


def _takes(common: Common) -> Callable[[Clause], bool]:
    return lambda clause: clause.shared is None or clause.shared(common)


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
