"""The one door: who is let in, what is asked back, and that nothing starts without leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.chat import Chat, eventually
from sandbox.stage import Stage
from sandbox.world import World

STRANGERS: Any = (
    ("U0ELSE", "else", {"team": "T0ELSE"}, "its own workspace only"),
    ("U0NEW", "new", {}, "You have no role in Shipmate yet"),
    ("U0GUEST", "guest", {"restricted": True}, "takes no commands from guests"),
)
GROUP = "S0ONCALL"


def untouched(world: World) -> bool:
    return not world.jenkins.triggers and not world.kubernetes.patches


@pytest.fixture
def strangers(stage: Stage) -> Iterator[None]:
    """Somebody of another workspace in a shared channel, and a colleague whom no role names."""
    slack = stage.world.slack.slack
    for person, name, options, _ in STRANGERS:
        stage.thread.call(slack.add_person, person, name, name.title(), f"{name}@else.example", **options)
        stage.thread.call(slack.invite, person, "#deploys")
    yield
    for person, name, _, _ in STRANGERS:
        if name != "guest":
            stage.thread.call(slack.remove, person, "#deploys")


@pytest.fixture
def oncall(stage: Stage) -> Iterator[str]:
    """Somebody whose role comes from a user group, which `dismiss` empties."""
    group = stage.world.slack.slack.groups[GROUP]
    members = list(group.users)
    eventually(lambda: "*oncall*" in stage.chat.says("whoami", by="oncall").text, "the role to be known")
    yield "oncall"
    group.users[:] = members
    stage.redis.delete(f"shipmate:group:{GROUP}")


def dismiss(stage: Stage) -> None:
    """The group has lost its last member, and what is remembered of it is out of date."""
    stage.world.slack.slack.groups[GROUP].users.clear()
    stage.redis.delete(f"shipmate:group:{GROUP}")


# -- who


@pytest.mark.parametrize(("name", "why"), [(name, why) for _, name, _, why in STRANGERS])
@pytest.mark.parametrize("text", ["deploy web to dev", "status", "help", "gibberish", "cancel k7f3"])
def test_strangers_are_told_why_and_start_nothing(
    strangers: None, chat: Chat, world: World, name: str, why: str, text: str
) -> None:
    said = chat.says(text, by=name)

    assert why in said.text
    assert said.only_for == f"U0{name.upper()}"
    assert untouched(world)


@pytest.mark.parametrize("name", ["else", "new", "guest"])
def test_strangers_are_refused_by_command_and_by_button(
    strangers: None, chat: Chat, world: World, name: str
) -> None:
    failed = chat.ends(chat.says("rollback web in dev to 9.9.9", by="ops"))

    slashed = chat.slash("deploy web to dev", by=name)
    tapped = chat.taps(failed, next(iter(failed.buttons)), by=name)

    why = next(why for _, known, _, why in STRANGERS if known == name)
    assert why in slashed.text
    assert why in tapped.text
    assert untouched(world)


def test_other_bots_start_nothing(chat: Chat, stage: Stage, world: World) -> None:
    slack = stage.world.slack.slack
    stage.thread.call(slack.add_person, "U0ROBOT", "robot", "Robot", "", is_bot=True)
    stage.thread.call(slack.invite, "U0ROBOT", "#deploys")

    chat.mutters("@shipmate deploy web to dev", by="robot")
    after = chat.says("whoami", by="qa")  # heard after it

    assert [said.message.ts for said in chat.said()] == [after.message.ts]
    assert untouched(world)


def test_people_who_talk_about_the_bot_start_nothing(chat: Chat, world: World) -> None:
    chat.mutters("deploy web to dev", by="ops")
    chat.mutters("shipmate deploy web to dev", by="ops")
    after = chat.says("whoami", by="qa")

    assert [said.message.ts for said in chat.said()] == [after.message.ts]
    assert untouched(world)


# -- permission that is taken away


def test_a_button_whose_permission_was_lost_is_refused(
    oncall: str, chat: Chat, stage: Stage, world: World
) -> None:
    failed = chat.ends(chat.says("rollback web in product to 9.9.9", by=oncall))
    dismiss(stage)
    eventually(lambda: "no role" in chat.says("whoami", by=oncall).text, "the loss to be noticed", 20)

    said = chat.taps(failed, next(iter(failed.buttons)), by=oncall)

    assert "You have no role in Shipmate yet" in said.text
    assert untouched(world)


def test_permission_is_checked_again_when_the_worker_starts(
    oncall: str, chat: Chat, stage: Stage, world: World
) -> None:
    stage.crew.kill("worker")
    said = chat.says("scale web in product to 5", by=oncall)
    dismiss(stage)
    stage.crew.start("worker")

    chat.ends(said, within=20)

    assert "refused" in said.text
    assert "You have no role in Shipmate yet" in said.text
    assert untouched(world)


# -- what is not understood


def test_a_missing_environment_is_asked_for_and_its_button_works(chat: Chat, world: World) -> None:
    asked = chat.says("deploy web", by="engineer")

    assert "Which environment?" in asked.text
    assert {button["value"] for button in asked.buttons.values()} == {
        "deploy web to dev",
        "deploy web to trunk",
    }
    assert untouched(world)
    chat.ends(chat.taps(asked, "deploy web to trunk", by="engineer"))
    assert world.jenkins.triggers[0].parameters["LINE"] == "trunk"


def test_production_is_asked_about_before_its_button_is_believed(chat: Chat) -> None:
    asked = chat.says("deploy web", by="ops")

    confirmed = {name: "confirm" in button for name, button in asked.buttons.items()}
    assert confirmed == {
        "deploy web to dev": False,
        "deploy web to trunk": False,
        "deploy web to hidden": False,
        "deploy web to product": True,
    }


@pytest.mark.parametrize("slip", ["dploy web to trunk", "deploy wbe to trunk", "deploy web to trnk"])
def test_a_slip_is_offered_put_right_and_the_button_works(chat: Chat, world: World, slip: str) -> None:
    asked = chat.says(slip, by="engineer")

    assert "Did you mean `deploy web to trunk`?" in asked.text
    assert untouched(world)
    said = chat.taps(asked, "deploy web to trunk", by="engineer")
    eventually(lambda: world.jenkins.triggers, "the deploy")
    assert "deploy web to trunk" in said.text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("deploy mars to trunk", "I know no project `mars`. Projects: web, api, shop, pay."),
        ("deploy web to mars", "I know no environment `mars`. Environments: dev, trunk, hidden, product."),
        ("deploy web to trunk at ../../etc", "I need a branch, a tag, a revision or a commit"),
        ("deploy web to trunk at $(reboot)", "I need a branch, a tag, a revision or a commit"),
        ("deploy web to dev and trunk", ""),
        ("do not deploy web to trunk", ""),
        ("deploy web to trunk if the tests pass", ""),
        ("deploy", "Which project?"),
        ("frobnicate", "I do not know `frobnicate`. Type `help` for what I can do."),
        ("", "help"),
        ("cancel zzz9", "zzz9"),
    ],
)
def test_what_is_not_understood_is_answered_and_starts_nothing(
    chat: Chat, world: World, text: str, words: str
) -> None:
    said = chat.says(text, by="ops")

    assert said.only_for == "U0OPS"
    assert words in said.text
    assert untouched(world)


def test_a_ref_that_does_not_exist_is_told_in_the_words_of_the_build(chat: Chat, world: World) -> None:
    said = chat.ends(chat.says("deploy web to trunk at nosuchref", by="engineer"))

    assert "FAILED" in said.text
    assert "nosuchref" in said.text
    assert not world.kubernetes.patches


def test_what_people_type_can_call_nobody(chat: Chat) -> None:
    said = chat.says("deploy <!channel> @channel *web* to <https://evil.example|trunk>", by="engineer")

    for hurtful in ("<!channel>", "@channel", "*web*", "<https://evil"):
        assert hurtful not in said.text


def test_the_engineer_is_refused_production_and_told_who_may(chat: Chat, world: World) -> None:
    said = chat.says("deploy web to product", by="engineer")

    assert said.text.count(
        "You may deploy web to dev and trunk (role engineer). product needs role ops: <@U0OPS>."
    )
    assert untouched(world)
