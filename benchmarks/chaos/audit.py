"""What the sandbox's own records say after a run, beside what the ledger says. Pure, over an `Evidence`."""

from __future__ import annotations

import itertools
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable

from benchmarks.chaos.evidence import Act, Evidence
from benchmarks.chaos.shop import NAMELESS
from bot.lifecycle import State
from bot.operation import Operation
from bot.push import STATES

CLOCK = 0.02
"""Seconds that the records' clocks may differ by: some count epoch seconds, some monotonic ones."""


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
        "unapproved": [op.id for op in operations if _unapproved(op)],
        "left_behind": evidence.left_behind,
    }


def _decided(op: Operation) -> bool:
    """Ended, and not by a fault of Shipmate's own."""
    return op.final and op.outcome is not None and not op.outcome.reference


def _unapproved(op: Operation) -> bool:
    """Whether a deployment to product did something without the word of somebody else."""
    must = op.verb == "deploy" and op.target.endswith("/product")
    return must and bool(op.steps) and not set(op.approvals) - {op.actor.id}


def failures(evidence: Evidence) -> list[str]:
    """Why operations failed, with how often: whoever reads a run can see that none failed without reason."""
    failed = (
        op for op in evidence.operations.values() if op.state in (State.FAILED, State.REFUSED) and op.outcome
    )
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
    unknown = [op for op in evidence.operations.values() if _may_have_built(op)]
    if evidence.nameless > evidence.excused + len(unknown):
        yield f"{evidence.nameless} builds of {NAMELESS} are nobody's, {evidence.excused} + {len(unknown)} may be"


def _may_have_built(op: Operation) -> bool:
    """Whether one build of the job that names nobody may be an operation's own, without its knowing."""
    step = op.step("build requested")
    return op.target.startswith("old/") and step is not None and step.ended is None


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
        possible = _possible(op, evidence.released.get(op.id, ""))
        if taken[op.id] not in possible:
            yield f"{op.id} ({op.text}, {op.state}): {taken[op.id]}, not one of {possible}"


def _possible(op: Operation, released: str) -> list[list[str]]:
    """Every sequence of changes that the recorded steps allow.

    A step that was begun and never ended may or may not have happened; setting what is set is no change.
    """
    before, wanted, began, ended = _release(op, released) if _by_job(op) else _intent(op)
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


def _by_job(op: Operation) -> bool:
    return op.target.startswith("pay/") and op.verb == "deploy"


def _release(op: Operation, released: str) -> tuple[str, str, bool, bool]:
    """The same of what a job sets by itself: it may have, once it was asked to build; the bot looked, or not."""
    before, seen = op.step("runs now"), op.step("rollout started")
    return str(before.result) if before else "", released, bool(released), seen is not None


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
        elif not evidence.shown[op.id].startswith(f"{STATES[op.state]} "):
            yield f"{op.id} is {op.state}, its message says: {evidence.shown[op.id][:60]}"
