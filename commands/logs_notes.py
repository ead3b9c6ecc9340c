"""What a person should know of lines of a log, beside the lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.language import _, counted
from bot.mrkdwn import inert
from bot.ports import MOST_COUNTED, LogPage
from bot.words import commas
from commands.logs_lines import Shown
from commands.logs_records import Records, hidden

if TYPE_CHECKING:
    from commands.logs_answer import Asked

MOST_PODS = 4
"""So many are named."""


def notes(asked: Asked, page: LogPage, records: Records, shown: Shown, in_file: bool) -> list[str]:
    """What a person should know of the lines, in sentences."""
    command = asked.command
    said = [_pods(shown.pods)] if shown.pods else []
    if in_file and shown.left_out:
        said.append(counted(
            "{n:,} earlier one is in the file in the thread.",
            "{n:,} earlier ones are in the file in the thread.",
            shown.left_out,
        ))  # fmt: skip
    elif shown.left_out or page.total > len(page.lines):
        total = f"{page.total:,}" if page.total_is_exact else _("over {number}", number=f"{page.total:,}")
        said.append(
            counted(
                "The newest line of {total}.",
                "The newest {n:,} of {total} lines.",
                shown.records,
                total=total,
            )
        )
    if page.lines:
        said.append(_("Times are {zone}.", zone=str(asked.window.now.tzinfo)))
    if records.hidden:
        said.append(hidden(records.hidden))
    if page.ahead:
        said.append(
            counted(
                "{number} line bears a time that is still to come.",
                "{number} lines bear a time that is still to come.",
                page.ahead,
                number=number_of(page.ahead),
            )
        )
    if page.cut:
        said.append(_("The lines are very long: no more of them were read."))
    said += partly(page.partial)
    if not page.lines and command.text and " " not in command.text:
        said.append(_("Whole words were looked for; a name with dots in it is one word."))
    return said


def _pods(pods: tuple[str, ...]) -> str:
    if len(pods) == 1:
        return _("All of {pod}.", pod=inert(*pods))
    named = commas(map(inert, pods[:MOST_PODS]))
    if len(pods) > MOST_PODS:
        return counted(
            "Pods: {named} and {n} more.", "Pods: {named} and {n} more.", len(pods) - MOST_PODS, named=named
        )
    return _("Pods: {named}.", named=named)


def partly(missing: str | None) -> list[str]:
    """That an answer is of a part only, in a sentence."""
    return [_("Part of the log store did not answer: {what}.", what=inert(missing))] if missing else []


def number_of(count: int) -> str:
    return f"{count:,}" if count < MOST_COUNTED else _("over {number}", number=f"{MOST_COUNTED:,}")
