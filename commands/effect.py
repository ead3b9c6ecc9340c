"""effect: errors a minute before and after an operation. Asked by itself some minutes after a rollback."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.backends import Backends
from bot.command import Query
from bot.faults import Refused, Unavailable
from bot.language import N_, _
from bot.lifecycle import State
from bot.operation import Operation
from bot.ports import LogPage, LogQuery, Person
from bot.reply import Block, Button, Buttons, Context, Reply, Text
from bot.settings import LogSource
from bot.severity import ERROR
from bot.spoken import in_words
from bot.story import Story
from bot.words import at_time, duration
from commands.logs_notes import partly
from commands.naming import OperationId, named
from commands.rolling import ROLLOUT

LATE_SECONDS = 60
"""A newest line that is older than this when the time is over: the log pipeline may be behind."""
WORSE, BETTER = 2.0, 0.5
"""Times as many errors a minute as before: what lies between is about the same."""
VERDICTS = {
    "unknown": N_(
        ":warning: *{target}: no line of its log is in the log store*, so nothing can be compared."
    ),
    "none": N_(":white_check_mark: *{target}: no errors*, before and after."),
    "better": N_(":white_check_mark: *{target}: fewer errors*: {after} a minute, {before} before."),
    "same": N_(":warning: *{target}: about as many errors*: {after} a minute, {before} before."),
    "worse": N_(":x: *{target}: more errors*: {after} a minute, {before} before."),
}
SAID = {
    "unknown": N_("{target}: no line of its log is in the log store, so nothing can be compared"),
    "none": N_("{target}: no errors, before and after"),
    "better": N_("{target}: fewer errors: {after} a minute, {before} before"),
    "same": N_("{target}: about as many errors: {after} a minute, {before} before"),
    "worse": N_("{target}: MORE errors: {after} a minute, {before} before"),
}


@dataclass(frozen=True)
class Effect(Query):
    """Compare the errors a minute before and after an operation: did it help?"""

    reads = True
    usage = "effect <operation>"
    examples = ("effect k7f3",)

    operation: OperationId

    def answer(self, asker: Person, on: Backends) -> Reply:
        operation = named(self.operation, on)
        source = _source(operation, on)
        if source is None:
            raise Refused(_("No log store is configured for {target}.", target=operation.target))
        if not _sees(asker, operation, on):
            raise Refused(_("You may not read the log of {target}.", target=operation.target))
        if operation.finished is None:
            raise Refused(_("`{id}` has not ended yet: ask again then.", id=operation.id))
        try:
            return _compared(operation, source, on)
        except Unavailable as trouble:
            words = _(
                ":warning: Errors before and after `{id}` are not known yet: {system} {reason}.",
                id=operation.id,
                system=trouble.system,
                reason=trouble.reason,
            )
            again = Button(_("Look again"), f"effect {operation.id}")
            return Reply(words, (Text(words), Buttons((again,))))


def compare_later(story: Story, on: Backends) -> None:
    """Have the errors compared when some minutes have passed, in the thread of the operation's message.

    It is an operation of its own, in the ledger before this one ends: whatever dies meanwhile, it is told once.
    """
    operation, minutes = story.operation, on.settings.limits.errors_after_minutes
    if not minutes or _source(operation, on) is None or not _sees(operation.actor, operation, on):
        return
    at = story.step("errors are compared", lambda: time.time() + minutes * 60, tell=_announced)
    story.schedule("errors compared", Effect(OperationId(operation.id)), at, on)


def _announced(at: float) -> str:
    return _("errors before and after are compared in the thread at {time}", time=at_time(at))


def _source(operation: Operation, on: Backends) -> LogSource | None:
    project, slash, environment = operation.target.partition("/")
    return on.settings.target(project, environment).logs if slash else None


def _sees(person: Person, operation: Operation, on: Backends) -> bool:
    """Whether they may read the target's log."""
    return tuple(operation.target.split("/")) in on.policy.visible(person, "logs")


def _compared(operation: Operation, source: LogSource, on: Backends) -> Reply:
    limits, step = on.settings.limits, operation.step(ROLLOUT)
    began, ended = step.began if step else operation.opened, operation.finished or operation.opened
    until = min(time.time(), ended + limits.errors_after_minutes * 60)
    before = _errors(source, began - limits.errors_before_minutes * 60, began, on)
    after = _errors(source, ended, until, on)
    rates = (before.total / limits.errors_before_minutes, after.total / max((until - ended) / 60, 1 / 60))
    verdict = "unknown" if after.newest is None else _verdict(*rates)
    values = {"target": operation.target, "before": _rate(rates[0], before), "after": _rate(rates[1], after)}
    notes = [
        _(
            "{before} before and {after} after `{command}` (`{id}`).",
            before=duration(limits.errors_before_minutes * 60),
            after=duration(until - ended),
            command=in_words(operation.text),
            id=operation.id,
        )
    ]
    notes += partly(before.partial or after.partial)
    if after.newest is not None and after.newest.timestamp() < until - LATE_SECONDS:
        age = duration(time.time() - after.newest.timestamp())
        notes.append(
            _("The newest line of its log is {age} old: it is quiet, or the log is behind.", age=age)
        )
    blocks: list[Block] = [Text(_(VERDICTS[verdict], **values)), Context(" ".join(notes))]
    words = operation.target.replace("/", " in ")
    buttons = [Button(_("Errors"), f"logs {words} level error")]
    if verdict in ("same", "worse") and operation.state is State.SUCCEEDED:
        buttons.insert(0, Button(_("Roll back"), f"rollback {words}", "danger"))
    blocks.append(Buttons(tuple(buttons)))
    return Reply(_(SAID[verdict], **values), tuple(blocks))


def _errors(source: LogSource, since: float, until: float, on: Backends) -> LogPage:
    first, last = (datetime.fromtimestamp(at, UTC) for at in (since, until))
    query = LogQuery(source.index, first, last, level=ERROR, limit=1, filters=source.filters)
    return on.logs(source.elasticsearch).search(query)


def _verdict(before: float, after: float) -> str:
    if not before and not after:
        return "none"
    if after >= before * WORSE:
        return "worse"
    return "better" if after <= before * BETTER else "same"


def _rate(rate: float, page: LogPage) -> str:
    """`0.4`, `12`, `over 2,000`."""
    said = f"{rate:,.0f}" if rate >= 10 or not rate else f"{rate:.1f}"
    return said if page.total_is_exact else _("over {count}", count=said)
