"""What people are told of their own: the Home tab, settings, mails, locks, what a channel stands for; in both
languages."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.backends import Backends
from bot.dispatcher import Request
from bot.language import LANGUAGES, spoken
from bot.lifecycle import State
from bot.locks import Kind, Lock
from bot.operation import Operation, Origin
from bot.policy import Policy
from bot.reply import Reply
from commands.home import MOST_APPROVALS, MOST_LOCKS
from commands.home_projects import projects
from commands.mail import Mail, OnOff
from commands.settings import ShowSettings, Switch
from tests.golden.quiet import APPROVAL, Cases, Quiet, rendered, words
from tests.golden.tables import raised
from tests.golden.telling import SAID, SCENES, golden
from tests.golden.test_told import crashes, runs
from tests.ledger_support import CHANNEL, move, opened, running
from tests.test_policy import PEOPLE, TEAM

PATHS = {language: SAID / "own" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())
OPS = PEOPLE["ops"]


def asks(shop: Quiet, text: str, by: str = "ops") -> Callable[[], Reply]:
    return lambda: shop.asks(text, by)


def homes(shop: Quiet) -> Cases:
    ledger, on = shop.app.ledger, shop.app.backends
    yield "nothing is one's own yet", asks(shop, "home", "nobody")

    def busy() -> Reply:
        plan = {"approval": {**APPROVAL, "until": time.time() + 900}}
        for number in range(MOST_APPROVALS + 1):
            waits = {"state": State.AWAITING_APPROVAL, "plan": plan, "actor": OPS}
            opened(ledger, "web/product", key=f"home-{number}", **waits)
        for number in range(MOST_LOCKS + 1):
            holds(shop, f"shop{number}/hidden")
        holds(shop, "product", "freeze")
        ill = runs(ready=1, trouble=(crashes(),))
        shop.systems.runs = {"dev": runs(), "product": ill}
        return shop.asks("home", "oncall")

    yield "much waits, and something is not well", busy
    yield "more projects than a page holds", lambda: Reply("home", tuple(projects(OPS, 2, [], larger(shop))))
    yield "no project that one may see", lambda: Reply("home", tuple(projects(PEOPLE["nobody"], 1, [], on)))


def holds(shop: Quiet, subject: str, kind: Kind = "lock") -> None:
    """By whoever is on call; freezes end first."""
    length = 3600 if kind == "lock" else 1800
    shop.app.lockkeeper.take(Lock(kind, subject, PEOPLE["oncall"].id, "", time.time(), time.time() + length))


def larger(shop: Quiet) -> Backends:
    """Of a shop with twelve projects."""
    had = shop.app.settings
    named = {f"shop{number}": had.projects["web"] for number in range(12)}
    many = had.model_copy(update={"projects": named})
    verbs = [command.verb for command in shop.app.catalogue.commands]
    policy = Policy(had.roles, many.targets(), had.slack.teams, verbs)
    return replace(shop.app.backends, settings=many, policy=policy)


def settings(shop: Quiet) -> Cases:
    yield "chosen: a language", asks(shop, f"settings language {spoken()}")
    yield "chosen: no mails of one project", asks(shop, "settings mail off for web")
    on, unknown = shop.app.backends, replace(OPS, email="")
    yield "mails, but no address", lambda: ShowSettings(mail=Switch("on")).answer(unknown, on)
    yield "the same, of mails alone", lambda: Mail(OnOff("on")).answer(unknown, on)
    bare = replace(on, settings=on.settings.model_copy(update={"mail": None}))
    yield "mails are not set up", refused(lambda: Mail(OnOff("on")).answer(OPS, bare))


def refused(do: Callable[[], Reply]) -> Callable[[], str]:
    return lambda: words(raised(do))


def here(shop: Quiet) -> Cases:
    yield "no project", asks(shop, "here in trunk")

    def direct() -> Reply:
        origin = Origin("D0OPS", key="here-direct")
        said = shop.app.dispatcher.decide(Request("here is web", OPS.id, TEAM, origin))
        assert said is not None
        return said

    yield "a direct message", direct


def mine(shop: Quiet) -> Cases:
    """Of several, the one that is meant."""
    for target in ("web/trunk", "api/trunk"):
        holds(shop, target)
    yield "several locks", asks(shop, "extend by 1h", "oncall")
    running(shop.app.ledger, "web/dev", actor=OPS)
    yield "several changes", asks(shop, "cancel")
    follows = replace(question(shop), actor=OPS)
    yield "a log that is followed", lambda: shop.asks(f"cancel {follows.id}")


def question(shop: Quiet) -> Operation:
    asked = Operation("", "logs", "logs web in trunk follow", "query", OPS, Origin(CHANNEL, key="follow"))
    found = shop.app.ledger.open(asked, announce=False).operation
    assert found is not None
    return move(shop.app.ledger, found, state=State.RUNNING)


@pytest.mark.parametrize("language", LANGUAGES)
def test_own(language: str, quiet: Quiet, request: pytest.FixtureRequest) -> None:
    subjects = (homes, settings, here, mine)
    text = rendered("What people are told of their own.", quiet, subjects, language)
    golden(PATHS[language], text, request.config.getoption("--rewrite-goldens"))
