"""What is told of a build and of the image that comes of it, in chat and by mail; in both languages."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from bot.changelogs import Kept
from bot.faults import Failed, Refused
from bot.language import LANGUAGES, _
from bot.ledger import Lease
from bot.letters import Facts, letter
from bot.lifecycle import State
from bot.operation import Operation, Origin, Outcome, Step
from bot.ports import Built
from bot.story import Story
from bot.workloads import Autoscaler, Workload
from commands import building, by_job, promote
from commands.consequences import runs_already
from commands.dry_run import Forecast
from commands.past import Past
from commands.presence import CHECKED
from commands.rolling import BEFORE, ROLLOUT, _told
from tests.golden.quiet import Cases, Quiet, rendered
from tests.golden.telling import SAID, SCENES, golden
from tests.golden.test_told import COMMITS, DIGEST, NEW, OLD, runs
from tests.ledger_support import move, running
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

    def other() -> str:
        try:
            by_job.set_by_job(cast(Any, systems), settings.target("pay", "trunk").place, NEW)
        except Failed as trouble:
            return str(trouble)
        return ""

    yield "a job has set another image than it built", other
    yield "a dry run of a job that rolls out", lambda: "\n".join(foretold(shop, "deploy pay to trunk"))

    def paused() -> str:
        systems.runs = {"trunk": runs(OLD, paused=True)}
        return refused_words(lambda: foretold(shop, "deploy web to trunk"))

    yield "a dry run while rollouts are paused", paused

    def existing(target: str, *made: Built) -> Callable[[], str]:
        def ask() -> str:
            systems.made = list(made)
            asked = running(shop.app.ledger, target, plan=planned(taken))
            lease = shop.app.ledger.lease(asked.id)
            assert lease is not None
            return refused_words(
                lambda: building.built(Story(asked, lease, shop.app.ledger, 900), shop.app.backends)
            )

        return ask

    yield "there is no such build", existing("web/trunk")
    yield (
        "it is of another line",
        existing("web/dev", Built(512, "", "SUCCESS", "1800", {"LINE": "releases"})),
    )


def ready(shop: Quiet) -> Cases:
    """How a change ends whose steps are all done."""
    on = shop.app.backends
    number = {"number": 42, "url": "https://jenkins.example/job/web-build/42/", "revision": "1841"}
    done = {
        building.FINISHED: number,
        "image": NEW,
        "tested": NEW,
        CHECKED: True,
        BEFORE: NEW,
        ROLLOUT: 7,
        "rollout healthy": {"ready": 3},
        "errors are compared": 0.0,
        "errors compared": "m2p4",
    }

    def ends(text: str, found: Workload | None = None, /, **results: Any) -> Callable[[], str]:
        def ask() -> str:
            shop.systems.runs = {where: found or runs(NEW) for where in ("trunk", "product", "hidden")}
            command, now = cast(Any, shop.app.catalogue.command(text)), time.time()
            steps = tuple(Step(name, now, now, result) for name, result in {**done, **results}.items())
            plan, origin = {**command.plan(shop.app.settings), "adopted": 42}, Origin("C0DEPLOYS")
            operation = Operation("k7f3", command.verb, text, "change", PEOPLE["ops"], origin, command.target)
            asked = replace(operation, plan=plan, steps=steps)
            outcome: Outcome = command.run(Story(asked, Lease("k7f3", ""), shop.app.ledger, 900), on)
            return outcome.summary

        return ask

    yield "a build that brings changes", ends("build web trunk", changes=2)
    yield "a build that takes a change back", ends("build web trunk", changes=-1)
    yield "a deployment of what ran there", ends("deploy web to trunk", changes=0)
    kept: dict[str, Any] = {"rollout healthy": {"ready": 3, "kept": 2}}
    yield "a deployment of which a partition keeps some back", ends("deploy web to trunk", changes=0, **kept)
    off = replace(runs(NEW, ready=0, autoscaler=Autoscaler("web", 2, 8, 0, 0)), wanted=0)
    steps: dict[str, Any] = {"had replicas": {"image": NEW, "wanted": 0, "count": 4}, "there is room": None}
    steps |= {"replicas set": 7, "rollout healthy": {"ready": 4}}
    yield "from 0 replicas, with an autoscaler", ends("scale web in trunk to 4", off, **steps)
    steps = {"had bounds": {"minimum": 2, "maximum": 6}}
    steps |= {"bounds set": {"name": "web", "minimum": 2, "maximum": 8, "current": 0}}
    yield "bounds at 0 replicas", ends("bounds web in trunk from 2 to 8", off, **steps)
    moved: dict[str, Any] = {"image": f"{NEW}@{DIGEST}"}
    yield "a deployment of a tag that was pushed again", ends("deploy web to trunk", changes=0, **moved)
    yield "the step of it", lambda: building._image_told(f"{NEW}@{DIGEST}")
    yield "a promotion of such a tag replaces", lambda: promote._again(NEW, NEW)
    place = shop.app.settings.target("web", "trunk").place
    moved_on = runs_already("web/trunk", place, Past([]), NEW, None, pushed_again=True)
    yield "a rollback to such a tag", lambda: moved_on.words
    yield "a rollout of nothing", lambda: _told({"ready": 0})
    nothing: dict[str, Any] = {"rollout healthy": {"ready": 0, "kept": 0}}
    yield "a deployment of which nothing runs", ends("deploy web to trunk", changes=0, **nothing)
    yield "a promotion of which nothing runs", ends(f"promote web to product image 3.2.0@{DIGEST}", **nothing)
    yield "a promotion of what ran there", ends(f"promote web to product image 3.2.0@{DIGEST}")

    def over() -> str:
        asked = running(shop.app.ledger, "web/trunk")
        plan = {"jenkins": "main", "job": "web-build", "adopted": 42}
        begun = move(shop.app.ledger, asked, plan=plan, steps=(Step(building.REQUESTED, time.time()),))
        lease = shop.app.ledger.lease(asked.id)
        assert lease is not None
        return building.stop_build(Story(begun, lease, shop.app.ledger, 900), on)

    yield "a build is stopped that had ended", over


def refused_words(do: Callable[[], object]) -> str:
    try:
        do()
    except Refused as trouble:
        return trouble.words
    return ""


def foretold(shop: Quiet, text: str) -> list[str]:
    found: Forecast = cast(Any, shop.app.catalogue.command(text)).foretell(shop.app.backends)
    return [*found.facts, *found.acts]


def mails(_shop: Quiet) -> Cases:
    at = datetime(2026, 3, 14, 14, 5, tzinfo=UTC).timestamp()
    live = Outcome(
        _("{image} is live on {target}.", image="trunk-r1841-42", target="web/trunk"),
        link="https://jenkins.example/job/web-build/42/",
    )
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
    subjects = (builds, ready, mails)
    text = rendered("What is told of a build, in chat and by mail.", quiet, subjects, language)
    golden(PATHS[language], text, request.config.getoption("--rewrite-goldens"))
