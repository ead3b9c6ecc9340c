"""A thousand operations in flight: what waiting costs, and how soon a change is shown."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks import watching
from benchmarks.results import Result
from benchmarks.shop import ENVIRONMENTS, BigShop, configure
from sandbox.chat import eventually
from sandbox.kubernetes.resources import DEPLOYMENTS, Object
from sandbox.kubernetes.store import Change
from sandbox.stage import Stage, staged

PROJECTS = 250
FEW, MANY = 10, 1000
PACE = 45.0
"""A build takes about six minutes, a pod one and a half."""
WINDOW = 52.0
"""A watch stream counts when it ends, after 50 s: each is counted once."""
CREW = ("bot", "worker", "watcher")


def measure() -> list[Result]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shop = BigShop(PROJECTS, PACE, cluster_pace=0.05)  # the pods of the beginning come up at once
        with staged(folder, 0, CREW, configure(folder, PROJECTS), shop) as stage:
            eventually(lambda: _all_up(stage), "a thousand pods to be up", 200)
            stage.thread.call(setattr, stage.world.kubernetes.clock, "pace", PACE)
            ready = _note_readiness(stage)
            _start(stage, 0, FEW)
            few = _rates(stage)
            _start(stage, FEW, MANY)
            many = _rates(stage)
            memory = sum(watching.resident_mb(process.pid) for process in stage.crew.running.values())
            return [
                Result("bot, worker and watcher with 1,000 in flight, resident", memory, "MB", 350),
                *_compare("Jenkins", few["jenkins"], many["jenkins"]),
                *_compare("Kubernetes", few["kubernetes"], many["kubernetes"]),
                Result("change in the cluster to its message, p99", _shown(stage, ready), "s", 3),
            ]


def _all_up(stage: Stage) -> bool:
    world = stage.world
    found = stage.thread.call(
        lambda: [pod for name in ENVIRONMENTS for pod in world.kubernetes.pods(f"big-{name}")]
    )
    return len(found) == PROJECTS * len(ENVIRONMENTS) and all(
        pod["status"].get("phase") == "Running" for pod in found
    )


def _start(stage: Stage, first: int, last: int) -> None:
    """Half of them builds, half rollouts, in all environments; returns when `last` are in flight."""
    for number in range(first, last):
        project, environment = f"p{number // 4}", ENVIRONMENTS[number % 4]
        verb = "deploy {} to {}" if (number + number // 4) % 2 else "restart {} in {}"
        watching.say(stage, verb.format(project, environment))
    eventually(lambda: stage.redis.hlen("shipmate:waiting") >= last, f"{last} in flight", 90)


def _rates(stage: Stage) -> dict[str, float]:
    """Calls a second that each system sees, over a window in which nothing changes."""
    servers = {"jenkins": stage.world.jenkins, "kubernetes": stage.world.kubernetes}
    watching.pause(2)
    before = {name: len(server.calls) for name, server in servers.items()}
    watching.pause(WINDOW)
    return {name: (len(server.calls) - before[name]) / WINDOW for name, server in servers.items()}


def _compare(system: str, few: float, many: float) -> list[Result]:
    ratio = many / few if few else (1.0 if not many else float("inf"))
    return [
        Result(f"calls to {system} with {FEW} in flight", few, "/s"),
        Result(f"calls to {system} with {MANY} in flight", many, "/s"),
        Result(f"calls to {system}, {MANY} to {FEW} in flight", ratio, "x", 2),
    ]


def _note_readiness(stage: Stage) -> dict[str, float]:
    """target -> when its new pod was the only one, filled in as it happens."""
    ready: dict[str, float] = {}

    def observe(change: Change) -> None:
        if change.resource is DEPLOYMENTS and _rolled(change.item):
            metadata = change.item["metadata"]
            target = f"{metadata['name']}/{metadata['namespace'].removeprefix('big-')}"
            ready.setdefault(target, time.monotonic())

    stage.thread.call(stage.world.kubernetes.store.listeners.append, observe)
    return ready


def _rolled(deployment: Object) -> bool:
    """Once more after its first time, with no pod of before left."""
    status = deployment.get("status", {})
    counters = [status.get(name) for name in ("replicas", "updatedReplicas", "availableReplicas")]
    return bool(status.get("observedGeneration", 0) > 1) and counters == [1, 1, 1]


def _shown(stage: Stage, ready: dict[str, float]) -> float:
    """Seconds from availability to the message that says so, p99 over the rollouts."""
    restarted = MANY // 2
    eventually(lambda: len(ready) >= restarted, "the rollouts to end", 150)
    eventually(lambda: _ends(stage) >= restarted, "their messages", 60)
    took = []
    for message in watching.messages(stage).values():
        final = next((r for r in message.revisions if "done restart" in r.text), None)
        if final:
            target = final.text.split()[2].rstrip(":")
            took.append(final.at - ready[target])
    return watching.p99(took)


def _ends(stage: Stage) -> int:
    found = watching.messages(stage).values()
    return sum(any("done restart" in revision.text for revision in message.revisions) for message in found)
