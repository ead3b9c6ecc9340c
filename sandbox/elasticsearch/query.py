"""The query language: a table of query types, each a function from its JSON body to a Clause.

Whatever is not understood is refused with the 400 that Elasticsearch gives; nothing is ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

from sandbox.elasticsearch import leaves
from sandbox.elasticsearch.clause import EVERYTHING, NOTHING, Clause, at_least, every, how_many, none_of
from sandbox.elasticsearch.errors import IllegalArgument, ParsingError, ShardError
from sandbox.elasticsearch.leaves import Scope, check_options
from sandbox.elasticsearch.mapping import Mapping
from sandbox.elasticsearch.query_string import lucene, simple

Parser = Callable[[Any, Scope], Clause]

_COMMON = {"boost", "_name"}


def compile_query(query: Any, scope: Scope) -> Clause:
    """Raises ParsingError for what is not a query, ShardError for what this index's fields cannot do."""
    if not isinstance(query, dict):
        raise ParsingError("[_na] query malformed, must start with start_object")
    if not query:
        raise IllegalArgument("query malformed, empty clause found")
    if len(query) > 1:
        first, second, *_ = query
        raise ParsingError(
            f"[{first}] malformed query, expected [END_OBJECT] but found [FIELD_NAME] [{second}]"
        )
    (kind, body), *_ = query.items()
    parser = QUERIES.get(kind)
    if parser is None:
        raise ParsingError(f"unknown query [{kind}]{_did_you_mean(kind)}")
    return parser(body, scope)


def check_query(query: Any) -> None:
    """Raises what is wrong with a query whichever the index; the rest shows on the shards."""
    with suppress(ShardError):
        compile_query(query, Scope("", Mapping(), 0))


def _did_you_mean(kind: str) -> str:
    close = get_close_matches(kind, QUERIES, n=1)
    return f" did you mean [{close[0]}]?" if close else ""


def _bool(body: Any, scope: Scope) -> Clause:
    allowed = {"must", "filter", "should", "must_not", "minimum_should_match", "adjust_pure_negative"}
    options = check_options("bool", body, allowed | _COMMON)

    def group(name: str) -> list[Clause]:
        given = options.get(name, [])
        return [compile_query(one, scope) for one in (given if isinstance(given, list) else [given])]

    required = group("must") + group("filter")
    should = group("should")
    default = 1 if should and not required else 0
    wanted = how_many(options.get("minimum_should_match", default), len(should))
    return every([*required, at_least(wanted, should), none_of(group("must_not"))])


def _match_all(body: Any, _scope: Scope) -> Clause:
    check_options("match_all", body, _COMMON)
    return EVERYTHING


def _match_none(body: Any, _scope: Scope) -> Clause:
    check_options("match_none", body, _COMMON)
    return NOTHING


def _constant_score(body: Any, scope: Scope) -> Clause:
    options = check_options("constant_score", body, {"filter"} | _COMMON)
    return compile_query(options.get("filter"), scope)


def _multi_match(body: Any, scope: Scope) -> Clause:
    allowed = {"query", "fields", "type", "operator", "minimum_should_match", "lenient"}
    options = check_options("multi_match", body, allowed | _COMMON)
    kind = options.get("type", "best_fields")
    if kind not in ("best_fields", "most_fields", "phrase"):
        raise ParsingError(f"[multi_match] query does not support type [{kind}]")
    passed = {k: v for k, v in options.items() if k in ("operator", "minimum_should_match")}
    clauses = []
    for name in _fields(options.get("fields", ["*"]), scope):
        value = {"query": options.get("query"), **({} if kind == "phrase" else passed)}
        clauses.append(_lenient("match_phrase" if kind == "phrase" else "match", name, value, scope))
    return at_least(1, clauses)


def _fields(patterns: list[str] | str, scope: Scope) -> list[str]:
    given = [patterns] if isinstance(patterns, str) else patterns
    names = (found.name for one in given for found in scope.mapping.expand(one.split("^")[0]))
    return list(dict.fromkeys(names))


def _lenient(kind: str, name: str, value: Any, scope: Scope) -> Clause:
    """Over several fields, one that cannot hold the value (a number, a date) just does not match."""
    try:
        return compile_query({kind: {name: value}}, scope)
    except ShardError:
        return NOTHING


_STRING_OPTIONS = {
    "query",
    "fields",
    "default_operator",
    "analyze_wildcard",
    "allow_leading_wildcard",
    "lenient",
    "time_zone",
    "minimum_should_match",
    "max_determinized_states",
}


def _query_string(body: Any, scope: Scope) -> Clause:
    options = check_options("query_string", body, _STRING_OPTIONS | {"default_field"} | _COMMON)
    if "query" not in options:
        raise ParsingError("[query_string] query must be provided with a [query]")
    try:
        tree = lucene(str(options["query"]), _and(options), options.get("allow_leading_wildcard", True))
    except ValueError as error:
        raise ShardError("query_shard_exception", f"Failed to parse query [{options['query']}]") from error
    return _over_fields(tree, options, scope)


def _simple_query_string(body: Any, scope: Scope) -> Clause:
    options = check_options("simple_query_string", body, _STRING_OPTIONS | {"flags"} | _COMMON)
    if "query" not in options:
        raise ParsingError("[simple_query_string] query text missing")
    return _over_fields(simple(str(options["query"]), _and(options)), options, scope)


def _and(options: dict[str, Any]) -> bool:
    return str(options.get("default_operator", "or")).lower() == "and"


def _over_fields(tree: dict[str, Any], options: dict[str, Any], scope: Scope) -> Clause:
    """Compile the tree of a query string; `{"any": {...}}` stands for the fields that were not named."""
    (kind, body), *_ = tree.items()
    if kind == "bool":
        groups = {
            name: [_over_fields(one, options, scope) for one in body.get(name, [])]
            for name in ("must", "should", "must_not")
        }
        default = 0 if groups["must"] else 1
        rule = options.get("minimum_should_match", default) if groups["should"] else 0
        optional = at_least(how_many(rule, len(groups["should"])), groups["should"])
        return every([*groups["must"], optional, none_of(groups["must_not"])])
    if kind != "any":
        return compile_query(tree, scope)
    (inner, value), *_ = body.items()
    names = _fields(options.get("fields") or options.get("default_field") or ["*"], scope)
    return at_least(1, [_lenient(inner, name, value, scope) for name in names])


QUERIES: dict[str, Parser] = {
    "bool": _bool,
    "constant_score": _constant_score,
    "exists": leaves.exists,
    "ids": leaves.ids,
    "match": leaves.match,
    "match_all": _match_all,
    "match_none": _match_none,
    "match_phrase": leaves.match_phrase,
    "multi_match": _multi_match,
    "prefix": leaves.prefix,
    "query_string": _query_string,
    "range": leaves.range_,
    "simple_query_string": _simple_query_string,
    "term": leaves.term,
    "terms": leaves.terms,
    "wildcard": leaves.wildcard,
}
