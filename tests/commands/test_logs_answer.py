"""logs: what comes back, and what does not."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Literal

import pytest

from sandbox.chat import Chat, eventually
from sandbox.server import Fault
from sandbox.stage import Stage
from tests.commands.logs_support import BERLIN, excerpt, written
from tests.conftest import settle


def test_no_lines_are_told_without_an_empty_excerpt(chat: Chat) -> None:
    said = chat.says("logs web in hidden grep nonesuch", by="qa")

    assert 'web/hidden: no lines with "nonesuch" in 15 min' in said.text
    assert "Whole words were looked for; a name with dots in it is one word." in said.text
    assert "```" not in said.text


def test_lines_can_call_nobody_and_show_no_secret(chat: Chat, stage: Stage) -> None:
    written(stage, "@channel @here <!everyone> <@U0OPS> <https://evil.example|click> ``` *bold* \u202e")
    written(stage, "login with password=hunter2 and Authorization: Bearer abcdef123456789")

    said = chat.says("logs web in hidden pod web-1 since 30s level error", by="qa")

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


def test_a_sentence_says_it_all(chat: Chat, stage: Stage) -> None:
    for number in range(3):
        written(stage, f"TimeoutError: payments took {number} s", ago=10)
    written(stage, "disk full", ago=5)
    written(stage, "TimeoutError: payments took 9 s", ago=1000)

    said = chat.says("logs web in hidden level error grep 'payments took'", by="qa")

    assert said.message.text == (
        'web/hidden: 3 errors with "payments took" in 15 min (1 in the 15 min before), '
        "mostly `TimeoutError: payments took … s`"
    )


def test_traces_stay_whole_and_repetitions_are_counted(chat: Chat, stage: Stage) -> None:
    for line in ("zebra: it broke", "\tat shop.Cart.add(Cart.java:7)", "Caused by: nothing"):
        written(stage, line, ago=3)
    for _ in range(4):
        written(stage, "zebra again", ago=1)

    said = chat.says("logs web in hidden pod web-1 since 20s level error", by="qa")

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


def test_what_the_fields_say_is_not_said_again_by_the_message(chat: Chat, stage: Stage) -> None:
    at = time.time() - 10
    for text in ("{:%Y-%m-%d %H:%M:%S},516 WARN  [main] zebra 1", "[{:%d/%b/%Y:%H:%M:%S} +0000] zebra 2"):
        written(stage, text.format(datetime.fromtimestamp(at, UTC)), level="WARN", at=at)

    said = chat.says("logs web in hidden since 1m level warn grep zebra", by="qa")

    clock = f"{datetime.fromtimestamp(at, BERLIN):%H:%M:%S}"
    assert excerpt(said) == [f"{clock} WARN  [main] «zebra» 1", f"{clock} WARN  «zebra» 2"]


def test_what_was_thrown_belongs_to_the_error_that_reports_it(chat: Chat, stage: Stage) -> None:
    for line in (
        "ERROR zebra could not start",
        "java.lang.IllegalStateException: no hay",
        "\tat zoo.Main.main",
    ):
        written(stage, line, ago=5)

    said = chat.says("logs web in hidden level error grep 'zebra could' since 1m", by="qa")
    whole = chat.says("logs web in hidden pod web-1 level error since 10m", by="qa")

    assert "1 error" in said.text
    assert [line.split()[0] for line in excerpt(whole)[1:]] == ["java.lang.IllegalStateException:", "at"]


def test_pods_are_called_by_their_last_part_and_named_in_full_below(chat: Chat, stage: Stage) -> None:
    for pod in ("web-7f3c-aaaaa", "web-7f3c-bbbbb"):
        written(stage, f"zebra of {pod}", pod=pod)

    said = chat.says("logs web in hidden grep zebra", by="qa")

    assert sorted(line.split()[2] for line in excerpt(said)) == ["aaaaa", "bbbbb"]
    assert "Pods: web-7f3c-aaaaa, web-7f3c-bbbbb." in said.text


@pytest.mark.parametrize("view", ["", "top", "follow for 2s"])
def test_an_answer_of_a_part_says_so(chat: Chat, stage: Stage, view: str) -> None:
    written(stage, "zebra has no hay", ago=0)
    broken = {"logs-web-hidden": frozenset({0})}
    stage.thread.call(setattr, stage.world.elasticsearch.trouble, "broken", broken)

    said = chat.says(f"logs web in hidden {view}", by="qa")

    assert "Part of the log store did not answer: 1 of 2 shards did not answer." in said.text


def test_a_search_that_ran_out_of_time_says_so(chat: Chat, stage: Stage) -> None:
    written(stage, "zebra has no hay", ago=0)
    stage.thread.call(setattr, stage.world.elasticsearch.trouble, "timed_out", True)

    said = chat.says("logs web in hidden", by="qa")

    assert "Part of the log store did not answer: the search ran out of time." in said.text
    assert " before)" not in said.message.text
