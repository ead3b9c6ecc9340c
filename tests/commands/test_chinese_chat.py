"""Mei reads Chinese: her Slack is set to it, and so Shipmate speaks it to her."""

from __future__ import annotations

from sandbox.chat import Chat
from sandbox.stage import Stage
from tests.commands.test_lock import told


def test_a_deployment_is_told_in_chinese_to_whoever_asked_for_it(chat: Chat) -> None:
    said = chat.ends(chat.says("部署 web 到 dev", by="mei"))

    assert "发起" in said.shown
    assert "用时" in said.shown


def test_a_lock_is_told_to_each_in_their_own_language(chat: Chat, stage: Stage) -> None:
    held = chat.says("lock web in dev for 2h because 回归测试", by="mei")
    refused = chat.says("deploy web to dev", by="ops")
    chat.taps(refused, "Ask the owner", by="ops")
    asked = told(chat, stage, "mei", "想使用 web/dev")

    assert "web/dev 已被 <@U0MEI> 锁定，自 " in held.shown
    assert "：回归测试。" in held.shown
    assert "web/dev is locked by <@U0MEI>" in refused.shown
    assert "<@U0OPS> 想使用" in asked.shown
    assert list(asked.buttons) == ["解锁", "暂时不行"]
