"""Typing into the field of projects of a form, in a shop of thousands: from the letter to what is offered."""

from __future__ import annotations

import itertools
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import watching
from benchmarks.results import Result
from benchmarks.shop import BigShop, configure
from sandbox.chat import eventually
from sandbox.stage import Stage, staged

PROJECTS = 2_000
ROUNDS = 40
TYPED = ("", "p", "p1", "p12", "p123", "p1999", "q1234", "1234", "shop", "zzzz")
"""Nothing yet, beginnings, a whole name, a slip of the thumb, an end, and what there is not."""


def measure() -> list[Result]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world = BigShop(0, pace=0.05)
        with staged(folder, 0, ("bot",), configure(folder, PROJECTS), world) as stage:
            view = _form(stage)
            took = [
                _offered(stage, view, typed) for typed in itertools.chain(*itertools.repeat(TYPED, ROUNDS))
            ]
    shown = watching.milliseconds(took)
    said = f"a letter typed to what is offered of {PROJECTS:,} projects"
    return [
        Result(f"{said}, p50", watching.p50(shown), "ms"),
        Result(f"{said}, p99", watching.p99(shown), "ms", 100),
    ]


def _form(stage: Stage) -> str:
    """Open the form of `deploy`; the id of its view."""
    slack = stage.world.slack.slack
    stage.thread.call(slack.slash, watching.WHO, watching.CHANNEL, "/ship", "deploy")
    person = slack.person(watching.WHO).id
    views: Any = eventually(lambda: slack.views.get(person), "the form")
    return str(views[-1].id)


def _offered(stage: Stage, view: str, typed: str) -> float:
    """Seconds, over Socket Mode and back."""
    begun = time.monotonic()
    stage.thread.run(stage.world.slack.slack.suggest(watching.WHO, view, "projects", typed))
    return time.monotonic() - begun
