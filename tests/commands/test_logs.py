"""logs, through chat, against the sandbox's Elasticsearch."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import pytest

from sandbox.chat import Chat, eventually
from sandbox.server import Fault
from sandbox.stage import Stage
from tests.commands.logs_support import BERLIN, clock, excerpt, written
from tests.conftest import settle


def test_the_newest_lines_oldest_first_with_a_link(chat: Chat, stage: Stage) -> None:
    for number in (3, 2, 1):
        written(stage, f"zebracross {number}", ago=number)

    said = chat.says("logs web in hidden grep zebracross limit 2", by="qa")

    assert [line.split()[-2:] for line in excerpt(said)] == [["«zebracross»", "2"], ["«zebracross»", "1"]]
    assert 'web/hidden: 3 lines with "zebracross" in 15 min' in said.text
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
    written(stage, f"zebracross {text} zebracross")

    said = chat.says(f"logs web in hidden grep 'zebracross {text}' --inside", by="qa")

    assert "web/hidden: 1 line" in said.text, "only the one in which it stands"


def test_a_length_alone_is_back_from_now(chat: Chat, stage: Stage) -> None:
    written(stage, "zebracross early", ago=3000)

    said = chat.says("logs web in hidden for 1h grep zebracross", by="qa")

    assert "early" in said.text
    assert "in 60 min" in said.text


def test_only_errors_is_one_tap_away(chat: Chat, stage: Stage) -> None:
    written(stage, "zebracross wanted", level="ERROR", ago=2)
    written(stage, "zebracross harmless", level="INFO", ago=2)
    everything = chat.says("logs web in hidden grep zebracross", by="qa")

    said = chat.taps(everything, "Only errors", by="qa")

    assert [line.split()[-1] for line in excerpt(said)] == ["wanted"]


def test_no_lines_are_told_without_an_empty_excerpt(chat: Chat) -> None:
    said = chat.says("logs web in hidden grep nonesuch", by="qa")

    assert 'web/hidden: no lines with "nonesuch" in 15 min' in said.text
    assert "Whole words were looked for." in said.text
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
    assert "2 values hidden." in said.text


def test_what_people_look_for_can_call_nobody_either(chat: Chat) -> None:
    said = chat.says("logs web in hidden grep '@channel *now* `x`'", by="qa")

    assert "@channel" not in said.text
    assert "*now*" not in said.text


def test_very_many_very_long_lines_are_shortened(chat: Chat, stage: Stage) -> None:
    for number in range(200):
        written(stage, f"flood {number} " + "x" * 5000, ago=200 - number)

    said = chat.says("logs web in hidden grep flood limit 500 since 10m", by="qa")

    assert excerpt(said)[-1].split()[-1].endswith("x…")
    assert "«flood» 199" in said.text
    assert "200 lines" in said.text


def test_the_buttons_ask_on(chat: Chat, stage: Stage) -> None:
    written(stage, "half an hour ago", ago=1800)
    said = chat.says("logs web in hidden grep hour", by="qa")

    wider = chat.taps(said, "Wider", by="qa")

    assert "in 60 min" in wider.text
    assert "half an «hour» ago" in wider.text


# -- when


def test_times_are_those_of_whoever_asks(chat: Chat, stage: Stage) -> None:
    written(stage, "zebracross then", ago=600)
    written(stage, "zebracross now", ago=1)

    said = chat.says(f"logs web in hidden between {clock(700)} and {clock(500)}", by="qa")

    assert any("zebracross then" in line for line in excerpt(said))
    assert "zebracross now" not in said.text
    at = datetime.now(BERLIN) - timedelta(seconds=600)
    assert any(line.startswith(f"{at:%H:%M:}") for line in excerpt(said))
    assert "Times are Europe/Berlin." in said.text


def test_around_is_five_minutes_before_and_after(chat: Chat, stage: Stage) -> None:
    for ago in (1600, 1200, 800):
        written(stage, f"zebracross {ago}", ago=ago)

    said = chat.says(f"logs web in hidden around {clock(1200)} grep zebracross", by="qa")

    assert [line.split()[-1] for line in excerpt(said)] == ["1200"]


def test_one_stretch_of_time_only(chat: Chat) -> None:
    said = chat.says("logs web in hidden since 1h around 14:05", by="qa")

    assert "Give one stretch of time." in said.text


def test_older_and_newer_lines_are_a_tap_away(chat: Chat, stage: Stage) -> None:
    for number in range(6):
        written(stage, f"zebracross {number}", ago=60 - 5 * number)
    said = chat.says("logs web in hidden grep zebracross limit 3", by="qa")

    older = chat.taps(said, "Older", by="qa")
    newer = chat.taps(said, "Newer", by="qa")

    assert [line.split()[-1] for line in excerpt(said)] == ["3", "4", "5"]
    assert [line.split()[-1] for line in excerpt(older)] == ["1", "2", "3"]
    assert [line.split()[-1] for line in excerpt(newer)] == ["5"]


# -- which


def test_a_pod_is_named_by_how_it_begins(chat: Chat, stage: Stage) -> None:
    written(stage, "zebracross a", pod="web-7f3aa")
    written(stage, "zebracross b", pod="web-7f4bb")

    said = chat.says("logs web in hidden pod web-7f3.. grep zebracross", by="qa")

    assert [line.split()[-1] for line in excerpt(said)] == ["a"]
    assert "All of web-7f3aa." in said.text


def test_a_trace_is_found_by_its_field_and_in_texts(chat: Chat, stage: Stage) -> None:
    trace = "4bf92f3577b34da6"
    written(stage, f"request {trace} began", ago=2)
    written(stage, "another request")
    document = {"@timestamp": datetime.now(BERLIN).isoformat(), "message": "went on", "trace": {"id": trace}}
    stage.thread.call(stage.world.elasticsearch.add, "logs-web-hidden", document)

    said = chat.says(f"logs web in hidden trace {trace}", by="qa")

    assert [line.split()[-1] for line in excerpt(said)] == ["began", "on"]


def test_a_query_of_lucenes_is_passed_through(chat: Chat, stage: Stage) -> None:
    written(stage, "zebracross one", level="WARN", ago=2)
    written(stage, "zebracross two", level="ERROR")

    said = chat.says("""logs web in hidden --query 'log.level:WARN AND zebra*'""", by="qa")

    assert [line.split()[-1] for line in excerpt(said)] == ["one"]
    asked = stage.world.elasticsearch.searches[0]["query"]["bool"]["filter"][-1]["query_string"]
    assert asked["query"] == "log.level:WARN AND zebra*"
    assert asked["allow_leading_wildcard"] is False


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("*Timeout", "reads every word"),
        ("message:(ok ?imeout)", "reads every word"),
        ("/time.*/", "regular expression"),
        ("*:*", "matches every line"),
        ("t*", "matches too much"),
        ('"open', "no query in Lucene's syntax"),
    ],
)
def test_a_query_that_reads_everything_is_refused_with_another(
    chat: Chat, stage: Stage, query: str, why: str
) -> None:
    written(stage, "Timeout")

    said = chat.says(f"logs web in hidden query '{query}'", by="qa")

    assert why in said.text
    assert "`" in said.text


def test_a_word_inside_of_others_is_looked_for_on_demand(chat: Chat, stage: Stage) -> None:
    written(stage, "java.net.SocketTimeoutException: Read timed out")
    said = chat.says("logs web in hidden grep SocketTimeout", by="qa")

    inside = chat.taps(said, "Inside words, slower", by="qa")

    assert "no lines" in said.text
    assert "java.net.«SocketTimeout»Exception" in inside.text


# -- what comes back


def test_a_sentence_says_it_all(chat: Chat, stage: Stage) -> None:
    for number in range(3):
        written(stage, f"TimeoutError: payments took {number} s", ago=10)
    written(stage, "disk full", ago=5)
    written(stage, "TimeoutError: payments took 9 s", ago=1000)

    said = chat.says("logs web in hidden level error grep 'payments took'", by="qa")

    assert said.message.text == (
        'web/hidden: 3 errors with "payments took" in 15 min (1 before), '
        "mostly `TimeoutError: payments took … s`"
    )


def test_traces_stay_whole_and_repetitions_are_counted(chat: Chat, stage: Stage) -> None:
    for line in ("zebra: it broke", "\tat shop.Cart.add(Cart.java:7)", "Caused by: nothing"):
        written(stage, line, ago=3)
    for _ in range(4):
        written(stage, "zebra again", ago=1)

    said = chat.says("logs web in hidden since 20s level error", by="qa")

    first, *rest = excerpt(said)
    assert first.endswith("zebra: it broke")
    assert rest[:2] == ["  \tat shop.Cart.add(Cart.java:7)", "  Caused by: nothing"]
    assert rest[2].endswith("zebra again (×4)")


def test_what_does_not_fit_comes_as_a_file(chat: Chat, stage: Stage) -> None:
    for number in range(1500):
        written(stage, f"zebracross {number} password=hunter{number}2", ago=200 - number / 10)

    said = chat.says("logs web in hidden grep zebracross limit 1200 since 10m", by="qa")

    eventually(lambda: said.replies, "the file in the thread")
    (file,) = said.replies[0].message.files
    lines = stage.world.slack.slack.files[file["id"]].data.decode().splitlines()
    assert [lines[0].split()[-2], lines[-1].split()[-2]] == ["300", "1499"]
    assert len(lines) == 1200
    assert "hunter" not in "".join(lines)
    assert "in the file in the thread" in said.text
    assert "1200 values hidden." in said.text


@pytest.mark.parametrize(
    ("step", "when"),
    [
        ("upload/v1", "before"),
        ("files.completeUploadExternal", "before"),
        ("files.completeUploadExternal", "after"),
    ],
)
def test_a_file_comes_once_although_slack_fails(
    chat: Chat, stage: Stage, step: str, when: Literal["before", "after"]
) -> None:
    stage.world.slack.faults.set(Fault("error", when=when, match=step, times=1))
    for number in range(100):
        written(stage, f"zebracross {number} " + "x" * 100)

    said = chat.says("logs web in hidden grep zebracross limit 100", by="qa")

    eventually(lambda: said.replies, "the file in the thread")
    settle(stage)
    assert not stage.world.slack.faults.active, "it happened"
    assert [len(reply.message.files) for reply in said.replies] == [1]


# -- from elsewhere


def test_the_console_of_a_build(chat: Chat) -> None:
    deployed = chat.ends(chat.says("deploy web to dev at r1839", by="engineer"))
    assert "#1" in deployed.text

    said = chat.says("logs web in dev from build 1", by="engineer")

    assert "web-build #1, " in said.text
    assert "Finished: SUCCESS" in said.text


def test_a_build_that_there_is_not(chat: Chat) -> None:
    said = chat.says("logs web in dev from build 4711", by="engineer")

    assert "Jenkins" in said.text
    assert "4711" in said.text
