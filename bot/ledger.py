"""Operations in Redis: the only writer. Reservations are taken and freed in the same atomic scripts.

Keys (all under `shipmate:`): `op:<id>` hash; `reserved` hash target -> id; `due` sorted set id -> epoch
seconds when somebody must look at it; `waiting` hash id -> topic; `news:<id>` what was seen of the topic;
`silent:<system>` sorted set of ids that take turns in trying it again; `lease:<id>` who advances it;
`target:<target>` and `finished` sorted sets of final changes by time.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from redis.exceptions import RedisError

from bot import lifecycle
from bot.estimate import began
from bot.language import _
from bot.lifecycle import State
from bot.operation import NOBODY, Operation, Outcome, Waiting, new_id, seen_from_json, seen_to_json
from bot.ports import Seen, Topic

if TYPE_CHECKING:
    from redis import Redis

PREFIX = "shipmate:"
LEASE_SECONDS = 5.0
"""A worker that dies is succeeded this long after its last heartbeat."""
REMEMBER_REQUESTS_SECONDS = 24 * 3600
KEEP_QUERIES_SECONDS = 3600
ENQUEUED_GRACE_SECONDS = 3.0
"""An operation whose job was handed to RQ and lost is looked at again after this."""

USUALLY = 5
"""So many of the latest say how long something takes: what was longer ago is another program by now."""

NOT_WAITING = Waiting("", 0, 0)

_LUA = Path(__file__).parent / "lua"


class Lost(Exception):
    """Somebody else wrote the operation, or our lease ended: stop, whoever has it now goes on."""


@dataclass(frozen=True)
class Opened:
    """How `open` ended. `again`: the request is known already, and this is its operation."""

    result: Literal["opened", "again"]
    operation: Operation | None
    holder: str = ""
    """Id of the operation that has the target; ours waits in line behind it. Empty: ours has it."""


@dataclass(frozen=True)
class Place:
    """Where a change stands that waits in line for its target."""

    position: int
    """1: next."""
    holder: Operation
    seconds_left: float | None = None
    """How long the holder may still need, by what the same took here before; None: nobody knows."""


@dataclass(frozen=True)
class Lease:
    operation_id: str
    token: str


class Ledger:
    """`on_turn` is told the id of a change that may go on now; it is due anyway, this is only quicker.

    `mails`: every change that has ended is put in line for `bot.mailroom`, by the write that ends it.
    """

    def __init__(
        self, redis: Redis, on_turn: Callable[[str], None] = lambda _id: None, mails: bool = False
    ) -> None:
        self.on_turn = on_turn
        self._mails = int(mails)
        self.redis: Any = redis  # redis-py types every answer as bytes | str; ours decodes to str
        names = ("open", "write", "lease", "heartbeat", "release", "news", "overdue", "forget", "announce")
        self._scripts = {name: self.script(name) for name in names}

    def script(self, name: str) -> Any:
        """One of `bot/lua/`, callable as `script(args=(...))`."""
        prelude = (_LUA / "prelude.lua").read_text()
        return self.redis.register_script(prelude + (_LUA / f"{name}.lua").read_text())

    def _run(self, script: str, *arguments: Any) -> Any:
        return self._scripts[script](args=arguments)

    # -- reading

    def get(self, operation_id: str) -> Operation | None:
        return _read(*self.redis.hmget(PREFIX + "op:" + operation_id, "version", "data"))

    def requested(self, key: str) -> str | None:
        """Id of the operation that a request of that key has opened."""
        operation_id: str | None = self.redis.get(PREFIX + "request:" + key)
        return operation_id

    def known(self, request: str) -> bool:
        """Whether an operation was opened for the request of that key."""
        return bool(request and self.redis.exists(PREFIX + "request:" + request))

    def holder(self, target: str) -> Operation | None:
        """The operation that has reserved `target`."""
        operation_id = self.redis.hget(PREFIX + "reserved", target)
        return self.get(operation_id) if operation_id else None

    def line(self, target: str) -> list[str]:
        """Ids of the changes that wait for `target`, next first."""
        ids: list[str] = self.redis.zrange(PREFIX + "line:" + target, 0, -1)
        return ids

    def place(self, operation: Operation) -> Place | None:
        """Where a queued change stands in line; None when it has its target."""
        if operation.state is not State.QUEUED or operation.kind != "change":
            return None
        rank = self.redis.zrank(PREFIX + "line:" + operation.reserves, operation.id)
        holder = self.holder(operation.reserves)
        if rank is None or holder is None:
            return None
        return Place(rank + 1, holder, self._seconds_left(holder))

    def usual(self, operation: Operation) -> float | None:
        """Seconds that the same took there before; None: it is the first time."""
        took = [
            past.finished - began(past)
            for past in self.history(operation.target)
            if past.verb == operation.verb and past.state is State.SUCCEEDED and past.finished
        ]
        return median(took[:USUALLY]) if took else None

    def _seconds_left(self, operation: Operation) -> float | None:
        if operation.stuck is not None:  # it waits for a person, and nobody knows for how long
            return None
        usual = self.usual(operation)
        return None if usual is None else max(0.0, usual - (time.time() - began(operation)))

    def has_target(self, operation: Operation) -> bool:
        """Whether it is this operation's turn."""
        if operation.kind != "change" or "/" not in operation.target:
            return True
        return bool(self.redis.hget(PREFIX + "reserved", operation.reserves) == operation.id)

    def history(self, target: str, most: int = 20) -> list[Operation]:
        """Final changes of a target, newest first."""
        return self.index(f"target:{target}", most)

    def past(self, target: str, most: int = 50) -> Iterator[Operation]:
        """The same, a few at a time: whoever looks for the last one of a kind mostly finds it at once."""
        start, size = 0, 2
        while start < most:
            ids = self.redis.zrevrange(f"{PREFIX}target:{target}", start, min(start + size, most) - 1)
            yield from (op for op in self.get_all(ids) if op is not None)
            if len(ids) < size:
                return
            start, size = start + size, size * 4

    def index(self, name: str, most: int = 20) -> list[Operation]:
        """Final changes by `target:web/product`, `project:web`, `actor:U1` or `state:failed`, newest first."""
        ids = self.redis.zrevrange(PREFIX + name, 0, most - 1)
        return [op for op in self.get_all(ids) if op is not None]

    def ended_since(self, since: float, most: int = 200) -> list[Operation]:
        """Final changes that ended after `since` (epoch seconds), newest first."""
        key = PREFIX + "finished"
        ids = self.redis.zrevrangebyscore(key, "+inf", since, start=0, num=most)
        return [op for op in self.get_all(ids) if op is not None]

    def active(self) -> list[Operation]:
        """Changes that have not ended."""
        ids = self.redis.smembers(PREFIX + "active:change")
        return [op for op in self.get_all(sorted(ids)) if op is not None]

    def get_all(self, operation_ids: Iterable[str]) -> list[Operation | None]:
        """In one round trip."""
        pipe = self.redis.pipeline(transaction=False)
        for operation_id in operation_ids:
            pipe.hmget(PREFIX + "op:" + operation_id, "version", "data")
        return [_read(version, data) for version, data in pipe.execute()]

    def counts(self) -> dict[str, int]:
        """Figures for `/metrics`: {"active_changes", "active_queries", "waiting", "finished"}."""
        pipe = self.redis.pipeline(transaction=False)
        pipe.scard(PREFIX + "active:change").scard(PREFIX + "active:query")
        pipe.hlen(PREFIX + "waiting").zcard(PREFIX + "finished")
        names = ("active_changes", "active_queries", "waiting", "finished")
        return dict(zip(names, pipe.execute(), strict=True))

    # -- writing

    def open(
        self, operation: Operation, announce: bool, first: bool = False, due: float | None = None
    ) -> Opened:
        """Record a new operation, give it its id and its place; `first`: before others in line.

        Raises RedisError: nothing was started.
        """
        while True:
            operation = replace(operation, id=new_id(), version=1)
            result, operation_id, holder = self._run(
                "open", operation.id, operation.to_json(), operation.state, operation.kind,
                operation.reserves, operation.origin.key, REMEMBER_REQUESTS_SECONDS,
                due or time.time() + ENQUEUED_GRACE_SECONDS, operation.origin.channel,
                int(first), int(announce),
            )  # fmt: skip
            if result == "opened":
                return Opened(result, operation, holder)
            if result == "again":
                return Opened(result, self.get(operation_id))

    def write(
        self,
        before: Operation,
        after: Operation,
        lease: Lease | None,
        announce: bool,
        due: float | None = None,
        pause: float = 0,
    ) -> Operation:
        """Replace `before` by `after`. Raises Lost, and lifecycle.IllegalMove for a move not in the table.

        A final write gives the target to the next in line, whose `due` is then now. Where `after` waits for a
        system that did not answer, whoever has waited longest for that system tries it after `pause` seconds,
        for all of them; the others are `due` as they say. Once one got on, two more may try.
        """
        lifecycle.check(before.state, after.state)
        after = replace(after, version=before.version + 1)
        waiting = after.waiting if after.waiting and not after.final else NOT_WAITING
        written, *woken = self._run(
            "write", after.id, before.version, lease.token if lease else "", after.to_json(), after.state,
            after.kind, after.reserves, "1" if after.final else "0", due or _expiry(),
            waiting.topic, int(announce), after.finished or 0, KEEP_QUERIES_SECONDS,
            after.target.partition("/")[0], after.actor.id, waiting.system, pause,
            self._mails,
        )  # fmt: skip
        if not written:
            raise Lost(after.id)
        with suppress(RedisError):  # written is written: they are due anyway
            for operation_id in woken:
                self.on_turn(operation_id)
        return after

    def stop(self, operation_id: str, by: str) -> Operation | None:
        """Ask an operation to end: not yet started, it is cancelled at once; running, it is aborted.

        `by`: a user id, or the id of the operation that goes first. Idempotent. None: no such operation.
        """
        while True:
            operation = self.get(operation_id)
            if operation is None or operation.final or operation.state is State.ABORTING:
                return operation
            try:
                return self.write(
                    operation, _stopped(operation, by), lease=None, announce=True, due=time.time()
                )
            except Lost:
                continue  # it moved on meanwhile: look again

    def announce(self, operation_id: str) -> None:
        """Have the message of a change that is under way drawn again: what it says of time has changed."""
        self._run("announce", operation_id)

    def forget(self, before: float, most: int, at_once: int = 500) -> int:
        """Forget finished changes older than `before` (epoch seconds) or beyond the newest `most`."""
        return int(self._run("forget", before, most, at_once))

    # -- leases

    def lease(self, operation_id: str) -> Lease | None:
        """The right to advance an operation, or None while another worker has it (it will look again)."""
        lease = Lease(operation_id, secrets.token_hex(8))
        milliseconds = int(LEASE_SECONDS * 1000)
        return lease if self._run("lease", operation_id, lease.token, milliseconds, _expiry()) else None

    def release(self, lease: Lease) -> bool:
        """Give a lease back; True when somebody asked for it meanwhile: look again."""
        due = time.time() + ENQUEUED_GRACE_SECONDS
        return bool(self._run("release", lease.operation_id, lease.token, due))

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
        due = time.time() + ENQUEUED_GRACE_SECONDS
        return bool(self._run("news", operation_id, str(topic), seen_to_json(seen), due))

    def news(self, operation_id: str, topic: Topic) -> Seen | None:
        """What the watcher saw of the topic that the operation waits for. For who is at work on it: it is read then.

        Marked before it is read: what comes in between is read, and marked as if it were not.
        """
        pipe = self.redis.pipeline(transaction=False)
        pipe.hdel(PREFIX + "op:" + operation_id, "unread")
        pipe.hget(PREFIX + "waiting", operation_id).get(PREFIX + "news:" + operation_id)
        _marked, waits_for, told = pipe.execute()
        return seen_from_json(told) if told and waits_for == str(topic) else None

    def overdue(self, most: int = 200) -> list[str]:
        """Ids of operations whose time has come: a deadline, a retry, or a worker that died."""
        now = time.time()
        ids: list[str] = self._run("overdue", now, now + ENQUEUED_GRACE_SECONDS, most)
        return ids


def _stopped(operation: Operation, by: str) -> Operation:
    """What `stop` makes of it. A queued operation that has its target may be starting: the version decides."""
    if operation.state in (State.SCHEDULED, State.QUEUED, State.AWAITING_APPROVAL):
        said = _("Cancelled before it began. Nothing was started.")
        if by != NOBODY and not by.startswith(("U", "W")):  # by another operation
            said = _("`{id}` took its place. Nothing was started.", id=by)
        outcome = Outcome(said)
        return replace(operation, state=State.CANCELLED, stopped_by=by, outcome=outcome, finished=time.time())
    return replace(operation, state=State.ABORTING, stopped_by=by, stuck=None, waiting=None)


def _read(version: str | None, data: str | None) -> Operation | None:
    return replace(Operation.from_json(data), version=int(version)) if version and data else None


def _expiry() -> float:
    return time.time() + LEASE_SECONDS
