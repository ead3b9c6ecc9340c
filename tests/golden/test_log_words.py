"""What is shown of logs: lines and their notes, a log that is followed, kinds of errors, pods and consoles."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

from bot.catalogue import Catalogue
from bot.language import _
from bot.operation import Operation, Origin, Outcome, Step
from bot.ports import NOT_READ, LogLine, LogPage, Seen, Signature
from bot.reply import Context, Reply, Text
from commands.logs import Logs
from commands.logs_answer import Asked, reply
from commands.logs_follow import follow
from commands.logs_fresh import Freshness, freshness
from commands.logs_from import from_build, from_pods
from commands.logs_kinds import compare, top
from commands.logs_records import read
from commands.new_errors import new_errors
from commands.rolling import ROLLOUT
from integrations.elasticsearch_http import partial as missing
from tests.golden.systems import SETTINGS, Systems
from tests.golden.tables import Words, raised, table, table_of_now
from tests.golden.test_log_systems import away
from tests.ledger_support import CHANNEL, EVA

CATALOGUE = Catalogue(SETTINGS)
NOW = datetime(2026, 12, 20, 14, 0, tzinfo=ZoneInfo("Europe/Berlin"))
FEW = [LogLine(NOW - timedelta(seconds=40), "ERROR", "web-1", "payments: connection refused")]
PODS = [replace(FEW[0], pod=f"web-{number}", message=f"basket {number} is lost") for number in range(6)]
TRACE = ["java.lang.Error", *(f"  at shop.Basket.{'x' * 90}" for _ in range(300))]
LONG = [replace(FEW[0], message="\n".join(TRACE))]
MANY = [
    replace(FEW[0], at=NOW - timedelta(seconds=200 - n), message=f"order {'xyz' * n}") for n in range(150)
]
RESTART = Operation("k7f3", "restart", "restart web in trunk", "change", EVA, Origin(CHANNEL), "web/trunk")


def since(ago: timedelta) -> Operation:
    """A restart that began to reach the pods so long before NOW."""
    at = (NOW - ago).timestamp()
    return replace(RESTART, steps=(Step(ROLLOUT, at, at, "", ""),))


def logs(words: str) -> Logs:
    return cast(Logs, CATALOGUE.command(words))


def asked(words: str = "logs web in trunk", on: Any = None) -> Asked:
    return logs(words).asked(NOW, on or Systems().on())


def shown(words: str, page: LogPage, fresh: Freshness | None = None) -> Reply:
    return reply(asked(words), page, read(page.lines), fresh or Freshness(), "", Systems().on())


def brief(whole: Reply) -> Words:
    """What stands above and below the lines."""
    notes = [block.text for block in whole.blocks if isinstance(block, Context)]
    return "\n".join([whole.summary, *notes])


def head(whole: Reply) -> Words:
    """What a part is, above its lines."""
    return "\n".join(block.text for block in whole.blocks if isinstance(block, Text))


@table
def test_lines() -> Iterator[tuple[str, Words]]:
    """Lines, and what a person should know of them."""
    page = LogPage(FEW, total=1, newest=NOW)
    yield "one error among them", shown("logs web in trunk", replace(page, total=3, errors=1))
    yield "of a level", brief(shown("logs web in trunk level info", replace(page, total=7)))
    huge = replace(page, total=10_000, total_is_exact=False)
    yield "more than are counted", brief(shown("logs web in trunk", huge))
    yield (
        "of the future",
        brief(shown("logs web in trunk", replace(page, total=9, ahead=2))),
    )
    yield "of three pods", brief(shown("logs web in trunk", LogPage(PODS[:3], 3)))
    yield "of six pods", brief(shown("logs web in trunk", LogPage(PODS, 6)))
    part = replace(page, partial=missing({"_shards": {"total": 2, "failed": 1}, "timed_out": False}) or "")
    yield "the store answered in part", brief(shown("logs web in trunk", part))
    yield "lines too long to be read all", brief(shown("logs web in trunk", replace(page, cut=True)))
    many = shown("logs web in trunk", LogPage(MANY, 1_500))
    yield "more than comes as a file unasked", replace(many, blocks=many.blocks[2:])
    yield "more than a message holds", brief(shown("logs web in trunk limit 150", LogPage(MANY, 150)))
    whole = shown("logs web in trunk", LogPage([*FEW, *LONG], 2))
    yield "one is longer than a message", replace(whole, blocks=(whole.blocks[-1],))
    yield "the one itself", "\n".join(whole.blocks[1].lines)  # type: ignore[union-attr] # that is its code
    yield "a line without a text", shown("logs web in trunk", LogPage([replace(FEW[0], message="")], 1))


@table
def test_silence() -> Iterator[tuple[str, Words]]:
    """How old the newest line is, and whose silence that is."""
    old = NOW - timedelta(minutes=7)
    quiet, behind = Systems(others=NOW), Systems(others=old)
    for what, newest, systems in (
        ("no line ever", None, quiet),
        ("only this target is silent", old, quiet),
        ("every target is silent", old, behind),
    ):
        fresh = freshness(newest, asked(), systems.on())
        yield what, shown("logs web in trunk", LogPage(newest=newest), fresh)
    nothing = SimpleNamespace(settings=SimpleNamespace(target=lambda *_place: SimpleNamespace(logs=None)))
    yield "there is no log store", raised(partial(asked, on=nothing))


@table
def test_times() -> Iterator[tuple[str, Words]]:
    """The stretch of time that was asked about."""
    for month in range(1, 13):
        day = f"2026-{month:02}-03 14:05"
        yield f"around {day}", brief(shown(f"logs web in trunk around {day}", LogPage()))
    yield "twenty years ago", raised(partial(asked, "logs web in trunk around 2006-03-14 14:05"))


@table_of_now
def test_following() -> Iterator[tuple[str, Words]]:
    """A log that is followed: while it grows, while the store is silent, and at its end."""
    page = LogPage(FEW, total=3, errors=1)
    silent = Seen(False, trouble=away("Elasticsearch"))
    last = Reply(_("{target}: following", target="web/trunk"), (Context("…"),))
    for what, systems, seen, over, fields in (
        ("nothing yet", Systems(), None, False, {}),
        ("some lines", Systems(page), None, False, {}),
        ("more than a message holds", Systems(LogPage(MANY, 150)), None, False, {}),
        ("silent from the start", Systems(page), silent, False, {}),
        (
            "silent after a while",
            Systems(page),
            silent,
            False,
            {"outcome": Outcome("", reply=last.to_dict())},
        ),
        ("the time is over", Systems(page), None, True, {}),
        ("somebody stopped it", Systems(LogPage(MANY, 150)), None, True, {"stopped_by": "U0QA"}),
    ):
        operation: Any = replace(RESTART, opened=time.time() - 1210, **fields)
        whole = follow(logs("logs web in trunk follow"), story(operation, seen, over), systems.on())
        kept = [block for block in whole.blocks if not hasattr(block, "lines")]
        yield what, replace(whole, blocks=tuple(kept))


def story(operation: Operation, seen: Seen | None, over: bool) -> Any:
    """Shows at once what would be shown at that moment."""

    def shows(_name: str, _topic: object, _length: float, show: Callable[..., Reply]) -> Reply:
        return show(seen, over)

    return SimpleNamespace(operation=operation, follow=shows)


@table
def test_kinds() -> Iterator[tuple[str, Words]]:
    """What stands out, and what a change made of it."""
    often = Signature("payments refused", 90, 60, NOW - timedelta(days=9), FEW[0])
    gone = Signature("basket lost", 5, 5, NOW - timedelta(hours=20), PODS[1])
    new = Signature("coupon", 12, 0, NOW - timedelta(minutes=4), replace(FEW[0], message="coupon is void"))
    found = Systems(kinds=(often, new, gone), past=(since(timedelta(minutes=10)),))
    none = Systems(past=found.past)
    long_ago = replace(found, past=(since(timedelta(hours=3)),))
    yield "kinds of errors", top(asked("logs web in trunk top"), found.on())
    more = replace(found, cut=True)
    yield "more kinds than are told apart", brief(top(asked("logs web in trunk top"), more.on()))
    several = tuple(
        replace(new, text=f"kind {n}", example=replace(FEW[0], message=f"{'k' * n}oupon is void"))
        for n in range(1, 20)
    )
    yield (
        "more kinds than are shown",
        brief(top(asked("logs web in trunk top"), replace(found, kinds=several).on())),
    )
    for what, all_of_them in (
        ("new errors of a change", False),
        ("the same, of more than are told apart", True),
    ):
        on = replace(found, kinds=several, cut=all_of_them).on()
        yield what, "\n".join(new_errors("web/trunk", NOW - timedelta(minutes=10), on))
    yield "the same after a restart", compare(asked("logs web in trunk compare"), more.on())
    yield "kinds of warnings", brief(top(asked("logs web in trunk top level warn"), found.on()))
    yield "no errors", top(asked("logs web in trunk top"), none.on())
    yield "no warnings", brief(top(asked("logs web in trunk top level warn"), none.on()))
    yield "ten minutes after a restart", compare(asked("logs web in trunk compare"), found.on())
    yield "hours after a restart", compare(asked("logs web in trunk compare"), long_ago.on())
    yield "without a change", raised(partial(compare, asked("logs web in trunk compare"), Systems().on()))


@table
def test_elsewhere() -> Iterator[tuple[str, Words]]:
    """From pods and from a build's console, past the log store."""
    pods = Systems(pods=("web-1", "web-2"), log=("listening", "ready"))
    console = Systems(log=("compiling", "ERROR: no such symbol", *(f"cleaning {n}" for n in range(80))))
    yield "of two pods", from_pods(logs("logs web in trunk from pod"), NOW, pods.on())
    more = replace(pods, pods=("web-1", "web-2", "web-3", "web-4"))
    yield "of four pods", from_pods(logs("logs web in trunk from pod"), NOW, more.on()).summary
    again = replace(pods, restarts=2)
    yield (
        "of pods that were just started again",
        from_pods(logs("logs web in trunk from pod"), NOW, again.on()),
    )
    proxy = replace(pods, wrong="proxy")
    yield (
        "of another container, which is in trouble",
        from_pods(logs("logs web in trunk from pod"), NOW, proxy.on()),
    )
    yield "of no pod", raised(partial(from_pods, logs("logs web in trunk from pod"), NOW, Systems().on()))
    whole = from_build(logs("logs web in trunk from build 42 limit 3"), NOW, console.on())
    yield "of a build that failed", whole
    gap = replace(console, log=("compiling", NOT_READ, "ERROR: no such symbol"))
    yield (
        "of a console that is not read whole",
        from_build(logs("logs web in trunk from build 42"), NOW, gap.on()),
    )
    words = "logs web in trunk from build 42 grep ERROR"
    yield "of that, a word", from_build(logs(words), NOW, gap.on()).summary
    long = replace(gap, log=(*(f"step {n}" for n in range(90)), NOT_READ))
    yield (
        "of that, more than a message holds",
        from_build(logs("logs web in trunk from build 42"), NOW, long.on()),
    )
    many = replace(console, log=tuple("y" * 90 for _ in range(80)))
    yield "of a long console", head(from_build(logs("logs web in trunk from build 42"), NOW, many.on()))
    words = "logs web in trunk from build 42 grep ERROR"
    yield "of a build, a word", from_build(logs(words), NOW, console.on()).summary
    wrong = logs("logs web in trunk from build 42 level error")
    yield "of a build, by level", raised(partial(from_build, wrong, NOW, console.on()))
