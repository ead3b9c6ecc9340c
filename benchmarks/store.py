"""With 100,000 finished operations in Redis: what people wait for must not take longer than on an empty store.

Two shops side by side, one of each kind, are asked in turn: whatever else the machine does slows both.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import watching
from benchmarks.results import Result
from benchmarks.shop import BigShop, configure, targets
from bot.ledger import PREFIX
from bot.lifecycle import State
from bot.operation import Operation, Origin, Outcome, Step
from bot.ports import Person
from sandbox.chat import eventually
from sandbox.kubernetes import shop as cluster_shop
from sandbox.stage import Stage, staged

PROJECTS = 25
STORED = 100_000
LIVE = cluster_shop.image("web", cluster_shop.TAGS["web"])
"""What runs everywhere: another image would be taken for somebody else's, and asked about."""
ROUNDS = 60
WARM_UP = 10
COMMANDS = ("status {} in {}", "history {} in {}", "deploy {} to {}")


def measure() -> list[Result]:
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        empty, full = (stack.enter_context(_shop(Path(name) / kind)) for kind in ("empty", "full"))
        _fill(full)
        for command in COMMANDS:
            _ratio(empty, full, command, WARM_UP)
        return [
            Result(
                f"{command.split()[0]} with {STORED:,} finished, to an empty store",
                _ratio(empty, full, command, ROUNDS),
                "x",
                1.2,
            )
            for command in COMMANDS
        ]


def _shop(folder: Path) -> AbstractContextManager[Stage]:
    folder.mkdir()
    shop = BigShop(PROJECTS, pace=0.02)
    return staged(folder, 0, ("bot", "worker", "watcher"), configure(folder, PROJECTS), shop)


def _ratio(empty: Stage, full: Stage, command: str, rounds: int) -> float:
    """Of the medians of what a command takes, asked in one shop and then in the other."""
    took: dict[int, list[float]] = {id(empty): [], id(full): []}
    for number in range(rounds):
        project, environment = targets(PROJECTS)[number]
        for stage in (empty, full) if number % 2 else (full, empty):
            took[id(stage)].append(_seconds(stage, command.format(project, environment)))
    for stage in (empty, full):
        watching.settled(stage)
    return watching.p50(took[id(full)]) / watching.p50(took[id(empty)])


def _seconds(stage: Stage, text: str) -> float:
    """From the envelope to the answer; for a deploy, to Jenkins' trigger."""
    return _to_trigger(stage, text) if text.startswith("deploy") else _to_answer(stage, text)


def _to_trigger(stage: Stage, text: str) -> float:
    before = len(stage.world.jenkins.triggers)
    envelope = watching.say(stage, text)
    eventually(lambda: len(stage.world.jenkins.triggers) > before, "a trigger")
    return stage.world.jenkins.triggers[before].at - watching.sent(envelope)


def _to_answer(stage: Stage, text: str) -> float:
    slack = stage.world.slack.slack
    known = _count(slack)
    envelope = watching.say(stage, text)
    eventually(lambda: _count(slack) > known + 1, "an answer")  # one of them is the question
    everything = [*slack.ephemerals.values(), *(m for c in slack.messages.values() for m in c.values())]
    answer = max(everything, key=lambda message: message.revisions[0].at)
    return answer.revisions[0].at - watching.sent(envelope)


def _count(slack: Any) -> int:
    return len(slack.ephemerals) + sum(len(channel) for channel in slack.messages.values())


def _fill(stage: Stage) -> None:
    """Finished operations as `bot/lua/write.lua` leaves them, spread over the last months and all targets."""
    where, now = targets(PROJECTS), time.time()
    pipe = stage.redis.pipeline(transaction=False)
    for number in range(STORED):
        project, environment = where[number % len(where)]
        ended = now - 3600 - number * 60
        operation = _finished(f"z{number:06d}", f"{project}/{environment}", ended)
        indexes = (
            f"target:{operation.target}", f"project:{project}", f"actor:{operation.actor.id}", "state:succeeded",
        )  # fmt: skip
        fields: dict[Any, Any] = {
            "version": 9, "state": "succeeded", "channel": "C0DEPLOYS",
            "data": operation.to_json(), "indexes": "\n".join(indexes),
        }  # fmt: skip
        pipe.hset(PREFIX + "op:" + operation.id, mapping=fields)
        for index in (*indexes, "finished"):
            pipe.zadd(PREFIX + index, {operation.id: ended})
        if number % 2_000 == 0:
            pipe.execute()
    pipe.execute()
    stored = stage.redis.zcard(PREFIX + "finished")
    assert stored >= STORED, stored


def _finished(operation_id: str, target: str, ended: float) -> Operation:
    project, environment = target.split("/")
    operation = Operation(
        id=operation_id,
        verb="deploy",
        text=f"deploy {project} to {environment}",
        kind="change",
        actor=Person("U0OPS", "ops", "ops@shop.example", "T0SHOP"),
        origin=Origin("C0DEPLOYS", key=operation_id),
        target=target,
        plan={"job": "web-build", "parameters": {"LINE": "trunk", "REVISION": "HEAD"}},
        opened=ended - 90,
    )
    steps = tuple(
        Step(name, ended - 80, ended - 20, "x" * 40) for name in ("runs now", "build requested", "image")
    )
    return replace(
        operation,
        state=State.SUCCEEDED,
        steps=steps,
        finished=ended,
        outcome=Outcome("It is live.", image=LIVE),
    )
