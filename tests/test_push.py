"""What a phone shows before a message is opened: the story in its first 60 characters, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.command import discover
from bot.faults import WayBack
from bot.language import LANGUAGES, _, speaking
from bot.lifecycle import FINAL, State
from bot.operation import STARTS, Operation, Origin, Outcome, Stuck
from bot.ports import Person
from bot.push import SHOWN, STATES, VERBS, fitting, push

CHANGES = sorted(command.verb for command in discover("commands") if command.kind == "change")
NAMES = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=63)
BACK = WayBack("rollback web in product to r1 replacing r2", "r2", "r1", 60, 3)
CRASHED = Operation(
    "k7f3",
    "deploy",
    "deploy web to product",
    "change",
    Person("U1", "olga", "olga@shop.example", "T1"),
    Origin("C1"),
    "web/product",
    state=State.FAILED,
    outcome=Outcome(
        "4 pods in CrashLoopBackOff: exit code 1. 2 of 6 pods still serve.",
        brief="crash loop, 2 of 6 up",
        back=BACK,
    ),
)


def test_a_failure_tells_what_where_why_and_what_to_do() -> None:
    assert push(CRASHED).startswith("FAILED web/product: crash loop, 2 of 6 up. Tap to roll back\n")
    assert push(CRASHED).index("Tap") < SHOWN


def test_what_comes_after_is_all_that_was_said() -> None:
    """For a screen reader."""
    assert (
        push(CRASHED).splitlines()[1] == "4 pods in CrashLoopBackOff: exit code 1. 2 of 6 pods still serve."
    )


def test_without_few_words_the_first_sentence_serves() -> None:
    outcome = Outcome("Build #2 failed in stage Compile after 12 s. The console says more.")

    assert push(replace(CRASHED, outcome=outcome)).splitlines() == [
        "FAILED web/product: Build #2 failed in stage Compile after 12 s",
        "The console says more.",
    ]


def test_a_stuck_one_asks_for_a_decision() -> None:
    stuck = replace(
        CRASHED, state=State.STUCK, stuck=Stuck("Nobody knows which build is its own"), outcome=None
    )

    assert push(stuck) == "STUCK web/product: Nobody knows which build is its own. Tap to decide"


def test_whoever_reads_chinese_gets_it_in_chinese() -> None:
    with speaking("zh"):
        brief = _("{why}, {ready} of {wanted} up", why=_("crash loop"), ready=2, wanted=6)
        said = push(replace(CRASHED, outcome=Outcome("…", brief=brief, back=BACK)))

    assert said.startswith("失败 web/product：崩溃循环，6 个中 2 个正常。点开回滚")


def test_every_change_has_a_word() -> None:
    assert set(VERBS) == set(CHANGES)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("language", LANGUAGES)
@given(st.sampled_from(CHANGES), NAMES, NAMES, st.text(max_size=300))
def test_state_and_target_are_within_what_is_shown(
    language: str, state: State, verb: str, project: str, environment: str, reason: str
) -> None:
    target = f"{project}/{environment}"
    operation = replace(
        CRASHED,
        verb=verb,
        target=target,
        state=state,
        plan={STARTS: 1.8e9},
        outcome=Outcome(reason) if state in FINAL else None,
        stuck=Stuck(reason) if state in (State.STUCK, State.ASKING) else None,
    )

    with speaking(language):
        said = push(operation)[:SHOWN]

        assert said.startswith(_(STATES[state]))
        assert fitting(target) in said
        assert fitting(target) == target or len(target) > 30


@given(NAMES, NAMES)
def test_a_long_name_keeps_its_ends_and_the_environment(project: str, environment: str) -> None:
    short = fitting(f"{project}/{environment}")
    shown, slash, where = short.partition("/")

    assert slash
    assert (shown[0], shown[-1]) == (project[0], project[-1])
    assert (where[0], where[-1]) == (environment[0], environment[-1])
    assert len(environment) > 16 or where == environment
