"""logs: Older, Newer, Only errors and Wider, tapped one after the other."""

from __future__ import annotations

import re
import time

from sandbox.chat import Chat, Said, eventually
from sandbox.stage import Stage
from tests.commands.logs_support import clock, excerpt, written


def test_only_errors_is_one_tap_away(chat: Chat, stage: Stage) -> None:
    written(stage, "zebracross wanted", level="ERROR", ago=2)
    written(stage, "zebracross harmless", level="INFO", ago=2)
    everything = chat.says("logs web in hidden grep zebracross", by="qa")

    said = chat.taps(everything, "Only errors", by="qa")

    assert [line.split()[-1] for line in excerpt(said)] == ["wanted"]


def test_the_buttons_ask_on(chat: Chat, stage: Stage) -> None:
    written(stage, "half an hour ago", ago=1800)
    said = chat.says("logs web in hidden grep hour", by="qa")

    wider = chat.taps(said, "Wider", by="qa")

    assert "in 1 h" in wider.text
    assert "half an «hour» ago" in wider.text


def test_older_and_newer_lines_are_a_tap_away(chat: Chat, stage: Stage) -> None:
    for number in range(6):
        written(stage, f"zebracross {number}", ago=60 - 5 * number)
    said = chat.says("logs web in hidden grep zebracross limit 3", by="qa")
    written(stage, "zebracross 6", ago=0)

    older = chat.taps(said, "Older", by="qa")
    newer = chat.taps(said, "Newer", by="qa")

    assert numbers(said) == [3, 4, 5]
    assert numbers(older) == [0, 1, 2]
    assert numbers(newer) == [6]


def test_who_taps_older_and_then_newer_again_misses_nothing_and_sees_nothing_twice(
    chat: Chat, stage: Stage
) -> None:
    """Many lines are of one moment, and a page ends in the middle of it."""
    began = round(time.time(), 3) - 300
    for number in range(45):
        written(stage, f"zebracross {number} " + "x" * 250, at=began + number // 4, level="INFO")
    said = chat.says("logs web in hidden grep zebracross", by="qa")

    seen = numbers(said)
    while seen[0] > 0:
        said = chat.taps(said, "Older", by="qa")
        seen = numbers(said) + seen
    newer = chat.taps(said, "Newer", by="qa")

    assert seen == list(range(45))
    assert numbers(newer)[0] > numbers(said)[-1], "nothing twice"


def test_a_moment_of_more_lines_than_were_asked_for_comes_whole(chat: Chat, stage: Stage) -> None:
    at = round(time.time(), 3) - 20
    for number in range(9):
        written(stage, f"zebracross {number}", at=at)
    said = chat.says("logs web in hidden grep zebracross limit 3", by="qa")

    older = chat.taps(said, "Older", by="qa")

    assert numbers(older) == list(range(9))


def test_older_of_a_window_without_more_lines_is_as_much_time_before_it(chat: Chat, stage: Stage) -> None:
    written(stage, "zebracross 2", ago=60)
    written(stage, "zebracross 1", ago=20 * 60)
    said = chat.says("logs web in hidden grep zebracross", by="qa")

    older = chat.taps(said, "Older", by="qa")

    assert (numbers(said), numbers(older)) == ([2], [1])


def test_wider_shows_what_was_shown_and_more_around_it(chat: Chat, stage: Stage) -> None:
    for number, ago in enumerate((3000, 2000, 1900, 1500)):
        written(stage, f"zebracross {number}", ago=ago)
    said = chat.says(f"logs web in hidden around {clock(1950)} for 4m grep zebracross", by="qa")

    wider = chat.taps(said, "Wider", by="qa")
    widest = chat.taps(wider, "Wider", by="qa")

    assert (numbers(said), numbers(wider), numbers(widest)) == ([1, 2], [1, 2, 3], [0, 1, 2, 3])


def test_only_errors_shows_each_error_of_the_same_time_once(chat: Chat, stage: Stage) -> None:
    for number in range(12):
        written(stage, f"zebracross {number}", level=("INFO", "ERROR", "fatal")[number % 3], ago=30 - number)
    said = chat.says(f"logs web in hidden between {clock(40)} and {clock(0)} grep zebracross", by="qa")

    errors = chat.taps(said, "Only errors", by="qa")

    assert numbers(said) == list(range(12))
    assert numbers(errors) == [number for number in range(12) if number % 3]
    assert "Only errors" not in errors.buttons


def test_a_rest_that_is_not_long_comes_as_a_file_unasked(chat: Chat, stage: Stage) -> None:
    for number in range(90):
        written(stage, f"zebracross {number} " + "x" * 100, ago=200 - number)

    said = chat.says("logs web in hidden grep zebracross", by="qa")

    assert re.search(r"\d+ earlier ones are in the file in the thread\.", said.text)
    assert filed(said, stage) == list(range(90))
    assert "Older" in said.buttons


def test_a_long_rest_comes_as_a_file_when_it_is_wanted(chat: Chat, stage: Stage) -> None:
    for number in range(220):
        written(stage, f"zebracross {number} " + "x" * 100, ago=300 - number)
    said = chat.says("logs web in hidden grep zebracross", by="qa")

    with_file = chat.taps(said, "All 220 as a file", by="qa")

    assert re.search(r"The newest \d+ of 220 lines\.", said.text)
    assert filed(with_file, stage) == list(range(220))
    assert not said.replies


def filed(said: Said, stage: Stage) -> list[int]:
    """Of the lines in the file in its thread."""
    eventually(lambda: said.replies, "the file in the thread")
    (file,) = said.replies[0].message.files
    lines = stage.world.slack.slack.files[file["id"]].data.decode().splitlines()
    return [int(line.split()[-2]) for line in lines]


def numbers(said: Said) -> list[int]:
    """Of the lines shown."""
    return [int(line.partition("«zebracross» ")[2].split()[0]) for line in excerpt(said)]
