"""How a hit is shown: `_source` filtering, `fields`, `highlight`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sandbox.elasticsearch import dates, text
from sandbox.elasticsearch.errors import ParsingError
from sandbox.elasticsearch.index import Document
from sandbox.elasticsearch.mapping import Field, Mapping, Value
from sandbox.elasticsearch.sorting import Hit, Key

_HIGHLIGHT = {"fields", "pre_tags", "post_tags", "type", "fragment_size", "number_of_fragments"}


def check_shown(body: dict[str, Any]) -> None:
    """Raises ParsingError for options of `highlight`, `fields` and `_source` that are not known."""
    for name in body.get("highlight", {}):
        if name not in _HIGHLIGHT:
            raise ParsingError(f"[highlight] unknown field [{name}]")
    for one in body.get("fields", []):
        for name in one if isinstance(one, dict) else ():
            if name not in ("field", "format", "include_unmapped"):
                raise ParsingError(f"[fields] unknown field [{name}]")
    source = body.get("_source", True)
    if isinstance(source, dict) and not source.keys() <= {"includes", "excludes", "include", "exclude"}:
        raise ParsingError("Unknown key in [_source].")


def shown(hits: Iterable[Hit], keys: list[Key], body: dict[str, Any], scored: bool) -> list[dict[str, Any]]:
    """The entries of `hits.hits`."""
    wanted: dict[int, list[tuple[Field, str | None]]] = {}
    found = []
    for hit in hits:
        target = hit.target
        if target.ordinal not in wanted:
            wanted[target.ordinal] = list(_wanted(target.mapping, body.get("fields", [])))
        found.append(_shown(hit, keys, body, scored, wanted[target.ordinal]))
    return found


def _shown(
    hit: Hit, keys: list[Key], body: dict[str, Any], scored: bool, wanted: list[tuple[Field, str | None]]
) -> dict[str, Any]:
    document = hit.document
    answer: dict[str, Any] = {
        "_index": hit.target.name,
        "_id": document.id,
        "_score": 1.0 if scored else None,
    }
    rule = body.get("_source", True)
    source = filter_source(document.source(), rule) if rule is not False else None
    if source is not None:
        answer["_source"] = source
    if wanted:
        answer |= _if_any("fields", _fields(document, wanted))
    if highlight := body.get("highlight"):
        answer |= _if_any("highlight", _highlight(hit, highlight))
    if keys:
        answer["sort"] = [key.shown(hit) for key in keys]
    return answer


def _if_any(name: str, found: dict[str, Any]) -> dict[str, Any]:
    return {name: found} if found else {}


def filter_source(source: dict[str, Any], rule: Any) -> dict[str, Any] | None:
    """`_source`: true, false, a pattern, patterns, or includes and excludes."""
    if rule is True:
        return source
    if rule is False:
        return None
    if not isinstance(rule, dict):
        rule = {"includes": rule}
    includes = _patterns(rule.get("includes", rule.get("include", [])))
    excludes = _patterns(rule.get("excludes", rule.get("exclude", [])))
    return _pruned(source, "", includes, excludes)


def _patterns(given: str | list[str]) -> list[str]:
    return [given] if isinstance(given, str) else given


def _pruned(source: dict[str, Any], prefix: str, includes: list[str], excludes: list[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in source.items():
        path = f"{prefix}{name}"
        if any(text.wildcard(pattern).fullmatch(path) for pattern in excludes):
            continue
        chosen = not includes or any(text.wildcard(pattern).fullmatch(path) for pattern in includes)
        if isinstance(value, dict):
            inner = _pruned(value, f"{path}.", [] if chosen else includes, excludes)
            if inner:
                kept[name] = inner
        elif chosen:
            kept[name] = value
    return kept


def _wanted(mapping: Mapping, asked: list[Any]) -> Iterator[tuple[Field, str | None]]:
    """The fields that `fields` means in one index, each with its format."""
    for one in asked:
        pattern, form = (one, None) if isinstance(one, str) else (one.get("field", ""), one.get("format"))
        yield from ((field, form) for field in mapping.expand(pattern))


def _fields(document: Document, wanted: list[tuple[Field, str | None]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for field, form in wanted:
        if values := document.values(field.source):
            found[field.name] = [_formatted(field, value, form) for value in values]
    return found


def _formatted(field: Field, value: Value, form: str | None) -> Value:
    if field.is_date and not isinstance(value, str):
        return dates.render(int(value), form)
    return value


def _highlight(hit: Hit, options: dict[str, Any]) -> dict[str, list[str]]:
    before = options.get("pre_tags", ["<em>"])[0]
    after = options.get("post_tags", ["</em>"])[0]
    found: dict[str, list[str]] = {}
    for pattern in options.get("fields", {}):
        for field in hit.target.mapping.expand(pattern):
            marked = [
                text.mark(str(value), hit.target.clause.words, before, after)
                for value in hit.document.values(field.source)
                if field.is_text
            ]
            if any(marked):
                found[field.name] = [one for one in marked if one]
    return found
