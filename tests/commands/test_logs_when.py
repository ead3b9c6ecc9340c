"""logs: the stretch of time that is meant, in the zone of whoever asks."""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.chat import Chat
from sandbox.stage import Stage
from tests.commands.logs_support import BERLIN, clock, excerpt, written


def test_a_length_alone_is_back_from_now(chat: Chat, stage: Stage) -> None:
    written(stage, "zebracross early", ago=3000)

    said = chat.says("logs web in hidden for 1h grep zebracross", by="qa")

    assert "early" in said.text
    assert "in 60 min" in said.text


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
