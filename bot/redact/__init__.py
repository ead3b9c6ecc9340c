"""Secrets, and numbers that belong to people, out of text that is about to be posted, written or logged.

What is known of the shapes of secrets stands in `shapes` (ours) and `detector` (detect-secrets), numbers with
check digits in `numbers`. A process adds what it holds itself, and what operations configured, with `use`.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

import re2

from bot.mrkdwn import inert
from bot.redact import detector, numbers
from bot.redact.shapes import BESIDE, PEM_GATE, PEM_LINE, SEVERAL_LINES, TOKENS, Shape

HIDDEN = "‹hidden›"
NARROW = {ord(letter) + 0xFEE0: letter for letter in "0123456789" + string.ascii_letters}
"""Full-width letters and digits (U+FF10 and on) are read as the plain ones; each is one character as well."""
SHORTEST_OWN = 6
"""Characters of an own secret that is hidden by its value: a shorter one would hide ordinary words."""


@dataclass(frozen=True)
class Redacted:
    """`hidden` counts the values that were replaced."""

    text: str
    hidden: int


Spans = Iterable[tuple[int, int]]
"""Start and end of what is to be hidden."""


@dataclass(frozen=True)
class Search:
    """`find` is given a text, and the same in small letters.

    `gates`: where small letters match none of these patterns (RE2) there is nothing to find; (): always look.
    """

    find: Callable[[str, str], Spans]
    gates: tuple[str, ...] = ()


class Redactor:
    """`own`: secrets of this process, hidden by their value. `presets`: names in PRESETS.

    `patterns`: regular expressions by name, in RE2's syntax, which takes linear time whatever they are; of
    one with groups only these are hidden.
    """

    def __init__(
        self,
        own: Collection[str] = (),
        presets: Collection[str] | None = None,
        patterns: Mapping[str, str] | None = None,
    ) -> None:
        chosen = PRESETS if presets is None else {name: PRESETS[name] for name in presets}
        self._searches: list[Search] = [search for searches in chosen.values() for search in searches]
        written = {spelling for value in own if len(value) >= SHORTEST_OWN for spelling in _spellings(value)}
        if written:  # the longest first: one may begin like another
            longest = "|".join(re.escape(value) for value in sorted(written, key=len, reverse=True))
            self._searches.append(_by(re.compile(longest)))
        self._searches += [_by(compiled(pattern)) for pattern in (patterns or {}).values()]
        self._gates = _Gates(self._searches)

    def __call__(self, text: str) -> Redacted:
        """`text` with each value replaced by `‹hidden›`. Doing it twice changes nothing more."""
        plain = text if text.isascii() else text.translate(NARROW)
        low = _small(plain)
        searches = self._gates.open_for(low)
        spans = sorted({span for search in searches for span in search.find(plain, low) if span[0] < span[1]})
        parts, hidden, at = [], 0, 0
        for start, end in spans:
            if start >= at:
                parts += [text[at:start], HIDDEN]
                hidden += 1
            at = max(at, end)
        return Redacted("".join([*parts, text[at:]]), hidden)


class _Gates:
    """All gates of all searches, which one pass over a text tries: most texts hold nothing at all."""

    def __init__(self, searches: Iterable[Search]) -> None:
        self._always = tuple(search for search in searches if not search.gates)
        self._behind: list[Search] = []
        self._set = re2.Set.SearchSet()
        for search in searches:
            for gate in search.gates:
                self._set.Add(gate)
                self._behind.append(search)
        self._set.Compile()

    def open_for(self, low: str) -> Iterable[Search]:
        """In any order; each once."""
        matched = self._set.Match(low.encode(errors="surrogatepass")) or ()
        return {
            id(search): search for search in (*self._always, *(self._behind[n] for n in matched))
        }.values()


def compiled(pattern: str) -> re.Pattern[str]:
    """Raises ValueError with RE2's reason."""
    options = re2.Options()
    options.log_errors = False
    try:
        made: re.Pattern[str] = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0]
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from None
    return made


def _spellings(value: str) -> set[str]:
    """As it is, in an address, and as it comes out of a message."""
    return {value, quote(value, safe=""), inert(value)}


def _small(text: str) -> str:
    """Small letters, each where the capital stood: some languages need two for one."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if c.isascii() else c for c in text)


def _by(pattern: re.Pattern[str]) -> Search:
    return Search(lambda text, _: _groups(pattern.finditer(text)))


def _groups(matches: Iterable[re.Match[str]]) -> Iterator[tuple[int, int]]:
    return (found.span(found.lastindex or 0) for found in matches)


def _in_lines(shape: Shape) -> Search:
    """Only lines with a hint are looked at."""

    def search(text: str, low: str) -> Iterator[tuple[int, int]]:
        for start, end in sorted(set(_lines_with(shape.hints, low))):
            yield from _groups(shape.pattern.finditer(text, start, end))

    return Search(search, tuple(map(re2.escape, shape.hints)))


def _lines_with(hints: Iterable[str], low: str) -> Iterator[tuple[int, int]]:
    for hint in hints:
        at = low.find(hint)
        while at >= 0:
            end = low.find("\n", at)
            end = len(low) if end < 0 else end
            yield low.rfind("\n", 0, at) + 1, end
            at = low.find(hint, end)


def _over_lines(shape: Shape) -> Search:
    return Search(lambda text, _: _groups(shape.pattern.finditer(text)), tuple(map(re2.escape, shape.hints)))


def _pem_lines(text: str, _: str) -> Iterator[tuple[int, int]]:
    at = 0
    for line in text.split("\n"):
        start = max(line.rfind(" "), line.rfind("\t")) + 1
        if 60 <= len(line) - start <= 78 and (found := PEM_LINE.match(line, start)):
            yield at + found.start(1), at + found.end(1)
        at += len(line) + 1


def _numbers(kind: numbers.Kind) -> Search:
    return Search(lambda text, _: kind.find(text), kind.gates)


PRESETS: dict[str, tuple[Search, ...]] = {
    "secrets": (
        *map(_over_lines, SEVERAL_LINES.values()),
        *map(_in_lines, (*BESIDE.values(), *TOKENS.values())),
        Search(_pem_lines, (PEM_GATE,)),
        *(Search(partial(detector.found, kind), gates) for kind, gates in detector.GATES.items()),
    ),
    "id_numbers": (_numbers(numbers.IDS),),
    "phone_numbers": (_numbers(numbers.PHONES),),
    "bank_cards": (_numbers(numbers.CARDS),),
}

_current = Redactor()


def use(redactor: Redactor) -> None:
    """Hide what `redactor` hides, from now on, in everything that leaves this process."""
    global _current  # one for each process: what it holds is to be hidden whoever writes
    _current = redactor


def redact(text: str) -> Redacted:
    """`text` with each secret replaced by `‹hidden›`. Doing it twice changes nothing more."""
    return _current(text)


def redact_lines(lines: Iterable[str]) -> tuple[tuple[str, ...], int]:
    """The lines as one text, so that a key that spans several is found, and how many values were hidden."""
    redacted = redact("\n".join(lines))
    return tuple(redacted.text.split("\n")), redacted.hidden
