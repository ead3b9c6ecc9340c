"""Where documents are kept: per index, sorted by `@timestamp`, so that time ranges are found by bisection."""

from __future__ import annotations

import uuid
from bisect import bisect_left, bisect_right, insort_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from sandbox.elasticsearch import dates
from sandbox.elasticsearch.errors import ElasticError
from sandbox.elasticsearch.mapping import Mapping, Value, is_log_stream

TIME = "@timestamp"
TIMELESS = -(2**62)
"""Where documents without a timestamp are sorted; no date is that early."""

Window = tuple[int, int]
"""Milliseconds, the end not included."""


@dataclass(frozen=True, eq=False)
class Common:
    """What many log lines share: the source around the message, and its indexed values by path."""

    source: dict[str, Any]
    values: dict[str, tuple[Value, ...]]


class Document:
    """One document. A log line keeps only its time and message; the rest is shared with its neighbours."""

    __slots__ = ("common", "line", "name", "sequence", "time")

    def __init__(self, time: int, sequence: int, common: Common, line: str | None, name: str | None) -> None:
        self.time = time
        self.sequence = sequence
        self.common = common
        self.line = line
        self.name = name

    @property
    def id(self) -> str:
        return self.name if self.name is not None else f"{self.sequence:020d}"

    def values(self, path: str) -> tuple[Value, ...]:
        if self.line is not None:
            if path == "message":
                return (self.line,)
            if path == TIME:
                return (self.time,)
        return self.common.values.get(path, ())

    def has(self, path: str) -> bool:
        """Is there a value at `path`, or below it when it is an object?"""
        if self.values(path):
            return True
        below = f"{path}."
        return any(name.startswith(below) for name in self.common.values)

    def source(self) -> dict[str, Any]:
        if self.line is None:
            return self.common.source
        return {TIME: dates.render(self.time), "message": self.line, **self.common.source}


_time = attrgetter("time")


class Postings:
    """Log lines by what they share with their neighbours, as an inverted index would list them by each term.

    A query about pods or levels looks at a handful of these instead of at every document. `others` counts the
    documents that share nothing with any other and are in none of them.
    """

    def __init__(self) -> None:
        self.others = 0
        self._lists: dict[Common, list[Document]] = {}

    def add(self, document: Document) -> None:
        if document.line is None:
            self.others += 1
            return
        found = self._lists.setdefault(document.common, [])
        if found and document.time < found[-1].time:
            insort_right(found, document, key=_time)
        else:
            found.append(document)

    def remove(self, document: Document) -> None:
        if document.line is None:
            self.others -= 1
        else:
            self._lists[document.common].remove(document)

    def drop(self, oldest: list[Document]) -> None:
        gone = Counter(document.common for document in oldest if document.line is not None)
        for common, count in gone.items():
            del self._lists[common][:count]
            if not self._lists[common]:
                del self._lists[common]
        self.others -= len(oldest) - gone.total()

    def chosen(self, choose: Callable[[Common], bool], window: Window) -> list[tuple[list[Document], range]]:
        """The lists that `choose` takes, each with the places of its documents that are inside the window."""
        low, high = window
        return [
            (found, range(bisect_left(found, low, key=_time), bisect_left(found, high, key=_time)))
            for common, found in self._lists.items()
            if choose(common)
        ]


@dataclass
class Documents:
    """Two lists side by side, in time order; documents of one millisecond in the order they came.

    `postings` None: nobody keeps them for these.
    """

    times: list[int] = field(default_factory=list)
    all: list[Document] = field(default_factory=list)
    postings: Postings | None = None

    def add(self, document: Document) -> None:
        if self.postings is not None:
            self.postings.add(document)
        if not self.times or document.time >= self.times[-1]:  # logs arrive almost in order
            self.times.append(document.time)
            self.all.append(document)
            return
        at = bisect_right(self.times, document.time)
        self.times.insert(at, document.time)
        self.all.insert(at, document)

    def remove(self, document: Document) -> None:
        at = bisect_left(self.times, document.time)
        while self.all[at] is not document:
            at += 1
        del self.times[at], self.all[at]
        if self.postings is not None:
            self.postings.remove(document)

    def drop_oldest(self, count: int) -> None:
        if self.postings is not None:
            self.postings.drop(self.all[:count])
        del self.times[:count], self.all[:count]

    def slice(self, window: Window) -> tuple[int, int]:
        """Positions [first, last) of the documents inside the window."""
        low, high = window
        return bisect_left(self.times, low), bisect_left(self.times, high)

    def snapshot(self) -> Documents:
        return Documents(list(self.times), list(self.all))


class Index:
    """An index or a data stream. Holds at most `capacity` documents: then the oldest hundredth goes."""

    def __init__(self, name: str, capacity: int, shards: int = 1) -> None:
        self.name = name
        self.capacity = capacity
        self.shards = shards
        self.uuid = uuid.uuid5(uuid.NAMESPACE_URL, name).hex[:22]
        self.mapping = Mapping(ecs=is_log_stream(name))
        self.documents = Documents(postings=Postings())
        self.closed = False
        self._named: dict[str, Document] = {}
        self._versions: dict[str, int] = {}
        self._sequence = 0

    def __len__(self) -> int:
        return len(self.documents.all)

    def add(
        self, source: dict[str, Any], name: str | None = None, create: bool = False
    ) -> tuple[Document, int]:
        """Index one document and return it with its version.

        Raises 409 version_conflict_engine_exception when `create` meets a document of that id.
        """
        old = self._named.get(name) if name is not None else None
        if old is not None and create:
            reason = f"[{name}]: version conflict, document already exists (current version [1])"
            raise ElasticError(409, "version_conflict_engine_exception", reason, index=self.name)
        values = self.mapping.learn(source)
        if old is not None:
            self.remove(old)
        times = values.get(TIME, (TIMELESS,))
        document = self._store(int(times[0]), Common(source, values), None, name)
        if name is None:
            return document, 1
        self._named[name] = document
        self._versions[name] = version = self._versions.get(name, 0) + 1
        return document, version

    def add_line(self, time: int, common: Common, line: str) -> None:
        """Index a log line whose surroundings were learnt before (`learn_line`)."""
        self._store(time, common, line, None)

    def learn_line(self, source: dict[str, Any]) -> Common:
        self.mapping.learn({TIME: 0, "message": ""})
        return Common(source, self.mapping.learn(source))

    def _store(self, time: int, common: Common, line: str | None, name: str | None) -> Document:
        if len(self) >= self.capacity:
            self._make_room()
        document = Document(time, self._sequence, common, line, name)
        self._sequence += 1
        self.documents.add(document)
        return document

    def _make_room(self) -> None:
        count = max(1, self.capacity // 100)
        for document in self.documents.all[:count]:
            self._named.pop(document.id, None)
            self._versions.pop(document.id, None)
        self.documents.drop_oldest(count)

    def get(self, name: str) -> Document | None:
        if name in self._named:
            return self._named[name]
        return next((d for d in self.documents.all if d.name is None and d.id == name), None)

    def version(self, document: Document) -> int:
        return self._versions.get(document.id, 1)

    def remove(self, document: Document) -> None:
        self.documents.remove(document)
        self._named.pop(document.id, None)
