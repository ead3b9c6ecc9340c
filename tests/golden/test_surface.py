"""What is shown beside the channel's messages: forms, what on-call asks for, mails."""

from __future__ import annotations

from functools import partial

from sandbox.chat import eventually
from tests.commands.effect_support import its_time_comes
from tests.golden.telling import Telling, scene
from tests.surface.screen import Screen


@scene
def test_forms(tell: Telling) -> None:
    """The launcher, each form, what is wrong told beside its field, and the plan."""
    screen = Screen(tell.stage, "ops")
    for words, title in (
        ("", "Ship"),
        ("deploy", "Deploy"),
        ("rollback", "Rollback"),
        ("scale", "Scale"),
        ("lock", "Lock"),
    ):
        screen.types(words)
        tell.happens(f"ops types /ship {words}", partial(sees, tell, screen, title))
    eve, slack = Screen(tell.stage, "engineer"), tell.world.slack.slack
    for filled in ({"environment": "product"}, {"environment": "trunk", "time": "soon"}, {}):
        tell.stage.thread.call(slack.modals.close_all, "U0ENGINEER")
        eve.types("deploy web")
        eve.shows("Deploy")
        if filled:
            told = eve.refused(**filled)
            tell.happens(f"engineer fills in {filled}; beside the field stands", partial(tell.notes, told))
    eve.submits(environment="trunk")
    tell.happens("engineer fills in trunk", lambda: tell.sees(eve.shows("Deploy?", "harbor")))


def sees(tell: Telling, screen: Screen, title: str) -> None:
    tell.sees(screen.shows(title))


@scene
def test_oncall(tell: Telling) -> None:
    """All is well; something is not; what was changed; a rollback, and whether it helped."""
    tell.says("oncall", by="oncall", channel="#oncall")
    tell.says("deploy web to product at r675", by="ops")
    said = tell.says("oncall", by="oncall", channel="#oncall")
    tell.taps(said, "What changed", by="oncall")
    back = tell.taps(said, "Roll back", by="oncall")
    tell.happens("minutes later", lambda: its_time_comes(tell.stage, back), until="errors*")
    tell.says("changed", by="oncall", channel="#oncall")
    tell.says("changed api", by="oncall", channel="#oncall")
    tell.says(f"effect {tell.id_of(back)}", by="oncall", channel="#oncall")
    tell.says("effect zzz9", by="oncall", channel="#oncall")


@scene
def test_mails(tell: Telling) -> None:
    """How a change ended, by mail."""
    tell.says("settings mail on", by="engineer")
    tell.says("deploy web to dev", by="engineer")
    tell.says("deploy web to dev at r666", by="engineer")
    eventually(lambda: len(tell.world.mail.mails) >= 2, "two mails")
    for mail in sorted(tell.world.mail.mails, key=lambda one: str(one["Subject"])):
        body = mail.get_body(("plain",))
        assert body is not None
        tell.happens(
            f"a mail to {mail['To']}",
            partial(tell.notes, {str(mail["Subject"]): body.get_content()}),
        )
