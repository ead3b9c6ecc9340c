"""The order of hits: sort keys, the cursor of `search_after`, and paging through time without sorting."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, groupby, islice
from operator import attrgetter
from typing import Any

from sandbox.elasticsearch import dates
from sandbox.elasticsearch.clause import Clause
from sandbox.elasticsearch.errors import IllegalArgument, ParsingError, ShardError
from sandbox.elasticsearch.index import TIME, TIMELESS, Document, Documents
from sandbox.elasticsearch.mapping import Mapping, Value

_FAR = 2**63 - 1
_ORDER = attrgetter("time", "sequence")
_OPTIONS = {"order", "missing", "unmapped_type", "format", "numeric_type", "mode", "nested"}


@dataclass(frozen=True)
class Target:
    """One index as a search sees it: `ordinal` is its place among the shards searched."""

    name: str
    ordinal: int
    mapping: Mapping
    documents: Documents
    clause: Clause

    def matching(self, newest_first: bool = False) -> Iterator[Document]:
        test = self.clause.test
        found = self._listed(newest_first) if self._may_use_postings else self._scanned(newest_first)
        return found if test is None else filter(test, found)

    def count(self, most: int | None) -> int:
        """How many match; counting ends beyond `most`."""
        if self.clause.test is None and self.clause.shared is None:
            first, last = self.documents.slice(self.clause.window)
            return last - first
        if not self._may_use_postings:
            return _length(self.matching(), most)
        lists = self._lists()
        if self.clause.test is None:
            return sum(len(places) for _, places in lists)
        in_no_order = chain.from_iterable(map(found.__getitem__, places) for found, places in lists)
        return _length(filter(self.clause.test, in_no_order), most)

    @property
    def _may_use_postings(self) -> bool:
        postings = self.documents.postings
        return self.clause.shared is not None and postings is not None and not postings.others

    def _lists(self) -> list[tuple[list[Document], range]]:
        postings, shared = self.documents.postings, self.clause.shared
        assert postings is not None
        assert shared is not None
        return postings.chosen(shared, self.clause.window)

    def _listed(self, newest_first: bool) -> Iterator[Document]:
        """In the order of `_scanned`, without looking at any other document."""
        ways = [(found, places[::-1] if newest_first else places) for found, places in self._lists()]
        streams = [map(found.__getitem__, places) for found, places in ways]
        return heapq.merge(*streams, key=_ORDER, reverse=newest_first) if streams else iter(())

    def _scanned(self, newest_first: bool) -> Iterator[Document]:
        first, last = self.documents.slice(self.clause.window)
        positions = range(last - 1, first - 1, -1) if newest_first else range(first, last)
        found = map(self.documents.all.__getitem__, positions)
        shared = self.clause.shared
        return found if shared is None else (document for document in found if shared(document.common))


def _length(found: Iterator[Document], most: int | None) -> int:
    return sum(1 for _ in islice(found, None if most is None else most + 1))


@dataclass(frozen=True)
class Hit:
    target: Target
    document: Document


@dataclass(frozen=True)
class Key:
    """One sort criterion."""

    field: str
    descending: bool = False
    missing: Any = "_last"
    format: str | None = None
    unmapped: bool = False

    @property
    def is_time(self) -> bool:
        return self.field == TIME and self.missing == "_last"

    def value(self, hit: Hit) -> Value | None:
        """What the hit is compared by; None: it has none."""
        if self.field == "_score":
            return 1.0
        if self.field in ("_doc", "_shard_doc"):
            shard = 0 if self.field == "_doc" else hit.target.ordinal
            return (shard << 32) + hit.document.sequence
        if self.field == TIME:
            return None if hit.document.time == TIMELESS else hit.document.time
        found = hit.target.mapping.get(self.field)
        values = hit.document.values(found.source) if found else ()
        if not values:
            return None
        return max(values) if self.descending else min(values)

    def rank(self, value: Value | None) -> tuple[int, Any]:
        """Sorts as it should: those without a value last (or first), whichever the direction."""
        if value is not None:
            return (1, value)
        if self.missing in ("_last", "_first"):
            return (0 if (self.missing == "_last") == self.descending else 2, 0)
        return (1, self.missing)

    def shown(self, hit: Hit) -> Any:
        """The entry of the hit's `sort` array."""
        value = self.value(hit)
        found = hit.target.mapping.get(self.field)
        is_number = found is None or found.kind not in ("keyword", "constant_keyword", "wildcard", "ip")
        if value is None and self.field not in ("_doc", "_shard_doc", "_score"):
            last = _FAR if self.descending == (self.missing == "_first") else -_FAR - 1
            return last if is_number and found is not None else None
        if found is not None and found.is_date and self.format and value is not None:
            return dates.render(int(value), self.format)
        return value

    def read(self, raw: Any, targets: list[Target], now: int) -> Value | None:
        """A value of `search_after`, which may come as it was shown."""
        fields = [found for target in targets if (found := target.mapping.get(self.field))]
        if raw is None or (fields and raw in (_FAR, -_FAR - 1)):
            return None
        if fields and fields[0].is_date:
            return dates.parse(raw, now, self.format and f"{self.format}||{dates.DEFAULT_FORMAT}")
        value: Value = raw
        return value


