"""A page of log lines -> what is posted: the summary first, then the lines, then what to ask next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.backends import Backends
from bot.language import _, counted
from bot.mrkdwn import inert
from bot.ports import LogPage, LogQuery
from bot.reply import Block, Buttons, Code, Context, File, Reply
from bot.reply import Text as Paragraph
from bot.severity import is_grave
from bot.words import duration, sentences
from commands import logs_lines, logs_next, logs_records
from commands.logs_fresh import Freshness, freshness
from commands.logs_notes import notes, number_of
from commands.logs_records import Records
from commands.logs_window import Window

if TYPE_CHECKING:
    from bot.settings import LogSource
    from commands.logs import Logs

LONGEST_QUOTED = 200
"""Characters of what somebody looked for that are said back."""
UNASKED = 100
"""Where a message does not hold all lines and they are no more than so many, the rest comes as a file."""


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
    limit = asked.query.limit
    page = _of_whole_moments(store.search(replace(asked.query, limit=limit + 1)), limit)
    if not asked.command.limit and len(page.lines) < page.total and rest_comes_as_file(asked, page):
        page = store.search(replace(asked.query, limit=UNASKED))
    records = logs_records.read(page.lines)
    fresh = freshness(page.newest, asked, on) if asked.window.reaches_now else Freshness()
    link = store.link(asked.query, asked.source.data_view)
    return reply(asked, page, records, fresh, link, on)


def rest_comes_as_file(asked: Asked, page: LogPage) -> bool:
    """Where so many lines were asked for, or all of them are few enough to be sent unasked."""
    return bool(asked.command.limit) or (page.total_is_exact and page.total <= UNASKED)


def _of_whole_moments(page: LogPage, limit: int) -> LogPage:
    """The newest `limit` lines of a page that has one more, without those of the moment that this one is of.

    So what is older can be asked for by time, and nothing is left out or shown twice.
    """
    if len(page.lines) <= limit:
        return page
    before, *newest = page.lines[-limit - 1 :]
    return replace(page, lines=[line for line in newest if line.at > before.at] or newest)


def reply(asked: Asked, page: LogPage, records: Records, fresh: Freshness, link: str, on: Backends) -> Reply:
    zone = asked.window.now.tzinfo
    assert zone is not None
    wanted = asked.command.text or asked.command.trace or ""
    shown = logs_lines.show(records, zone, wanted)
    said = summary(asked, page, records)
    overflows = rest_comes_as_file(asked, page) and (shown.left_out or shown.cut)
    file = file_of(asked, records, on) if overflows else None
    blocks: list[Block] = [Paragraph("\n".join(filter(None, (f"*{said}*", fresh.words))))]
    if shown.lines:
        blocks.append(Code(shown.lines))
    foot = notes(asked, page, records, shown, file is not None)
    if foot:
        blocks.append(Context(sentences(*foot)))
    blocks.append(
        Buttons(tuple(logs_next.buttons(asked, page, shown, fresh, link, rest_comes_as_file(asked, page))))
    )
    return Reply(said, tuple(blocks), file=file)


def summary(asked: Asked, page: LogPage, records: Records) -> str:
    """In mrkdwn: "web/product: 37 errors in 15 min (12 in the 15 min before), mostly `TimeoutError: payments`"."""
    command, window = asked.command, asked.window
    target = str(command.target)
    said = _("{target}: {found} {window}", target=target, found=_found(command, page), window=window.words)
    said = _with_errors(said, asked, page)
    kind = logs_records.mostly(records)
    return _("{said}, mostly `{kind}`", said=said, kind=inert(kind)) if kind else said


def _with_errors(said: str, asked: Asked, page: LogPage) -> str:
    """And how many of them are errors, and were before; what the log store did not count in time is left out."""
    before = ""
    if page.errors_before is not None:
        length = duration(asked.window.length.total_seconds())
        before = _("{count} in the {length} before", count=number_of(page.errors_before), length=length)
    if is_grave(asked.command.level):
        known = before and (page.errors or page.errors_before)
        return _("{said} ({before})", said=said, before=before) if known else said
    if not page.errors:
        return said
    errors = counted(
        "{said}, {number} error",
        "{said}, {number} errors",
        page.errors,
        said=said,
        number=number_of(page.errors),
    )
    return _("{said} ({before})", said=errors, before=before) if before else errors


def _found(command: Logs, page: LogPage) -> str:
    """How many lines, and what is said of all of them."""
    found = count(page, str(command.level) if is_grave(command.level) else "")
    if command.level and not is_grave(command.level):
        found = _("{found} at {level} or worse", found=found, level=str(command.level))
    if command.text:
        found = _(
            '{found} with "{text}"',
            found=found,
            text=inert(logs_records.shortened(command.text, LONGEST_QUOTED)),
        )
    if command.pod:
        found = _("{found} of pod {pod}…", found=found, pod=inert(command.pod))
    if command.trace:
        found = _("{found} of trace {trace}", found=found, trace=inert(command.trace))
    return _("{found} that match the query", found=found) if command.query else found


def count(page: LogPage, level: str = "") -> str:
    """ "no lines", "37 errors", "over 10,000 fatal lines"."""
    number = f"{page.total:,}" if page.total_is_exact else _("over {number}", number=f"{page.total:,}")
    if level == "error":
        many = counted("{number} error", "{number} errors", page.total, number=number)
        return many if page.total else _("no errors")
    if level:
        many = counted(
            "{number} {level} line", "{number} {level} lines", page.total, number=number, level=level
        )
        return many if page.total else _("no {level} lines", level=level)
    return (
        counted("{number} line", "{number} lines", page.total, number=number) if page.total else _("no lines")
    )


def file_of(asked: Asked, records: Records, on: Backends) -> File:
    zone = asked.window.now.tzinfo
    assert zone is not None
    key = on.files.keep(logs_lines.in_full(records, zone))
    at = f"{asked.window.now:%Y-%m-%d-%H%M%S}"
    name = f"{asked.command.project}-{asked.command.environment}-{at}-{key[:4]}.log"
    title = _(
        "{count} of {target}, {window}",
        count=f"{len(records.all):,}",
        target=str(asked.command.target),
        window=asked.window.words,
    )
    return File(name, title, key)
