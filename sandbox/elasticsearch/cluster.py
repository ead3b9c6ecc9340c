"""The cluster without its HTTP: indices, documents, points in time, searches."""

from __future__ import annotations

import base64
import itertools
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.elasticsearch.errors import (
    ElasticError,
    IllegalArgument,
    NoSuchIndex,
    SearchFailed,
    shard_failure,
)
from sandbox.elasticsearch.index import Common, Index
from sandbox.elasticsearch.logs import LogLine, app_of, stream_of, surroundings
from sandbox.elasticsearch.search import Searched, Trouble, check_body, find_targets, search
from sandbox.elasticsearch.text import wildcard

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Expression:
    """An index expression of a request: `logs-web-*,-logs-web-dev`, with how strictly it is meant."""

    text: str = "_all"
    ignore_unavailable: bool = False
    allow_no_indices: bool = True


@dataclass
class PointInTime:
    searched: list[Searched]
    keep_alive: float
    expires: float


def seconds(text: str) -> float:
    """A time value of Elasticsearch (`30s`, `1m`) in seconds."""
    match = re.fullmatch(r"(\d+)(ms|s|m|h|d)", text)
    if match is None:
        raise IllegalArgument(f"failed to parse setting [keep_alive] with value [{text}] as a time value")
    return int(match[1]) * _UNITS[match[2]]


@dataclass
class Cluster:
    capacity: int = 200_000
    """Documents an index may hold."""
    shards: int = 2
    """Shards of an index that is created without saying."""
    clock: Callable[[], float] = time.time
    trouble: Trouble = field(default_factory=Trouble)
    indices: dict[str, Index] = field(default_factory=dict)
    points: dict[str, PointInTime] = field(default_factory=dict)
    _commons: dict[tuple[str, ...], Common] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def now(self) -> int:
        """Epoch milliseconds."""
        return int(self.clock() * 1000)

    def create(self, name: str, mappings: dict[str, Any] | None = None, shards: int | None = None) -> Index:
        """Raises 400 when it exists or the name is none."""
        if name in self.indices:
            reason = f"index [{name}] already exists"
            raise ElasticError(400, "resource_already_exists_exception", reason, index=name)
        if name != name.lower() or re.search(r'[\\/*?"<>| ,#:]', name) or name[:1] in "-_+." or not name:
            reason = f"Invalid index name [{name}], must be lowercase and without special characters"
            raise ElasticError(400, "invalid_index_name_exception", reason, index=name)
        index = Index(name, self.capacity, shards or self.shards)
        index.mapping.declare((mappings or {}).get("properties", {}))
        self.indices[name] = index
        return index

    def index(self, name: str) -> Index:
        """The index to write to, made on demand."""
        return self.indices[name] if name in self.indices else self.create(name)

    def delete(self, name: str) -> None:
        del self.indices[name]
        self._commons = {key: common for key, common in self._commons.items() if key[0] != name}

    def resolve(self, expression: Expression) -> list[Index]:
        """Raises NoSuchIndex, or 400 index_closed_exception for a closed index that was named."""
        chosen: dict[str, Index] = {}
        for part in expression.text.split(","):
            if part.startswith("-"):
                matcher = wildcard(part[1:])
                chosen = {name: index for name, index in chosen.items() if not matcher.fullmatch(name)}
            else:
                chosen |= {index.name: index for index in self._named(part, expression)}
        if not chosen and not expression.allow_no_indices:
            raise NoSuchIndex(expression.text)
        return list(chosen.values())

    def _named(self, part: str, expression: Expression) -> list[Index]:
        if "*" in part or part == "_all":
            matcher = wildcard("*" if part == "_all" else part)
            found = [self.indices[name] for name in sorted(self.indices) if matcher.fullmatch(name)]
            if not found and not expression.allow_no_indices:
                raise NoSuchIndex(part)
            return [index for index in found if not index.closed]
        index = self.indices.get(part)
        if (index is None or index.closed) and expression.ignore_unavailable:
            return []
        if index is None:
            raise NoSuchIndex(part)
        if index.closed:
            raise ElasticError(400, "index_closed_exception", "closed", index=part, index_uuid=index.uuid)
        return [index]

    def write_log(self, line: LogLine) -> None:
        name = stream_of(line)
        index = self.index(name)
        key = (name, line.pod, line.container, line.level, app_of(line))
        common = self._commons.get(key)
        if common is None:
            common = self._commons[key] = index.learn_line(surroundings(line))
        index.add_line(int(line.at * 1000), common, line.message)

    def reset(self) -> None:
        for state in (self.indices, self.points, self._commons):
            state.clear()
        self.trouble = Trouble()

    def search(self, expression: Expression | None, body: Any, allow_partial: bool = True) -> dict[str, Any]:
        """`expression` None: no index was named, which a point in time asks for."""
        check_body(body)
        if "pit" not in body:
            return search(self._live(expression or Expression()), body, self.now, self.trouble, allow_partial)
        if expression is not None:
            reason = "[index] cannot be used with point in time. Do not specify any index with point in time."
            raise ElasticError(400, "action_request_validation_exception", reason)
        identity = str(body["pit"].get("id"))
        point = self._point(identity, body["pit"].get("keep_alive"))
        answer = search(point.searched, body, self.now, self.trouble, allow_partial)
        return {"pit_id": identity, **answer}

    def search_all(self, asked: list[tuple[Expression, Any]]) -> dict[str, Any]:
        """`_msearch`: each search has its own answer, or its own error."""
        return {"took": 1, "responses": [self._one_of_many(*one) for one in asked]}

    def _one_of_many(self, expression: Expression, body: Any) -> dict[str, Any]:
        try:
            return {**self.search(expression, body), "status": 200}
        except ElasticError as error:
            return error.body()

    def _live(self, expression: Expression) -> list[Searched]:
        return [Searched(index, index.documents) for index in self.resolve(expression)]

    def count(self, expression: Expression, body: dict[str, Any]) -> dict[str, Any]:
        if unknown := body.keys() - {"query"}:
            raise IllegalArgument(f"request does not support [{min(unknown)}]")
        searched = self._live(expression)
        targets, shards = find_targets(searched, check_body(body), [], self.now, self.trouble)
        return {"count": sum(1 for t in targets for _ in t.matching()), "_shards": shards.answer()}

    def open_point(self, expression: Expression, keep_alive: str) -> dict[str, Any]:
        searched = [Searched(i, i.documents.snapshot()) for i in self.resolve(expression)]
        kept = seconds(keep_alive)
        identity = base64.urlsafe_b64encode(f"sandbox-pit-{next(self._numbers)}".encode()).decode()
        self.points[identity] = PointInTime(searched, kept, self.clock() + kept)
        shards = sum(one.index.shards for one in searched)
        counts = {"total": shards, "successful": shards, "skipped": 0, "failed": 0}
        return {"id": identity, "_shards": counts}

    def _point(self, identity: str, keep_alive: str | None) -> PointInTime:
        """Raises 404 search_context_missing_exception, as for one that was closed or has expired."""
        self.points = {known: point for known, point in self.points.items() if point.expires > self.clock()}
        point = self.points.get(identity)
        if point is None:
            reason = f"No search context found for id [{identity}]"
            cause = {"type": "search_context_missing_exception", "reason": reason}
            raise SearchFailed([shard_failure(0, "", cause)], 404)
        if keep_alive:
            point.keep_alive = seconds(keep_alive)
        point.expires = self.clock() + point.keep_alive
        return point