def parse_sort(sort: Any, point_in_time: bool) -> list[Key]:
    """The keys of `sort`; a search in a point in time gets the tiebreak that Elasticsearch adds."""
    given = sort if isinstance(sort, list) else [sort] if sort else []
    keys = [_key(one) for one in given]
    if point_in_time and not any(key.field in ("_shard_doc", "_doc") for key in keys):
        keys = [*(keys or [Key("_score", True)]), Key("_shard_doc")]
    return keys


def _key(one: Any) -> Key:
    if isinstance(one, str):
        name, _, order = one.partition(":")
        options: dict[str, Any] = {"order": order} if order else {}
    elif isinstance(one, dict) and len(one) == 1:
        (name, options), *_ = one.items()
        options = options if isinstance(options, dict) else {"order": options}
    else:
        raise IllegalArgument("malformed sort format, expected one field in each object")
    for option in options:
        if option not in _OPTIONS:
            raise ParsingError(f"[field_sort] unknown field [{option}]")
    order = str(options.get("order", "desc" if name == "_score" else "asc")).lower()
    if order not in ("asc", "desc"):
        raise IllegalArgument(f"No enum constant org.elasticsearch.search.sort.SortOrder.{order.upper()}")
    missing = options.get("missing", "_last")
    return Key(name, order == "desc", missing, options.get("format"), "unmapped_type" in options)


def check_sortable(keys: list[Key], mapping: Mapping) -> None:
    """Raises ShardError for a field this index does not have, or cannot sort by."""
    for key in keys:
        if key.field in ("_score", "_doc", "_shard_doc"):
            continue
        found = mapping.get(key.field)
        if found is None and not key.unmapped:
            reason = f"No mapping found for [{key.field}] in order to sort on"
            raise ShardError("query_shard_exception", reason)
        if found is not None and found.is_text:
            raise no_fielddata(key.field)


def no_fielddata(field: str) -> ShardError:
    reason = (
        f"Fielddata is disabled on [{field}]. Text fields are not optimised for operations that require "
        "per-document field data like aggregations and sorting, so these operations are disabled by default. "
        "Please use a keyword field instead."
    )
    return ShardError("illegal_argument_exception", reason)


def ordered(targets: list[Target], keys: list[Key]) -> Iterable[Hit]:
    """Every hit in order. Sorted by time first, hits come lazily and nothing else is looked at."""
    if not keys:
        return (Hit(target, document) for target in targets for document in target.matching())
    timeless = any(t.documents.times and t.documents.times[0] == TIMELESS for t in targets)
    if keys[0].is_time and not timeless:
        return _through_time(targets, keys)
    return _sorted((Hit(target, document) for target in targets for document in target.matching()), keys)


def _through_time(targets: list[Target], keys: list[Key]) -> Iterator[Hit]:
    newest_first = keys[0].descending
    streams = [_hits(target, newest_first) for target in targets]
    merged = heapq.merge(*streams, key=lambda hit: hit.document.time, reverse=newest_first)
    for _, together in groupby(merged, key=lambda hit: hit.document.time):
        yield from _sorted(together, keys[1:] or [Key("_shard_doc")])


def _hits(target: Target, newest_first: bool) -> Iterator[Hit]:
    return (Hit(target, document) for document in target.matching(newest_first))


def _sorted(hits: Iterable[Hit], keys: list[Key]) -> list[Hit]:
    """Sorted by the last key first: Python's sort is stable."""
    found = list(hits)
    if len(found) > 1:
        for key in reversed(keys):
            found.sort(key=lambda hit, key=key: key.rank(key.value(hit)), reverse=key.descending)  # type: ignore[misc]
    return found


def is_after(hit: Hit, keys: list[Key], cursor: list[Value | None]) -> bool:
    """Does the hit come after the cursor in the order of the keys?"""
    for key, limit in zip(keys, cursor, strict=True):
        here, there = key.rank(key.value(hit)), key.rank(limit)
        if here != there:
            return here < there if key.descending else here > there
    return False
