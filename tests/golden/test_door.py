"""What is refused, warned of or told at once, by what Shipmate itself knows, in both languages."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from bot.faults import Refused, Unavailable
from bot.language import LANGUAGES, _
from bot.lifecycle import State
from bot.locks import Lock, Wish
from bot.operation import COMMIT, STARTS, Outcome
from bot.ports import Commit
from bot.reply import Reply
from tests.golden.quiet import APPROVAL, Cases, Quiet, ago, rendered, words
from tests.golden.telling import SAID, SCENES, golden
from tests.ledger_support import change, move, opened, running
from tests.test_policy import PEOPLE

PATHS = {language: SAID / "door" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())
DAYS = re.compile(r"[A-Z][a-z]{2} \d\d [A-Z][a-z]{2} \d\d:\d\d UTC|\d+月\d+日[^ ]* ?\d\d:\d\d UTC")
"""Without markup, as a record keeps them."""


def buttons(shop: Quiet) -> Cases:
    """A button may be tapped twice, or when its message is long forgotten."""
    text = "restart web in trunk"
    yield "a button of last month", lambda: shop.asks(text, tap="one", shown=ago(30 * 86_400))
    yield "a button is tapped", lambda: shop.asks(text, tap="two")
    yield "and again", lambda: shop.asks(text, tap="two")

    def ended() -> Reply:
        known = shop.app.ledger.requested("two")
        found = shop.app.ledger.get(known or "")
        assert found is not None
        begun = move(shop.app.ledger, found, state=State.RUNNING)
        move(shop.app.ledger, begun, state=State.SUCCEEDED, outcome=Outcome("It ran."), finished=time.time())
        return shop.asks(text, tap="two")

    yield "and when it has ended", ended

    def forgotten() -> Reply:
        shop.asks("restart api in trunk", tap="three")
        shop.redis.delete(f"shipmate:op:{shop.app.ledger.requested('three')}")
        return shop.asks("restart api in trunk", tap="three")

    yield "another one, when it is forgotten", forgotten


def bad_news(shop: Quiet) -> Cases:
    def fails(trouble: Exception) -> Callable[[], Reply]:
        def ask() -> Reply:
            shop.people.fails = trouble
            try:
                return shop.asks("locks")
            finally:
                shop.people.fails = None

        return ask

    yield "a system is silent", fails(Unavailable("Slack", _("did not answer in time")))
    yield "Redis is silent", fails(RedisConnectionError("gone"))
    yield "a fault of Shipmate's", fails(ValueError("a bug"))


def times(shop: Quiet) -> Cases:
    for text in (
        "deploy web to trunk at 22:00 --when-unlocked",
        "deploy web to trunk at 2020-01-01 10:00",
        "deploy web to trunk at 2099-12-24 18:00",
        "deploy web to trunk at r1839 build 7",
        "deploy web to trunk build none",
        "promote web to product image none",
        "deploy web to product at 22",
        "deploy web to product at 22:00 UTC",
        "deploy web to product from hidden",
        "lock web in product from 22:00",
        "lock web in product and deploy web to product",
        "deploy web to product in 400 days",
        "build pay trunk",
        "build web next",
        "promote web to dev",
        "promote web from trunk to product",
        "promote api to product",
    ):
        yield text, lambda text=text: shop.asks(text)  # type: ignore[misc] # mypy cannot infer it


def locks(shop: Quiet) -> Cases:
    yield "a freeze without an end", lambda: shop.asks("freeze product")
    yield "a freeze of every week", lambda: shop.asks("unfreeze dev")
    ahead = f"{datetime.now(UTC) + timedelta(5):%Y-%m-%d} 10:00"
    yield "a time within a freeze of every week", lambda: shop.asks(f"deploy web to dev at {ahead}")
    yield "a lock", lambda: shop.asks("lock web in trunk for 2h")
    yield "one's own lock", lambda: shop.asks("ask web in trunk")
    yield "nobody asked for it", lambda: shop.asks("keep web in trunk")
    running(shop.app.ledger, "api/trunk")
    yield "a change is still under way", lambda: shop.asks("lock api in trunk for 2h")
    mine = Lock("freeze", "product", "U0OPS", "", time.time(), time.time() + 3600)
    keeper = shop.app.lockkeeper

    def overtaken() -> str:
        try:
            keeper.change(mine, replace(mine, until=mine.until + 60, request="another"))
        except Refused as trouble:
            return words(trouble)
        return ""

    yield "somebody else changes it first", overtaken
    yield "a freeze is soon over", lambda: told_directly(shop, mine, 60)
    ended = replace(mine, subject="trunk", wishes=(Wish("U0QA"),))
    yield "a freeze is over", lambda: told_directly(shop, ended, -1)

    def rolled_back() -> Reply:
        asked = change("web/trunk", verb="rollback", actor=PEOPLE["oncall"])
        back = replace(asked, id="k7f3", text="rollback web in trunk")
        keeper.passed(back, [Lock("lock", "web/trunk", "U0QA", "", time.time(), time.time() + 60)])
        return latest(shop)

    yield "a rollback passes a lock", rolled_back
    asked = {COMMIT: Commit("r1841", "eva", "SHOP-7 The basket keeps its order").to_plain()}
    by_hook = opened(shop.app.ledger, "web/dev", plan=asked)

    def offered() -> str:
        shop.app.engine.advance(by_hook.id)
        found = shop.app.ledger.get(by_hook.id)
        return DAYS.sub("<day>", found.outcome.summary) if found and found.outcome else ""

    yield "a commit meets a freeze", offered
    for number in range(21):
        waits = State.SCHEDULED if number else State.AWAITING_APPROVAL
        plan = {STARTS: time.time() + 7200 + number, "approval": {**APPROVAL, "until": time.time() + 900}}
        key = f"later-{number}"
        opened(shop.app.ledger, "web/product", state=waits, plan=plan, actor=PEOPLE["ops"], key=key)

    def scheduled() -> Reply:
        reply = shop.asks("scheduled")
        return replace(reply, blocks=(*reply.blocks[:4], reply.blocks[-1]))

    yield "much is scheduled: the first two, and how many", scheduled


def told_directly(shop: Quiet, lock: Lock, left: float) -> Reply:
    """What people are told of a lock that has so many seconds left."""
    until = time.time() + left
    shop.app.locks.write(None, replace(lock, until=until), 0)
    shop.app.lockkeeper.look_after(time.time())
    return latest(shop)


def latest(shop: Quiet) -> Reply:
    """The direct message that was put in line last."""
    kept = [json.loads(shop.redis.get(key)) for key in shop.redis.scan_iter("shipmate:reply:*")]
    return Reply.from_dict(max(kept, key=lambda one: float(one["since"]))["reply"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_door(language: str, quiet: Quiet, request: pytest.FixtureRequest) -> None:
    subjects = (buttons, bad_news, times, locks)
    text = rendered("What is told at once, by what Shipmate itself knows.", quiet, subjects, language)
    golden(PATHS[language], text, request.config.getoption("--rewrite-goldens"))
