"""What can be asked next, as buttons: the same question about another time, or asked a little differently."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.grammar import Between, Duration, Instant, Level, Since, write
from bot.language import _
from bot.ports import LogPage
from bot.reply import Button
from bot.severity import is_grave
from commands.logs_fresh import Freshness, pod_button
from commands.logs_lines import TICK, Shown
from commands.logs_values import Lines, Lucene

if TYPE_CHECKING:
    from commands.logs import Logs
    from commands.logs_answer import Asked

_WORD = re.compile(r"[^\W\d_]{2}\w*")
MORE = 10
"""Times as many lines, when a whole answer was of one moment."""


def buttons(
    asked: Asked, page: LogPage, shown: Shown, fresh: Freshness, link: str, in_file: bool
) -> Iterator[Button]:
    """Those that help most come first. `in_file`: whatever the message does not hold."""
    command = asked.command
    yield from pod_button(fresh)
    if not page.lines and command.text and not command.query and _WORD.fullmatch(command.text):
        beginning = replace(command, text=None, query=Lucene(f"{command.text}*"))
        yield Button(_("Words that begin so"), write(beginning))
    yield Button(_("Older"), _older(asked, page, shown))
    yield Button(_("Newer"), _newer(asked, page))
    if not is_grave(command.level):
        yield Button(_("Only errors"), write(replace(command, level=Level("error"))))
    yield Button(_("Wider"), _wider(asked))
    if (shown.left_out or shown.cut) and not in_file:
        lines = Lines(max(1, min(page.total, Lines.most)))
        yield Button(_("All {count} as a file", count=f"{lines:,}"), write(replace(command, limit=lines)))
    if link:
        yield Button(_("Open in Kibana"), "", url=link)


def _older(asked: Asked, page: LogPage, shown: Shown) -> str:
    """The rest of the window, before what is shown or in the file; or as much time before the window."""
    command, window = asked.command, asked.window
    lines = page.lines
    left = shown.left_out and not command.limit
    if not left and page.total_is_exact and page.total <= len(lines):
        return _between(command, window.since - window.length, window.since)
    if len(lines) > 1 and lines[0].at == lines[-1].at:  # the rest of that moment would be lost
        more = Lines(min(asked.query.limit * MORE, Lines.most))
        return _between(replace(command, limit=more), window.since, lines[0].at + TICK)
    return _between(command, window.since, shown.until if left and shown.until else lines[0].at)


def _newer(asked: Asked, page: LogPage) -> str:
    command, window = asked.command, asked.window
    if not window.reaches_now:
        return _between(command, window.until, min(window.until + window.length, window.now))
    since = min(page.lines[-1].at + TICK, window.until) if page.lines else window.since
    return write(_within(command, since=Since.read(Instant.of(since))))


def _wider(asked: Asked) -> str:
    window = asked.window
    if not window.reaches_now:
        return _between(asked.command, *window.wider)
    seconds = Duration(round((window.now - window.wider[0]).total_seconds()))
    return write(_within(asked.command, since=Since(seconds)))


def _between(command: Logs, since: datetime, until: datetime) -> str:
    return write(_within(command, between=Between.of(since, max(until, since + TICK))))


def _within(command: Logs, since: Since | None = None, between: Between | None = None) -> Logs:
    return replace(command, since=since, between=between, around=None, length=None)
