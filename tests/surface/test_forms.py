"""Commands with words missing: a form, its plan, and what comes of it."""

from __future__ import annotations

import pytest

from sandbox.chat import Chat, eventually
from sandbox.stage import Stage
from tests.surface.screen import Screen, buttons, fields, shown


def on(stage: Stage, person: str) -> Screen:
    screen = Screen(stage, person)
    stage.thread.call(stage.world.slack.slack.modals.close_all, stage.world.slack.slack.person(person).id)
    return screen


def test_ship_alone_opens_what_this_person_may_use(stage: Stage) -> None:
    screen = on(stage, "oncall")

    screen.types("")

    assert [button["value"] for button in buttons(screen.shows("Ship"))] == [
        *("restart", "rollback", "scale"),
        *("status", "board", "help"),
    ]


def test_a_deploy_with_words_missing_is_filled_in_shown_and_done(chat: Chat, stage: Stage) -> None:
    screen = on(stage, "engineer")

    screen.types("deploy web")
    assert fields(screen.shows("Deploy"))["project"] == "web"
    screen.submits(environment="trunk", ref="r1841")
    plan = screen.shows("Deploy?", "from harbor.shop.example/web/web:releases-r1798-40 to")
    assert not stage.world.jenkins.triggers
    screen.submits()

    screen.closes()
    eventually(lambda: chat.said(), "the message")
    chat.ends(chat.said()[0])
    assert stage.world.jenkins.triggers[0].parameters["REVISION"] == "r1841"
    assert plan["submit"]["text"] == "Deploy"


def test_a_form_that_is_submitted_twice_is_one_operation(chat: Chat, stage: Stage) -> None:
    screen = on(stage, "engineer")
    screen.types("deploy web")
    screen.shows("Deploy")
    screen.submits(environment="trunk")
    screen.shows("Deploy?")
    slack, view = stage.world.slack.slack, screen.view

    def twice() -> None:
        slack.submit_view("engineer", view["id"])
        slack.submit_view("engineer", view["id"])

    stage.thread.call(twice)

    posted = eventually(lambda: [said for said in chat.said() if not said.only_for], "the message")
    chat.ends(posted[0])
    assert len(stage.world.jenkins.triggers) == 1


