"""Direct messages when a change has ended: to those who want them, once, and not in their quiet hours."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.preferences import Preferences
from sandbox.chat import Chat, Said, eventually
from sandbox.server import Fault
from sandbox.stage import Stage
from tests.commands.test_cancel import id_of
from tests.conftest import settle


def direct(stage: Stage, person: str) -> list[Said]:
    channel = stage.thread.call(stage.world.slack.slack.dm, person)
    return stage.chat.said(channel)


def told(stage: Stage, person: str) -> Said:
    """Their first direct message."""
    found = eventually(lambda: direct(stage, person), f"a message to {person}")
    return found[0]


def test_whoever_wants_it_is_told_the_end_of_their_own_changes(chat: Chat, stage: Stage) -> None:
    chat.says("settings messages on", by="engineer")
    said = chat.ends(chat.says("deploy web to dev", by="engineer"))
    settle(stage)

    message = told(stage, "engineer")

    assert "*deploy web to dev* · done" in message.shown
    assert f"https://slack.com/archives/C0DEPLOYS/p{said.message.ts.replace('.', '')}" in message.shown
    assert len(direct(stage, "engineer")) == 1
    assert not direct(stage, "qa")


def test_nobody_else_is_told_anything(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to dev", by="engineer"))
    settle(stage)

    assert not any(direct(stage, person) for person in ("engineer", "qa", "oncall", "ops"))


def test_what_stands_in_the_direct_messages_already_is_not_told_again(chat: Chat, stage: Stage) -> None:
    chat.says("settings messages on", by="engineer")
    said = chat.ends(chat.writes("deploy web to dev", by="engineer"))
    settle(stage)

    assert [one.message.ts for one in direct(stage, "engineer")] == [said.message.ts]


def test_a_follower_is_told_in_their_language_with_what_makes_sense_now(chat: Chat, stage: Stage) -> None:
    chat.says("follow web", by="mei")
    chat.says("follow api", by="qa")
    chat.ends(chat.says("deploy web to dev at r667", by="engineer"))
    settle(stage)

    message = told(stage, "mei")

    assert "失败" in message.shown
    assert "部署 web 到 dev r667" in message.shown
    assert "回滚" in message.buttons
    assert not direct(stage, "qa")
    assert not direct(stage, "engineer")


@pytest.fixture
def night() -> str:
    """Hours that are quiet now, in Berlin, and for hours to come."""
    now = datetime.now(ZoneInfo("Europe/Berlin"))
    return f"{now - timedelta(hours=2):%H:%M}-{now + timedelta(hours=10):%H:%M}"


def test_news_waits_for_the_end_of_the_quiet_hours(chat: Chat, stage: Stage, night: str) -> None:
    chat.says("follow web", by="qa")
    chat.says(f"settings quiet {night}", by="qa")
    said = chat.ends(chat.says("deploy web to dev", by="engineer"))
    (due,) = eventually(lambda: _later(stage, "U0QA"), "the news, put off")

    assert not direct(stage, "qa")
    hours = Preferences(stage.redis).of("U0QA").quiet
    assert datetime.fromtimestamp(due, ZoneInfo("Europe/Berlin")).strftime("%H:%M") == hours[-5:]

    chat.says("settings quiet off", by="qa")

    assert id_of(told(stage, "qa")) == id_of(said)
    settle(stage)
    assert len(direct(stage, "qa")) == 1


def _later(stage: Stage, user: str) -> list[float]:
    """When what is put off is due, in epoch seconds."""
    scored: Any = stage.redis.zrange(f"shipmate:outbox:{user}", 0, -1, withscores=True)
    return [due for _item, due in scored if due > time.time() + 3600]


def test_the_bot_dies_before_it_could_note_what_it_told(chat: Chat, stage: Stage, night: str) -> None:
    """kill -9 between Slack's taking the message and our recording that it did."""
    chat.says(f"settings messages on quiet {night}", by="engineer")
    chat.ends(chat.says("deploy web to dev", by="engineer"))
    eventually(lambda: _later(stage, "U0ENGINEER"), "the news, put off")
    stage.world.slack.faults.set(Fault("hang", match="chat.postMessage", when="after", times=1))
    chat.says("settings quiet off", by="engineer")
    told(stage, "engineer")

    stage.crew.kill("bot")
    stage.crew.start("bot")

    settle(stage)
    assert len(direct(stage, "engineer")) == 1


def test_what_somebody_needs_of_you_does_not_wait(chat: Chat, stage: Stage, night: str) -> None:
    chat.says(f"settings quiet {night}", by="qa")
    chat.says("lock web in trunk for 1h because regression", by="qa")

    chat.says("ask web in trunk because hotfix", by="engineer")

    assert "asks for web/trunk" in told(stage, "qa").shown
