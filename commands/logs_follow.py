"""logs follow: a message that grows with the log, for some minutes or until somebody stops it.

Between two looks it is a record in Redis that waits (`Story.follow`): no worker is held, and a worker that
dies is succeeded. Each look is the whole answer anew, so nothing is lost or told twice.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.backends import Backends
from bot.faults import Refused, Unavailable
from bot.grammar import Length, Since, write
from bot.grammar.times import zone_of
from bot.language import _, counted
from bot.mrkdwn import inert
from bot.operation import Operation
from bot.ports import LogPage, Seen
from bot.reply import Block, Button, Buttons, Code, Context, Reply, Text
from bot.story import Story
from bot.words import duration, sentences
from commands import logs_lines, logs_records
from commands.logs_answer import count, file_of
from commands.logs_fresh import freshness, pod_button
from commands.logs_notes import partly
from commands.logs_records import hidden

if TYPE_CHECKING:
    from commands.logs import Logs
    from commands.logs_answer import Asked

LENGTH, LONGEST = Length(5 * 60), Length(60 * 60)
BACK = timedelta(seconds=30)
"""Lines reach the log store some seconds late: so much older ones are shown as well."""
SHOWN = 100
IN_FILE = 10_000


def follow(command: Logs, story: Story, on: Backends) -> Reply:
    """Raises Refused for what cannot be followed."""
    if command.since or command.between or command.around or command.source:
        raise Refused(
            _("Follow begins now."),
            _("Only: `{command}`.", command=f"logs {command.project} in {command.environment} follow"),
        )
    length = command.length or LENGTH
    if length > LONGEST:
        raise Refused(
            _("I follow a log for an hour at most."), _("`follow for 1h`, and once more when it ends.")
        )
    operation = story.operation
    now = datetime.now(zone_of(operation.actor.tz))
    began = datetime.fromtimestamp(operation.opened, now.tzinfo)
    asked = command.asked(now, on)
    query = replace(asked.query, since=began - BACK, limit=SHOWN)
    asked = replace(asked, query=query)
    store = on.logs(asked.source.elasticsearch)

    def show(seen: Seen | None, over: bool) -> Reply:
        if seen is not None and seen.trouble and not over:
            return _troubled(asked, operation, seen.trouble)
        try:
            page = store.search(replace(query, limit=command.limit or IN_FILE) if over else query)
        except Unavailable as trouble:
            if over:
                raise
            return _troubled(asked, operation, trouble.words)
        return (_ended if over else _so_far)(asked, operation, page, now - began, on)

    return story.follow("follow", store.growing(query), length, show)


def _so_far(asked: Asked, operation: Operation, page: LogPage, passed: timedelta, on: Backends) -> Reply:
    zone = asked.window.now.tzinfo
    assert zone is not None
    fresh = freshness(page.newest, asked, on)
    records = logs_records.read(page.lines)
    shown = logs_lines.show(records, zone, asked.command.text or "")
    until = asked.window.now - passed + (asked.command.length or LENGTH).delta
    summary = _("{target}: following, {found} so far", target=str(asked.command.target), found=_found(page))
    foot = [_("Until {time} ({zone}).", time=f"{until:%H:%M:%S}", zone=str(zone))]
    foot += [hidden(records.hidden)] if records.hidden else []
    foot += partly(page.partial)
    foot += [_("Earlier ones come as a file at the end.")] if shown.left_out else []
    return Reply(
        summary,
        (
            Text("\n".join(filter(None, (f":arrows_counterclockwise: *{summary}*", fresh.words)))),
            *([Code(shown.lines)] if shown.lines else []),
            Context(f"{sentences(*foot)} `{operation.id}`"),
            Buttons((Button(_("Stop"), f"cancel {operation.id}"), *pod_button(fresh))),
        ),
    )


def _ended(asked: Asked, operation: Operation, page: LogPage, passed: timedelta, on: Backends) -> Reply:
    zone = asked.window.now.tzinfo
    assert zone is not None
    records = logs_records.read(page.lines)
    shown = logs_lines.show(records, zone, asked.command.text or "")
    summary = _(
        "{target}: {found} in {length} of following",
        target=str(asked.command.target),
        found=_found(page),
        length=duration(passed.total_seconds()),
    )
    head = f"*{summary}*"
    if operation.stopped_by:
        head = _("{head}, stopped by {person}", head=head, person=f"<@{operation.stopped_by}>")
    fresh = freshness(page.newest, asked, on)
    head = "\n".join(filter(None, (head, fresh.words)))
    notes = [_("Times are {zone}.", zone=str(zone))]
    notes += [hidden(records.hidden)] if records.hidden else []
    notes += partly(page.partial)
    notes += [_("The earlier ones are in the file in the thread.")] if shown.left_out else []
    seconds = Since(f"{max(60, round(passed.total_seconds()))}s")
    blocks: list[Block] = [
        Text(head),
        *([Code(shown.lines)] if shown.lines else []),
        Context(sentences(*notes)),
        Buttons((
            *pod_button(fresh),
            Button(_("Follow on"), write(asked.command)),
            Button(_("As a search"), write(replace(asked.command, view=None, length=None, since=Since.read(seconds)))),
        )),
    ]  # fmt: skip
    return Reply(summary, tuple(blocks), file=file_of(asked, records, on) if shown.left_out else None)


def _troubled(asked: Asked, operation: Operation, trouble: str) -> Reply:
    """What was shown last stays, with why it does not grow."""
    outcome = operation.outcome
    last = Reply.from_dict(outcome.reply) if outcome and outcome.reply else None
    summary = last.summary if last else _("{target}: following", target=str(asked.command.target))
    shown = last.blocks if last else (Text(f"*{summary}*"),)
    kept = tuple(block for block in shown if isinstance(block, (Text, Code)))
    stop = Buttons((Button(_("Stop"), f"cancel {operation.id}"),))
    trying = _(":warning: {trouble}. Still trying.", trouble=inert(trouble))
    return Reply(summary, (*kept, Context(trying), stop))


def _found(page: LogPage) -> str:
    if not page.errors:
        return count(page)
    return counted("{lines}, {n:,} error", "{lines}, {n:,} errors", page.errors, lines=count(page))
