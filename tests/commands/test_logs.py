"""logs, through chat, against the sandbox's Elasticsearch."""

from __future__ import annotations

import time

import pytest

from sandbox.chat import Chat, Said
from sandbox.elasticsearch.shop import Line
from sandbox.stage import Stage


def written(stage: Stage, message: str, level: str = "ERROR", ago: float = 1.0) -> None:
    """A line of web in hidden, `ago` seconds old."""
    line = Line(time.time() - ago, "hidden", "web-1", "web", {"app": "web"}, level, message)
    stage.thread.call(stage.world.elasticsearch.write_log, line)


def excerpt(said: Said) -> list[str]:
    """The lines of its code block."""
    _, code, _ = said.text.split("```")
    return code.strip().splitlines()


def test_the_newest_lines_oldest_first_with_a_link(chat: Chat, stage: Stage) -> None:
    for number in (3, 2, 1):
        written(stage, f"zebracross {number}", ago=number)

    said = chat.says("logs web in hidden grep zebracross limit 2", by="qa")

    assert [line.split()[-2:] for line in excerpt(said)] == [["zebracross", "2"], ["zebracross", "1"]]
    assert "web/hidden: 3 lines" in said.text
    assert "kibana.shop.example" in said.buttons["Open in Kibana"]["url"]


@pytest.mark.parametrize(
    "asked", ["since 20s level error", "since=20s level=error", "--level errors --since 20s"]
)
def test_only_what_was_asked_for(chat: Chat, stage: Stage, asked: str) -> None:
    written(stage, "wanted", ago=2)
    written(stage, "harmless", level="INFO", ago=2)
    written(stage, "long ago", ago=60)

    said = chat.says(f"logs web in hidden {asked}", by="qa")

    assert any("wanted" in line for line in excerpt(said))
    assert not any("harmless" in line or "long ago" in line for line in excerpt(said))


@pytest.mark.parametrize("text", ['") OR level:(*', "*:*", "{{match_all}}", "a&b <c>"])
def test_text_is_looked_for_as_it_is(chat: Chat, stage: Stage, text: str) -> None:
    written(stage, "nothing of the kind")

    said = chat.says(f"logs web in hidden grep '{text}'", by="qa")

    assert "web/hidden: no lines" in said.text


def test_no_lines_are_told_without_an_empty_excerpt(chat: Chat) -> None:
    said = chat.says("logs web in hidden grep nonesuch", by="qa")

    assert 'web/hidden: no lines with "nonesuch" in the last 15m' in said.text
    assert "```" not in said.text


def test_lines_can_call_nobody_and_show_no_secret(chat: Chat, stage: Stage) -> None:
    written(stage, "@channel @here <!everyone> <@U0OPS> <https://evil.example|click> ``` *bold* \u202e")
    written(stage, "login with password=hunter2 and Authorization: Bearer abcdef123456789")

    said = chat.says("logs web in hidden since 30s level error", by="qa")

    for hurtful in (
        "@channel",
        "@here",
        "<!everyone>",
        "<@U0OPS>",
        "<https://evil",
        "hunter2",
        "abcdef123456789",
        "\u202e",
    ):
        assert hurtful not in said.text
    assert said.text.count("```") == 2
    assert "2 secret values hidden." in said.text


def test_what_people_look_for_can_call_nobody_either(chat: Chat) -> None:
    said = chat.says("logs web in hidden grep '@channel *now* `x`'", by="qa")

    assert "@channel" not in said.text
    assert "*now*" not in said.text


def test_very_many_very_long_lines_are_shortened(chat: Chat, stage: Stage) -> None:
    for number in range(200):
        written(stage, f"flood {number} " + "x" * 5000, ago=200 - number)

    said = chat.says("logs web in hidden grep flood limit 500 since 10m", by="qa")

    assert excerpt(said)[-1].split()[-1].endswith("x…")
    assert "flood 199" in said.text
    assert "200 lines" in said.text


def test_the_buttons_ask_on(chat: Chat, stage: Stage) -> None:
    written(stage, "half an hour ago", ago=1800)
    said = chat.says("logs web in hidden grep hour", by="qa")

    wider = chat.taps(said, "Wider", by="qa")

    assert "in the last 1h" in wider.text
    assert "half an hour ago" in wider.text
