"""logs for somebody whose Slack speaks Chinese: words, dates and the hour of the clock are hers."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.chat import Chat
from sandbox.stage import Stage
from tests.commands.logs_support import excerpt, written

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_an_answer_is_in_chinese_and_in_the_readers_own_time(chat: Chat, stage: Stage) -> None:
    for _ in range(2):
        written(stage, "zebracross then", ago=600)
    at = datetime.now(SHANGHAI) - timedelta(seconds=600)

    said = chat.says("logs web in hidden level error grep zebracross since 1h", by="mei")

    assert said.message.text == (
        "web/hidden：1 小时内 2 条错误（含“zebracross”）（之前 1 小时 0 条），主要是 `zebracross then`"
    )
    assert excerpt(said)[0].startswith((f"{at:%H:%M:}", f"{at - timedelta(seconds=2):%H:%M:}"))
    assert "时间为 Asia/Shanghai 时区。" in said.text
    assert list(said.buttons) == ["更早", "更晚", "扩大范围", "在 Kibana 中打开"]


def test_a_day_is_written_as_one_there(chat: Chat) -> None:
    before = datetime.now(SHANGHAI)
    said = chat.says("logs web in hidden grep nonesuch between yesterday 10:00 and yesterday 11:00", by="mei")
    after = datetime.now(SHANGHAI)

    days = [now - timedelta(days=1) for now in (before, after)]
    assert said.message.text in [
        f"web/hidden：{day.month}月{day.day}日 10:00 至 {day.month}月{day.day}日 11:00 没有日志（含“nonesuch”）"
        for day in days
    ]


def test_kinds_refusals_and_the_pipeline_are_told_in_chinese(chat: Chat, stage: Stage) -> None:
    written(stage, "zebra has no hay", ago=20)

    kinds = chat.says("logs web in hidden top since 2m pod web-1", by="mei")
    refused = chat.says("logs web in hidden query '*:*'", by="mei")
    pipeline = chat.says("logs pipeline", by="mei")

    assert kinds.message.text == "web/hidden：2 分钟内 1 类错误，主要是 `zebra has no hay`（1 次）"
    assert "该查询匹配所有日志行。请去掉它，或改用 `level error`。" in refused.text
    assert pipeline.message.text.startswith("日志管道：")
