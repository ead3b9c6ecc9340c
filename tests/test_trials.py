"""What an image must have been through to go on, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from bot.settings.release import Promotion
from bot.shown import plainly
from bot.trials import MOST, Trial, Trials, Verdict, objection
from tests.ledger_support import memory

NOW = 1_800_000_000.0
DIGEST = "sha256:" + "a" * 64

trials = st.none() | st.builds(
    lambda ran: Trial(DIGEST, "web:1", NOW - ran, NOW), st.floats(0, 1e6, allow_nan=False)
)
verdicts = st.none() | st.builds(Verdict, st.booleans(), st.just("U0QA"), st.just(NOW), st.just("tested"))
rules = st.builds(Promotion, after=st.just("hidden"), minutes=st.integers(0, 600), needs_pass=st.booleans())


@given(trials, verdicts, rules)
def test_an_image_may_go_on_only_when_all_that_is_asked_for_is_so(
    trial: Trial | None, verdict: Verdict | None, rule: Promotion
) -> None:
    may = not objection(trial, verdict, rule, "web")

    failed = verdict is not None and not verdict.passed
    unsaid = rule.needs_pass and verdict is None
    long_enough = trial is not None and trial.seen - trial.since >= rule.minutes * 60
    assert may == (long_enough and not failed and not unsaid)


def test_who_failed_it_and_why_is_said() -> None:
    failed = Verdict(False, "U0QA", NOW, "basket *empty*")
    trial, rule = Trial(DIGEST, "web:1", NOW - 600, NOW), Promotion(after="hidden")

    in_chat = objection(trial, failed, rule, "web")
    plain = objection(trial, failed, rule, "web", plainly(lambda user: f"@{user}", "Asia/Shanghai"))

    assert in_chat.startswith("It was failed by <@U0QA> <!date^1800000000^")
    assert plain == "It was failed by @U0QA Fri 15 Jan 16:00 CST: basket *empty*."


def test_how_long_it_must_still_run_is_said() -> None:
    trial = Trial(DIGEST, "web:1", NOW - 240, NOW)
    rule = Promotion(after="hidden", minutes=30, needs_pass=False)

    said = objection(trial, None, rule, "web", plainly(str, "UTC"))

    assert said == "It has run in web/hidden for 4 min, and must for 30 min: until Fri 15 Jan 08:26 UTC."


@pytest.mark.parametrize(("minutes", "said"), [(0, ""), (1, "It has run in web/hidden for 0 s")])
def test_a_cluster_whose_clock_is_ahead_holds_nothing_up_that_need_not_wait(minutes: int, said: str) -> None:
    trial = Trial(DIGEST, "web:1", NOW + 3, NOW)
    rule = Promotion(after="hidden", minutes=minutes, needs_pass=False)

    assert objection(trial, None, rule, "web").partition(",")[0] == said


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with memory(tmp_path_factory.mktemp("trials")) as redis:
        yield redis


def test_a_verdict_stays_when_the_image_is_seen_again(kept: Redis) -> None:
    kept.flushdb()
    trials = Trials(kept)
    trials.judge("web/hidden", DIGEST, Verdict(False, "U0QA", NOW, "no"))
    trials.see("web/hidden", Trial(DIGEST, "web:1", NOW, NOW + 60))

    assert trials.verdict("web/hidden", DIGEST) == Verdict(False, "U0QA", NOW, "no")
    assert trials.trial("web/hidden", DIGEST) == Trial(DIGEST, "web:1", NOW, NOW + 60)
    assert trials.verdict("web/trunk", DIGEST) is None


def test_only_the_latest_are_remembered(kept: Redis) -> None:
    kept.flushdb()
    trials = Trials(kept)
    for number in range(MOST + 5):
        trials.judge("web/hidden", f"sha256:{number}", Verdict(True, "U0QA", NOW + number))

    assert kept.hlen("shipmate:verdicts:web/hidden") == MOST
    assert trials.verdict("web/hidden", "sha256:4") is None
    assert trials.verdict("web/hidden", "sha256:5") is not None
