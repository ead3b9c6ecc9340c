"""--dry-run: a change that is only foretold. It may ask the systems; it reserves and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from bot.approvals import approval_for
from bot.backends import Backends
from bot.command import Change, Command, StandIn
from bot.faults import Refused
from bot.grammar import write
from bot.language import N_, _, counted
from bot.mrkdwn import inert
from bot.ports import Person
from bot.problems import ways_out
from bot.redact import redact
from bot.reply import Button, Buttons, Context, Reply, Text
from bot.shown import plainly


@dataclass(frozen=True)
class Forecast:
    """What a change would do now, in plain text: its acts in their order, and what is to be known before them."""

    acts: tuple[str, ...]
    facts: tuple[str, ...] = ()


ENDS = N_("end {id} ({text}), which is under way")
WAITS = N_("wait in line behind {id} ({text}), which is under way")


@dataclass(frozen=True, kw_only=True)
class Foretold(Change):
    """A change whose usage ends in `[--dry-run]`."""

    dry_run: bool = False

    def resolved(self) -> Command:
        return DryRun(self) if self.dry_run else super().resolved()

    def foretell(self, on: Backends) -> Forecast:
        """What exactly would be done now; raises what the story would raise."""
        raise NotImplementedError


@dataclass(frozen=True)
class DryRun(StandIn):
    """The plan of a change, told and not carried out."""

    def answer(self, asker: Person, on: Backends) -> Reply:
        change = cast(Foretold, self.asked)
        do_it = write(replace(change, dry_run=False))
        try:
            self._must_be_free(asker, on)
            forecast = change.foretell(on)
        except Refused as refusal:
            why = _("`{command}` would be refused: {why}", command=do_it, why=refusal.message)
            raise Refused(why, refusal.hint, refusal.offers) from None
        acts = (*self._before(on), *forecast.acts)
        lines = [
            *(f"• {inert(redact(fact).text).removeprefix('• ')}" for fact in forecast.facts),
            _("{command} would", command=f"*{inert(do_it)}*"),
            *(f"{number}. {inert(redact(act).text)}" for number, act in enumerate(acts, 1)),
        ]
        button = Button(_("Do it"), do_it, confirm=_("Run `{command}`?", command=inert(do_it)))
        note = Context(_("Nothing was changed. What others do meanwhile may change this."))
        return Reply(
            _("dry run: {command}", command=do_it),
            (Text("\n".join(lines)), Buttons((button,)), note),
        )

    def _must_be_free(self, asker: Person, on: Backends) -> None:
        """Raises Refused where a lock or a freeze would hold it back."""
        change = replace(cast(Foretold, self.asked), dry_run=False)
        held = on.locks.holding_back(change, asker.id)
        if held:
            plain = plainly(lambda user: f"@{on.directory.person(user).name}", asker.tz)
            raise Refused(held[0].said(plain), offers=ways_out(held, change, asker.id))

    def _before(self, on: Backends) -> list[str]:
        """What it would wait for."""
        change, waits = cast(Foretold, self.asked), []
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
