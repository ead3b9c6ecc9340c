"""Modals as each reader sees them: the launcher, forms, what is wrong beside a field, plans; in both languages."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping

import pytest

from bot.forms import Forms, Wrong
from bot.language import LANGUAGES, speaking
from bot.locks import Lock
from bot.reply import Button, Buttons, Reply, Text
from integrations import slack_forms, slack_home
from tests.golden import drawn
from tests.golden.plainly import same
from tests.golden.quiet import Quiet
from tests.golden.telling import INDENT, SAID, SCENES, golden
from tests.ledger_support import CHANNEL
from tests.test_policy import PEOPLE

PATHS = {language: SAID / "screens" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())
OPS = PEOPLE["ops"]
WRONG: Mapping[str, tuple[str, dict[str, str]]] = {
    "nothing is filled in": ("deploy", {}),
    "no such revision": ("deploy", {"project": "web", "environment": "trunk", "ref": "a..b"}),
    "no such target": ("deploy", {"project": "api", "environment": "hidden"}),
    "two times at once": (
        "deploy",
        {"project": "web", "environment": "trunk", "time": "22:00", "when_unlocked": "yes"},
    ),
    "somebody holds it": ("deploy", {"project": "web", "environment": "trunk"}),
}


def views(shop: Quiet) -> Iterator[tuple[str, drawn.Json]]:
    forms = Forms(shop.app.backends)
    yield "the launcher", slack_forms.launcher(forms.launcher(OPS), CHANNEL)
    for command in forms.launcher(OPS):
        form = forms.asked(command.verb, OPS, CHANNEL)
        if form is not None:  # `lock` alone lacks nothing that must be said
            yield f"the form of {command.verb}", slack_forms.form_view(form, CHANNEL)
    yield "its answer stands in the channel", slack_forms.answered_view(CHANNEL)
    yield "its answer is a direct message", slack_forms.answered_view(OPS.id)
    for verb in ("deploy", "scale"):
        filled = {"project": "web", "environment": "hidden", "count": "6"}
        ready = forms.read(verb, filled, OPS)
        yield f"the plan of {verb}", slack_forms.plan_view(ready.text, CHANNEL, slack_forms.known(ready))
    go = Button("Deploy", "deploy web to hidden")
    plan = Reply("plan", (Text("• …"), Buttons((go,))))
    yield "the plan is known in full", slack_forms.planned(plan, CHANNEL)
    yield "it cannot be done now", slack_forms.planned(Reply("no", (Text("…"),)), CHANNEL)
    yield "the Home tab of a stranger", slack_home.home_view(shop.asks("home", "nobody"))


def wrong(shop: Quiet) -> Iterator[tuple[str, str]]:
    """Beside the field of which name what stands."""
    shop.app.lockkeeper.take(Lock("lock", "web/trunk", "U0QA", "tests", time.time(), time.time() + 3600))
    for what, (verb, filled) in WRONG.items():
        with pytest.raises(Wrong) as caught:
            Forms(shop.app.backends).read(verb, filled, OPS)
        yield what, "\n".join(f"{slot}: {words}" for slot, words in caught.value.errors.items())


@pytest.mark.parametrize("language", LANGUAGES)
def test_screens(language: str, quiet: Quiet, request: pytest.FixtureRequest) -> None:
    lines = ["# Modals, and what is wrong with what was filled in.", ""]
    quiet.begin()
    with speaking(language):
        for what, view in views(quiet):
            lines += [f"({what})", "", *(f"{INDENT}{line}" for line in drawn.view(view)), ""]
        for what, words in wrong(quiet):
            lines += [f"({what})", "", *(f"{INDENT}{line}" for line in drawn.named("beside", words)), ""]
    text = re.sub(
        r"\w+ \d\d \w+ \d\d:\d\d UTC|\d+月\d+日\S* \d\d:\d\d UTC", "<day and time>", "\n".join(lines)
    )
    golden(PATHS[language], same(text, ()), request.config.getoption("--rewrite-goldens"))
