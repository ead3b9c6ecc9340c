"""A page of log lines -> what is posted: the summary first, then the lines, then what to ask next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.backends import Backends
from bot.grammar import Between, Duration, Instant, Level, Since, write
from bot.mrkdwn import inert
from bot.ports import LogPage, LogQuery
from bot.reply import Block, Button, Buttons, Code, Context, File, Reply
from bot.reply import Text as Paragraph
from bot.severity import is_grave
from commands import logs_lines
from commands.logs_fresh import Freshness, freshness
from commands.logs_lines import Records
from commands.logs_window import Window

if TYPE_CHECKING:
    from bot.settings import LogSource
    from commands.logs import Logs

TICK = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Asked:
    """A question, in the words of whoever asks and in those of the log store."""

    command: Logs
    window: Window
    source: LogSource
    query: LogQuery


def lines(asked: Asked, on: Backends) -> Reply:
    """The newest lines that match."""
    store = on.logs(asked.source.elasticsearch)
    page = store.search(asked.query)
    records = logs_lines.read(page.lines)
    fresh = freshness(page.newest, asked, on) if asked.window.reaches_now else Freshness()
    link = store.link(asked.query, asked.source.data_view)
    return reply(asked, page, records, fresh, link, on)


def reply(asked: Asked, page: LogPage, records: Records, fresh: Freshness, link: str, on: Backends) -> Reply:
    zone = asked.window.now.tzinfo
    assert zone is not None
    wanted = asked.command.text or asked.command.trace or ""
    shown = logs_lines.show(records, zone, wanted)
    summary = summarise(asked, page, records)
    file = file_of(asked, records, on) if shown.left_out else None
    blocks: list[Block] = [Paragraph(f"*{summary}*{fresh.words and chr(10) + inert(fresh.words)}")]
    if shown.lines:
        blocks.append(Code(shown.lines))
    notes = _notes(asked, page, records, shown)
    if notes:
        blocks.append(Context(" ".join(notes)))
    blocks.append(Buttons(_buttons(asked, page, fresh, link)))
    return Reply(summary, tuple(blocks), file=file)


def summarise(asked: Asked, page: LogPage, records: Records) -> str:
    """In mrkdwn: "web/product: 37 errors in 15 min (12 before), mostly `TimeoutError: payments`"."""
    command = asked.command
    grave = is_grave(command.level)
    noun = {"error": "error"}.get(str(command.level), f"{command.level} line") if grave else "line"
    number = f"{page.total:,}" if page.total_is_exact else f"over {page.total:,}"
    found = f"{number if page.lines else 'no'} {noun}{'' if page.total == 1 else 's'}"
    if command.level and not grave:
        found += f" at {command.level} or worse"
    before = f" ({page.errors_before:,} before)" if page.errors or page.errors_before else ""
    errors = f", {page.errors:,} error{'' if page.errors == 1 else 's'}" if page.errors and not grave else ""
    said = logs_lines.mostly(records)
    return (
        f"{command.target}: {found}{_narrowed(command)} {asked.window.words}{errors}"
        f"{before if grave or errors else ''}{f', mostly `{inert(said)}`' if said else ''}"
    )


def _narrowed(command: Logs) -> str:
    text = f' with "{inert(command.text)}"' if command.text else ""
    pod = f" of pod {inert(command.pod)}…" if command.pod else ""
    trace = f" of trace {inert(command.trace)}" if command.trace else ""
    return f"{text}{pod}{trace}{' that match the query' if command.query else ''}"


def _notes(asked: Asked, page: LogPage, records: Records, shown: logs_lines.Shown) -> list[str]:
    notes: list[str] = []
    if len(shown.pods) == 1:
        notes.append(f"All of {inert(*shown.pods)}.")
    if shown.left_out:
        notes.append(f"{shown.left_out:,} earlier ones are in the file in the thread.")
    elif page.total > len(page.lines):
        notes.append(f"The newest {len(page.lines):,}.")
    if page.lines:
        notes.append(f"Times are {asked.window.now.tzinfo}.")
    if records.hidden:
        notes.append(f"{records.hidden} value{'s' if records.hidden > 1 else ''} hidden.")
    if page.partial:
        notes.append(f"Part of the log store did not answer: {inert(page.partial)}.")
    command = asked.command
    if not page.lines and command.text and " " not in command.text and not command.inside:
        notes.append("Whole words were looked for.")
    return notes


def file_of(asked: Asked, records: Records, on: Backends) -> File:
    zone = asked.window.now.tzinfo
    assert zone is not None
    key = on.files.keep(logs_lines.in_full(records, zone))
    at = f"{asked.window.now:%Y-%m-%d-%H%M%S}"
    name = f"{asked.command.project}-{asked.command.environment}-{at}-{key[:4]}.log"
    return File(name, f"{len(records.all):,} of {asked.command.target}, {asked.window.words}", key)


def _buttons(asked: Asked, page: LogPage, fresh: Freshness, link: str) -> tuple[Button, ...]:
    """The same question again, asked a little differently."""
    command, window = asked.command, asked.window
    buttons = [
        Button("Older", _between(command, *_older(page, window))),
        Button("Newer", _newer(command, page, window)),
        Button("Wider", _between(command, *window.wider)),
    ]
    if window.reaches_now:
        seconds = Duration(round((window.now - window.wider[0]).total_seconds()))
        buttons[2] = Button("Wider", write(_within(command, since=Since(seconds))))
    if not is_grave(command.level):
        buttons.insert(2, Button("Only errors", write(replace(command, level=Level("error")))))
    if not page.lines and command.text and not command.inside and " " not in command.text:
        buttons.insert(0, Button("Inside words, slower", write(replace(command, inside=True))))
    if fresh.from_pod:
        buttons.insert(0, Button("The pod's own log", fresh.from_pod))
    if link:
        buttons.append(Button("Open in Kibana", "", url=link))
    return tuple(buttons)


def _older(page: LogPage, window: Window) -> tuple[datetime, datetime]:
    """What comes before the lines shown: the rest of the window, or as much time before it.

    Lines of the same millisecond as the first one shown are shown again, unless all shown are of it.
    """
    if page.lines and page.total > len(page.lines):
        first, last = page.lines[0].at, page.lines[-1].at
        return window.since, first + TICK if first < last and first + TICK > window.since else first
    return window.since - window.length, window.since


def _newer(command: Logs, page: LogPage, window: Window) -> str:
    if not window.reaches_now:
        return _between(command, window.until, min(window.until + window.length, window.now))
    latest = page.lines[-1].at if page.lines else window.since
    return write(_within(command, since=Since.read(Instant.of(latest))))


def _between(command: Logs, since: datetime, until: datetime) -> str:
    return write(_within(command, between=Between.of(since, max(until, since + TICK))))


def _within(command: Logs, since: Since | None = None, between: Between | None = None) -> Logs:
    return replace(command, since=since, between=between, around=None, length=None)
