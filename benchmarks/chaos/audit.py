"""What the sandbox's own records say after a run, beside what the ledger says. Pure, over an `Evidence`."""

from __future__ import annotations

import itertools
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from redis import Redis

from benchmarks.chaos.people import People
from benchmarks.chaos.shop import PROJECTS
from bot.ledger import PREFIX, Ledger
from bot.lifecycle import State
from bot.operation import Operation
from bot.views import WORDS
from sandbox.slack.records import BOT, Message
from sandbox.world import World

PARAMETER = "SHIPMATE_OPERATION"
MARKS = ("/shipmate~1operation", "/shipmate~1scaled-by")
"""Annotations by which a change names its operation, as JSON pointers."""
CLOCK = 0.02
"""Seconds that the records' clocks may differ by: some count epoch seconds, some monotonic ones."""


@dataclass(frozen=True)
class Act:
    """Something that an operation did to a target, from `began` to `ended` in epoch seconds."""

    operation_id: str
    what: str
    began: float
    ended: float


@dataclass(frozen=True)
class Patch:
    """A change that a Deployment took, with the operation that its annotation names."""

    operation_id: str
    target: str
    value: str
    """The image, or the number of replicas."""
    at: float


@dataclass(frozen=True)
class Evidence:
    operations: dict[str, Operation]
    triggers: list[Act]
    patches: list[Patch]
    images: frozenset[str]
    """Those that the registry has."""
    said: Counter[str]
    """Key of a message's metadata -> how often it stands in Slack."""
    shown: dict[str, str]
    """Operation id -> what its message says."""
    unanswered: list[str]
    """Requests that were acknowledged, and neither opened an operation nor got a reply."""
    left_behind: list[str]


def gather(world: World, redis: Redis, ledger: Ledger, people: People) -> Evidence:
    """Call it in the world's loop."""
    ids = [key.removeprefix(f"{PREFIX}op:") for key in redis.scan_iter(f"{PREFIX}op:*")]
    operations = {op.id: op for op in ledger.get_all(ids) if op is not None and op.kind == "change"}
    messages = [m for channel in world.slack.slack.messages.values() for m in channel.values()]
    ours = {message.ts: key for message in messages if (key := _key(message))}
    return Evidence(
        operations,
        _triggers(world),
        _patches(world),
        frozenset(world.images.pushed),
        Counter(ours.values()),
        {ours[m.ts]: m.text for m in messages if m.ts in ours},
        _unanswered(world, people),
        left_behind(redis),
    )


def left_behind(redis: Redis) -> list[str]:
    """Locks, leases, reservations, places in line, and what still waits or is due."""
    kept = ("op:", "request:", "message:", "again:", "target:", "project:", "actor:", "state:", "finished")
    known = (*kept, "person:", "group:", "watcher", "outbox:wake", "waiting:wake")
    names = (str(key).removeprefix(PREFIX) for key in redis.scan_iter(f"{PREFIX}*"))
    return sorted(name for name in names if not name.startswith(known) and not _answered(redis, name))


def _answered(redis: Redis, name: str) -> bool:
    """Whether a key only remembers that a request has had its reply."""
    return name.startswith("reply:") and redis.get(PREFIX + name) == ""


def findings(evidence: Evidence) -> dict[str, list[str]]:
    """What is wrong, in words, by the names that `chaos.json` counts it under."""
    operations = evidence.operations.values()
    return {
        "lost": [*evidence.unanswered, *(f"{op.id} is {op.state}" for op in operations if not _decided(op))],
        "duplicate_triggers": list(_wrong_triggers(evidence)),
        "duplicate_patches": list(_wrong_patches(evidence)),
        "overlaps": list(_overlaps(evidence)),
        "messages_twice": [f"{key}: {times} times" for key, times in evidence.said.items() if times > 1],
        "messages_missing": list(_missing(evidence)),
        "left_behind": evidence.left_behind,
    }


def _decided(op: Operation) -> bool:
    """Ended, and not by a fault of Shipmate's own."""
    return op.final and op.outcome is not None and not op.outcome.reference


def failures(evidence: Evidence) -> list[str]:
    """Why operations failed, with how often: whoever reads a run can see that none failed without reason."""
    failed = (op for op in evidence.operations.values() if op.state is State.FAILED and op.outcome)
    reasons = Counter(re.sub(r"[\w.-]*\d[\w.-]*", "_", op.outcome.summary) for op in failed if op.outcome)
    return [f"{times} x {reason}" for reason, times in reasons.most_common()]


def _wrong_triggers(evidence: Evidence) -> Iterable[str]:
    """An operation triggers once at most, and exactly once where the ledger has the step."""
    times = Counter(act.operation_id for act in evidence.triggers)
    for key in times.keys() - evidence.operations.keys():
        yield f"{key}: a build that no operation asked for"
    for op in evidence.operations.values():
        step = op.step("build requested")
        recorded = step is not None and step.ended is not None
        if times[op.id] > 1 or (times[op.id] != 1 and recorded) or (times[op.id] and step is None):
            yield f"{op.id}: {times[op.id]} builds, step {step}"


