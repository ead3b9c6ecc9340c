"""--dry-run: a change that is only foretold. It may ask the systems; it reserves and changes nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, cast

from bot.approvals import approval_for
from bot.backends import Backends
from bot.command import Change, Command, StandIn
from bot.faults import Refused
from bot.grammar import write
from bot.language import N_, _, counted
from bot.mrkdwn import inert
from bot.operation import STARTS, UNLOCKED
from bot.ports import Person
from bot.problems import ways_out
from bot.redact import redact
from bot.reply import Button, Buttons, Context, Reply, Text
from bot.shown import plainly
from bot.timing import must_be_clear, starts, still_held
from bot.words import duration


@dataclass(frozen=True)
class Forecast:
    """What a change would do now, in plain text: its acts in their order, and what is to be known before them."""

    acts: tuple[str, ...]
    facts: tuple[str, ...] = ()


UNTIL, UNTIL_UNLOCKED = N_("wait for {length}"), N_("wait until it is unlocked, {length} at most")
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
            timing = self._timing(asker, on)
            forecast = change.foretell(on)
        except Refused as refusal:
            why = _("`{command}` would be refused: {why}", command=do_it, why=refusal.message)
            raise Refused(why, refusal.hint, refusal.offers) from None
        acts = (*_waited(timing), *self._before(on), *forecast.acts)
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

    def _timing(self, asker: Person, on: Backends) -> dict[str, Any]:
        """When it would start. Raises Refused where a lock or a freeze would hold it back then."""
        change = replace(cast(Foretold, self.asked), dry_run=False)
        held = on.locks.holding_back(change, asker.id)
        timing = starts(change, asker.tz, held, on.settings.limits)
        must_be_clear(timing, on.locks, change, asker.id)
        if still_held(held, timing):
            plain = plainly(lambda user: f"@{on.directory.person(user).name}", asker.tz)
            raise Refused(held[0].said(plain), offers=ways_out(held, change, asker.id))
        return timing

    def _before(self, on: Backends) -> list[str]:
        """Whom it would wait for."""
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


def _waited(timing: dict[str, Any]) -> list[str]:
    """The time until it starts, to the minute."""
    if STARTS not in timing:
        return []
    words = UNTIL_UNLOCKED if UNLOCKED in timing else UNTIL
    minutes = round((timing[STARTS] - time.time()) / 60)
    return [_(words, length=duration(minutes * 60))]
