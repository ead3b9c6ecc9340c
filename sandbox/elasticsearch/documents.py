"""Single documents and bulk requests."""

from __future__ import annotations

import json
from typing import Any

from sandbox.elasticsearch.cluster import Cluster
from sandbox.elasticsearch.errors import ElasticError, IllegalArgument, NoSuchIndex
from sandbox.elasticsearch.index import Index

_WRITTEN = {"total": 2, "successful": 1, "failed": 0}


def put(
    cluster: Cluster, name: str, source: Any, identity: str | None, create: bool = False
) -> tuple[int, dict[str, Any]]:
    """Index one document: the status and the answer."""
    if not isinstance(source, dict):
        raise ElasticError(400, "document_parsing_exception", "[1:1] failed to parse: expected an object")
    document, version = cluster.index(name).add(source, identity, create)
    answer = {
        "_index": name,
        "_id": document.id,
        "_version": version,
        "result": "created" if version == 1 else "updated",
        "_shards": _WRITTEN,
        "_seq_no": document.sequence,
        "_primary_term": 1,
    }
    return (201 if version == 1 else 200), answer


def get(cluster: Cluster, name: str, identity: str) -> tuple[int, dict[str, Any]]:
    index = _existing(cluster, name)
    document = index.get(identity)
    if document is None:
        return 404, {"_index": name, "_id": identity, "found": False}
    found = {"found": True, "_source": document.source(), "_version": index.version(document)}
    more = {"_seq_no": document.sequence, "_primary_term": 1}
    return 200, {"_index": name, "_id": identity, **more, **found}


def delete(cluster: Cluster, name: str, identity: str) -> tuple[int, dict[str, Any]]:
    index = _existing(cluster, name)
    document = index.get(identity)
    result = {"_index": name, "_id": identity, "_version": 1, "_shards": _WRITTEN, "_primary_term": 1}
    if document is None:
        return 404, result | {"result": "not_found", "_seq_no": 0}
    index.remove(document)
    return 200, result | {
        "result": "deleted",
        "_version": index.version(document) + 1,
        "_seq_no": document.sequence,
    }


def _existing(cluster: Cluster, name: str) -> Index:
    if name not in cluster.indices:
        raise NoSuchIndex(name)
    return cluster.indices[name]


def bulk(cluster: Cluster, text: str, default_index: str | None) -> dict[str, Any]:
    """Actions, one line each, all but delete followed by a line of source. Errors stay with their item."""
    if not text.endswith("\n"):
        raise IllegalArgument("The bulk request must be terminated by a newline [\\n]")
    lines = iter(line for line in text.split("\n") if line.strip())
    items = []
    for number, line in enumerate(lines, start=1):
        action, options = _action(line, number)
        source = json.loads(next(lines, "null")) if action != "delete" else None
        items.append({action: _one(cluster, action, options, source, default_index)})
    failed = any("error" in item for entry in items for item in entry.values())
    return {"took": 1, "errors": failed, "items": items}


def _action(line: str, number: int) -> tuple[str, dict[str, Any]]:
    entry = json.loads(line)
    if not isinstance(entry, dict) or len(entry) != 1 or not entry.keys() <= {"index", "create", "delete"}:
        raise IllegalArgument(f"Malformed action/metadata line [{number}], expected index, create or delete")
    (action, options), *_ = entry.items()
    return action, options


def _one(
    cluster: Cluster, action: str, options: dict[str, Any], source: Any, default_index: str | None
) -> dict[str, Any]:
    name, identity = options.get("_index", default_index), options.get("_id")
    try:
        if not name:
            raise ElasticError(400, "action_request_validation_exception", "index is missing")
        if action == "delete":
            status, answer = delete(cluster, name, str(identity))
        else:
            status, answer = put(cluster, name, source, identity, create=action == "create")
    except ElasticError as error:
        return {"_index": name, "_id": identity, "status": error.status, "error": error.cause}
    return answer | {"status": status}
