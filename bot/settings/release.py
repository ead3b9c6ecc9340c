"""Sections of the release flow: locks, freezes, promotion."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, model_validator

from bot.grammar.times import weekday
from bot.settings.section import Section
from bot.settings.values import EXPECTED, SAID, Minutes, Name, Text, wrong


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise wrong(EXPECTED, "the name of a time zone, such as Europe/Berlin or Asia/Shanghai")
    return name


def week_time(text: str) -> tuple[int, time]:
    """`Fri 18:00` -> (4, 18:00); ValueError for what is none."""
    day, _, clock = text.partition(" ")
    if not re.fullmatch("[0-9]{2}:[0-9]{2}", clock):
        raise ValueError(f"{clock} is no time of day")
    return weekday(day), time.fromisoformat(clock)


def _week_time(text: str) -> str:
    try:
        week_time(text)
    except ValueError:
        raise wrong(EXPECTED, "a day of the week and a time, such as Fri 18:00") from None
    return text


Zone = Annotated[str, AfterValidator(_zone)]
WeekTime = Annotated[str, AfterValidator(_week_time)]


class Freeze(Section):
    """A time of every week in which nothing is shipped."""

    starts: WeekTime = Field(description="When it begins, such as `Fri 18:00`.")
    ends: WeekTime = Field(description="When it ends, such as `Mon 08:00`.")
    zone: Zone = Field(description="Time zone of both, such as Asia/Shanghai.")
    because: Text = Field(description="Why; people who are refused read it.")

    @model_validator(mode="after")
    def _not_always(self) -> Any:
        if week_time(self.starts) == week_time(self.ends):
            raise wrong(SAID, "starts and ends are the same moment of the week")
        return self


class Promotion(Section):
    """What an image must have been through before `promote` brings it to this environment."""

    after: Name = Field(description="Environment in which exactly this image must have run healthy.")
    minutes: int = Field(default=0, ge=0, le=43_200, description="For how long it must have run there.")
    needs_pass: bool = Field(
        default=True, description="Whether somebody must have said `pass`. A `fail` always holds it back."
    )


class Locks(Section):
    """Limits of `lock`, `freeze` and `extend`."""

    minutes: Minutes = Field(default=120, description="How long a lock lasts when nothing is said.")
    most_hours: int = Field(default=72, ge=1, le=744, description="The longest a lock may last from now on.")
    freeze_most_days: int = Field(default=31, ge=1, le=366, description="The longest that a freeze may last.")
    remind_minutes: Minutes = Field(
        default=15, description="How long before its end whoever holds a lock is reminded, with *Extend*."
    )
