"""One command after another, and twenty at once: acknowledgement, first reply, Jenkins' trigger."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sized
from functools import partial
from pathlib import Path

from benchmarks import watching
from benchmarks.results import Result
from benchmarks.shop import BigShop, configure, targets
from sandbox.chat import eventually
from sandbox.server import Fault
from sandbox.stage import Stage, staged

PROJECTS = 60
ROUNDS = 60
IN_FLIGHT = 20
BURST = 200
CREW = ("bot", "worker", "worker.2", "watcher")


def measure() -> list[Result]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shop = BigShop(PROJECTS, pace=0.05)
        with staged(folder, 0, CREW, configure(folder, PROJECTS), shop) as stage:
            _one_by_one(stage, targets(PROJECTS)[-8:])  # a first round warms every process up
            watching.settled(stage)
            results: list[Result] = []
            for subject in (_deploys, _help, _twenty_in_flight, _burst, _memory):
                results += subject(stage)
                watching.settled(stage, 180)
            return results


def _deploys(stage: Stage) -> list[Result]:
    return _one_by_one(stage, targets(PROJECTS)[:ROUNDS])


def _one_by_one(stage: Stage, chosen: list[tuple[str, str]]) -> list[Result]:
    acks, replies, triggers = [], [], []
    for project, environment in chosen:
        before = len(stage.world.jenkins.triggers)
        envelope = watching.say(stage, f"deploy {project} to {environment}")
        begun = watching.sent(envelope)
        eventually(partial(_more_than, stage.world.jenkins.triggers, before), "a trigger")
        trigger = stage.world.jenkins.triggers[-1]
        key = trigger.parameters["SHIPMATE_OPERATION"]
        message = watching.message(stage, key)
        acks.append(watching.acked(envelope) - begun)
        replies.append(message.revisions[0].at - begun)
        triggers.append(trigger.at - begun)
    named = (
        ("slack envelope to ack, one by one, p50", acks, None),
        ("event to first visible reply (a deploy's message), p50", replies, 15),
        ("event to Jenkins receiving the trigger, p50", triggers, 20),
    )
    return [Result(name, watching.p50(watching.milliseconds(v)), "ms", bound) for name, v, bound in named]


def _more_than(things: Sized, known: int) -> bool:
    return len(things) > known


def _help(stage: Stage) -> list[Result]:
    took = []
    ephemerals = stage.world.slack.slack.ephemerals
    for _ in range(30):
        before = len(ephemerals)
        envelope = watching.say(stage, "help")
        eventually(partial(_more_than, ephemerals, before), "an answer")
        answer = next(reversed(ephemerals.values()))
        took.append(answer.revisions[0].at - watching.sent(envelope))
    value = watching.p50(watching.milliseconds(took))
    return [Result("event to first visible reply (help), p50", value, "ms", 15)]


def _twenty_in_flight(stage: Stage) -> list[Result]:
    """Twenty deploys under way, and further commands coming in; then twenty commands in the same instant."""
    chosen = targets(PROJECTS)[ROUNDS:]
    stage.world.jenkins.faults.set(Fault("slow", match="computer|queue", seconds=0.2))  # builds seem long
    under_way = [watching.say(stage, f"deploy {p} to {e}") for p, e in chosen[:IN_FLIGHT]]
    for envelope in under_way:
        watching.acked(envelope)
    further = []
    for project, environment in chosen[IN_FLIGHT : IN_FLIGHT + 60]:
        further.append(watching.say(stage, f"status {project} in {environment}"))
        watching.pause(0.025)
    at_once = [watching.say(stage, "whoami") for _ in range(IN_FLIGHT)]
    named = (
        (f"slack envelope to ack with {IN_FLIGHT} in flight, p99", further, 30),
        (f"slack envelope to ack, {IN_FLIGHT} in the same instant, p99", at_once, None),
    )
    results = []
    for name, envelopes, bound in named:
        took = [watching.acked(envelope) - envelope.sent[0] for envelope in envelopes]
        results.append(Result(name, watching.p99(watching.milliseconds(took)), "ms", bound))
    stage.world.jenkins.faults.clear()
    return results


def _burst(stage: Stage) -> list[Result]:
    """200 people at once; how many of them have their build per second."""
    known = len(stage.world.jenkins.triggers)
    chosen = targets(PROJECTS)[:BURST]
    begun = time.monotonic()

    def all_at_once() -> None:
        for project, environment in chosen:
            stage.world.slack.slack.say(
                watching.WHO, watching.CHANNEL, f"@shipmate deploy {project} to {environment}"
            )

    stage.thread.call(all_at_once)
    eventually(lambda: len(stage.world.jenkins.triggers) >= known + BURST, f"{BURST} triggers", 60)
    took = stage.world.jenkins.triggers[known + BURST - 1].at - begun
    watching.settled(stage, 180)
    return [
        Result(
            f"{BURST} commands at once, triggered", len(stage.world.jenkins.triggers) - known, "", BURST, True
        ),
        Result(f"{BURST} commands at once, rate with two workers", BURST / took, "/s", 100, at_least=True),
    ]


def _memory(stage: Stage) -> list[Result]:
    return [
        Result(f"resident memory of {name}", watching.resident_mb(process.pid), "MB")
        for name, process in stage.crew.running.items()
    ]
