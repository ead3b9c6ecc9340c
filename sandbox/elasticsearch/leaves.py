"""The queries about one field: term, terms, range, match, match_phrase, prefix, wildcard, exists, ids."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sandbox.elasticsearch import dates, text
from sandbox.elasticsearch.clause import ALWAYS, EVERYTHING, NOTHING, Clause, at_least, every, how_many
from sandbox.elasticsearch.errors import ParsingError
from sandbox.elasticsearch.index import TIME, TIMELESS, Common, Document
from sandbox.elasticsearch.mapping import NUMBERS, Field, Mapping, Value, boolean, number

MOST_REMEMBERED = 100_000
"""Texts of which a search remembers whether they hold a phrase: a program says the same again and again."""


@dataclass(frozen=True)
class Scope:
    """The index a query is compiled for; `now` in epoch milliseconds."""

    index: str
    mapping: Mapping
    now: int


def check_options(query: str, body: Any, allowed: set[str]) -> dict[str, Any]:
    """Raises ParsingError for what is no object or has options that this query does not have."""
    if not isinstance(body, dict):
        raise ParsingError(f"[{query}] query malformed, no start_object after query name")
    for name in body:
        if name not in allowed:
            raise ParsingError(f"[{query}] query does not support [{name}]")
    return body


def _of_field(query: str, body: Any, value: str, *more: str) -> tuple[str, dict[str, Any]]:
    """`{"field": 1}` and `{"field": {value: 1, ...}}` alike: the field and its options."""
    if not isinstance(body, dict) or not body:
        raise ParsingError(f"[{query}] query malformed, no start_object after query name")
    if len(body) > 1:
        first, second, *_ = body
        reason = f"[{query}] query doesn't support multiple fields, found [{first}] and [{second}]"
        raise ParsingError(reason)
    (field, options), *_ = body.items()
    if not isinstance(options, dict):
        options = {value: options}
    check_options(query, options, {value, "boost", "_name", *more})
    if isinstance(options.get(value), (list, dict)) or (value in options and options[value] is None):
        raise ParsingError(f"[{query}] query does not support arrays, objects or null for [{field}]")
    return field, options


def _any_value(source: str, test: Callable[[Value], bool], words: frozenset[str] = frozenset()) -> Clause:
    """A document of which any value at `source` passes."""
    if source == "message":
        return Clause(lambda document: _says(document, test), words=words)
    if source == TIME:
        return Clause(lambda document: any(map(test, document.values(source))), words=words)
    known: dict[int, bool] = {}

    def shared(common: Common) -> bool:
        key = id(common)
        found = known.get(key)
        if found is None:
            found = known[key] = any(map(test, common.values.get(source, ())))
        return found

    return Clause(words=words, shared=shared)


def _says(document: Document, test: Callable[[Value], bool]) -> bool:
    if document.line is not None:
        return test(document.line)
    return any(map(test, document.values("message")))


def term(body: Any, scope: Scope) -> Clause:
    name, options = _of_field("term", body, "value", "case_insensitive")
    if "value" not in options:
        raise ParsingError("value cannot be null")
    if options.get("case_insensitive"):
        literal = _escape_wildcards(str(options["value"]))
        return wildcard({name: {"value": literal, "case_insensitive": True}}, scope)
    return _equal(name, options["value"], scope)


def terms(body: Any, scope: Scope) -> Clause:
    if not isinstance(body, dict):
        raise ParsingError("[terms] query malformed, no start_object after query name")
    fields = {name: value for name, value in body.items() if name not in ("boost", "_name")}
    if len(fields) != 1:
        raise ParsingError("[terms] query requires exactly one field name, followed by array of terms")
    (name, wanted), *_ = fields.items()
    if not isinstance(wanted, list):
        raise ParsingError(f"[terms] unknown token [VALUE_STRING] after [{name}]")
    found = scope.mapping.get(name)
    if found is not None and not found.is_text and found.kind not in NUMBERS and not found.is_date:
        values = frozenset(_keyword(found, value) for value in wanted)
        return _any_value(found.source, lambda value: value in values)
    return at_least(1, [_equal(name, value, scope) for value in wanted])


def _equal(name: str, value: object, scope: Scope) -> Clause:
    if name == "_id":
        return Clause(lambda document: document.id == str(value))
    if name == "_index":
        return EVERYTHING if str(value) == scope.index else NOTHING
    found = scope.mapping.get(name)
    if found is None:
        return NOTHING
    if found.is_date:
        return range_({name: {"gte": value, "lte": value}}, scope)
    if found.is_text:
        # A term is not analysed: only a whole, lower-case word is ever equal to it.
        word = str(value)
        return _any_value(
            found.source,
            lambda have: word in str(have).lower() and word in text.words(str(have)),
            words=frozenset({word}),
        )
    wanted = number(value) if found.kind in NUMBERS else _keyword(found, value)
    return _any_value(found.source, lambda have: have == wanted)


def _keyword(field: Field, value: object) -> Value:
    if field.kind == "boolean":
        return boolean(value)
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


_BOUNDS = {"gte": operator.ge, "gt": operator.gt, "lte": operator.le, "lt": operator.lt}


def range_(body: Any, scope: Scope) -> Clause:
    name, options = _of_field("range", body, "gte", "gt", "lte", "lt", "format", "time_zone", "relation")
    found = scope.mapping.get(name)
    if found is None:
        return NOTHING
    bounds = {bound: options[bound] for bound in _BOUNDS if options.get(bound) is not None}
    if found.is_date:
        return _date_range(found, bounds, options, scope)
    limits = [
        (_BOUNDS[bound], number(value) if found.kind in NUMBERS else str(value))
        for bound, value in bounds.items()
    ]
    return _any_value(found.source, lambda have: all(holds(have, limit) for holds, limit in limits))


def _date_range(field: Field, bounds: dict[str, Any], options: dict[str, Any], scope: Scope) -> Clause:
    tz = dates.zone(options.get("time_zone"))
    low, high = TIMELESS + 1, ALWAYS[1]
    for bound, value in bounds.items():
        limit = dates.parse(value, scope.now, options.get("format"), tz, round_up=bound in ("gt", "lte"))
        match bound:
            case "gte":
                low = max(low, limit)
            case "gt":
                low = max(low, limit + 1)
            case "lt":
                high = min(high, limit)
            case "lte":
                high = min(high, limit + 1)
    if field.source == TIME:
        return Clause(window=(low, max(low, high)))
    return _any_value(field.source, lambda have: low <= int(have) < high)


def match(body: Any, scope: Scope) -> Clause:
    name, options = _of_field("match", body, "query", "operator", "minimum_should_match", "lenient")
    if "query" not in options:
        raise ParsingError("No text specified for text query")
    found = scope.mapping.get(name)
    if found is None or not found.is_text:
        return _equal(name, options["query"], scope)
    clauses = [_equal(name, word, scope) for word in dict.fromkeys(text.words(str(options["query"])))]
    if str(options.get("operator", "or")).lower() == "and":
        return every(clauses) if clauses else NOTHING
    return at_least(max(1, how_many(options.get("minimum_should_match", 1), len(clauses))), clauses)


def match_phrase(body: Any, scope: Scope) -> Clause:
    name, options = _of_field("match_phrase", body, "query")
    if "query" not in options:
        raise ParsingError("No text specified for text query")
    found = scope.mapping.get(name)
    if found is None or not found.is_text:
        return _equal(name, options["query"], scope)
    phrase = text.words(str(options["query"]))
    if not phrase:
        return NOTHING

    @lru_cache(MOST_REMEMBERED)
    def holds(have: Value) -> bool:
        return text.contains_phrase(str(have), phrase)

    return _any_value(found.source, holds, words=frozenset(phrase))


def prefix(body: Any, scope: Scope) -> Clause:
    name, options = _of_field("prefix", body, "value", "case_insensitive")
    pattern = _escape_wildcards(str(options.get("value"))) + "*"
    passed = {key: option for key, option in options.items() if key != "value"}
    return wildcard({name: {"value": pattern, **passed}}, scope)


def _escape_wildcards(value: str) -> str:
    return "".join(f"\\{char}" if char in "\\*?" else char for char in value)


def wildcard(body: Any, scope: Scope) -> Clause:
    name, options = _of_field("wildcard", body, "value", "wildcard", "case_insensitive", "rewrite")
    pattern = options.get("value", options.get("wildcard"))
    if pattern is None:
        raise ParsingError("value cannot be null")
    found = scope.mapping.get(name)
    if found is None:
        return NOTHING
    matcher = text.wildcard(str(pattern), bool(options.get("case_insensitive"))).fullmatch
    if not found.is_text:
        return _any_value(found.source, lambda have: matcher(str(have)) is not None)

    def any_word(have: Value) -> bool:
        return any(matcher(word) for word in text.words(str(have)))

    return _any_value(found.source, any_word)


def exists(body: Any, scope: Scope) -> Clause:
    name = check_options("exists", body, {"field", "boost", "_name"}).get("field")
    if not isinstance(name, str):
        raise ParsingError("[exists] must be provided with a [field]")
    found = scope.mapping.get(name)
    path = found.source if found else name
    if path == TIME:
        return Clause(window=(TIMELESS + 1, ALWAYS[1]))
    return Clause(lambda document: document.has(path))


def ids(body: Any, _scope: Scope) -> Clause:
    wanted = check_options("ids", body, {"values", "boost", "_name"}).get("values")
    if not isinstance(wanted, list):
        raise ParsingError("[ids] requires values")
    names = frozenset(map(str, wanted))

    def named(document: Document) -> bool:
        return document.id in names

    return Clause(named)
