"""What the sandbox's own records and Redis hold after a run, by operation."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from redis import Redis

from benchmarks.chaos.people import Asked, operation_of
from benchmarks.chaos.shop import JOBS, NAMELESS
from bot.ledger import PREFIX, Ledger
from bot.operation import Operation
from sandbox.slack.records import BOT, Message
from sandbox.world import World

PARAMETER = "SHIPMATE_OPERATION"
MARKS = ("/shipmate~1operation", "/shipmate~1scaled-by")
"""Annotations by which a change names its operation, as JSON pointers."""


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
    released: dict[str, str] = field(default_factory=dict)
    """Operation id -> the image that its job set by itself, or would have."""
    nameless: int = 0
    """Builds that name no operation, and that no operation has recorded as its own."""
    excused: int = 0
    """How many of them others asked for, or a person had asked for again."""


def gather(world: World, redis: Redis, ledger: Ledger, asked: list[Asked]) -> Evidence:
    """Call it in the world's loop."""
    ids = [key.removeprefix(f"{PREFIX}op:") for key in redis.scan_iter(f"{PREFIX}op:*")]
    operations = {op.id: op for op in ledger.get_all(ids) if op is not None and op.kind == "change"}
    messages = [m for channel in world.slack.slack.messages.values() for m in channel.values()]
    ours = {message.ts: key for message in messages if (key := _key(message))}
    triggers = _triggers(world, operations)
    releases = world.jenkins.builds("team/pay-release")
    released = {build.image: build.parameters[PARAMETER] for build in releases}
    return Evidence(
        operations,
        [act for act in triggers if act.operation_id],
        _patches(world, released),
        frozenset(world.images.pushed),
        Counter(ours.values()),
        {ours[m.ts]: m.text for m in messages if m.ts in ours},
        _unanswered(world, redis, asked),
        left_behind(redis),
        {operation_id: image for image, operation_id in released.items()},
        sum(not act.operation_id for act in triggers),
    )


def left_behind(redis: Redis) -> list[str]:
    """Locks, leases, reservations, places in line, and what still waits or is due."""
    kept = (
        "op:",
        "changes:",
        "request:",
        "message:",
        "again:",
        "target:",
        "project:",
        "actor:",
        "state:",
        "finished",
    )
    known = (*kept, "changes:", "person:", "group:", "watcher", "outbox:wake", "waiting:wake")
    names = (str(key).removeprefix(PREFIX) for key in redis.scan_iter(f"{PREFIX}*"))
    return sorted(name for name in names if not name.startswith(known) and not _answered(redis, name))


def _answered(redis: Redis, name: str) -> bool:
    """Whether a key only remembers that a request has had its reply."""
    return name.startswith("reply:") and redis.get(PREFIX + name) == ""


def _key(message: Message) -> str:
    if message.author.id != BOT or not message.metadata:
        return ""
    key = str(message.metadata["event_payload"]["key"])
    return "" if key.startswith("reply:") else key


def _triggers(world: World, operations: dict[str, Operation]) -> list[Act]:
    """Builds by the operation that they name; those that were taken out of the queue ended at once.

    Where a job names none, by the operation that recorded the build as its own, else by "".
    """
    epoch = time.time() - time.monotonic()
    builds = {b.queue_id: b for job in JOBS for b in world.jenkins.builds(job)}
    owners = {_own_build(op): op.id for op in operations.values() if op.target.startswith("old/")}
    acts = []
    for trigger in world.jenkins.triggers:
        build, at = builds.get(trigger.queue_id), trigger.at + epoch
        ended = (build.ended or time.time()) if build else at
        named = trigger.parameters.get(PARAMETER, "")
        if trigger.job == NAMELESS:
            number = build.number if build else None
            named = owners.get(trigger.queue_id) or owners.get(f"#{number}") or ""
        acts.append(Act(named, trigger.job, at, ended))
    return acts


def _own_build(op: Operation) -> int | str:
    """The queue id of the build that an operation recorded, or "#42" where a person named it."""
    if "adopted" in op.plan:
        return f"#{op.plan['adopted']}"
    step = op.step("build requested")
    return int(step.result) if step is not None and step.result is not None else ""


def _patches(world: World, released: dict[str, str]) -> list[Patch]:
    """`released`: image -> operation id, of the builds whose job sets the image and signs for nobody."""
    epoch = time.time() - time.monotonic()
    found = []
    for patch in world.kubernetes.patches:
        if not patch.changed:
            continue
        if isinstance(patch.body, dict):  # a job's own, which signs for nobody
            value = patch.body["spec"]["template"]["spec"]["containers"][0]["image"]
            steps = {MARKS[0]: released.get(value, "")}
        else:
            steps = {step["path"]: step["value"] for step in patch.body}
            value = next(value for path, value in steps.items() if path.endswith(("/image", "/replicas")))
        target = f"{patch.name}/{patch.namespace.removeprefix('chaos-')}"
        operation_id = next(value for path, value in steps.items() if path.endswith(MARKS))
        found.append(Patch(operation_id, target, str(value), patch.at + epoch))
    return found


def _unanswered(world: World, redis: Redis, requests: list[Asked]) -> list[str]:
    """Requests without an operation must have been replied to: as many replies as such requests, at least.

    Replies do not say what they answer, so they are counted by person and channel.
    """
    asked: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for request in requests:
        if request.acknowledged and not request.answered and not operation_of(redis, request):
            person = world.slack.slack.person(request.line.person).id
            asked[person, request.channel].append(request.line.text)
    replies = Counter((m.only_for or "", m.channel) for m in world.slack.slack.ephemerals.values())
    return [
        f"{person} in {channel}: {len(texts)} requests, {replies[person, channel]} replies: {texts}"
        for (person, channel), texts in asked.items()
        if replies[person, channel] < len(texts)
    ]
