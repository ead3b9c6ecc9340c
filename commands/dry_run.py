"""--dry-run: a change that is only foretold. It may ask the systems; it reserves and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from bot.approvals import approval_for
from bot.backends import Backends
from bot.command import Change, Command, StandIn
from bot.grammar import write
from bot.language import N_, _, counted
from bot.mrkdwn import inert
from bot.ports import Person
from bot.redact import redact
from bot.reply import Button, Buttons, Context, Reply, Text
from bot.shown import plainly

ENDS = N_("end {id} ({text}), which is under way")
WAITS = N_("wait in line behind {id} ({text}), which is under way")


@dataclass(frozen=True, kw_only=True)
class Foretold(Change):
    """A change whose usage ends in `[--dry-run]`."""

    dry_run: bool = False

    def resolved(self) -> Command:
        return DryRun(self) if self.dry_run else super().resolved()

    def foretell(self, on: Backends) -> list[str]:
        """What exactly would be done now, step by step, in plain text; raises what the story would raise."""
        raise NotImplementedError


@dataclass(frozen=True)
class DryRun(StandIn):
    """The plan of a change, told and not carried out."""

    def answer(self, asker: Person, on: Backends) -> Reply:
        change = cast(Foretold, self.asked)
        do_it = write(replace(change, dry_run=False))
        steps = [*self._before(asker, on), *change.foretell(on)]
        lines = [f"{number}. {inert(redact(step).text)}" for number, step in enumerate(steps, 1)]
        head = _("{command} would", command=f"*{inert(do_it)}*")
        button = Button(_("Do it"), do_it, confirm=f"{do_it}?")
        note = Context(_("Nothing was changed. What others do meanwhile may change this."))
        return Reply(
            _("dry run: {command}", command=do_it),
            (Text("\n".join([head, *lines])), Buttons((button,)), note),
        )

    def _before(self, asker: Person, on: Backends) -> list[str]:
        """What it would wait for."""
        change = cast(Foretold, self.asked)
        plain = plainly(lambda user: f"@{on.directory.person(user).name}", asker.tz)
        waits = [
            _("be refused: {why}", why=lock.said(plain)) for lock in on.locks.holding_back(change, asker.id)
        ]
        approval = approval_for(change, on.settings, on.policy)
        if approval:
            waits.append(
                counted(
                    "wait for {n} approval by role {role}",
                    "wait for {n} approvals by role {role}",
                    approval["count"],
                    role=approval["role"],
                )
            )
        holder = on.ledger.holder(change.target)
        if holder is not None:
            ends = change.goes_first and holder.verb != change.verb
            act = ENDS if ends else WAITS
            waits.append(_(act, id=holder.id, text=holder.text))
        return waits