@pytest.mark.parametrize(
    ("words", "values", "field", "told"),
    [
        ("deploy web", {"environment": "trunk", "ref": "a..b"}, "ref", "a branch, a tag"),
        ("deploy web", {"environment": "trunk", "time": "soon"}, "time", "18:00"),
        ("deploy web", {"environment": "product"}, "environment", "product needs role ops: @ops"),
        ("deploy web", {"environment": "trunk", "ref": "r1", "build": "7"}, "build", "holds the revision"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    stage: Stage, words: str, values: dict[str, str], field: str, told: str
) -> None:
    screen = on(stage, "engineer")
    screen.types(words)
    screen.shows("Deploy")

    errors = screen.refused(**values)

    assert list(errors) == [field]
    assert told in errors[field]


def test_a_lock_is_told_beside_the_environment_and_can_be_waited_for(chat: Chat, stage: Stage) -> None:
    chat.says("lock web in trunk for 1h because regression", by="qa")
    screen = on(stage, "engineer")
    screen.types("deploy web")
    screen.shows("Deploy")

    errors = screen.refused(environment="trunk")
    screen.submits(environment="trunk", when_unlocked="yes")

    assert "regression" in errors["environment"]
    assert "When unlocked" in errors["environment"]
    assert "wait until it is unlocked, 1 h at most" in shown(screen.shows("Deploy?", "would"))


def test_projects_are_offered_as_they_are_typed_and_only_what_one_may(stage: Stage) -> None:
    screen = on(stage, "engineer")
    screen.types("deploy")
    screen.shows("Deploy")

    assert screen.offers("") == ["api", "pay", "shop", "web"]
    assert screen.offers("sho")[0] == "shop"
    assert screen.offers("wbe") == ["web"]
    assert screen.offers("zzzz") == []


def test_what_one_did_last_and_the_channel_stands_for_is_filled_in_but_nothing_protected(
    chat: Chat, stage: Stage
) -> None:
    chat.ends(chat.says("deploy shop to trunk", by="ops"))
    screen = on(stage, "ops")

    screen.types("deploy")
    last = fields(screen.shows("Deploy"))
    chat.says("here is web", by="ops", channel="#web")
    stage.thread.call(stage.world.slack.slack.modals.close_all, "U0OPS")
    screen.types("lock", channel="#web")
    here = fields(screen.shows("Lock"))

    assert (last["project"], last["environment"]) == ("shop", "trunk")
    assert (here["project"], here["environment"]) == ("web", "")


def test_where_slack_does_not_open_the_form_the_answer_is_text(chat: Chat, stage: Stage) -> None:
    screen = on(stage, "engineer")
    stage.thread.call(setattr, stage.world.slack.slack.modals, "trigger_seconds", -1)
    try:
        said = chat.slash("deploy web", by="engineer")
    finally:
        stage.thread.call(setattr, stage.world.slack.slack.modals, "trigger_seconds", 3.0)

    assert "deploy web to trunk" in said.buttons
    assert not screen.views


def test_a_lock_needs_no_second_look(chat: Chat, stage: Stage) -> None:
    screen = on(stage, "engineer")
    screen.types("lock web")
    screen.shows("Lock")

    screen.submits(environment="dev", reason='a "quoted" reason')

    screen.closes()
    eventually(lambda: chat.said(), "the answer")
    assert "web/dev is locked" in chat.said()[0].text


def test_the_launcher_leads_to_a_form(stage: Stage) -> None:
    screen = on(stage, "engineer")
    screen.types("")
    launcher = screen.shows("Ship")

    screen.taps("Deploy", launcher)

    assert screen.shows("Deploy")["root_view_id"] == launcher["id"]


def test_the_global_shortcut_is_answered_directly(stage: Stage) -> None:
    screen = on(stage, "engineer")

    stage.thread.call(stage.world.slack.slack.shortcut, "engineer", "ship")
    launcher = screen.shows("Ship")
    screen.taps("Help", launcher)

    screen.shows("Ship", "in our direct messages")
    direct = stage.thread.call(stage.world.slack.slack.dm, "engineer")
    said = eventually(lambda: Chat(stage.thread).said(direct), "an answer")
    assert "What you may do" in said[0].text


def test_fields_are_read_as_chinese_keyboards_write_them(chat: Chat, stage: Stage) -> None:
    screen = on(stage, "ops")
    screen.types("scale web")
    screen.shows("Scale")
    screen.submits(environment="trunk", count="６")
    screen.shows("Scale?", "to 6")
    screen.submits()
    screen.closes()
    scaled = eventually(lambda: chat.said(), "the message")[0]
    chat.ends(scaled)

    screen.types("lock web")
    screen.shows("Lock")
    screen.submits(environment="dev", length="两小时", reason="回归 测试")
    screen.closes()

    assert "web/trunk has 6 of 6 replicas ready" in scaled.shown
    locked = eventually(
        lambda: [said for said in chat.said() if "web/dev is locked" in said.shown], "the lock"
    )
    assert "回归 测试" in locked[0].shown


@pytest.mark.parametrize("ref", ["noon", "今晚", "tonight", "latest"])
def test_a_time_is_no_code_in_a_form_either(stage: Stage, ref: str) -> None:
    screen = on(stage, "ops")
    screen.types("deploy web")
    screen.shows("Deploy")

    errors = screen.refused(environment="product", ref=ref)

    assert "I need a branch, a tag, a revision or a commit" in errors["ref"]


def test_a_rollback_is_filled_in_shown_and_done(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to dev at r1839", by="engineer"))
    screen = on(stage, "engineer")
    screen.types("rollback web")
    screen.shows("Rollback")

    screen.submits(environment="dev", version="previous")
    screen.shows("Rollback?", "releases-r1798-40")
    screen.submits()

    screen.closes()
    back = eventually(lambda: [said for said in chat.said() if "rollback web" in said.shown], "the message")[
        0
    ]
    chat.ends(back)
    assert stage.world.kubernetes.image("dev", "web").endswith("releases-r1798-40")
