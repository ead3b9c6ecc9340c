"""Aggregations: buckets (terms, date_histogram, filter, filters) and metrics, nested as one likes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any

from sandbox.elasticsearch import dates
from sandbox.elasticsearch.categories import OPTIONS as _CATEGORIZE
from sandbox.elasticsearch.categories import Matching, categorize
from sandbox.elasticsearch.errors import IllegalArgument, ParsingError
from sandbox.elasticsearch.index import Document
from sandbox.elasticsearch.leaves import Scope
from sandbox.elasticsearch.mapping import Field, Mapping, Value
from sandbox.elasticsearch.query import check_query, compile_query
from sandbox.elasticsearch.sorting import no_fielddata
from sandbox.elasticsearch.top_hits import top_hits

_CALENDAR = {
    "minute": "m", "1m": "m", "hour": "h", "1h": "h", "day": "d", "1d": "d", "week": "w", "1w": "w",
    "month": "M", "1M": "M", "year": "y", "1y": "y",
}  # fmt: skip
_FIXED = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_MAX_BUCKETS = 65_536

_METRIC = frozenset({"field", "missing"})
_OPTIONS: dict[str, frozenset[str] | None] = {
    "terms": frozenset({"field", "size", "order", "min_doc_count", "missing", "include", "exclude"}),
    "date_histogram": frozenset({
        "field", "missing", "fixed_interval", "calendar_interval", "min_doc_count", "format", "time_zone",
        "extended_bounds",
    }),
    "filters": frozenset({"filters"}),
    "categorize_text": _CATEGORIZE,
    "top_hits": frozenset({"size", "from", "sort", "_source", "fields", "highlight", "track_scores"}),
    "filter": None,
    **dict.fromkeys(("max", "min", "sum", "avg"), _METRIC | {"format"}),
    **dict.fromkeys(("value_count", "cardinality"), _METRIC | {"precision_threshold"}),
}  # fmt: skip


def check_aggregations(aggregations: dict[str, Any]) -> None:
    """Raises ParsingError for types and options that are not known here."""
    for name, body in aggregations.items():
        kind, options = _kind(name, body)
        if kind not in _OPTIONS:
            close = get_close_matches(kind, _OPTIONS, n=1)
            hint = f" did you mean [{close[0]}]?" if close else ""
            raise ParsingError(f"Unknown aggregation type [{kind}]{hint}")
        allowed = _OPTIONS[kind]
        for option in () if allowed is None else options.keys() - allowed:
            raise ParsingError(f"[{kind}] unknown field [{option}]")
        if allowed and "field" in allowed and not isinstance(options.get("field"), str):
            raise IllegalArgument("Required one of fields [field, script], but none were specified.")
        for query in _queries(kind, options):
            check_query(query)
        check_aggregations(_inner(body))


def check_aggregatable(aggregations: dict[str, Any], mapping: Mapping) -> None:
    """Raises ShardError where a text field is aggregated."""
    for name, body in aggregations.items():
        kind, options = _kind(name, body)
        found = mapping.get(str(options.get("field")))
        if found is not None and found.is_text and kind != "categorize_text":
            raise no_fielddata(found.name)
        check_aggregatable(_inner(body), mapping)


def _kind(name: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    kinds = [kind for kind in body if kind not in ("aggs", "aggregations", "meta")]
    if len(kinds) != 1:
        raise ParsingError(f"Expected exactly one aggregation type in [{name}], found {kinds}")
    return kinds[0], body[kinds[0]]


def _inner(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = body.get("aggs") or body.get("aggregations") or {}
    return found


def _queries(kind: str, options: Any) -> list[Any]:
    if kind == "filter":
        return [options]
    if kind != "filters":
        return []
    given = options.get("filters", {})
    return list(given.values() if isinstance(given, dict) else given)


def aggregate(aggregations: dict[str, Any], matching: Matching, now: int) -> dict[str, Any]:
    """The `aggregations` of an answer; `now` in epoch milliseconds."""
    results = {}
    for name, body in aggregations.items():
        kind, options = _kind(name, body)
        if kind in _METRICS:
            results[name] = _METRICS[kind](
                _values(matching, options), _date_field(matching, options), options
            )
            continue
        if kind == "top_hits":
            results[name] = top_hits(options, matching)
            continue
        inner = _inner(body)

        def bucket(found: Matching, inner: dict[str, Any] = inner) -> dict[str, Any]:
            return {"doc_count": sum(len(documents) for _, documents in found)} | aggregate(inner, found, now)

        results[name] = _BUCKETS[kind](options, matching, bucket, now)
    return results


Bucket = Callable[[Matching], dict[str, Any]]


def _split(
    matching: Matching, options: dict[str, Any], key: Callable[[Value], Value]
) -> dict[Value, Matching]:
    """The documents by the key of each of their values."""
    groups: dict[Value, Matching] = {}
    for target, documents in matching:
        here: dict[Value, list[Document]] = {}
        field = target.mapping.get(options["field"])
        missing = (options["missing"],) if "missing" in options else ()
        for document in documents:
            values = document.values(field.source) if field else ()
            for value in {key(value) for value in values or missing}:
                here.setdefault(value, []).append(document)
        for value, found in here.items():
            groups.setdefault(value, []).append((target, found))
    return groups


def _terms(options: dict[str, Any], matching: Matching, bucket: Bucket, _now: int) -> dict[str, Any]:
    groups = _split(matching, options, lambda value: value)
    include, exclude = options.get("include"), options.get("exclude", [])
    chosen = {k: v for k, v in groups.items() if (include is None or k in include) and k not in exclude}
    counts = Counter({key: sum(len(documents) for _, documents in found) for key, found in chosen.items()})
    ranked = sorted(counts, key=lambda key: str(key) if isinstance(key, str) else f"{key:030}")
    for by, direction in reversed(_order(options)):
        if by == "_count":
            ranked.sort(key=lambda key: counts[key], reverse=direction == "desc")
        elif direction == "desc":
            ranked.reverse()
    least = options.get("min_doc_count", 1)
    kept = [key for key in ranked if counts[key] >= least][: options.get("size", 10)]
    date = _date_field(matching, options)
    return {
        "doc_count_error_upper_bound": 0,
        "sum_other_doc_count": counts.total() - sum(counts[key] for key in kept),
        "buckets": [{**_key(key, date), **bucket(chosen[key])} for key in kept],
    }


def _order(options: dict[str, Any]) -> list[tuple[str, str]]:
    given = options.get("order", {"_count": "desc"})
    orders = [pair for one in (given if isinstance(given, list) else [given]) for pair in one.items()]
    for by, _ in orders:
        if by not in ("_count", "_key"):
            reason = f"Invalid aggregation order path [{by}]: only [_count] and [_key] are known here"
            raise IllegalArgument(reason)
    return orders


def _key(key: Value, date: Field | None) -> dict[str, Any]:
    if isinstance(key, bool):
        return {"key": int(key), "key_as_string": "true" if key else "false"}
    return {"key": key} | ({"key_as_string": dates.render(int(key))} if date else {})


def _date_histogram(options: dict[str, Any], matching: Matching, bucket: Bucket, now: int) -> dict[str, Any]:
    tz = dates.zone(options.get("time_zone"))
    floor, after = _steps(options)
    groups = _split(matching, options, lambda value: floor(int(value)))
    starts = sorted(int(start) for start in groups)
    if not options.get("min_doc_count", 0) and starts:
        starts = _without_gaps(starts, options, floor, after, now)
    form = options.get("format")
    return {
        "buckets": [
            {"key_as_string": dates.render(at, form, tz), "key": at, **bucket(groups.get(at, []))}
            for at in starts
        ]
    }


def _without_gaps(
    starts: list[int],
    options: dict[str, Any],
    floor: Callable[[int], int],
    after: Callable[[int], int],
    now: int,
) -> list[int]:
    bounds = options.get("extended_bounds", {})
    first = min(starts[0], floor(dates.parse(bounds.get("min", starts[0]), now)))
    last = max(starts[-1], floor(dates.parse(bounds.get("max", starts[-1]), now)))
    filled = [first]
    while filled[-1] < last:
        if len(filled) >= _MAX_BUCKETS:
            raise IllegalArgument(f"Trying to create too many buckets. Must be at most [{_MAX_BUCKETS}].")
        filled.append(after(filled[-1]))
    return filled


def _steps(options: dict[str, Any]) -> tuple[Callable[[int], int], Callable[[int], int]]:
    """From a moment to the start of its interval, and from a start to the next one."""
    tz = dates.zone(options.get("time_zone"))
    if calendar := options.get("calendar_interval"):
        unit = _CALENDAR.get(calendar)
        if unit is None:
            raise IllegalArgument(
                f"The supplied interval [{calendar}] could not be parsed as a calendar interval."
            )
        return (lambda at: dates.start_of(at, unit, tz)), (lambda at: dates.add(at, 1, unit, tz))
    match = re.fullmatch(r"(\d+)(ms|s|m|h|d)", str(options.get("fixed_interval", "")))
    if match is None or not int(match[1]):
        raise IllegalArgument(
            "Required one of fields [fixed_interval, calendar_interval], but none were specified."
        )
    width = int(match[1]) * _FIXED[match[2]]
    return (lambda at: at // width * width), (lambda at: at + width)


def _filters(options: dict[str, Any], matching: Matching, bucket: Bucket, now: int) -> dict[str, Any]:
    given = options.get("filters", {})
    found = [bucket(_matching(query, matching, now)) for query in _queries("filters", options)]
    if isinstance(given, dict):
        return {"buckets": dict(zip(given, found, strict=True))}
    return {"buckets": found}


def _filter(options: dict[str, Any], matching: Matching, bucket: Bucket, now: int) -> dict[str, Any]:
    return bucket(_matching(options, matching, now))


def _matching(query: Any, matching: Matching, now: int) -> Matching:
    found = []
    for target, documents in matching:
        clause = compile_query(query, Scope(target.name, target.mapping, now))
        found.append((target, [document for document in documents if clause.matches(document)]))
    return found


_BUCKETS: dict[str, Callable[[dict[str, Any], Matching, Bucket, int], dict[str, Any]]] = {
    "terms": _terms,
    "date_histogram": _date_histogram,
    "filters": _filters,
    "filter": _filter,
    "categorize_text": categorize,
}


def _values(matching: Matching, options: dict[str, Any]) -> list[Value]:
    found: list[Value] = []
    for target, documents in matching:
        field = target.mapping.get(options.get("field", ""))
        missing = (options["missing"],) if "missing" in options else ()
        for document in documents:
            found += (document.values(field.source) if field else ()) or missing
    return found


def _date_field(matching: Matching, options: dict[str, Any]) -> Field | None:
    fields = (target.mapping.get(options.get("field", "")) for target, _ in matching)
    return next((field for field in fields if field and field.is_date), None)


def _metric(compute: Callable[[list[float]], float | None]) -> Callable[..., dict[str, Any]]:
    def metric(values: Iterable[Value], date: Field | None, options: dict[str, Any]) -> dict[str, Any]:
        result = compute([float(value) for value in values])
        shown = {} if date is None or result is None else {
            "value_as_string": dates.render(int(result), options.get("format"))
        }  # fmt: skip
        return {"value": result} | shown

    return metric


def _count(compute: Callable[[list[Value]], int]) -> Callable[..., dict[str, Any]]:
    return lambda values, _date, _options: {"value": compute(values)}


_METRICS: dict[str, Callable[..., dict[str, Any]]] = {
    "max": _metric(lambda values: max(values, default=None)),
    "min": _metric(lambda values: min(values, default=None)),
    "sum": _metric(lambda values: sum(values)),
    "avg": _metric(lambda values: sum(values) / len(values) if values else None),
    "value_count": _count(len),
    "cardinality": _count(lambda values: len(set(values))),
}
