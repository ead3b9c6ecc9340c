"""logs: the stretch of time that is meant, in the zone of whoever asks."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sandbox.chat import Chat
from sandbox.stage import Stage
from tests.commands.logs_support import BERLIN, clock, excerpt, written


def test_a_length_alone_is_back_from_now(chat: Chat, stage: Stage) -> None:
    written(stage, "zebracross early", ago=3000)

    said = chat.says("logs web in hidden for 1h grep zebracross", by="qa")

    assert "early" in said.text
    assert "in 1 h" in said.text


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


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("between 23:59 and 23:58", "The earlier time first: `logs web in hidden between 23:58 and 23:59`."),
        (
            "between 14:00 and 14:00",
            "14:00 is one moment, not a stretch of time. Around it: `logs web in hidden around 14:00`.",
        ),
        ("from build 1 since 10m", "A build's console has no times and no pods."),
        ("from build 1 pod web-7f3", "A build's console has no times and no pods."),
        ("from pod since 10m for 1m", "give one stretch of time"),
        ("grep '---'", "there is no letter or digit in that text"),
    ],
)
def test_what_cannot_be_meant_is_told_and_never_passed_over(chat: Chat, asked: str, told: str) -> None:
    said = chat.says(f"logs web in hidden {asked}", by="qa")

    assert told in said.text


def test_the_last_minute_of_a_pods_own_log(chat: Chat, stage: Stage) -> None:
    calls = stage.world.kubernetes.calls
    stage.thread.call(calls.clear)

    chat.says("logs web in hidden from pod for 1m", by="qa")

    asked = [call.path for call in calls if "/hidden/pods/web-" in call.path and "/log?" in call.path]
    assert asked
    assert all("sinceSeconds=60" in path for path in asked)
