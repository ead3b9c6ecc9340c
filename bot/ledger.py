"""Operations in Redis: the only writer. Reservations are taken and freed in the same atomic scripts.

Keys (all under `shipmate:`): `op:<id>` hash; `reserved` hash target -> id; `due` sorted set id -> epoch
seconds when somebody must look at it; `waiting` hash id -> topic; `news:<id>` what was seen of the topic;
`lease:<id>` who advances it; `target:<target>` and `finished` sorted sets of final changes by time.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import lifecycle
from bot.operation import Operation, new_id, seen_from_json, seen_to_json
from bot.ports import Seen, Topic

if TYPE_CHECKING:
    from redis import Redis

PREFIX = "shipmate:"
LEASE_SECONDS = 10.0
"""A worker that dies is succeeded this long after its last heartbeat."""
REMEMBER_REQUESTS_SECONDS = 24 * 3600
KEEP_QUERIES_SECONDS = 3600
ENQUEUED_GRACE_SECONDS = 8.0
"""An operation whose job was handed to RQ and lost is looked at again after this."""

_LUA = Path(__file__).parent / "lua"


class Lost(Exception):
    """Somebody else wrote the operation, or our lease ended: stop, whoever has it now goes on."""


@dataclass(frozen=True)
class Opened:
    """How `open` ended. `busy`: `operation` holds the target. `again`: the request is known already."""

    result: str
    operation: Operation | None


@dataclass(frozen=True)
class Lease:
    operation_id: str
    token: str


class Ledger:
    def __init__(self, redis: Redis) -> None:
        self.redis: Any = redis  # redis-py types every answer as bytes | str; ours decodes to str
        names = ("open", "write", "lease", "heartbeat", "release", "news", "overdue")
        self._scripts = {name: self.script(name) for name in names}

    def script(self, name: str) -> Any:
        """One of `bot/lua/`, callable as `script(args=(...))`."""
        prelude = (_LUA / "announce.lua").read_text()
        return self.redis.register_script(prelude + (_LUA / f"{name}.lua").read_text())

    def _run(self, script: str, *arguments: Any) -> Any:
        return self._scripts[script](args=arguments)

    # -- reading

    def get(self, operation_id: str) -> Operation | None:
        version, data = self.redis.hmget(PREFIX + "op:" + operation_id, "version", "data")
        return replace(Operation.from_json(data), version=int(version)) if version and data else None

    def holder(self, target: str) -> Operation | None:
        """The operation that has reserved `target`."""
        operation_id = self.redis.hget(PREFIX + "reserved", target)
        return self.get(operation_id) if operation_id else None

    def history(self, target: str, most: int = 20) -> list[Operation]:
        """Final changes of a target, newest first."""
        ids = self.redis.zrevrange(PREFIX + "target:" + target, 0, most - 1)
        return [op for op in map(self.get, ids) if op is not None]

    def counts(self) -> dict[str, int]:
        """Figures for `/metrics`: {"active_changes", "active_queries", "waiting", "finished"}."""
        pipe = self.redis.pipeline(transaction=False)
        pipe.scard(PREFIX + "active:change").scard(PREFIX + "active:query")
        pipe.hlen(PREFIX + "waiting").zcard(PREFIX + "finished")
        names = ("active_changes", "active_queries", "waiting", "finished")
        return dict(zip(names, pipe.execute(), strict=True))

    # -- writing

    def open(self, operation: Operation, announce: bool) -> Opened:
        """Record a new operation; gives it its id. Raises RedisError: nothing was started."""
        while True:
            operation = replace(operation, id=new_id(), version=1)
            result, operation_id = self._run(
                "open", operation.id, operation.to_json(), operation.state, operation.kind,
                operation.target, operation.origin.key, REMEMBER_REQUESTS_SECONDS,
                time.time() + ENQUEUED_GRACE_SECONDS, operation.origin.channel if announce else "",
            )  # fmt: skip
            if result == "opened":
                return Opened(result, operation)
            if result != "taken":
                return Opened(result, self.get(operation_id))

    def write(
        self,
        before: Operation,
        after: Operation,
        lease: Lease | None,
        announce: bool,
        due: float | None = None,
    ) -> Operation:
        """Replace `before` by `after`. Raises Lost, and lifecycle.IllegalMove for a move not in the table."""
        lifecycle.check(before.state, after.state)
        after = replace(after, version=before.version + 1)
        written = self._run(
            "write", after.id, before.version, lease.token if lease else "", after.to_json(), after.state,
            after.kind, after.target, "1" if after.final else "0", due or _expiry(),
            after.waiting.topic if after.waiting and not after.final else "",
            after.origin.channel if announce else "", after.finished or 0, KEEP_QUERIES_SECONDS,
        )  # fmt: skip
        if not written:
            raise Lost(after.id)
        return after

    # -- leases

    def lease(self, operation_id: str) -> Lease | None:
        """The right to advance an operation, or None while another worker has it (it will look again)."""
        lease = Lease(operation_id, secrets.token_hex(8))
        milliseconds = int(LEASE_SECONDS * 1000)
        return lease if self._run("lease", operation_id, lease.token, milliseconds, _expiry()) else None

    def release(self, lease: Lease) -> bool:
        """Give a lease back; True when somebody asked for it meanwhile: look again."""
        return bool(self._run("release", lease.operation_id, lease.token))

    def heartbeat(self, lease: Lease) -> bool:
        """Extend a lease; False when it is lost."""
        milliseconds = int(LEASE_SECONDS * 1000)
        return bool(self._run("heartbeat", lease.operation_id, lease.token, milliseconds, _expiry()))

    # -- waiting and waking

    def waiting(self) -> dict[str, Topic]:
        """Operation id -> what it waits for."""
        entries = self.redis.hgetall(PREFIX + "waiting")
        return {operation_id: Topic.parse(topic) for operation_id, topic in entries.items()}

    def await_waiting(self, seconds: float) -> None:
        """Return when an operation has begun to wait for a new topic, at the latest after `seconds`."""
        if self.redis.blpop([PREFIX + "waiting:wake"], timeout=seconds):
            self.redis.delete(PREFIX + "waiting:wake")

    def tell(self, operation_id: str, topic: Topic, seen: Seen) -> bool:
        """Keep what was seen; True when that is news for the operation."""
        return bool(self._run("news", operation_id, str(topic), seen_to_json(seen)))

    def news(self, operation_id: str, topic: Topic) -> Seen | None:
        """What the watcher saw of the topic that the operation waits for."""
        pipe = self.redis.pipeline(transaction=False)
        pipe.hget(PREFIX + "waiting", operation_id).get(PREFIX + "news:" + operation_id)
        waits_for, told = pipe.execute()
        return seen_from_json(told) if told and waits_for == str(topic) else None

    def overdue(self, most: int = 200) -> list[str]:
        """Ids of operations whose time has come: a deadline, a retry, or a worker that died."""
        now = time.time()
        ids: list[str] = self._run("overdue", now, now + ENQUEUED_GRACE_SECONDS, most)
        return ids


def _expiry() -> float:
    return time.time() + LEASE_SECONDS
