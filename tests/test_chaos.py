"""A short run of `make chaos`, and that its audit sees what it is there to see."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.chaos.audit import findings
from benchmarks.chaos.evidence import Act, Evidence, Patch
from benchmarks.chaos.run import Size, run
from benchmarks.chaos.script import write
from bot.lifecycle import State
from bot.operation import Operation, Origin, Outcome, Step
from bot.ports import Person

SHORT = Size(changes=34, seconds=6, calm=2, redis_every=3.5, settle=30, expire=0)
OLD, NEW = "harbor.shop.example/web/web:old", "harbor.shop.example/web/web:new"


def test_nothing_is_lost_or_doubled_while_everything_breaks(tmp_path: Path) -> None:
    result, wrong = run(11, SHORT, tmp_path)

    assert result.sound, wrong
    # What comes while Redis or Slack is away is refused: on a busy machine that is up to half of it.
    assert result.operations >= SHORT.changes / 3
    assert result.kills >= 5
    assert result.faults >= 5
    assert result.slowest_recovery_s < 20


def test_a_seed_repeats_its_choices() -> None:
    assert write(7, 50, 10) == write(7, 50, 10)
    assert write(7, 50, 10) != write(8, 50, 10)


# -- the audit: a sound day, and days that are not

DEPLOY = Operation(
    id="k7f3",
    verb="deploy",
    text="deploy web to dev",
    kind="change",
    actor=Person("U1", "engineer"),
    origin=Origin("C1"),
    target="web/dev",
    state=State.SUCCEEDED,
    steps=(
        Step("runs now", 100, 101, OLD),
        Step("build requested", 101, 102, 1),
        Step("image", 110, 111, NEW),
        Step("rollout started", 111, 112, 2),
    ),
    outcome=Outcome("It is live."),
    opened=99,
    finished=120,
)
BUILD, ROLLOUT = Act("k7f3", "web-build", 101.5, 109), Patch("k7f3", "web/dev", NEW, 111.5)
SOUND = Evidence(
    {"k7f3": DEPLOY},
    [BUILD],
    [ROLLOUT],
    frozenset({OLD, NEW}),
    Counter({"k7f3": 1, "k7f3:end": 1}),
    {"k7f3": "Done web/dev: It is live"},
    [],
    [],
)


def with_operation(operation: Operation) -> Evidence:
    return replace(SOUND, operations={"k7f3": operation})


UNSOUND = {
    "an operation that never ends": ("lost", with_operation(replace(DEPLOY, state=State.RUNNING))),
    "a fault of our own": (
        "lost",
        with_operation(replace(DEPLOY, state=State.FAILED, outcome=Outcome("Sorry.", reference="1f2e"))),
    ),
    "a request without an answer": ("lost", replace(SOUND, unanswered=["deploy web to dev"])),
    "a second build": ("duplicate_triggers", replace(SOUND, triggers=[BUILD, BUILD])),
    "a build that was recorded and never was": ("duplicate_triggers", replace(SOUND, triggers=[])),
    "a build of nobody": ("duplicate_triggers", replace(SOUND, triggers=[BUILD, replace(BUILD, operation_id="x")])),
    "builds that nobody asked for": ("duplicate_triggers", replace(SOUND, nameless=2, excused=1)),
    "no word of anybody else": ("unapproved", with_operation(replace(DEPLOY, target="web/product"))),
    "only one's own word": (
        "unapproved",
        with_operation(replace(DEPLOY, target="web/product", approvals=("U1",))),
    ),
    "a second patch": ("duplicate_patches", replace(SOUND, patches=[ROLLOUT, ROLLOUT])),
    "a patch that was not recorded": (
        "duplicate_patches",
        replace(SOUND, patches=[ROLLOUT, replace(ROLLOUT, value=OLD)]),
    ),
    "a patch to no image": ("duplicate_patches", replace(SOUND, images=frozenset({OLD}))),
    "a patch that was recorded and never was": ("duplicate_patches", replace(SOUND, patches=[])),
    "a build that outlives its operation into the next": (
        "overlaps",
        replace(
            SOUND,
            operations={**SOUND.operations, "b2c3": replace(DEPLOY, id="b2c3", steps=(), finished=130)},
            triggers=[replace(BUILD, ended=126), replace(BUILD, operation_id="b2c3", began=125)],
        ),
    ),
    "a message twice": ("messages_twice", replace(SOUND, said=Counter({"k7f3": 1, "k7f3:end": 2}))),
    "no last word": ("messages_missing", replace(SOUND, said=Counter({"k7f3": 1}))),
    "a message that still says it runs": ("messages_missing", replace(SOUND, shown={"k7f3": "Running web/dev"})),
    "a reservation": ("left_behind", replace(SOUND, left_behind=["reserved"])),
}  # fmt: skip


def test_the_audit_finds_nothing_in_a_sound_day() -> None:
    assert not any(findings(SOUND).values())


@pytest.mark.parametrize("name", UNSOUND)
def test_the_audit_finds(name: str) -> None:
    kind, evidence = UNSOUND[name]

    assert findings(evidence)[kind]


@pytest.mark.parametrize(
    ("patches", "fits"), [([], True), ([NEW], False), ([NEW, OLD], True), ([NEW, OLD, NEW], False), ([OLD], False)]
)  # fmt: skip
def test_a_rollout_of_which_nobody_knows_is_put_back_or_never_was(patches: list[str], fits: bool) -> None:
    steps = (*DEPLOY.steps[:3], Step("rollout started", 111), Step("put back", 113, 114, 3))
    taken = [Patch("k7f3", "web/dev", image, 112.0 + n) for n, image in enumerate(patches)]

    evidence = replace(with_operation(replace(DEPLOY, steps=steps)), patches=taken)

    assert bool(findings(evidence)["duplicate_patches"]) is not fits


@pytest.mark.parametrize(
    ("patches", "undone", "fits"),
    [
        ([], False, True), ([NEW], False, True), ([NEW, OLD], True, True), ([NEW], True, False),
        ([NEW, NEW], False, False),
    ],
)  # fmt: skip
def test_what_a_job_sets_by_itself_is_counted_too(patches: list[str], undone: bool, fits: bool) -> None:
    back = [Step("put back", 113, 114, 3)] if undone else []
    pay = replace(DEPLOY, target="pay/dev", steps=(*DEPLOY.steps[:2], *back), state=State.CANCELLED)
    taken = [Patch("k7f3", "pay/dev", image, 112.0 + n) for n, image in enumerate(patches)]

    evidence = replace(with_operation(pay), patches=taken, released={"k7f3": NEW})

    assert bool(findings(evidence)["duplicate_patches"]) is not fits
