"""What changed? in the menu of a message."""

from __future__ import annotations

from typing import Any

from sandbox.chat import Chat, Said, eventually
from sandbox.slack.records import BOT, Message
from sandbox.stage import Stage


def wonders(stage: Stage, person: str, channel: str, ts: str) -> None:
    """Choose the shortcut in the menu of a message."""
    stage.thread.call(stage.world.slack.slack.shortcut, person, "what_changed", channel, ts)


def answer(stage: Stage, message: Message) -> Said:
    """The bot's last word in the thread of a message."""

    def look() -> Any:
        return [reply for reply in message.replies if reply.author.id == BOT]

    return Said(eventually(look, "an answer in the thread")[-1])


def says(stage: Stage, person: str, text: str, channel: str = "#oncall") -> Message:
    """Something that people say to each other."""
    slack = stage.world.slack.slack
    ts = stage.thread.call(slack.say, person, channel, text)
    return slack.messages[slack.channel(channel).id][ts]


def test_what_was_done_around_a_message_is_told_in_its_thread(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to dev", by="engineer"))
    chat.says("lock web in trunk for 1h because regression", by="qa")
    message = says(stage, "oncall", "the shop is slow, anybody?")

    wonders(stage, "oncall", message.channel, message.ts)

    said = answer(stage, message)
    assert "deploy web to dev" in said.shown
    assert ":lock: web/trunk locked by <@U0QA>" in said.shown
    assert "regression" in said.shown
    assert len(message.replies) == 1


def test_a_lock_that_ended_is_told_too(chat: Chat, stage: Stage) -> None:
    chat.says("lock web in trunk for 1h", by="qa")
    chat.says("unlock web in trunk", by="qa")

    said = chat.says("changed web in trunk", by="oncall")

    assert ":unlock: web/trunk no longer locked by <@U0QA>" in said.shown
    assert ":lock: web/trunk locked by <@U0QA>" in said.shown


def test_where_a_channel_stands_for_a_project_it_is_about_that(chat: Chat, stage: Stage) -> None:
    chat.says("here is web", by="ops", channel="#web")
    chat.ends(chat.says("scale web in dev to 3", by="ops"))
    chat.ends(chat.says("scale api in dev to 3", by="ops"))
    message = says(stage, "oncall", "anything new here?", "#web")

    wonders(stage, "oncall", message.channel, message.ts)

    said = answer(stage, message)
    assert "scale web in dev to 3" in said.shown
    assert "scale api" not in said.shown


def test_it_speaks_the_language_of_whoever_asks(chat: Chat, stage: Stage) -> None:
    message = says(stage, "mei", "慢")

    wonders(stage, "mei", message.channel, message.ts)

    assert "没有" in answer(stage, message).shown or "未" in answer(stage, message).shown
    assert len(message.replies) == 1


def test_nothing_is_told_to_whom_shipmate_does_not_listen(chat: Chat, stage: Stage) -> None:
    message = says(stage, "guest", "hello")

    wonders(stage, "guest", message.channel, message.ts)

    told = eventually(lambda: chat.said("#oncall"), "a refusal")
    assert told[0].only_for == "U0GUEST"
    assert not message.replies
