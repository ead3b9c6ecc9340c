"""The ways Elasticsearch says no, in the shapes its REST API uses."""

from __future__ import annotations

from typing import Any

NODE = "sandbox-node-1"


class ElasticError(Exception):
    """An answer that is an error. `more` joins the error object (`index`, `header`, ...)."""

    def __init__(self, status: int, kind: str, reason: str, **more: Any) -> None:
        super().__init__(reason)
        self.status = status
        self.cause = {"type": kind, "reason": reason, **more}

    def body(self) -> dict[str, Any]:
        return {"error": {"root_cause": [self.cause], **self.cause}, "status": self.status}


class ParsingError(ElasticError):
    """The request body is not in the query language: the coordinating node refuses it."""

    def __init__(self, reason: str) -> None:
        super().__init__(400, "parsing_exception", reason, line=1, col=1)


class IllegalArgument(ElasticError):
    def __init__(self, reason: str) -> None:
        super().__init__(400, "illegal_argument_exception", reason)


class NoSuchIndex(ElasticError):
    def __init__(self, index: str) -> None:
        resource = {"resource.type": "index_or_alias", "resource.id": index}
        more = {**resource, "index_uuid": "_na_", "index": index}
        super().__init__(404, "index_not_found_exception", f"no such index [{index}]", **more)


class ShardError(Exception):
    """A request that is well formed but cannot run on the fields of one index."""

    def __init__(self, kind: str, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.status = status

    def cause(self, index: str) -> dict[str, Any]:
        return {"type": self.kind, "reason": self.reason, "index": index}


def shard_failure(shard: int, index: str, cause: dict[str, Any]) -> dict[str, Any]:
    """One entry of `_shards.failures` and of `failed_shards`."""
    return {"shard": shard, "index": index, "node": NODE, "reason": cause}


class SearchFailed(ElasticError):
    """`search_phase_execution_exception`: no shard (or not every shard, when all are wanted) answered."""

    def __init__(
        self, failures: list[dict[str, Any]], status: int, reason: str = "all shards failed"
    ) -> None:
        more = {"phase": "query", "grouped": True, "failed_shards": failures}
        super().__init__(status, "search_phase_execution_exception", reason, **more)
        self.roots = [failure["reason"] for failure in failures]

    def body(self) -> dict[str, Any]:
        return {"error": {"root_cause": self.roots, **self.cause}, "status": self.status}
