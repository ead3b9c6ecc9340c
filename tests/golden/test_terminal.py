"""What the break-glass terminal says of itself, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, NoReturn

from redis.exceptions import ConnectionError as RedisConnectionError

from bot import plain
from bot.catalogue import Catalogue
from bot.console import GREETING, HINT, Console, Seat, seat
from bot.language import _, spoken
from bot.ledger import Place
from bot.lifecycle import State
from bot.operation import Operation, Origin
from bot.views import showing
from tests import sample
from tests.golden.systems import SETTINGS
from tests.golden.tables import Words, raised, table
from tests.ledger_support import CHANNEL, EVA

SEAT = Seat("olga", "ops@shop.example", "U0OPS", "T0SHOP")
SCALE = Operation("k7f3", "scale", "scale web in trunk to 4", "change", EVA, Origin(CHANNEL), "web/trunk")
HOLDER = Operation("m2p4", "restart", "restart web in trunk", "change", EVA, Origin(CHANNEL), "web/trunk")


def types(breaks: BaseException) -> str:
    """What stands there after `scale web in trunk to 4`; `breaks`: what happens to whoever asks what became of it."""
    said: list[str] = []

    def fails(*_asked: object) -> NoReturn:
        raise breaks

    silent = isinstance(breaks, RedisConnectionError)
    app: Any = SimpleNamespace(
        catalogue=Catalogue(SETTINGS),
        dispatcher=SimpleNamespace(decide=lambda _request: None),
        ledger=SimpleNamespace(requested=fails if silent else lambda _key: SCALE.id, get=fails),
        logbook=SimpleNamespace(write=lambda *_typed: None),
    )
    terminal: Any = SimpleNamespace(say=said.append)
    Console(SEAT, CHANNEL, spoken(), app, terminal).handle(SCALE.text)
    return "\n".join(said)


@table
def test_sitting() -> Iterator[tuple[str, Words]]:
    """Who may sit there, how they are greeted, and what is said when nothing can be watched any more."""
    yield "somebody sits down", _(GREETING, email=SEAT.email)
    yield "below what is watched", _(HINT)
    yield "an account that is not listed", raised(lambda: seat(sample.settings(), SEAT.email, "mallory"))
    closed = sample.settings().model_copy(update={"console": None})
    yield "nobody may", raised(lambda: seat(closed, SEAT.email, "olga"))
    yield "Ctrl-C while a change runs", types(KeyboardInterrupt())
    yield "Redis is silent", types(RedisConnectionError("gone"))


@table
def test_drawn() -> Iterator[tuple[str, Words]]:
    """The message of an operation as a terminal shows it, with what to type in place of buttons."""
    running = replace(SCALE, state=State.RUNNING)
    for what, operation, place in (
        ("it runs", running, None),
        ("it waits for another one", SCALE, Place(1, HOLDER, 130)),
    ):
        lines = plain.lines(showing(operation, place, None), lambda _member: "eva")
        yield what, re.sub(r"\b\d\d:\d\d$", "<time>", "\n".join(lines))
