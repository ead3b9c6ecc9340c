"""Mei reads Chinese: her Slack is set to it, and so Shipmate speaks it to her."""

from __future__ import annotations

import re

import pytest

from sandbox.chat import Chat, Said
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World
from tests.commands.test_lock import told
from tests.surface.screen import Screen

NO_PROSE = re.compile(r"```.*?```|`[^`]*`|<[^>]*>|:[a-z_]+:|https?://\S+", re.DOTALL)
"""Lines of log, commands and names, people and times, emoji."""
TWO_WORDS = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")


def english(said: Said, *names: str) -> list[str]:
    """What is left of English in it. `names`: what a system or a command is called, which stays."""
    text = said.shown
    for name in (*said.buttons, *names):
        text = text.replace(name, "")
    return TWO_WORDS.findall(NO_PROSE.sub("", text))


def test_a_deployment_is_told_in_chinese_to_whoever_asked_for_it(chat: Chat, world: World) -> None:
    said = chat.ends(chat.says("部署 web 到 trunk", by="mei"))

    assert "已在 web/trunk 上线。之前运行的是 " in said.shown
    assert "发起" in said.shown
    assert "用时" in said.shown
    assert not english(said)
    assert "trunk-r1841" in world.kubernetes.image("trunk", "web")


def test_everybody_else_is_spoken_to_in_their_own_language(chat: Chat) -> None:
    deploy = chat.ends(chat.says("部署 web 到 dev", by="mei"))

    answer = chat.says(f"cancel {id_of(deploy)}", by="engineer")
    mine = chat.says(f"cancel {id_of(deploy)}", by="mei")

    assert "has ended already: done" in answer.shown
    assert "已经结束：完成" in mine.shown


def test_a_refusal(chat: Chat) -> None:
    said = chat.says("部署 web 到 product", by="mei")

    assert (
        said.shown
        == ":no_entry_sign: 你可以把 web 部署到 dev 和 trunk（角色 engineer）。product 需要角色 ops：<@U0OPS>。"
    )
    assert said.only_for == "U0MEI"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("部署 web", "哪个环境？"),
        ("部署 wbe 到 trunk", "没有名为 `wbe` 的项目。你是指 `部署 web 到 trunk` 吗？"),
        ("胡说", "我不认识 `胡说`。输入 `帮助` 看我能做什么。"),
        ("取消", "你没有正在进行的操作。"),
        ("取消 zzz9", "没有编号为 `zzz9` 的操作。"),
        ("状态 web", "`releases-r1798-40`"),
    ],
)
def test_a_question_or_an_answer(chat: Chat, line: str, answer: str) -> None:
    said = chat.says(line, by="mei")

    assert answer in said.shown
    assert not english(said)


def test_help_is_in_chinese_and_what_it_shows_can_be_typed(chat: Chat) -> None:
    said = chat.says("帮助", by="mei")
    example = re.search("> `(.*)`", said.shown)

    assert "`部署`" in said.shown
    assert not english(said)
    assert example is not None
    assert example[1] == "部署 web 到 trunk"
    assert chat.ends(chat.says(example[1], by="mei")).ended


def test_a_failure_with_its_cause(chat: Chat) -> None:
    said = chat.ends(chat.says("部署 web 到 trunk at r667", by="mei"))

    assert "失败" in said.shown
    assert "退出码" in said.shown
    assert "FileNotFoundException" in said.shown
    assert not english(said, "CrashLoopBackOff")
    assert {"回滚", "日志"} <= set(said.buttons)


def test_a_system_that_is_down_is_told_in_chinese(chat: Chat, stage: Stage) -> None:
    stage.thread.call(stage.world.kubernetes.faults.set, Fault("error", status=503))
    try:
        said = chat.says("状态 web dev", by="mei")
        assert "Kubernetes" in said.shown
        assert not english(said)
    finally:
        stage.thread.call(stage.world.kubernetes.faults.clear)


def test_an_operation_under_way_can_be_chosen_to_be_cancelled(chat: Chat, stage: Stage) -> None:
    slow = Fault("slow", match="buildWithParameters", seconds=4, times=1)  # so that it is still under way
    stage.thread.call(stage.world.jenkins.faults.set, slow)
    deploy = chat.says("部署 web 到 dev", by="mei")
    choice = chat.says("取消", by="mei")

    chat.taps(choice, "停止 部署 web 到 dev", by="mei")

    assert "停止哪一个？" in choice.shown
    chat.ends(deploy)
    assert "已取消" in deploy.shown
    assert not english(deploy)


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


def test_a_form_speaks_the_language_of_whose_screen_it_is(stage: Stage) -> None:
    screen = Screen(stage, "mei")

    screen.types("部署 web")
    form = screen.shows("部署")
    screen.submits(environment="trunk")
    plan = screen.shows("部署？", "最多等待")

    labels = [block["label"]["text"] for block in form["blocks"] if block["type"] == "input"]
    assert labels[:2] == ["项目", "环境"]
    assert form["submit"]["text"] == "继续"
    assert plan["submit"]["text"] == "部署"
    stage.thread.call(stage.world.slack.slack.modals.close_all, "U0MEI")


def id_of(said: Said) -> str:
    found = re.search(r"`([a-z][a-z0-9]{3})` · ", said.shown)
    assert found, said.shown
    return found[1]
