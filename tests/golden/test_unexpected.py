"""What is not there, or not as it was: images, builds, people, what runs; in both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from bot.actors import Actors
from bot.catalogue import UnknownSteps
from bot.faults import Unavailable
from bot.language import LANGUAGES, _
from bot.ports import Pushed
from bot.reply import Reply
from bot.settings import NoSuchTarget
from bot.views import showing
from commands.builds import image_name
from commands.consequences import runs_already
from commands.past import Past
from commands.presence import CHECKED, must_be_kept
from commands.restart import Restart
from commands.rolling import ROLLOUT
from integrations.slack_directory import SlackDirectory
from tests.golden.canned import Canned, answering
from tests.golden.quiet import Cases, Quiet, rendered
from tests.golden.standing_in import Cluster, backends
from tests.golden.tables import raised
from tests.golden.telling import SAID, SCENES, golden
from tests.golden.test_targets import revision
from tests.golden.test_told import DIGEST, built, runs
from tests.golden.test_undone import PLACE, begun
from tests.ledger_support import running
from tests.test_policy import TEAM

PATHS = {language: SAID / "unexpected" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())
OLD = "harbor.shop.example/web/web:r670"


def words(do: Callable[[], object]) -> Callable[[], Reply | str]:
    """What is told of what `do` raises, with its buttons."""

    def ask() -> str:
        trouble: Any = raised(do)
        offers = [f"[{label}] -> {command}" for label, command in getattr(trouble, "offers", ())]
        return "\n".join([getattr(trouble, "words", str(trouble)), *offers])

    return ask


def images(shop: Quiet) -> Cases:
    """Before going back to one."""
    back = begun("rollback web in trunk to r670", {})
    now = Cluster(runs())
    gone = backends(shop.app.settings, now, gone=(OLD,))
    yield "the registry has lost it", words(lambda: must_be_kept(back, gone, OLD))

    def not_known() -> str:
        silent = backends(shop.app.settings, now, silent=Unavailable("Harbor", _("did not answer in time")))
        story = begun("rollback web in trunk to r670", {})
        must_be_kept(story, silent, OLD)
        step = story.operation.step(CHECKED)
        return step.told if step else ""

    yield "the registry is silent", not_known
    had = [replace(revision(number, "r670", MODE=mode), image=OLD) for number, mode in ((12, "b"), (9, "a"))]
    for what, past, number in (
        ("it runs already", Past([], had[:1]), None),
        ("it runs already, with another configuration", Past([], had), None),
        ("it runs already, as that revision", Past([], had), 9),
    ):
        refusal = runs_already("web/trunk", PLACE, past, OLD, number)
        yield what, lambda refusal=refusal: refusal.words  # type: ignore[misc] # mypy cannot infer it
    source = {"parameter": "TAG", "artifact": "", "template": "web:{value}"}
    build = {"number": 42, "revision": "r1841", "parameters": {}}
    yield "a build does not name it", words(lambda: image_name(source, {}, build, lambda: ""))


def judged(shop: Quiet) -> Cases:
    shop.systems.runs = {"hidden": runs(), "product": runs("harbor.shop.example/web/web:releases-r1798-40")}
    shop.systems.kept = [Pushed(DIGEST)]
    yield "what was tested runs no more", lambda: shop.asks("pass web in hidden image releases-r1798-40")

    def two_lines() -> Reply:
        shop.systems.runs["hidden"] = runs("harbor.shop.example/web/web:trunk-r1800-42")
        shop.systems.made = [built(42, line="trunk"), built(40)]
        return shop.asks("changes web from hidden to product")

    yield "builds of two lines", two_lines
    yield "no log store that one may see", lambda: shop.asks("pipeline", "nobody")


def people(shop: Quiet) -> Cases:
    settings = shop.app.settings
    hooks = Actors(shop.people, settings.hooks, TEAM)
    yield "a hook is gone", words(lambda: hooks.person("hook:none"))
    by_hook = replace(
        running(shop.app.ledger, "web/dev"), actor=hooks.person(f"hook:{next(iter(settings.hooks))}")
    )
    yield "a hook asked", lambda: showing(by_hook, None, None)
    slack = {
        "Slack knows nobody of that id": Canned({"ok": False, "error": "user_not_found"}),
        "Slack does not answer": Canned(status=503),
        "Slack does not tell the groups": Canned({"ok": True, "user": {"id": "U0NEW"}}),
    }
    for what, answer in slack.items():
        yield what, lambda answer=answer: asks_slack(shop, answer)  # type: ignore[misc] # mypy cannot infer it


def asks_slack(shop: Quiet, answer: Canned) -> Reply | str:
    with answering() as server:
        server.answers = {"/users.info": answer, "/usergroups.users.list": Canned(status=503)}
        shop.redis.delete("shipmate:person:U0NEW")
        directory = SlackDirectory(shop.redis, "xoxb-none", frozenset({"S0WEB"}), server.url + "/")
        return words(lambda: directory.person("U0NEW"))()


def elsewhere(shop: Quiet) -> Cases:
    """What an older plan, or another version, has left."""
    for project, environment in (("none", "trunk"), ("web", "moon"), ("api", "hidden")):
        yield f"the target {project}/{environment}", lambda p=project, e=environment: no_target(shop, p, e)  # type: ignore[misc] # mypy cannot infer it
    yield "steps of another version", lambda: str(UnknownSteps("blend web in trunk"))
    restart = cast(Restart, shop.app.catalogue.command("restart web in trunk"))
    on = backends(shop.app.settings, Cluster(runs()))
    yield "a restart is stopped", lambda: restart.abort(begun("restart web in trunk", {ROLLOUT: 2}), on)


def no_target(shop: Quiet, project: str, environment: str) -> str:
    with pytest.raises(NoSuchTarget) as caught:
        shop.app.settings.target(project, environment)
    return str(caught.value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_unexpected(language: str, quiet: Quiet, request: pytest.FixtureRequest) -> None:
    subjects = (images, judged, people, elsewhere)
    text = rendered("What is not there, or not as it was.", quiet, subjects, language)
    golden(PATHS[language], text, request.config.getoption("--rewrite-goldens"))
