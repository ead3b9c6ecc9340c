"""What nobody asked for is told once, although the bot dies just when Slack has it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.chat import Chat, eventually
from sandbox.server import Fault
from sandbox.stage import Stage
from tests.conftest import settle
from tests.hooks.support import base, own, post, svn


@pytest.fixture
def silenced(stage: Stage) -> Iterator[Stage]:
    """Slack posts what it is sent and never answers."""
    stage.world.slack.faults.set(Fault("hang", match="chat.postMessage", when="after"))
    yield stage
    stage.world.slack.faults.clear()


def dies_and_comes_back(stage: Stage) -> None:
    stage.crew.kill("bot")
    stage.world.slack.faults.clear()
    stage.crew.start("bot")
    eventually(lambda: stage.world.slack.sockets.sockets, "the bot to listen again")
    settle(stage)


def count(chat: Chat, channel: str, words: str) -> int:
    return sum(words in said.shown for said in chat.said(channel))


def test_an_offer(chat: Chat, silenced: Stage) -> None:
    status, _words = post(base(silenced), "own", *own(svn()))
    assert status == 202
    eventually(lambda: count(chat, "#deploys", "`r1841` on trunk"), "the offer")

    dies_and_comes_back(silenced)

    assert count(chat, "#deploys", "`r1841` on trunk") == 1


def test_a_reminder_of_a_lock(chat: Chat, stage: Stage) -> None:
    chat.says("lock web in trunk for 2h", by="qa")
    directly = stage.thread.call(stage.world.slack.slack.dm, "qa")
    stage.world.slack.faults.set(Fault("hang", match="chat.postMessage", when="after"))
    stage.redis.zadd("shipmate:locks:due", {"lock:web/trunk": 0})
    eventually(lambda: count(chat, directly, "Your lock on web/trunk ends"), "the reminder")

    dies_and_comes_back(stage)

    assert count(chat, directly, "Your lock on web/trunk ends") == 1


def test_a_watcher_that_dies_over_the_end_of_a_lock_is_succeeded(chat: Chat, stage: Stage) -> None:
    chat.says("lock web in trunk for 2h", by="qa")
    chat.says("ask web in trunk", by="engineer")
    directly = stage.thread.call(stage.world.slack.slack.dm, "engineer")
    stage.crew.kill("watcher")
    chat.says("unlock web in trunk because done", by="qa")
    stage.crew.start("watcher")

    eventually(lambda: count(chat, directly, "has unlocked web/trunk: done."), "the end")

    settle(stage)
    assert count(chat, directly, "web/trunk") == 1
