"""How long it will still take: by what the same took here before, else by the build server's own estimate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.estimate import time_left
from bot.lifecycle import State
from bot.operation import Operation, Origin, Step, Waiting
from bot.ports import Person

RUNNING = Operation(
    "k7f3",
    "deploy",
    "deploy web to trunk",
    "change",
    Person("U1", "emma", "emma@shop.example", "T1"),
    Origin("C1"),
    "web/trunk",
    state=State.RUNNING,
    steps=(Step("runs now", 1_000.0, 1_001.0),),
    waiting=Waiting("build finished", since=1_030.0, until=9_000.0),
    opened=400.0,  # it waited for an approval, which is not its own time
)


@pytest.mark.parametrize(
    ("ran", "said"),
    [
        (5, "about 4 min left"),
        (60, "about 3 min left"),
        (200, "less than 1 min left"),
        (270, "less than 1 min left"),
        (480, "longer than usual: 8 min, usually 4 min"),
    ],
)
def test_by_what_it_took_before(ran: float, said: str) -> None:
    assert time_left(RUNNING, 240.0, 1_000 + ran) == said


def test_the_first_time_only_the_build_server_knows() -> None:
    building = replace(RUNNING, waiting=replace(RUNNING.waiting, usual=120.0))  # type: ignore[type-var]

    assert time_left(building, None, 1_030 + 10) == "about 2 min left"


def test_nothing_is_guessed() -> None:
    silent = replace(RUNNING, waiting=replace(RUNNING.waiting, trouble="Jenkins cannot be reached"))  # type: ignore[type-var]

    assert time_left(RUNNING, None, 1_040) == ""
    assert time_left(silent, 240.0, 1_040) == ""
    assert time_left(replace(RUNNING, state=State.ABORTING), 240.0, 1_040) == ""
