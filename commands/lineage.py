"""The commits of one line in their order, as its builds tell of them: which build holds more than another, and what.

A later build may be of older code, and then lists no commits: the number of a build says nothing. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.ports import Built, Commit


@dataclass(frozen=True)
class Lineage:
    commits: tuple[Commit, ...]
    """Oldest first, each once."""
    places: Mapping[str, int]
    """Revision -> how many of the commits it holds."""
    known: tuple[int, int] | None = None
    """In Subversion: the revisions between which every commit of the line is known; they compare by number."""

    @classmethod
    def of(cls, builds: Iterable[Built], *, by_number: bool) -> Lineage:
        """`by_number`: the source is Subversion."""
        in_order = sorted(builds, key=lambda built: built.number)
        return cls._by_number(in_order) if by_number else cls._by_builds(in_order)

    @classmethod
    def _by_number(cls, builds: list[Built]) -> Lineage:
        each = {_number(commit.id): commit for built in builds for commit in built.commits}
        commits = {number: each[number] for number in sorted(number for number in each if number is not None)}
        revisions = [number for built in builds if (number := _number(built.revision)) is not None]
        if not revisions:
            return cls((), {})
        first = min([revisions[0], *(number - 1 for number in commits)])
        return cls(tuple(commits.values()), {}, (first, max([*revisions, *commits])))

    @classmethod
    def _by_builds(cls, builds: list[Built]) -> Lineage:
        """Jenkins tells of each commit with the first build that holds it."""
        order: dict[str, Commit] = {}
        places: dict[str, int] = {}
        for built in builds:
            before = len(order)
            order |= {commit.id: commit for commit in built.commits if commit.id not in order}
            places |= {commit: place for place, commit in enumerate(order, 1) if place > before}
            if built.revision and (built is builds[0] or len(order) > before):
                places.setdefault(built.revision, len(order))
        return cls(tuple(order.values()), places)

    def place(self, built: Built) -> int | None:
        """How many of the commits it holds; None: nobody knows."""
        if self.known is None:
            return self.places.get(built.revision)
        number = _number(built.revision)
        if number is None or not self.known[0] <= number <= self.known[1]:
            return None
        return sum((_number(commit.id) or 0) <= number for commit in self.commits)

    def between(self, one: int, other: int) -> tuple[Commit, ...]:
        """Those that one place holds and the other does not, newest first."""
        return tuple(reversed(self.commits[min(one, other) : max(one, other)]))


def is_older(built: Built, than: Built) -> bool:
    """Whether its revision of Subversion says so."""
    one, other = _number(built.revision), _number(than.revision)
    return one is not None and other is not None and one < other


def _number(revision: str) -> int | None:
    digits = revision.removeprefix("r")
    return int(digits) if digits.isdecimal() else None
