"""How one node of Elasticsearch is read from: never more than so many bytes of an answer.

Programs write lines of megabytes, and a search returns them whole: of a thousand of them nothing would be left
of a worker. What is longer is not read to its end; the caller is told, and asks for less.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import urllib3
from elastic_transport import NodeConfig, Urllib3HttpNode

from integrations.elasticsearch_http import TOO_LARGE

MOST_BYTES = 8_000_000
"""Of one answer: ten times as much as a thousand ordinary lines take."""
TOO_LARGE_STATUS = 400
"""The client takes a node for a dead one after other statuses, and this one is well."""


@dataclass(frozen=True)
class _Answer:
    """What the client takes of urllib3's response."""

    status: int
    headers: Any
    data: bytes


class BoundedNode(Urllib3HttpNode):
    """The client's own node; an answer that is too large becomes an error of Elasticsearch's shape."""

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        self.pool: Any = _Bounded(self.pool)


class _Bounded:
    """A connection pool of which each answer is read up to MOST_BYTES."""

    def __init__(self, pool: urllib3.HTTPConnectionPool) -> None:
        self._pool = pool

    def urlopen(self, method: str, target: str, **options: Any) -> _Answer:
        response = self._pool.urlopen(method, target, preload_content=False, **options)
        whole = False
        try:
            data = response.read(MOST_BYTES + 1, decode_content=True)
            whole = len(data) <= MOST_BYTES
        finally:
            if not whole:
                response.close()  # not drained: what is left may be gigabytes
            response.release_conn()  # closed or not: a pool whose connections do not come back waits for ever
        if whole:
            return _Answer(response.status, response.headers, data)
        error = {"error": {"type": TOO_LARGE}, "status": TOO_LARGE_STATUS}
        return _Answer(TOO_LARGE_STATUS, response.headers, json.dumps(error).encode())

    def close(self) -> None:
        self._pool.close()
