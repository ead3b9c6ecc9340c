"""logs follow: a message that grows, holds no worker, survives one, and ends."""

from __future__ import annotations

from sandbox.chat import Chat, eventually
from sandbox.server import Fault
from sandbox.stage import Stage
from tests.commands.logs_support import written
from tests.trouble.support import broken


def test_the_message_grows_and_ends_by_itself(chat: Chat, stage: Stage) -> None:
    written(stage, "zebra 1", ago=0)
    said = chat.says("logs web in hidden follow for 6s grep zebra", by="qa")
    written(stage, "zebra 2", ago=0)

    eventually(lambda: "«zebra» 2" in said.text, "the second line")
    eventually(lambda: "of following" in said.text, "the end")

    assert "web/hidden: 2 lines, 2 errors in " in said.message.text
    assert list(said.buttons) == ["Follow on", "As a search"]
    assert "Stop" not in said.text


def test_however_fast_the_log_grows_the_message_changes_as_slack_allows(chat: Chat, stage: Stage) -> None:
    """`chat.update` is of tier 3: some 50 a minute. https://docs.slack.dev/apis/web-api/rate-limits"""
    slack = stage.world.slack
    said = chat.says("logs web in hidden follow for 8s grep zebra", by="qa")
    lines = 0

    def written_on() -> bool:
        nonlocal lines
        lines += 1
        written(stage, f"zebra {lines}", ago=0)
        return "of following" in said.text

    eventually(written_on, "the end")

    changes = [call.at for call in slack.calls if call.path.endswith("/chat.update")]
    assert lines > 2 * len(changes)
    assert len(changes) >= 2
    assert len(changes) <= (changes[-1] - changes[0]) / 1.2 + 2


def test_the_growing_message_says_what_is_hidden(chat: Chat, stage: Stage) -> None:
    written(stage, "zebra 1 password=hunter2", ago=0)

    said = chat.says("logs web in hidden follow grep zebra", by="qa")

    eventually(lambda: "1 value hidden." in said.shown, "what is hidden")
    assert "hunter2" not in said.text
    chat.taps(said, "Stop", by="qa")
    eventually(lambda: "of following" in said.text, "the end")


def test_it_is_stopped_by_a_tap(chat: Chat, stage: Stage) -> None:
    written(stage, "zebra 1", ago=0)
    said = chat.says("logs web in hidden follow grep zebra", by="qa")
    eventually(lambda: "Stop" in said.buttons, "a way to stop it")

    answer = chat.taps(said, "Stop", by="ops")

    assert "What it found so far stays." in answer.text
    eventually(lambda: "stopped by <@U0OPS>" in said.text, "the end")
    assert "«zebra» 1" in said.text


def test_while_it_is_followed_no_worker_is_held(chat: Chat, stage: Stage) -> None:
    followed = [chat.says(f"logs web in hidden follow grep zebra{n}", by="qa") for n in range(3)]

    other = chat.says("status web in hidden", by="qa")

    assert "web/hidden" in other.text
    for said in followed:
        chat.taps(said, "Stop", by="qa")
        eventually(lambda said=said: "of following" in said.text, "the end")  # type: ignore[misc]


def test_a_worker_that_dies_is_succeeded(chat: Chat, stage: Stage) -> None:
    said = chat.says("logs web in hidden follow grep zebra", by="qa")
    stage.crew.kill("worker")
    written(stage, "zebra after", ago=0)

    stage.crew.start("worker")

    eventually(lambda: "«zebra» after" in said.text, "the line")
    chat.taps(said, "Stop", by="qa")
    eventually(lambda: "of following" in said.text, "the end")


def test_a_log_store_that_is_silent_for_a_while_is_told(chat: Chat, stage: Stage) -> None:
    said = chat.says("logs web in hidden follow grep zebra", by="qa")
    broken(stage, "elasticsearch", Fault("refuse"))
    eventually(lambda: "Still trying." in said.text, "the trouble")
    stage.thread.call(stage.world.elasticsearch.faults.clear)

    written(stage, "zebra again", ago=0)

    eventually(lambda: "«zebra» again" in said.text, "the line")
    chat.taps(said, "Stop", by="qa")
    eventually(lambda: "of following" in said.text, "the end")


def test_what_cannot_be_followed(chat: Chat) -> None:
    assert "Follow begins now." in chat.says("logs web in hidden follow since 1h", by="qa").text
    assert "for an hour at most" in chat.says("logs web in hidden follow for 3h", by="qa").text
