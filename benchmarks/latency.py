"""One command after another, and twenty at once: acknowledgement, first reply, Jenkins' trigger."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks import watching
from benchmarks.results import Result
from benchmarks.shop import BigShop, configure, targets
from sandbox.chat import eventually
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
            results = [
                *_one_by_one(stage, targets(PROJECTS)[:ROUNDS]),
                _help(stage),
                _twenty_in_flight(stage),
            ]
            watching.settled(stage)
            return [*results, *_burst(stage), *_memory(stage)]


def _one_by_one(stage: Stage, chosen: list[tuple[str, str]]) -> list[Result]:
    acks, replies, triggers = [], [], []
    for project, environment in chosen:
        before = len(stage.world.jenkins.triggers)
        envelope = watching.say(stage, f"deploy {project} to {environment}")
        begun = watching.sent(envelope)
        eventually(lambda known=before: len(stage.world.jenkins.triggers) > known, "a trigger")
        trigger = stage.world.jenkins.triggers[-1]
        key = trigger.parameters["SHIPMATE_OPERATION"]
        message = eventually(lambda k=key: watching.messages(stage).get(k), "a message")
        acks.append(watching.acked(envelope) - begun)
        replies.append(message.revisions[0].at - begun)
        triggers.append(trigger.at - begun)
    named = (
        ("slack envelope to ack, one by one, p50", acks, None),
        ("event to first visible reply (a deploy's message), p50", replies, 15),
        ("event to Jenkins receiving the trigger, p50", triggers, 20),
    )
    return [Result(name, watching.p50(watching.milliseconds(v)), "ms", bound) for name, v, bound in named]


def _help(stage: Stage) -> Result:
    took = []
    ephemerals = stage.world.slack.slack.ephemerals
    for _ in range(30):
        before = len(ephemerals)
        envelope = watching.say(stage, "help")
        eventually(lambda known=before: len(ephemerals) > known, "an answer")
        answer = next(reversed(ephemerals.values()))
        took.append(answer.revisions[0].at - watching.sent(envelope))
    return Result(
        "event to first visible reply (help), p50", watching.p50(watching.milliseconds(took)), "ms", 15
    )


def _twenty_in_flight(stage: Stage) -> Result:
    """Always twenty that Slack has sent and nobody has acknowledged yet."""
    chosen = iter(targets(PROJECTS)[ROUNDS:])
    envelopes = []
    for _ in range(5):
        batch = [watching.say(stage, f"deploy {p} to {e}") for p, e in _take(chosen, IN_FLIGHT)]
        for envelope in batch:
            watching.acked(envelope)
        envelopes += batch
    took = [(envelope.acked or 0) - envelope.sent[0] for envelope in envelopes]
    return Result(
        f"slack envelope to ack with {IN_FLIGHT} in flight, p99",
        watching.p99(watching.milliseconds(took)),
        "ms",
        30,
    )


def _take(chosen: object, number: int) -> list[tuple[str, str]]:
    return [pair for pair, _ in zip(chosen, range(number), strict=False)]  # type: ignore[call-overload]


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
