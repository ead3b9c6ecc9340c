"""Lists and single objects in the form that a client accepts: JSON, table or metadata alone."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.kubernetes import errors, selectors, tables
from sandbox.kubernetes.errors import ApiError, bad_request
from sandbox.kubernetes.resources import EVENTS, EVENTS_V1, Object, Resource, key, typed
from sandbox.kubernetes.selectors import Predicate
from sandbox.kubernetes.store import Store

_STALE = (
    "The provided continue parameter is too old to display a consistent list result. "
    "You can start a new list without the continue parameter, or use the continue token in this response "
    "to retrieve the remainder of the results. Continuing with the provided token results in an "
    "inconsistent list - objects that were created, modified, or deleted between the time the first chunk "
    "was returned and now may show up in the list."
)


@dataclass(frozen=True)
class Form:
    """The shape of an answer: `""` for plain JSON, `Table`, or `PartialObjectMetadata`."""

    name: str = ""
    include: str = "Metadata"
    """Of a table's rows: None, Metadata or Object."""

    def one(self, resource: Resource, item: Object) -> Object:
        if self.name == "Table":
            version = item["metadata"]["resourceVersion"]
            return tables.table(resource, [item], {"resourceVersion": version}, self.include)
        return partial(item) if self.name else item

    def many(self, resource: Resource, items: list[Object], metadata: Object) -> Object:
        if self.name == "Table":
            return tables.table(resource, items, metadata, self.include)
        if self.name:
            answer = {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1"}
            return answer | {"metadata": metadata, "items": [partial(item) for item in items]}
        bare = [{k: v for k, v in item.items() if k not in ("kind", "apiVersion")} for item in items]
        kind = {"kind": f"{resource.kind}List", "apiVersion": resource.api_version}
        return kind | {"metadata": metadata, "items": bare}


def form(accept: str, include: str) -> Form:
    """The first media range of `Accept` that this server can serve. Raises ApiError 406."""
    for part in accept.split(",") or ["*/*"]:
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        values = dict(p.split("=", 1) for p in parameters if "=" in p)
        if kind not in ("", "*/*", "application/*", "application/json"):
            continue
        wanted = values.get("as", "")
        if not wanted:
            return Form()
        if values.get("v") == "v1" and wanted in (
            "Table",
            "PartialObjectMetadata",
            "PartialObjectMetadataList",
        ):
            return Form(wanted.removesuffix("List"), include or "Metadata")
    available = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
    raise ApiError(406, "NotAcceptable", f"406: Not Acceptable\n\nAvailable representations: {available}", {})


def partial(item: Object) -> Object:
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": item["metadata"]}


def event_v1(item: Object) -> Object:
    """A core event as events.k8s.io/v1 shows it: the same object under other names."""
    shown = {"metadata": item["metadata"], "eventTime": item.get("eventTime")}
    shown |= {"reportingController": item["reportingComponent"]}
    if item.get("reportingInstance"):
        shown["reportingInstance"] = item["reportingInstance"]
    shown |= {"reason": item["reason"], "regarding": item["involvedObject"], "note": item["message"]}
    shown |= {"type": item["type"], "deprecatedSource": item["source"]}
    shown |= {
        "deprecatedFirstTimestamp": item["firstTimestamp"],
        "deprecatedLastTimestamp": item["lastTimestamp"],
    }
    return typed(EVENTS_V1, shown | {"deprecatedCount": item["count"]})


def stored_as(resource: Resource) -> Resource:
    return EVENTS if resource is EVENTS_V1 else resource


def view(resource: Resource, item: Object) -> Object:
    return event_v1(item) if resource is EVENTS_V1 else item


def chosen(resource: Resource, query: Mapping[str, str]) -> Predicate:
    """The selectors of a query as one predicate. Raises ApiError 400."""
    by_label = selectors.labels(query.get("labelSelector", ""))
    by_field = selectors.fields(query.get("fieldSelector", ""), resource)
    return lambda item: by_label(item) and by_field(item)


def version(query: Mapping[str, str]) -> int:
    """resourceVersion as a number, 0 if not given. Raises ApiError 500 for garbage: the server does."""
    text = query.get("resourceVersion", "")
    if text and not re.fullmatch(r"\d+", text):
        problem = (
            f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        )
        raise ApiError(500, "", problem)
    return int(text or 0)


class Reader:
    """Answers LIST from the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list(self, resource: Resource, namespace: str, query: Mapping[str, str], shape: Form) -> Object:
        """One page. Raises ApiError 400 (selector, token), 410 (too old), 504 (version from the future)."""
        kept = chosen(resource, query)
        at, start = self._position(query)
        found = self._store.at(stored_as(resource), namespace, at)
        if found is None:
            raise self._stale(query, start)
        items = [shown for item in found if kept(shown := view(resource, item))]
        left = [item for item in items if "/".join(key(item)) >= start]
        limit = int(query.get("limit") or 0)
        page, rest = (left[:limit], left[limit:]) if limit else (left, [])
        metadata: Object = {"resourceVersion": str(at)}
        if rest:
            metadata["continue"] = _token(at, "/".join(key(rest[0])))
            if not (query.get("labelSelector") or query.get("fieldSelector")):
                metadata["remainingItemCount"] = len(rest)
        return shape.many(resource, page, metadata)

    def _position(self, query: Mapping[str, str]) -> tuple[int, str]:
        """(version, key of the first item wanted)."""
        current = self._store.version
        if token := query.get("continue"):
            at, start = _read_token(token)
            return (current if at < 0 else at), start
        wanted = version(query)
        if wanted > current:
            raise errors.too_large_version(wanted, current)
        return (wanted if query.get("resourceVersionMatch") == "Exact" else current), ""

    def _stale(self, query: Mapping[str, str], start: str) -> ApiError:
        if query.get("continue"):
            return ApiError(410, "Expired", _STALE, metadata={"continue": _token(-1, start)})
        return ApiError(410, "Expired", "The resourceVersion for the provided list is too old.")


def _token(at: int, start: str) -> str:
    body = json.dumps({"v": "meta.k8s.io/v1", "rv": at, "start": start}, separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def _read_token(token: str) -> tuple[int, str]:
    try:
        found = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return int(found["rv"]), str(found["start"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        problem = "continue key is not valid: invalid character looking for beginning of value"
        raise bad_request(f"invalid continue token: {problem}") from None
