"""A Redis of one's own for tests of the ledger, changes to put into it, and all that it holds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from redis import Redis

from bot.ledger import PREFIX, Ledger
from bot.lifecycle import State
from bot.operation import Operation, Origin, Outcome
from bot.ports import Person
from sandbox.redis import RedisServer
from sandbox.stage import free_port

EVA = Person("U0ENGINEER", "engineer", "engineer@shop.example", "T0SHOP", frozenset({"S0WEB"}))
CHANNEL = "C0DEPLOYS"


@contextmanager
def memory(folder: Path) -> Iterator[Redis]:
    """A real Redis, decoded as the ledger wants it."""
    server = RedisServer(folder, free_port())
    server.start()
    try:
        with Redis.from_url(server.url, decode_responses=True) as redis:
            yield redis
    finally:
        server.stop()


def change(target: str = "web/dev", key: str = "", **fields: Any) -> Operation:
    """As the dispatcher would hand it to `Ledger.open`."""
    project, environment = target.split("/")
    given = {"verb": "deploy", "actor": EVA, **fields}
    return Operation(
        id="",
        text=f"{given['verb']} {project} to {environment}",
        kind="change",
        origin=Origin(CHANNEL, key=key),
        target=target,
        **given,
    )


def opened(ledger: Ledger, target: str = "web/dev", **fields: Any) -> Operation:
    operation = ledger.open(change(target, **fields), announce=True).operation
    assert operation is not None
    return operation


def running(ledger: Ledger, target: str = "web/dev", **fields: Any) -> Operation:
    return move(ledger, opened(ledger, target, **fields), state=State.RUNNING)


def move(ledger: Ledger, operation: Operation, due: float | None = None, **fields: Any) -> Operation:
    return ledger.write(operation, replace(operation, **fields), None, announce=True, due=due)


def done(ledger: Ledger, at: float, target: str = "web/dev", state: State = State.SUCCEEDED) -> Operation:
    """A change that ended at `at`."""
    return move(ledger, running(ledger, target), **{**ended(state), "finished": at})


@dataclass(frozen=True)
class Kept:
    """Everything in Redis that belongs to operations."""

    operations: dict[str, Operation]
    reserved: dict[str, str]
    lines: dict[str, list[str]]
    """Target -> ids, next first; only targets that somebody waits for."""
    due: dict[str, float]
    waiting: dict[str, str]
    silent: dict[str, list[str]]
    """System that does not answer -> ids that take turns in trying it, next first."""
    told: set[str]
    """Those for whom the watcher left news."""
    active: set[str]
    finished: list[str]
    """Oldest first."""


def kept(redis: Any) -> Kept:
    names = sorted(redis.scan_iter(PREFIX + "*", count=1000))
    ids = [name.removeprefix(PREFIX + "op:") for name in names if name.startswith(PREFIX + "op:")]
    targets = [name.removeprefix(PREFIX + "line:") for name in names if name.startswith(PREFIX + "line:")]
    systems = [name.removeprefix(PREFIX + "silent:") for name in names if name.startswith(PREFIX + "silent:")]
    silent = {system: redis.zrange(PREFIX + "silent:" + system, 0, -1) for system in systems}
    pipe = redis.pipeline()
    for operation_id in ids:
        pipe.hgetall(PREFIX + "op:" + operation_id)
    for target in targets:
        pipe.zrange(PREFIX + "line:" + target, 0, -1)
    pipe.hgetall(PREFIX + "reserved").hgetall(PREFIX + "waiting").smembers(PREFIX + "active:change")
    pipe.zrange(PREFIX + "due", 0, -1, withscores=True).zrange(PREFIX + "finished", 0, -1)
    answers = pipe.execute()
    operations, lines = answers[: len(ids)], answers[len(ids) : -5]
    reserved, waiting, active, due, finished = answers[-5:]
    return Kept(
        {operation_id: _read(plain) for operation_id, plain in zip(ids, operations, strict=True)},
        reserved,
        dict(zip(targets, lines, strict=True)),
        dict(due),
        waiting,
        silent,
        {name.removeprefix(PREFIX + "news:") for name in names if name.startswith(PREFIX + "news:")},
        set(active),
        finished,
    )


def _read(plain: dict[str, str]) -> Operation:
    """Its state stands twice, in the record and beside it: they must agree."""
    operation = Operation.from_json(plain["data"])
    assert (operation.state, operation.version) == (State(plain["state"]), int(plain["version"]))
    return operation


def unbroken(now: Kept, first: set[str]) -> None:
    """What must hold at any moment. `first`: those that go before others in line."""
    for target in {operation.target for operation in now.operations.values()}:
        _one_holder_and_a_line(now, target, first)
    live = {i for i, operation in now.operations.items() if not operation.final}
    in_line = {i for line in now.lines.values() for i in line}
    waits = {i: o.waiting for i, o in now.operations.items() if i in live and o.waiting}
    waiting = {i: waits[i].topic for i in waits if waits[i].topic}
    silent = {i: waits[i].system for i in waits if waits[i].system}
    assert now.active == live
    assert set(now.finished) == now.operations.keys() - live
    assert now.due.keys() == live - in_line
    assert now.waiting == waiting
    assert now.told <= waiting.keys()
    assert {i: system for system, ids in now.silent.items() for i in ids} == silent
    assert all(now.due[ids[0]] <= time.time() + 60 for ids in now.silent.values()), "somebody tries soon"


def _one_holder_and_a_line(now: Kept, target: str, first: set[str]) -> None:
    live = {i for i, o in now.operations.items() if o.target == target and not o.final}
    asked = {i for i in live if now.operations[i].state in (State.AWAITING_APPROVAL, State.SCHEDULED)}
    line, holder = now.lines.get(target, []), now.reserved.get(target)
    assert set(line) | ({holder} if holder else set()) == live - asked
    assert holder not in line
    assert all(now.operations[i].state is State.QUEUED for i in line)
    assert [i in first for i in line] == sorted((i in first for i in line), reverse=True)


def ended(state: State) -> dict[str, Any]:
    """Fields of an operation that is over."""
    return {"state": state, "outcome": Outcome("It ended."), "waiting": None, "finished": time.time()}
