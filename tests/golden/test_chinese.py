"""Key scenes in Chinese: asked and answered."""

from __future__ import annotations

from tests.golden.telling import Telling, scene


@scene
def test_deploy(tell: Telling) -> None:
    """A deployment that goes well, one that does not, and the way back."""
    tell.says("部署 web 到 trunk", by="mei")
    said = tell.says("部署 web 到 trunk at r667", by="mei")
    tell.taps(said, "回滚", by="mei")
    tell.says("回滚 web", by="mei")
    tell.says("回滚 web 在 trunk", by="mei")


@scene
def test_questions(tell: Telling) -> None:
    """What runs, what is held, what one may."""
    for text in (
        "状态 web",
        "看板 web",
        "帮助",
        "帮助 部署",
        "历史 web trunk",
        "镜像 web",
        "锁",
        "我是谁",
        "设置",
        "定时",
        "oncall",
    ):
        tell.says(text, by="mei")


@scene
def test_refusals(tell: Telling) -> None:
    """What is not allowed, not understood, not there."""
    for text in (
        "部署 web 到 线上",
        "扩容 web 到 6",
        "扩容 web 到 6 trunk",
        "部署",
        "部署 web",
        "部署 webb 到 trunk",
        "部署 nonesuch 到 trunk",
        "冲咖啡",
        "取消 zzz9",
        "deploy web to trunk at a..b",
        "日志 web trunk 最近15分钟 错误",
    ):
        tell.says(text, by="mei")


@scene
def test_lock(tell: Telling) -> None:
    """What somebody holds."""
    tell.says("锁定 web dev 2小时 因为 回归测试", by="mei")
    tell.says("deploy web to dev", by="ops")
    tell.says("locks", by="mei")
    tell.says("解锁 web dev", by="mei")
