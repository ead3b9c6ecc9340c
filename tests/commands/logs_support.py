"""Writing lines into the sandbox's log store, and reading what the bot shows of them."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.chat import Said
from sandbox.elasticsearch.shop import Line
from sandbox.stage import Stage

BERLIN = ZoneInfo("Europe/Berlin")
"""Where the people of the sandbox are."""


def written(
    stage: Stage,
    message: str,
    level: str = "ERROR",
    ago: float = 1.0,
    pod: str = "web-1",
    environment: str = "hidden",
    at: float | None = None,
) -> None:
    """A line of web, `ago` seconds old, or of the moment `at` (epoch seconds)."""
    line = Line(
        time.time() - ago if at is None else at, environment, pod, "web", {"app": "web"}, level, message
    )
    stage.thread.call(stage.world.elasticsearch.write_log, line)


def excerpt(said: Said) -> list[str]:
    """The lines of its first code block."""
    _, code, *_ = said.text.split("```")
    return code.strip("\n").splitlines()


def clock(ago: float) -> str:
    """A moment `ago` seconds back, as somebody in Berlin writes it."""
    return f"{datetime.now(BERLIN) - timedelta(seconds=ago):%Y-%m-%d %H:%M:%S}"
