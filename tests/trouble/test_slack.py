"""Slack in trouble: what it asks for is obeyed, and what it lost is said once, and in the end truly."""

from __future__ import annotations

import threading
from typing import Literal

import pytest

from sandbox.chat import Chat, Said, eventually
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World
from tests.trouble.support import broken, untouched


def calls(world: World, method: str) -> list[float]:
    """When it was called, in seconds of `time.monotonic()`."""
    return [call.at for call in list(world.slack.calls) if call.path.endswith(method)]


def posted(chat: Chat, words: str = "") -> list[Said]:
    """The bot's messages in #deploys that say `words`, outside of threads."""
    roots = [said for said in chat.said() if said.message.thread_ts is None]
    return [said for said in roots if words in said.text]


@pytest.mark.parametrize("method", ["chat.update", "chat.postMessage"])
def test_a_channel_is_quiet_for_as_long_as_slack_asks_and_says_the_truth_then(
    chat: Chat, stage: Stage, world: World, method: str
) -> None:
    world.slack.calls.clear()
    broken(stage, "slack", Fault("throttle", match=method, seconds=2, times=1))

    chat.mutters("@shipmate deploy web to trunk", by="engineer")
    said = eventually(lambda: posted(chat, "is live on web/trunk"), "a true message")[0]
    chat.ends(said)

    first, second = calls(world, method)[:2]
    assert second - first >= 2
    assert len(said.replies) == 1
    assert len(posted(chat)) == 1


def test_a_slack_that_fails_for_a_while_hears_it_afterwards(chat: Chat, stage: Stage) -> None:
    broken(stage, "slack", Fault("error", match="chat\\.", status=500))
    chat.mutters("@shipmate deploy web to trunk", by="engineer")
    eventually(lambda: stage.redis.zcard("shipmate:finished"), "the deploy to end, unseen")

    stage.thread.call(stage.world.slack.faults.clear)

    eventually(lambda: posted(chat, "is live on web/trunk"), "a true message")
    (said,) = posted(chat)
    assert len(chat.ends(said).replies) == 1


@pytest.mark.parametrize("which", ["message", "end"])
def test_a_message_that_was_posted_though_its_answer_was_lost_is_not_posted_again(
    chat: Chat, stage: Stage, which: Literal["message", "end"]
) -> None:
    lost = Fault("reset", match="chat.postMessage", when="after", times=1)
    if which == "message":
        broken(stage, "slack", lost)
    said = chat.says("deploy web to trunk", by="engineer")
    if which == "end":
        broken(stage, "slack", lost)

    eventually(lambda: posted(chat, "is live on web/trunk"), "a true message")
    eventually(lambda: not stage.redis.exists("shipmate:outbox"), "everything to be said")

    assert len(posted(chat)) == 1
    assert len(said.replies) == 1


def test_where_the_bot_is_no_member_the_person_is_told_directly(chat: Chat, stage: Stage) -> None:
    slack = stage.world.slack.slack
    stage.thread.call(slack.add_channel, "attic", ["engineer"], bot=False)
    direct = stage.thread.call(slack.dm, "engineer")

    stage.thread.call(slack.slash, "engineer", "#attic", "/ship", "deploy web to dev")
    (said,) = eventually(lambda: chat.said(direct), "a direct message")

    assert "is live on web/dev" in chat.ends(said).text
    assert not chat.said("#attic")


def test_a_deleted_message_does_not_keep_the_end_from_being_told(chat: Chat, stage: Stage) -> None:
    said = chat.says("deploy web to trunk", by="engineer")

    stage.thread.call(stage.world.slack.slack.delete, said.message)

    assert eventually(lambda: posted(chat, "is live on web/trunk"), "word of the end", 20)


def test_when_slack_does_not_say_who_asks_nothing_is_started(chat: Chat, stage: Stage) -> None:
    broken(stage, "slack", Fault("error", match="users.info", status=500))

    said = chat.says("deploy web to trunk", by="qa")  # whom nobody in this process has heard of lately

    assert "Slack does not say who you are. Nothing was started; please try again." in said.text
    assert untouched(stage.world)


def test_a_channel_that_was_made_to_wait_is_served_though_another_is_busy(chat: Chat, stage: Stage) -> None:
    broken(stage, "slack", Fault("throttle", match="chat.update", seconds=1, times=1))
    over = threading.Event()

    def chatter() -> None:
        while not over.wait(0.02):
            chat.mutters("@shipmate whoami", by="qa", channel="#web")

    busy = threading.Thread(target=chatter)
    busy.start()
    try:
        said = chat.ends(chat.says("deploy web to trunk", by="engineer"), within=20)
    finally:
        over.set()
        busy.join()

    assert "is live on web/trunk" in said.text
