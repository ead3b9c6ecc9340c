"""history, through chat."""

from __future__ import annotations

from sandbox.chat import Chat
from sandbox.world import World


def test_history_tells_who_did_what_newest_first(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to dev", by="engineer"))
    chat.ends(chat.says("scale web in dev to 2", by="ops"))

    answer = chat.says("history web in dev", by="qa")

    _, newest, oldest = answer.shown.splitlines()
    assert "scale web in dev to 2" in newest
    assert "<@U0OPS>" in newest
    assert "deploy web to dev" in oldest
    assert "<@U0ENGINEER>" in oldest


def test_a_target_without_history_says_so(chat: Chat, world: World) -> None:
    answer = chat.says("history web in hidden", by="qa")

    assert "Shipmate has changed nothing in web/hidden yet." in answer.shown
