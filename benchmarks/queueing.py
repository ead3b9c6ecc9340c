"""What RQ costs: an enqueue, a job, and a fork for every job. Figures of docs/decisions/0002."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis

from benchmarks import watching
from benchmarks.results import Result
from benchmarks.shop import BigShop, configure, targets
from bot.jobs import Jobs
from sandbox.chat import eventually
from sandbox.crew import ROOT
from sandbox.stage import Stage, staged

PROJECTS = 10
WARM_UP, DEPLOYS = 4, 30
EMPTY_JOBS = 100
KINDS = ("ours", "SimpleWorker", "Worker")


def measure() -> list[Result]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shop = BigShop(PROJECTS, pace=0.02)
        with staged(folder, 0, ("bot", "watcher"), configure(folder, PROJECTS), shop) as stage:
            enqueue = _enqueue(stage) / EMPTY_JOBS * 1000
            results = [Result("rq enqueue, mean", enqueue, "ms")]
            for kind in KINDS:
                with _worker(stage, kind):
                    results += _measure(stage, kind)
            return results


def _measure(stage: Stage, kind: str) -> list[Result]:
    _drain(stage)  # of what the worker before left
    chosen = targets(PROJECTS)[: WARM_UP + DEPLOYS]
    took = [_to_trigger(stage, f"deploy {p} to {e}") for p, e in chosen][WARM_UP:]
    watching.settled(stage)
    empty = _drain(stage) / EMPTY_JOBS * 1000
    return [
        Result(f"event to Jenkins' trigger, rq worker {kind}, p50", watching.p50(took) * 1000, "ms"),
        Result(f"an empty job, rq worker {kind}, mean", empty, "ms"),
    ]


def _to_trigger(stage: Stage, text: str) -> float:
    """Seconds. The next one is asked for when Jenkins has this one."""
    triggers = stage.world.jenkins.triggers
    before = len(triggers)
    envelope = watching.say(stage, text)
    eventually(lambda: len(triggers) > before, "a trigger")
    return triggers[before].at - watching.sent(envelope)


def _enqueue(stage: Stage) -> float:
    """Seconds to hand over jobs of operations that nobody knows: they end at once."""
    jobs = Jobs(Redis.from_url(stage.redis_server.url))
    begun = time.monotonic()
    for number in range(EMPTY_JOBS):
        jobs.wake(f"none{number}")
    return time.monotonic() - begun


def _drain(stage: Stage) -> float:
    """Seconds from the first enqueue until the worker has taken the last of them."""
    redis = stage.redis
    eventually(lambda: not redis.llen("rq:queue:shipmate-changes"), "the worker to be idle")
    begun = time.monotonic()
    _enqueue(stage)
    eventually(lambda: not redis.llen("rq:queue:shipmate-changes"), "the queue to be empty", 60)
    return time.monotonic() - begun


@contextmanager
def _worker(stage: Stage, kind: str) -> Iterator[None]:
    """Ours, or one of RQ's own at the same priority; ended again afterwards."""
    module = ["bot", "worker"] if kind == "ours" else ["benchmarks.stock_worker", kind]
    command = ["nice", "-n", "5", sys.executable, "-m", *module]
    environment = {**os.environ, **stage.variables}
    redis = stage.redis
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        eventually(lambda: redis.scard("rq:workers") == 1, f"{kind} at work")
        yield
    finally:
        process.terminate()
        process.wait(timeout=15)
