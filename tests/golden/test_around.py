"""What is offered, waited for, and told to those on call; in both languages."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from bot.faults import Failed, NeedsPerson
from bot.language import LANGUAGES, _
from bot.ledger import Lease
from bot.locks import Lock
from bot.operation import Waiting
from bot.ports import Commit, Seen, Topic
from bot.reply import Reply
from bot.story import LATE, Story
from bot.views import showing
from bot.workloads import Revision
from commands import building
from commands.rolling import HEALTHY
from tests.golden.quiet import Cases, Quiet, ago, rendered
from tests.golden.telling import SAID, SCENES, golden
from tests.golden.test_told import COMMITS, NEW, OLD, crashes, runs, silent
from tests.ledger_support import move, running

PATHS = {language: SAID / "around" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())


def wards(shop: Quiet) -> Cases:
    """On call, and what was changed."""
    targets = shop.app.settings.targets()

    def unwell() -> Reply:
        broken = runs(ready=1, trouble=(crashes(),))
        shop.systems.runs = dict.fromkeys(("dev", "trunk", "hidden"), broken)
        shop.systems.runs["product"] = silent()
        return shop.asks("oncall")

    assert len(targets) > 8
    yield "much is not well, and some not known", unwell

    def changed() -> Reply:
        shop.systems.past = silent()
        keeper = shop.app.lockkeeper
        frozen = keeper.take(Lock("freeze", "product", "U0OPS", "fair", ago(3600), time.time() + 3600))
        keeper.release(frozen, "U0OPS", "", "over")
        keeper.take(Lock("freeze", "product", "U0OPS", "again", ago(0), time.time() + 3600))
        return shop.asks("changed web in product")

    yield "a freeze has begun and ended, and the cluster is silent", changed

    def undone() -> Reply:
        shop.systems.past = [
            Revision(12, NEW, datetime.fromtimestamp(ago(600), UTC)),
            Revision(13, OLD, datetime.fromtimestamp(ago(600), UTC), later=True),
        ]
        return shop.asks("changed web in product")

    yield "somebody went back with kubectl, nobody knows when", undone


def offered(shop: Quiet) -> Cases:
    target = shop.app.settings.target("web", "trunk")

    def add(*commits: Commit, why: str = "") -> Callable[[], Reply]:
        def ask() -> Reply:
            for commit in commits:
                shop.app.backends.offers.add(target, commit, "C0DEPLOYS", why)
            [stored] = [shop.redis.get(key) for key in shop.redis.scan_iter("shipmate:notice:*")]
            return Reply.from_dict(json.loads(stored)["reply"])

        return ask

    yield "a commit", add(COMMITS[1])
    yield "another one", add(COMMITS[0])
    yield "one without words, which a lock holds back", add(Commit("r1842", "eva", ""), why=":lock: Locked.")


def waits(shop: Quiet) -> Cases:
    """The steps of a build as they are waited for, and their end."""
    now = time.time()
    begun = move(
        shop.app.ledger, running(shop.app.ledger, "web/trunk"), plan={"jenkins": "main", "job": "web-build"}
    )

    def shown(waiting: Waiting) -> Callable[[], Reply]:
        return lambda: showing(replace(begun, waiting=waiting), None, None)

    healthy = (HEALTHY, "healthy again")
    for step in (
        building.REQUESTED,
        building.STARTED,
        building.FINISHED,
        building.OVER,
        "build stops",
        *healthy,
    ):
        waiting = Waiting(step, now - 60, now + 600)
        yield f"step: {step}", shown(waiting)

    systems = shop.systems

    def told(waiting: Waiting, seen: Seen | Exception, late: str = LATE) -> Callable[[], str]:
        def ask() -> str:
            systems.seen = seen
            operation = replace(begun, waiting=waiting)
            story = Story(operation, Lease(begun.id, ""), shop.app.ledger, patience=900)
            try:
                topic = Topic("jenkins", "main", "building", ())
                story.until(waiting.step, cast(Any, systems), topic, 600, late=late)
            except (Failed, NeedsPerson) as trouble:
                return str(trouble)
            return ""

        return ask

    late_words = (
        ("build started", building.NOT_BEGUN),
        ("build finished", building.NOT_ENDED),
        ("anything", LATE),
    )
    for step, words in late_words:
        over = Waiting(step, now - 1800, now)
        yield f"the time is over, nothing was seen: {step}", told(over, Seen(done=False), words)
    finished = Waiting("build finished", now - 1800, now)
    tests = _("build #{number}: {stage}", number=7, stage="Unit tests")
    yield "the time is over, and it was seen", told(finished, Seen(False, progress=tests))
    late = silent("Jenkins")
    tried = replace(finished, trouble=late.words, troubled_since=now - 940)
    yield "a system is silent for too long", told(tried, late)


@pytest.mark.parametrize("language", LANGUAGES)
def test_around(language: str, quiet: Quiet, request: pytest.FixtureRequest) -> None:
    subjects = (wards, offered, waits)
    text = rendered("What is offered, waited for, and told to those on call.", quiet, subjects, language)
    golden(PATHS[language], text, request.config.getoption("--rewrite-goldens"))
