"""What people decide: approvals, operations that are stuck, images that are tested; in both languages."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.approvals import moved, objection
from bot.faults import Refused
from bot.language import LANGUAGES
from bot.ledger import Ledger, Lost
from bot.lifecycle import State
from bot.operation import Operation
from bot.reply import Reply
from bot.settings.release import Promotion
from bot.trials import Trial, Verdict
from bot.trials import objection as not_yet
from commands.approve import Approve
from commands.naming import OperationId
from commands.unstick import Retry
from tests.golden.quiet import APPROVAL, Cases, Quiet, rendered, words
from tests.golden.states import nothing_left, undecided
from tests.golden.telling import SAID, SCENES, golden
from tests.ledger_support import move, opened, running
from tests.test_policy import PEOPLE

PATHS = {language: SAID / "decided" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())


class Overtaken(Ledger):
    """Somebody else is quicker, always."""

    def write(self, *_given: object, **_more: object) -> Operation:
        raise Lost


def refused(do: Callable[[], Reply]) -> Reply | str:
    try:
        return do()
    except Refused as trouble:
        return words(trouble)


def approvals(shop: Quiet) -> Cases:
    ledger = shop.app.ledger
    plan = {"approval": {**APPROVAL, "until": time.time() + 900}}
    asked = opened(ledger, "web/product", state=State.AWAITING_APPROVAL, plan=plan, actor=PEOPLE["ops"])
    yield "nobody approves what they asked for", lambda: shop.asks(f"approve {asked.id}", "ops")
    yield "who may not approve", lambda: shop.asks(f"approve {asked.id}", "qa")
    yield "who may not deny", lambda: shop.asks(f"deny {asked.id}", "qa")
    yield "the first of two approves", lambda: shop.asks(f"approve {asked.id}", "oncall")
    yield "the same person once more", lambda: shop.asks(f"approve {asked.id}", "oncall")
    on = replace(shop.app.backends, ledger=Overtaken(shop.app.redis))
    another = opened(ledger, "api/product", state=State.AWAITING_APPROVAL, plan=plan, actor=PEOPLE["ops"])
    quick = Approve(OperationId(another.id))
    yield "others are quicker", lambda: refused(lambda: quick.answer(PEOPLE["oncall"], on))
    yield "it is denied", lambda: shop.asks(f"deny {another.id} because not today", "oncall")
    yield "how that is told", lambda: outcome(shop, another.id)
    late = {"approval": {**APPROVAL, "count": 1, "until": time.time() - 1}}
    expired = opened(ledger, "web/hidden", state=State.AWAITING_APPROVAL, plan=late, actor=PEOPLE["ops"])

    def expires() -> str:
        shop.app.engine.advance(expired.id)
        return outcome(shop, expired.id)

    yield "nobody approves it", expires
    one = {"approval": {**plan["approval"], "count": 1}}
    last = opened(ledger, "pay/product", state=State.AWAITING_APPROVAL, plan=one, actor=PEOPLE["ops"])
    yield "the last approval", lambda: shop.asks(f"approve {last.id}", "oncall")

    policy, oncall, ops = shop.app.policy, PEOPLE["oncall"], PEOPLE["ops"]
    later = replace(asked, id="m2p4", finished=time.time() + 60, text="scale web in product to 6")
    week = next(iter(shop.app.locks.standing(time.time())))
    yield "something ended meanwhile", lambda: objection(asked, oncall, ops, policy, later)
    yield "a freeze has come", lambda: objection(asked, oncall, ops, policy, None, (week,))
    qa = replace(asked, actor=PEOPLE["qa"])
    yield "who asked has lost the role", lambda: objection(qa, oncall, PEOPLE["qa"], policy, None)
    yield "another image runs than was approved", lambda: moved({"live": "r1798-40"}, "r1841-42")


def outcome(shop: Quiet, operation_id: str) -> str:
    found = shop.app.ledger.get(operation_id)
    assert found is not None
    assert found.outcome is not None
    return found.outcome.summary


def told_of(shop: Quiet, operation_id: str, name: str) -> str:
    """What the message says of a step."""
    found = shop.app.ledger.get(operation_id)
    step = found.step(name) if found else None
    return step.told if step else ""


def stuck_ones(shop: Quiet) -> Cases:
    ledger = shop.app.ledger

    def stuck(target: str) -> Operation:
        return move(ledger, running(ledger, target), state=State.STUCK, stuck=undecided(41, 42))

    first, second, third = stuck("web/dev"), stuck("web/trunk"), stuck("api/dev")
    yield "a build that it cannot be", lambda: shop.asks(f"adopt {first.id} build 7")
    on = replace(shop.app.backends, ledger=Overtaken(shop.app.redis))
    quick = Retry(OperationId(first.id))
    yield "somebody else decides first", lambda: refused(lambda: quick.answer(PEOPLE["ops"], on))
    yield "its build", lambda: shop.asks(f"adopt {first.id} build 42")
    yield "once more", lambda: shop.asks(f"retry {second.id}")
    yield "it is given up", lambda: shop.asks(f"giveup {third.id}")
    yield "how that is told", lambda: outcome(shop, third.id)
    question = replace(nothing_left(time.time()), step="sure")
    asks = move(ledger, running(ledger, "api/trunk"), state=State.ASKING, stuck=question)
    yield "its question is answered", lambda: shop.asks(f"proceed {asks.id}")

    yield "how that is told in its message", lambda: told_of(shop, asks.id, "sure")

    def unanswered() -> str:
        ends = move(ledger, running(ledger, "shop/dev"), state=State.ABORTING, stopped_by="nobody")
        plan = shop.app.catalogue.command(ends.text).plan(shop.app.settings)  # type: ignore[attr-defined] # a change
        move(ledger, ends, plan=plan)
        shop.app.engine.advance(ends.id)
        return outcome(shop, ends.id)

    yield "nobody answers", unanswered


def trials(_shop: Quiet) -> Cases:
    rule, now = Promotion(after="hidden", minutes=30, needs_pass=True), time.time()
    ran = Trial("sha256:1", "web:1", now - 3600, now)
    yield "it never ran there", lambda: not_yet(None, None, rule, "web")
    yield "it ran too short a time", lambda: not_yet(replace(ran, since=now - 240), None, rule, "web")
    failed = Verdict(False, "U0QA", now, "the basket is empty")
    yield "it was failed", lambda: not_yet(ran, failed, rule, "web")
    yield "nobody has passed it", lambda: not_yet(ran, None, rule, "web")


@pytest.mark.parametrize("language", LANGUAGES)
def test_decided(language: str, quiet: Quiet, request: pytest.FixtureRequest) -> None:
    subjects = (approvals, stuck_ones, trials)
    text = rendered("What people decide, and when they may not.", quiet, subjects, language)
    golden(PATHS[language], text, request.config.getoption("--rewrite-goldens"))
