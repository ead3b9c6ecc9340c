"""What is shown beside the channel's messages: forms, the Home tab, settings, what on-call asks for, mails."""

from __future__ import annotations

from functools import partial

from sandbox.chat import eventually
from sandbox.slack.records import Json
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


@scene
def test_home(tell: Telling) -> None:
    """Of somebody new, and of somebody with changes, locks and projects they follow."""
    tell.happens("engineer opens the Home tab", lambda: tell.sees(home(tell, "engineer", "Settings")))
    tell.says("lock web in dev for 2h because tests", by="engineer")
    tell.says("follow api", by="engineer")
    tell.says("deploy web to dev at r666", by="engineer")
    tell.happens("engineer looks again", lambda: tell.sees(home(tell, "engineer", "FAILED")))
    tell.happens("guest opens theirs", lambda: tell.sees(home(tell, "guest", "guests")))


def sees(tell: Telling, screen: Screen, title: str) -> None:
    tell.sees(screen.shows(title))


def home(tell: Telling, person: str, words: str) -> Json:
    slack = tell.world.slack.slack
    tell.stage.thread.call(slack.open_home, person)

    def look() -> Json | None:
        view: Json | None = tell.stage.thread.call(slack.snapshot, person)["home"]
        return view if view and words in str(view["blocks"]) else None

    found = eventually(look, f"{words} in the Home tab")
    assert found is not None
    return found


@scene
def test_settings(tell: Telling) -> None:
    """Language, mails, direct messages, quiet hours, projects that one follows."""
    for text in (
        "settings",
        "settings mail on",
        "settings mail off for web",
        "settings messages on",
        "settings quiet 22:00-07:00",
        "settings quiet off",
        "settings language zh",
        "settings language en",
        "settings language slack",
        "settings language klingon",
        "settings for web",
        "follow api",
        "follow api",
        "settings",
        "unfollow api",
        "unfollow api",
    ):
        tell.says(text, by="engineer")


@scene
def test_told_directly(tell: Telling) -> None:
    """Whoever wants it is told that their change has ended, and that a project they follow has changed."""
    tell.says("settings messages on", by="engineer")
    tell.says("follow web", by="qa")
    tell.says("deploy web to dev at r666", by="engineer")


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
