"""What is refused, warned of or told at once, by what Shipmate itself knows, in both languages."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from bot.faults import Refused, Unavailable
from bot.language import LANGUAGES
from bot.lifecycle import State
from bot.locks import Lock
from bot.operation import STARTS, Outcome
from bot.reply import Reply
from tests.golden.quiet import APPROVAL, Cases, Quiet, ago, rendered, words
from tests.golden.telling import SAID, SCENES, golden
from tests.ledger_support import move, opened, running
from tests.test_policy import PEOPLE

PATHS = {language: SAID / "door" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())


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


def bad_news(shop: Quiet) -> Cases:
    def fails(trouble: Exception) -> Callable[[], Reply]:
        def ask() -> Reply:
            shop.people.fails = trouble
            try:
                return shop.asks("locks")
            finally:
                shop.people.fails = None

        return ask

    yield "a system is silent", fails(Unavailable("Slack", "did not answer in time"))
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
        "build pay trunk",
        "build web next",
        "promote web to dev",
        "promote api to product",
    ):
        yield text, lambda text=text: shop.asks(text)  # type: ignore[misc] # mypy cannot infer it


def locks(shop: Quiet) -> Cases:
    yield "a freeze without an end", lambda: shop.asks("freeze product")
    yield "a freeze of every week", lambda: shop.asks("unfreeze dev")
    yield "a lock", lambda: shop.asks("lock web in trunk for 2h")
    yield "one's own lock", lambda: shop.asks("ask web in trunk")
    yield "nobody asked for it", lambda: shop.asks("keep web in trunk")
    running(shop.app.ledger, "api/trunk")
    yield "a change is still under way", lambda: shop.asks("lock api in trunk for 2h")
    mine = Lock("freeze", "product", "U0OPS", "", time.time(), time.time() + 3600)
    keeper = shop.app.lockkeeper

    def change() -> str:
        try:
            keeper.change(mine, replace(mine, until=mine.until + 60, request="another"))
        except Refused as trouble:
            return words(trouble)
        return ""

    yield "somebody else changes it first", change
    for number in range(21):
        waits = State.SCHEDULED if number else State.AWAITING_APPROVAL
        plan = {STARTS: time.time() + 7200 + number, "approval": {**APPROVAL, "until": time.time() + 900}}
        key = f"later-{number}"
        opened(shop.app.ledger, "web/product", state=waits, plan=plan, actor=PEOPLE["ops"], key=key)

    def scheduled() -> Reply:
        reply = shop.asks("scheduled")
        return replace(reply, blocks=(*reply.blocks[:4], reply.blocks[-1]))

    yield "much is scheduled: the first two, and how many", scheduled


@pytest.mark.parametrize("language", LANGUAGES)
def test_door(language: str, quiet: Quiet, request: pytest.FixtureRequest) -> None:
    subjects = (buttons, bad_news, times, locks)
    text = rendered("What is told at once, by what Shipmate itself knows.", quiet, subjects, language)
    golden(PATHS[language], text, request.config.getoption("--rewrite-goldens"))
