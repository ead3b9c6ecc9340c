"""One run: a shop, a crew, people, accidents; then silence, and the reckoning."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import redis

from benchmarks.chaos import audit
from benchmarks.chaos import evidence as records
from benchmarks.chaos.accidents import CREW, Accidents
from benchmarks.chaos.people import People
from benchmarks.chaos.progress import Progress
from benchmarks.chaos.script import write
from benchmarks.chaos.shop import Shop, configure
from benchmarks.chaos.taps import Taps
from bot.ledger import Ledger
from sandbox.chat import eventually
from sandbox.crew import Crew
from sandbox.redis import RedisServer
from sandbox.stage import free_port
from sandbox.world import WorldThread


@dataclass(frozen=True)
class Size:
    """How much happens, in changes and seconds."""

    changes: int
    seconds: float
    """People ask, processes die and backends fail for so long."""
    calm: float
    """Then for so long people ask and processes die, while the backends work: recovery is measured here."""
    redis_every: float
    settle: float = 90.0
    """By then everything must have ended."""
    expire: float = 45.0
    """Of the approvals asked for in the first so many seconds some are left to expire, a minute later."""


@dataclass(frozen=True)
class Result:
    """What `chaos.json` holds. Counts; times in seconds."""

    seed: int
    operations: int
    kills: int
    faults: int
    calls: int
    """To the backends while they failed."""
    lost: int
    duplicate_triggers: int
    duplicate_patches: int
    overlaps: int
    messages_twice: int
    messages_missing: int
    unapproved: int
    """Changes that had to be approved, and began without the word of somebody else."""
    left_behind: int
    slowest_recovery_s: float
    slowest_recovery_without_faults_s: float
    """Of the blows dealt since the backends work again, the end of their faults included."""
    requests: int
    taps: int
    strangers: int
    """Builds by somebody else that could be taken for ours."""
    stuck: int
    """Questions that only a person could answer."""
    redis_kills: int
    struck: dict[str, int]
    """Operations that were under way on what a blow hit, by the blow."""
    quits: int
    """Processes that ended without being killed."""
    states: dict[str, int]
    took_s: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def sound(self) -> bool:
        """Nothing was lost or doubled."""
        wrong = (self.lost, self.duplicate_triggers, self.duplicate_patches, self.overlaps, self.unapproved)
        return not any((*wrong, self.messages_twice, self.messages_missing, self.left_behind))


def run(seed: int, size: Size, folder: Path) -> tuple[Result, dict[str, list[str]]]:
    """The figures, and what is wrong in words. Data and logs of the processes go to `folder`."""
    began = time.monotonic()
    with ExitStack() as stack:
        server = RedisServer(folder / "redis", free_port())
        server.start()
        stack.callback(server.stop)
        thread = WorldThread(Shop())
        thread.start()
        stack.callback(thread.stop)
        variables = {
            **thread.world.variables(),
            "REDIS_URL": server.url,
            "SHIPMATE_CONFIG": str(configure(folder)),
            "PORT": str(free_port()),
        }
        crew = Crew(variables, folder / "logs")
        stack.callback(crew.stop)
        crew.start(*CREW)
        memory = redis.Redis.from_url(server.url, decode_responses=True)
        eventually(lambda: thread.world.slack.sockets.sockets and memory.scard("rq:workers") >= 2, "the crew")
        progress = Progress(memory)
        people = People(thread, memory, write(seed, size.changes, size.seconds + size.calm))
        accidents = Accidents(seed, crew, server, thread, progress)
        stack.callback(progress.stop)
        taps = Taps(seed, thread, size.expire)
        calm = _happen(size, progress, people, taps, accidents)
        _settle(memory, size.settle)
        taps.stop()
        asked = [*people.asked.values(), *taps.asked]
        evidence = thread.call(records.gather, thread.world, memory, Ledger(memory), asked)
        evidence = replace(evidence, excused=accidents.strangers + taps.again)
    wrong = audit.findings(evidence)
    counts = {name: len(items) for name, items in wrong.items()}
    result = Result(
        seed=seed,
        operations=len(evidence.operations),
        kills=accidents.kills,
        faults=accidents.faults,
        calls=accidents.calls,
        **counts,
        slowest_recovery_s=round(progress.slowest(0).took, 1),
        slowest_recovery_without_faults_s=round(progress.slowest(calm).took, 1),
        requests=len(people.asked),
        taps=len(taps.asked),
        strangers=accidents.strangers,
        stuck=taps.decisions,
        redis_kills=accidents.redis_kills,
        struck=dict(sorted(Counter(recovery.blow for recovery in progress.recoveries).items())),
        quits=len(accidents.quits),
        states=dict(Counter(op.state for op in evidence.operations.values())),
        took_s=round(time.monotonic() - began, 1),
    )
    told = {
        "failed": audit.failures(evidence),
        "slowest": [str(progress.slowest(0)), str(progress.slowest(calm))],
    }
    return result, wrong | told


def _happen(size: Size, progress: Progress, people: People, taps: Taps, accidents: Accidents) -> float:
    """Everything that happens. Returns when the backends' faults ended, by `time.monotonic()`."""
    progress.start()
    accidents.break_backends()
    accidents.start(size.redis_every)
    people.start()
    taps.start()
    try:
        time.sleep(size.seconds)
    finally:
        accidents.mend_backends()
    calm = time.monotonic()
    people.join()
    taps.only_questions()
    accidents.stop()
    return calm


def _settle(memory: redis.Redis, within: float) -> None:
    """Wait until nothing is under way, at most so long: what remains then is counted."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline and records.left_behind(memory):
        time.sleep(0.2)
