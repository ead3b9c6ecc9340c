"""logs of programs that mean harm or know no better, and questions nobody should ask."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.ports import LogLine
from commands import logs_records
from sandbox.chat import Chat, eventually
from sandbox.stage import Stage
from tests.commands.logs_support import excerpt, written

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


def add(stage: Stage, document: Mapping[str, Any], ago: float = 5) -> None:
    """A document of web in hidden, as it is."""
    at = {"@timestamp": (datetime.now(UTC) - timedelta(seconds=ago)).isoformat()}
    stage.thread.call(stage.world.elasticsearch.add, "logs-web-hidden", at | dict(document))


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        ({"message": ["zebra one", "zebra two"]}, ["ERROR zebra one", "  zebra two"]),
        ({}, ["ERROR (no text)"]),
        ({"message": ""}, ["ERROR (no text)"]),
        ({"message": 4711}, ["ERROR 4711"]),
        ({"message": "half \ud800 a letter"}, ["ERROR half ? a letter"]),
        ({"message": "\x1b[31mred\x1b[0m \x00\x1e\u202egpj.exe"}, ["ERROR red gpj.exe"]),
        ({"message": "zebra " + "x" * 2_000_000}, ["ERROR zebra " + "x" * 278 + "…"]),
        ({"message": "zebra\n" * 5000}, ["ERROR zebra", "  zebra"]),
        ({"message": "``` <!here> <@U0OPS>"}, ["ERROR ˋˋˋ &lt;!here&gt; &lt;@U0OPS&gt;"]),
    ],
)
def test_any_document_is_shown_somehow(
    chat: Chat, stage: Stage, document: dict[str, Any], shown: list[str]
) -> None:
    add(stage, {"log": {"level": "ERROR"}, "trace": {"id": "4bf92f35"}} | document)

    said = chat.says("logs web in hidden trace 4bf92f35", by="qa")

    assert "web/hidden: 1 line of trace 4bf92f35 in 15 min, 1 error" in said.text
    lines = excerpt(said)
    assert [lines[0].partition(" ")[2], *lines[1 : len(shown)]] == shown
    assert len(lines) <= 50


def test_a_document_without_a_level_or_with_a_strange_pod_is_shown(chat: Chat, stage: Stage) -> None:
    add(stage, {"message": "zebra one"})
    add(stage, {"message": "zebra two", "kubernetes": {"pod": {"name": "<!here>\n*x*"}}}, ago=4)

    said = chat.says("logs web in hidden grep zebra", by="qa")

    assert [line.split()[1:] for line in excerpt(said)] == [["«zebra»", "one"], ["«zebra»", "two"]]
    assert "All of &lt;!here&gt; ∗x∗." in said.text


def test_clocks_that_are_ahead_hide_nothing(chat: Chat, stage: Stage) -> None:
    written(stage, "zebra of tomorrow", ago=-86_400)
    written(stage, "zebra of a clock that is a little ahead", ago=-20)
    written(stage, "zebra of today", ago=5)

    said = chat.says("logs web in hidden grep zebra", by="qa")

    assert [line.split()[-1] for line in excerpt(said)] == ["today", "ahead"]
    assert "1 line bears a time that is still to come." in said.shown


def test_a_line_of_the_future_is_no_fresh_one(chat: Chat, stage: Stage) -> None:
    stage.thread.call(stage.world.elasticsearch.reset)
    stage.thread.call(stage.world.pipeline.stall, "filebeat")
    written(stage, "zebra of tomorrow", ago=-86_400)
    written(stage, "zebra of a while ago", ago=300)

    lines = chat.says("logs web in hidden", by="qa")
    kinds = chat.says("logs web in hidden top", by="qa")
    pipeline = chat.says("logs pipeline", by="ops")
    stage.thread.call(stage.world.pipeline.reset)

    for said in (lines, kinds):
        assert "The log pipeline is 5 min behind" in said.shown
        assert "The pod's own log" in said.shown
    assert "nothing new for 5 min" in pipeline.shown


def test_an_index_of_documents_without_time_is_empty(chat: Chat, stage: Stage) -> None:
    stage.thread.call(stage.world.elasticsearch.reset)
    stage.thread.call(stage.world.elasticsearch.add, "logs-web-hidden", {"message": "zebra"})
    stage.thread.call(stage.world.pipeline.stall, "filebeat")

    said = chat.says("logs web in hidden grep zebra", by="qa")
    stage.thread.call(stage.world.pipeline.reset)

    assert "web/hidden: no lines" in said.text


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("since 0s", "since: I need"),
        ("since 0001-01-01 00:00", "I look back 10 years at most."),
        ("around 0001-01-01 00:00 for 2d", "I look back 10 years at most."),
        ("since 2100-01-01 10:00", "That time is still to come."),
        ("between 2100-01-01 10:00 and 2100-01-01 11:00", "That time is still to come."),
        ("around 2100-01-01 10:00", "That time is still to come."),
        ("limit 0", "from 1 to 10,000"),
        ("limit -1", "from 1 to 10,000"),
        ("limit 1e9", "from 1 to 10,000"),
        ("trace ../..", "trace: I need the id of a request"),
        ("pod *", "pod: I need a pod's name"),
        ("query '((('", "no query in Lucene's syntax"),
        ("query 'a:[1 TO'", "no query in Lucene's syntax"),
        (f"grep {'x' * 501}", "up to 500 characters"),
        (f"grep '{'日志 ' * 900}'", "too long to be a command"),
        ("from pod pod nonesuch", "no pod whose name begins with nonesuch"),
        ("from pod container nonesuch", "has no container nonesuch. It has: `web`."),
        ("container web", "Only a pod's own log is read by container."),
        ("from build 42 container web", "no times and no pods"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(chat: Chat, words: str, why: str) -> None:
    said = chat.says(f"logs web in hidden {words}", by="qa")

    assert why in said.text
    assert "Sorry" not in said.text


@pytest.mark.parametrize(
    "text", ["a/b/c=d", '{"a": [1]}', "$(id) `id` ${x}", "x' OR '1'='1", "<script>alert(1)</script>"]
)
def test_buttons_carry_any_text_on_as_it_is(chat: Chat, stage: Stage, text: str) -> None:
    written(stage, f"zebra {text} zebra", ago=1200)
    quote = '"' if "'" in text else "'"
    said = chat.says(f"logs web in hidden grep {quote}zebra {text} zebra{quote}", by="qa")

    wider = chat.taps(said, "Wider", by="qa")

    assert "no lines" in said.text
    assert "1 line" in wider.text


def test_a_key_without_an_end_does_not_swallow_what_comes_after_it() -> None:
    texts = [
        "-----BEGIN RSA PRIVATE KEY-----",
        "Proc-Type: 4,ENCRYPTED",
        "MIIEowIBAAKCAQEA7v3Jk2",
        "GET /cart 200 3ms",
    ]
    lines = [LogLine(NOW + timedelta(seconds=n), "INFO", "web-1", text) for n, text in enumerate(texts)]

    records = logs_records.read(lines)

    assert [record.text.splitlines()[-1] for record in records.all][1:] == ["GET /cart 200 3ms"]
    assert "MIIE" not in records.all[0].text


def test_a_flood_of_lines_is_answered(chat: Chat, stage: Stage) -> None:
    for _ in range(1500):
        written(stage, "zebra " + "<&>" * 100, ago=30)

    said = chat.says("logs web in hidden grep zebra limit 10000 since 2m", by="qa", within=60)

    eventually(lambda: said.replies or "1,500 lines" in said.text, "the answer")
    assert "(×1500)" in said.text
