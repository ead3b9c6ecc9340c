"""Where log lines are searched, and what brings them there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.ports.watching import Topic, Watched


@dataclass(frozen=True)
class LogQuery:
    """Which log lines. Every text is a value to be looked for; only `lucene` is a query in a language."""

    index: str
    since: datetime
    until: datetime | None = None
    """Not included; None: up to now."""
    level: str | None = None
    """That or worse."""
    text: str | None = None
    """A phrase: its words in a row."""
    pod: str | None = None
    """How the pod's name begins."""
    trace: str | None = None
    """The id of a request that several programs worked on."""
    lucene: str | None = None
    """A query in Lucene's syntax, which every line must match too."""
    limit: int = 50
    filters: tuple[tuple[str, str], ...] = ()
    """Field and value that every line must have."""


@dataclass(frozen=True)
class LogLine:
    at: datetime
    level: str
    pod: str
    message: str


MOST_COUNTED = 10_000
"""Lines are counted exactly up to here: counting more costs the log store and tells nobody anything."""


@dataclass(frozen=True)
class LogPage:
    """The newest lines that match, oldest first, and the figures around them."""

    lines: list[LogLine] = field(default_factory=list)
    total: int = 0
    total_is_exact: bool = True
    errors: int | None = 0
    """How many of all that match are errors or worse; MOST_COUNTED: so many or more; None: not told in time."""
    errors_before: int | None = 0
    """The same, in as much time right before."""
    newest: datetime | None = None
    """When the newest line of all was written, whether it matches or not, if not in the future; None: there is none."""
    ahead: int = 0
    """How many more would match if the time that they bear were not still to come."""
    partial: str | None = None
    """Which part of the store did not answer, if any."""
    cut: bool = False
    """Fewer lines were read than were asked for and are there: they are very long."""


@dataclass(frozen=True)
class Signature:
    """Lines that are alike but for numbers, names and the like."""

    text: str
    """The words they share."""
    count: int
    early: int
    """How many of them were written before the moment that was asked about."""
    first: datetime
    """When the earliest of those that match was written."""
    example: LogLine
    """The newest of them."""


@dataclass(frozen=True)
class Signatures:
    """The commonest kinds of lines, most frequent first, and the figures of all that match."""

    all: list[Signature]
    total: int
    """Lines that match, of whatever kind."""
    early: int
    """How many of them were written before the moment that was asked about."""
    cut: bool
    """There may be more kinds than were asked for."""
    newest: datetime | None = None
    """When the newest line of all was written, of whatever kind; None: there is none."""
    partial: str | None = None
    """Which part of the store did not answer, if any."""


class LogStore(Watched, Protocol):
    """Where logs are searched (Elasticsearch)."""

    def search(self, query: LogQuery) -> LogPage: ...

    def signatures(self, query: LogQuery, most: int, split: datetime) -> Signatures:
        """The `most` commonest kinds of lines among all that match.

        `split`: those before it are counted apart.
        """

    def first_seen(self, query: LogQuery, texts: Sequence[str]) -> list[datetime | None]:
        """When each signature's earliest line within `query` was written; None: there is none."""

    def newest(self, indices: Sequence[str]) -> dict[str, datetime | None]:
        """Of each index or pattern that exists, when its newest line was written."""

    def growing(self, query: LogQuery) -> Topic:
        """Never done; `progress` changes whenever there are more lines that match."""

    def link(self, query: LogQuery, data_view: str) -> str:
        """A page that shows the same lines (Kibana), or "" where none is configured."""


@dataclass(frozen=True)
class Measured:
    """One series of numbers at one moment."""

    labels: Mapping[str, str]
    value: float


class Metrics(Protocol):
    """Where numbers about everything are kept (Prometheus)."""

    def query(self, expression: str) -> list[Measured]:
        """`expression` is ours (PromQL), never what somebody typed."""


@dataclass(frozen=True)
class Shipped:
    """What passed through one node of a log shipper since it was started; rates are events a second."""

    name: str
    taken: int = 0
    filtered: int = 0
    given: int = 0
    taken_rate: float | None = None
    given_rate: float | None = None
    trouble: str = ""
    """Why nothing is known of it: "cannot be reached"."""

    @property
    def held(self) -> int:
        """Events that it has and nobody has taken from it yet."""
        return max(0, self.taken - self.given)


class Shipper(Protocol):
    """What brings lines into the log store (Logstash)."""

    def nodes(self) -> list[Shipped]: ...
