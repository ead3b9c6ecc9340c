"""Mei reads Chinese: her Slack is set to it, and so Shipmate speaks it to her."""

from __future__ import annotations

from sandbox.chat import Chat


def test_a_deployment_is_told_in_chinese_to_whoever_asked_for_it(chat: Chat) -> None:
    said = chat.ends(chat.says("部署 web 到 dev", by="mei"))

    assert "发起" in said.shown
    assert "用时" in said.shown
