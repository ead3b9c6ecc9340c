"""A `_search` from body to answer, over the indices it was resolved to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from sandbox.elasticsearch.aggregations import aggregate, check_aggregatable, check_aggregations
from sandbox.elasticsearch.clause import Clause
from sandbox.elasticsearch.errors import (
    IllegalArgument,
    ParsingError,
    SearchFailed,
    ShardError,
    shard_failure,
)
from sandbox.elasticsearch.index import Document, Documents, Index
from sandbox.elasticsearch.leaves import Scope
from sandbox.elasticsearch.mapping import Value
from sandbox.elasticsearch.query import check_query, compile_query
from sandbox.elasticsearch.shown import check_shown, shown
from sandbox.elasticsearch.sorting import Hit, Key, Target, check_sortable, is_after, ordered, parse_sort

MAX_WINDOW = 10_000
"""`index.max_result_window`."""

_KEYS = {
    "query", "size", "from", "sort", "search_after", "pit", "track_total_hits", "_source", "fields",
    "highlight", "aggs", "aggregations", "timeout", "track_scores",
}  # fmt: skip


@dataclass(frozen=True)
class Searched:
    """An index, and the documents of it that are searched (a point in time has its own)."""

    index: Index
    documents: Documents


@dataclass
class Trouble:
    """What goes wrong inside the cluster. `broken`: index name -> shards (0..) that do not answer."""

    broken: dict[str, frozenset[int]] = field(default_factory=dict)
    timed_out: bool = False
    """Searches say that they ran out of time, and return what they have."""


@dataclass
class Shards:
    """How the shards of one search did; `status` is that of the worst failure."""

    total: int = 0
    failures: list[dict[str, Any]] = field(default_factory=list)
    status: int = 0

    def fail(self, shard: int, index: str, cause: dict[str, Any], status: int) -> None:
        self.failures.append(shard_failure(shard, index, cause))
        self.status = max(self.status, status)

    def answer(self) -> dict[str, Any]:
        counts: dict[str, Any] = {
            "total": self.total,
            "successful": self.total - len(self.failures),
            "skipped": 0,
            "failed": len(self.failures),
        }
        return counts | ({"failures": self.failures} if self.failures else {})


def check_body(body: Any) -> dict[str, Any]:
    """Raises what the coordinating node refuses without asking a shard."""
    if not isinstance(body, dict):
        raise ParsingError("Expected [START_OBJECT] but found something else")
    for name in body:
        if name not in _KEYS:
            raise ParsingError(f"Unknown key for a VALUE in [{name}].")
    for name in ("size", "from"):
        value = body.get(name, 0)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ParsingError(f"Failed to parse int parameter [{name}] with value [{value}]")
        if value < 0:
            raise IllegalArgument(f"[{name}] parameter cannot be negative, found [{value}]")
    if "query" in body:
        check_query(body["query"])
    check_aggregations(_aggregations(body))
    check_shown(body)
    return body


def _aggregations(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = body.get("aggs") or body.get("aggregations") or {}
    return found


def search(
    searched: list[Searched], body: dict[str, Any], now: int, trouble: Trouble, allow_partial: bool = True
) -> dict[str, Any]:
    """The answer to a search; `now` in epoch milliseconds.

    Raises SearchFailed when no shard can run it, or one cannot and partial results are not wanted.
    """
    keys = parse_sort(body.get("sort"), "pit" in body)
    _check_window(body, [one.index.name for one in searched])
    targets, shards = find_targets(searched, body, keys, now, trouble)
    if shards.failures and not allow_partial:
        raise SearchFailed(shards.failures, shards.status, "Partial shards failure")
    page = list(_page(targets, keys, body, now))
    scored = not keys or any(key.field == "_score" for key in keys)
    total = _total(targets, body.get("track_total_hits", MAX_WINDOW))
    hits = shown(page, keys, body, scored)
    answer: dict[str, Any] = {
        "took": 1,
        "timed_out": trouble.timed_out,
        "_shards": shards.answer(),
        "hits": {**total, "max_score": 1.0 if page and scored else None, "hits": hits},
    }
    if aggregations := _aggregations(body):
        matching = [(target, list(target.matching())) for target in targets]
        answer["aggregations"] = aggregate(aggregations, matching, now)
    return answer


def _check_window(body: dict[str, Any], names: list[str]) -> None:
    last = body.get("from", 0) + body.get("size", 10)
    if last <= MAX_WINDOW or not names:
        return
    reason = (
        f"Result window is too large, from + size must be less than or equal to: [{MAX_WINDOW}] "
        f"but was [{last}]. See the scroll api for a more efficient way to request large data sets."
    )
    cause = {"type": "illegal_argument_exception", "reason": reason}
    raise SearchFailed([shard_failure(0, name, cause) for name in names], 400)


def find_targets(
    searched: list[Searched], body: dict[str, Any], keys: list[Key], now: int, trouble: Trouble
) -> tuple[list[Target], Shards]:
    """Compile the search for each index. Raises SearchFailed when no shard is left to answer."""
    targets: list[Target] = []
    shards = Shards(total=sum(one.index.shards for one in searched))
    for ordinal, one in enumerate(searched):
        name, mapping = one.index.name, one.index.mapping
        try:
            clause = compile_query(body.get("query", {"match_all": {}}), Scope(name, mapping, now))
            check_sortable(keys, mapping)
            check_aggregatable(_aggregations(body), mapping)
        except ShardError as error:
            for shard in range(one.index.shards):
                shards.fail(shard, name, error.cause(name), error.status)
            continue
        broken = trouble.broken.get(name, frozenset())
        for shard in sorted(broken):
            shards.fail(shard, name, _NO_ANSWER, 503)
        clause = _without(broken, one.index.shards, clause)
        targets.append(Target(name, ordinal, mapping, one.documents, clause))
    if shards.failures and len(shards.failures) >= shards.total:
        raise SearchFailed(shards.failures, shards.status)
    return targets, shards


_NO_ANSWER = {"type": "node_not_connected_exception", "reason": "[sandbox-node-2] Node not connected"}


def _without(broken: frozenset[int], shards: int, clause: Clause) -> Clause:
    """The clause over the shards that are left."""
    if not broken:
        return clause
    inner = clause.test

    def test(document: Document) -> bool:
        return document.sequence % shards not in broken and (inner is None or inner(document))

    return replace(clause, test=test)


def _page(targets: list[Target], keys: list[Key], body: dict[str, Any], now: int) -> Iterator[Hit]:
    hits = iter(ordered(targets, keys))
    if "search_after" in body:
        cursor = body["search_after"]
        if not keys or not isinstance(cursor, list) or len(cursor) != len(keys):
            count = len(cursor) if isinstance(cursor, list) else 1
            raise IllegalArgument(f"search_after has {count} value(s) but sort has {len(keys)}.")
        limits = [key.read(raw, targets, now) for key, raw in zip(keys, cursor, strict=True)]
        narrowed = [_from_cursor(target, keys[0], limits[0]) for target in targets]
        hits = (hit for hit in ordered(narrowed, keys) if is_after(hit, keys, limits))
    start = body.get("from", 0)
    return islice(hits, start, start + body.get("size", 10))


def _from_cursor(target: Target, key: Key, limit: Value | None) -> Target:
    """Leave out the times before the cursor, so that deep pages stay quick."""
    if not key.is_time or limit is None:
        return target
    low, high = target.clause.window
    here = int(limit)
    window = (low, min(high, here + 1)) if key.descending else (max(low, here), high)
    window = (window[0], max(window))
    return replace(target, clause=replace(target.clause, window=window))


def _total(targets: list[Target], track: bool | int) -> dict[str, Any]:
    """`hits.total`: exact up to `track` (True: always; False: not told)."""
    if track is False:
        return {}
    limit = None if track is True else int(track)
    count = sum(target.count(limit) for target in targets)
    if limit is not None and count > limit:
        return {"total": {"value": limit, "relation": "gte"}}
    return {"total": {"value": count, "relation": "eq"}}
