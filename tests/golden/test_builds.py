"""What is told of a build and of the image that comes of it, in chat and by mail; in both languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from bot.changelogs import Kept
from bot.faults import Failed, Refused
from bot.language import LANGUAGES
from bot.letters import Facts, letter
from bot.lifecycle import State
from bot.operation import Operation, Origin, Outcome
from bot.ports import Built
from bot.story import Story
from commands import building
from tests.golden.quiet import Cases, Quiet, rendered
from tests.golden.telling import SAID, SCENES, golden
from tests.golden.test_told import COMMITS, DIGEST, NEW, OLD, runs
from tests.ledger_support import running
from tests.test_policy import PEOPLE

PATHS = {language: SAID / "builds" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())


def builds(shop: Quiet) -> Cases:
    """What a build comes to, and what becomes of it."""
    systems, settings = shop.systems, shop.app.settings

    def planned(text: str) -> dict[str, Any]:
        plan: dict[str, Any] = cast(Any, shop.app.catalogue.command(text)).plan(settings)
        return plan

    def shows(text: str) -> Callable[[], str]:
        return lambda: "\n".join(planned(text)["shows"])

    taken = "deploy web to trunk build 512"
    yield "what is done with a build that is there", lambda: "\n".join(building.foretold(planned(taken)))
    yield "who approves a deployment sees", shows("deploy web to trunk")
    yield "who approves one of a build that is there sees", shows(taken)
    yield "who approves a promotion sees", shows(f"promote web to product image 3.2.0@{DIGEST}")
    systems.runs = {"trunk": runs(OLD)}

    def by_job() -> str:
        try:
            building.set_by_job(cast(Any, systems), settings.target("pay", "trunk").place, NEW)
        except Failed as trouble:
            return str(trouble)
        return ""

    yield "a job has set another image than it built", by_job
    yield "a dry run of a job that rolls out", lambda: "\n".join(foretold(shop, "deploy pay to trunk"))

    def paused() -> str:
        systems.runs = {"trunk": runs(OLD, paused=True)}
        return "\n".join(foretold(shop, "deploy web to trunk"))

    yield "a dry run while rollouts are paused", paused

    def existing(target: str, *made: Built) -> Callable[[], str]:
        def ask() -> str:
            systems.made = list(made)
            asked = running(shop.app.ledger, target, plan=planned(taken))
            lease = shop.app.ledger.lease(asked.id)
            assert lease is not None
            try:
                building.built(Story(asked, lease, shop.app.ledger, 900), shop.app.backends)
            except Refused as trouble:
                return trouble.words
            return ""

        return ask

    yield "there is no such build", existing("web/trunk")
    yield (
        "it is of another line",
        existing("web/dev", Built(512, "", "SUCCESS", "1800", {"LINE": "releases"})),
    )


def foretold(shop: Quiet, text: str) -> list[str]:
    found: list[str] = cast(Any, shop.app.catalogue.command(text)).foretell(PEOPLE["ops"], shop.app.backends)
    return found


def mails(_shop: Quiet) -> Cases:
    at = datetime(2026, 3, 14, 14, 5, tzinfo=UTC).timestamp()
    live = Outcome("trunk-r1841-42 is live on web/trunk.", link="https://jenkins.example/job/web-build/42/")
    ended = Operation(
        "k7f3",
        "deploy",
        "deploy web to trunk",
        "change",
        PEOPLE["ops"],
        Origin("C0DEPLOYS"),
        "web/trunk",
        state=State.SUCCEEDED,
        outcome=live,
        opened=at,
        finished=at + 95,
    )
    url = "https://jenkins.example/job/web-build/42/"

    def mail(kept: Kept) -> Callable[[], str]:
        return lambda: letter(ended, Facts(kept), "shipmate@shop.example", ("eva@shop.example",)).text

    yield "a mail about two changes", mail(Kept(2, COMMITS, build=42, url=url))
    yield (
        "a mail about a change that was taken back",
        mail(Kept(1, COMMITS[:1], back=True, build=42, url=url)),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_builds(language: str, quiet: Quiet, request: pytest.FixtureRequest) -> None:
    subjects = (builds, mails)
    text = rendered("What is told of a build, in chat and by mail.", quiet, subjects, language)
    golden(PATHS[language], text, request.config.getoption("--rewrite-goldens"))