def _wrong_patches(evidence: Evidence) -> Iterable[str]:
    """What the cluster took must be what the ledger's steps say: the change, and what put it back."""
    taken: defaultdict[str, list[str]] = defaultdict(list)
    for patch in evidence.patches:
        taken[patch.operation_id].append(patch.value)
        if not patch.value.isdigit() and patch.value not in evidence.images:
            yield f"{patch.operation_id}: {patch.value} is no image"
    for key in taken.keys() - evidence.operations.keys():
        yield f"{key}: a patch that no operation asked for"
    for op in evidence.operations.values():
        if taken[op.id] not in _possible(op):
            yield f"{op.id} ({op.text}, {op.state}): {taken[op.id]}, not one of {_possible(op)}"


def _possible(op: Operation) -> list[list[str]]:
    """Every sequence of changes that the recorded steps allow.

    A step that was begun and never ended may or may not have happened; setting what is set is no change.
    """
    before, wanted, began, ended = _intent(op)
    if not began:
        return [[]]
    once = [wanted] if wanted != before else []
    undone = op.step("put back")
    if undone is None:
        return [once] if ended else [[], once]
    back = [*once, before] if once else []
    if undone.ended is None:
        return [[], once, back]
    return [back] if ended else [[], back]


def _intent(op: Operation) -> tuple[str, str, bool, bool]:
    """(what ran before, what was to run, whether setting it was begun, whether that was recorded)."""
    if op.verb == "scale":
        before, step = op.step("had replicas"), op.step("replicas set")
        was, wanted = str(before.result["wanted"]) if before else "", str(op.plan["count"])
    else:
        before, step = op.step("runs now"), op.step("rollout started")
        chosen = op.step("goes back to" if op.verb == "rollback" else "image")
        was, wanted = str(before.result) if before else "", str(chosen.result) if chosen else ""
    return was, wanted, step is not None, step is not None and step.ended is not None


def _overlaps(evidence: Evidence) -> Iterable[str]:
    """Each operation from its first act to its end, by its own record and by those of the systems."""
    spans: defaultdict[str, list[Act]] = defaultdict(list)
    for op in evidence.operations.values():
        acts = [a for a in evidence.triggers if a.operation_id == op.id]
        acts += [Act(op.id, "patch", p.at, p.at) for p in evidence.patches if p.operation_id == op.id]
        begins = [step.began for step in op.steps] + [act.began for act in acts]
        if begins:
            ends = [op.finished or time.time(), *(act.ended for act in acts)]
            spans[op.target].append(Act(op.id, op.text, min(begins), max(ends)))
    for target, of_target in spans.items():
        of_target.sort(key=lambda span: span.began)
        for one, other in itertools.pairwise(of_target):
            if other.began < one.ended - CLOCK:
                yield f"{target}: {one.operation_id} until {one.ended:.3f}, {other.operation_id} from {other.began:.3f}"


def _missing(evidence: Evidence) -> Iterable[str]:
    """Every final operation has its message, which says so, and its last word in the thread."""
    for op in evidence.operations.values():
        if not op.final:
            continue
        if not evidence.said[op.id] or not evidence.said[f"{op.id}:end"]:
            yield f"{op.id}: {evidence.said[op.id]} messages, {evidence.said[f'{op.id}:end']} last words"
        elif not evidence.shown[op.id].startswith(f"{WORDS[op.state]} "):
            yield f"{op.id} is {op.state}, its message says: {evidence.shown[op.id][:60]}"


def _key(message: Message) -> str:
    if message.author.id != BOT or not message.metadata:
        return ""
    key = str(message.metadata["event_payload"]["key"])
    return "" if key.startswith("reply:") else key


def _triggers(world: World) -> list[Act]:
    """Builds by the operation that they name; those that were taken out of the queue ended at once."""
    epoch = time.time() - time.monotonic()
    builds = {b.queue_id: b for job in PROJECTS.values() for b in _builds(world, job)}
    acts = []
    for trigger in world.jenkins.triggers:
        build, at = builds.get(trigger.queue_id), trigger.at + epoch
        ended = (build.ended or time.time()) if build else at
        acts.append(Act(trigger.parameters[PARAMETER], trigger.job, at, ended))
    return acts


def _builds(world: World, project: str) -> Iterable[Any]:
    return world.jenkins.builds("team/api-build" if project == "api" else f"{project}-build")


def _patches(world: World) -> list[Patch]:
    epoch = time.time() - time.monotonic()
    found = []
    for patch in world.kubernetes.patches:
        if not patch.changed:
            continue
        steps = {step["path"]: step["value"] for step in patch.body}
        value = next(value for path, value in steps.items() if path.endswith(("/image", "/replicas")))
        target = f"{patch.name}/{patch.namespace.removeprefix('chaos-')}"
        operation_id = next(value for path, value in steps.items() if path.endswith(MARKS))
        found.append(Patch(operation_id, target, str(value), patch.at + epoch))
    return found


def _unanswered(world: World, people: People) -> list[str]:
    """Requests without an operation must have been replied to: as many replies as such requests, at least.

    Replies do not say what they answer, so they are counted by person and channel.
    """
    asked: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for request in people.asked.values():
        if request.acknowledged and not request.answered and not people.operation_of(request):
            person = world.slack.slack.person(request.line.person).id
            asked[person, request.channel].append(request.line.text)
    replies = Counter((m.only_for or "", m.channel) for m in world.slack.slack.ephemerals.values())
    return [
        f"{person} in {channel}: {len(texts)} requests, {replies[person, channel]} replies: {texts}"
        for (person, channel), texts in asked.items()
        if replies[person, channel] < len(texts)
    ]
