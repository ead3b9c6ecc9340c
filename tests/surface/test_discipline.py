"""One message an operation, detail in its thread, refusals for one person only, nothing twice."""

from __future__ import annotations

from sandbox.chat import Chat, eventually
from sandbox.slack.records import Message
from sandbox.stage import Stage
from tests.commands.test_cancel import id_of
from tests.conftest import settle
from tests.surface.discipline import breaches, in_channels, posted, told_directly


def counted(stage: Stage) -> tuple[int, int]:
    """(messages in channels, replies in threads), once everything is said. Nothing is against the rules."""
    settle(stage)
    slack = stage.world.slack.slack

    def count() -> tuple[int, int]:
        assert breaches(slack) == []
        assert told_directly(slack) == set()
        replies: list[Message] = [message for message in posted(slack) if message.thread_ts]
        return len(in_channels(slack)), len(replies)

    return stage.thread.call(count)


def test_a_deployment_is_one_message_and_its_end_one_reply(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to trunk", by="engineer"))

    assert counted(stage) == (1, 1)


def test_one_that_fails_too(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to dev at r666", by="engineer"))

    assert counted(stage) == (1, 1)


def test_one_that_is_cancelled_too(chat: Chat, stage: Stage) -> None:
    said = chat.says("deploy web to trunk at r671", by="engineer")
    eventually(lambda: "r671" in stage.world.kubernetes.image("trunk", "web"), "the rollout to begin")

    chat.says(f"cancel {id_of(said)}", by="engineer")
    chat.ends(said)

    assert counted(stage) == (1, 1)


def test_a_rollback_from_a_button_is_one_more(chat: Chat, stage: Stage) -> None:
    failed = chat.ends(chat.says("deploy web to trunk at r675", by="engineer"))

    chat.ends(chat.taps(failed, "Roll back", by="engineer"))

    assert counted(stage) == (2, 2)


def test_a_double_tap_is_one_rollback(chat: Chat, stage: Stage) -> None:
    failed = chat.ends(chat.says("deploy web to trunk at r675", by="engineer"))
    slack, message = stage.world.slack.slack, failed.message
    button = failed.buttons["Roll back"]

    def twice() -> None:
        for _tap in range(2):
            slack.press("engineer", message.channel, message.ts, button["action_id"], None, button["value"])

    stage.thread.call(twice)
    back = eventually(lambda: [one for one in chat.said() if "is back on" in one.shown], "the rollback")
    chat.ends(back[0])

    assert counted(stage) == (2, 2)


def test_refusals_help_and_questions_are_for_whoever_asked(chat: Chat, stage: Stage) -> None:
    for text in (
        "deploy web to product",
        "help",
        "whoami",
        "deploy web",
        "deplyo web to trunk",
        "settings",
        "home",
    ):
        assert chat.says(text, by="engineer").only_for == "U0ENGINEER", text

    assert counted(stage) == (0, 0)


def test_where_the_channel_is_out_of_reach_the_person_is_told(chat: Chat, stage: Stage) -> None:
    slack = stage.world.slack.slack
    stage.thread.call(slack.remove, "shipmate", "#web")
    try:
        stage.thread.call(slack.slash, "engineer", "#web", "/ship", "deploy web to dev")
        direct = stage.thread.call(slack.dm, "engineer")
        said = eventually(lambda: chat.said(direct), "a direct message")
        chat.ends(said[0])
    finally:
        stage.thread.call(slack.invite, "shipmate", "#web")

    settle(stage)
    assert stage.thread.call(told_directly, slack) == {"engineer"}
    assert stage.thread.call(breaches, slack) == []
    assert stage.thread.call(in_channels, slack) == []
