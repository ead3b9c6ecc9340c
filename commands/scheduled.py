"""scheduled: what is to start later."""

from __future__ import annotations

from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Control
from bot.language import _, counted
from bot.lifecycle import State
from bot.mrkdwn import inert
from bot.operation import STARTS, UNLOCKED, Operation
from bot.ports import Person
from bot.reply import Block, Button, Buttons, Reply, Text, says
from bot.spoken import in_words
from bot.words import at_moment

MOST = 20


@dataclass(frozen=True)
class Scheduled(Control):
    """Show what is to start later, and when."""

    reads = True
    usage = "scheduled"
    examples = ("scheduled",)
    aliases = ("later",)

    def answer(self, asker: Person, on: Backends) -> Reply:
        visible = on.policy.visible(asker, "status")
        waiting = [
            operation
            for operation in on.ledger.active()
            if STARTS in operation.plan
            and operation.state in (State.SCHEDULED, State.AWAITING_APPROVAL)
            and tuple(operation.target.split("/")) in visible
        ]
        if not waiting:
            return says(_("Nothing is scheduled."))
        waiting.sort(key=lambda operation: operation.plan[STARTS])
        blocks: list[Block] = []
        for operation in waiting[:MOST]:
            blocks.append(Text(_line(operation)))
            blocks.append(Buttons((Button(_("Cancel"), f"cancel {operation.id}"),)))
        summary = counted("{n} scheduled", "{n} scheduled", len(waiting))
        if len(waiting) > MOST:
            summary = _("{summary}, the first {shown} of them here", summary=summary, shown=MOST)
            blocks.append(Text(summary))
        return Reply(summary, tuple(blocks), private=True)


def _line(operation: Operation) -> str:
    when = at_moment(operation.plan[STARTS])
    starts = _("when unlocked, at the latest {when}", when=when) if UNLOCKED in operation.plan else when
    facts = [f"`{operation.id}` *{inert(in_words(operation.text))}*", starts, f"<@{operation.actor.id}>"]
    if operation.state is State.AWAITING_APPROVAL:
        facts.append(_("not approved yet"))
    return " · ".join(facts)
