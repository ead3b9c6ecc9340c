"""Which fields an index has and how each is indexed: explicit mappings and dynamic ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.elasticsearch import dates
from sandbox.elasticsearch.errors import ElasticError, ShardError
from sandbox.elasticsearch.text import wildcard

Value = str | int | float | bool
"""As it is indexed: dates are milliseconds since the epoch."""

TEXT = frozenset({"text", "match_only_text"})
WORDS = frozenset({"keyword", "constant_keyword", "wildcard", "ip"})
WHOLE = frozenset({"long", "integer", "short", "byte"})
NUMBERS = WHOLE | {"double", "float", "half_float"}
KNOWN = TEXT | WORDS | NUMBERS | {"date", "date_nanos", "boolean", "object", "alias"}

_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")


@dataclass(frozen=True)
class Field:
    """`source` is the path the values are kept under (a multi-field shares its parent's)."""

    name: str
    kind: str
    source: str

    @property
    def is_text(self) -> bool:
        return self.kind in TEXT

    @property
    def is_date(self) -> bool:
        return self.kind in ("date", "date_nanos")


def is_log_stream(index: str) -> bool:
    """Data streams of the built-in `logs-*-*` template use the ECS mapping."""
    return bool(re.fullmatch(r"logs-[^-]+-.+", index))


@dataclass
class Mapping:
    """`ecs`: strings become keywords and `message` text; else text with a `.keyword` multi-field."""

    ecs: bool = False
    fields: dict[str, Field] = field(default_factory=dict)

    def get(self, name: str) -> Field | None:
        return self.fields.get(name)

    def expand(self, pattern: str) -> Iterator[Field]:
        """The fields that `pattern` (a name, or with `*`) means."""
        if "*" not in pattern:
            if found := self.fields.get(pattern):
                yield found
            return
        matcher = wildcard(pattern)
        yield from (field for name, field in self.fields.items() if matcher.fullmatch(name))

    def declare(self, properties: dict[str, Any], prefix: str = "") -> None:
        """Take explicit mappings. Raises 400 mapper_parsing_exception for what is not known here."""
        for name, options in properties.items():
            path = prefix + name
            kind = options.get("type", "object")
            if kind not in KNOWN:
                reason = f"No handler for type [{kind}] declared on field [{name}]"
                raise ElasticError(400, "mapper_parsing_exception", reason)
            self.declare(options.get("properties", {}), f"{path}.")
            if kind != "object":
                self.fields[path] = Field(path, kind, options.get("path", path))
            for sub, sub_options in options.get("fields", {}).items():
                self.fields[f"{path}.{sub}"] = Field(f"{path}.{sub}", sub_options["type"], path)

    def learn(self, source: dict[str, Any]) -> dict[str, tuple[Value, ...]]:
        """Index a document: its values by path. New fields are added.

        Raises 400 document_parsing_exception when a value does not fit its field.
        """
        values: dict[str, list[Value]] = {}
        for path, raw in _leaves(source):
            found = self.fields.get(path) or self._add(path, raw)
            try:
                values.setdefault(path, []).append(convert(found, raw))
            except ShardError as error:
                reason = f"[1:1] failed to parse field [{path}] of type [{found.kind}]: {error.reason}"
                raise ElasticError(400, "document_parsing_exception", reason) from error
        return {path: tuple(found) for path, found in values.items()}

    def _add(self, path: str, raw: Value) -> Field:
        kind = self._kind_of(path, raw)
        added = self.fields[path] = Field(path, kind, path)
        if kind == "text" and not self.ecs:
            self.fields[f"{path}.keyword"] = Field(f"{path}.keyword", "keyword", path)
        return added

    def _kind_of(self, path: str, raw: Value) -> str:
        if isinstance(raw, bool):
            return "boolean"
        if path == "@timestamp" or (isinstance(raw, str) and _DATE.fullmatch(raw)):
            return "date"
        if isinstance(raw, (int, float)):
            return "long" if isinstance(raw, int) else "float"
        if self.ecs:
            return "match_only_text" if path == "message" else "keyword"
        return "text"

    def properties(self) -> dict[str, Any]:
        """The body of `_mapping`."""
        root: dict[str, Any] = {}
        for name, found in sorted(self.fields.items()):
            if found.source != name and found.kind != "alias":
                parent = _descend(root, found.source)
                parent.setdefault("fields", {})[name.removeprefix(f"{found.source}.")] = {"type": found.kind}
            else:
                _descend(root, name)["type"] = found.kind
        return root


def _descend(root: dict[str, Any], path: str) -> dict[str, Any]:
    *parents, last = path.split(".")
    here = root
    for parent in parents:
        here = here.setdefault(parent, {}).setdefault("properties", {})
    leaf: dict[str, Any] = here.setdefault(last, {})
    return leaf


def _leaves(source: Any, prefix: str = "") -> Iterator[tuple[str, Value]]:
    if isinstance(source, dict):
        for name, inner in source.items():
            yield from _leaves(inner, f"{prefix}.{name}" if prefix else name)
    elif isinstance(source, list):
        for inner in source:
            yield from _leaves(inner, prefix)
    elif source is not None:
        yield prefix, source


def convert(field: Field, raw: object) -> Value:
    """A value as `field` indexes it. Raises ShardError when it is no such value."""
    if field.is_date:
        return dates.parse(raw, now=0)
    if field.kind in NUMBERS:
        return number(raw, whole=field.kind in WHOLE)
    if field.kind == "boolean":
        return boolean(raw)
    return ("true" if raw else "false") if isinstance(raw, bool) else str(raw)


def number(raw: object, whole: bool = False) -> int | float:
    """Raises ShardError (number_format_exception)."""
    try:
        value = float(str(raw))
    except ValueError as error:
        raise ShardError("number_format_exception", f'For input string: "{raw}"') from error
    return int(value) if whole or value.is_integer() else value


def boolean(raw: object) -> bool:
    words: dict[object, bool] = {True: True, "true": True, False: False, "false": False, "": False}
    if raw not in words or isinstance(raw, (int, float)) != isinstance(raw, bool):
        reason = f"Can't parse boolean value [{raw}], expected [true] or [false]"
        raise ShardError("illegal_argument_exception", reason)
    return words[raw]
