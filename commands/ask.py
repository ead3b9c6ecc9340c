"""ask and keep: one person would like a target that another one holds."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Change, Control
from bot.faults import Refused
from bot.grammar import Environment, Parsed, Project, Text
from bot.language import _, counted
from bot.locks import Lock, Wish
from bot.ports import Person
from bot.reply import Reply, says
from bot.words import commas
from commands.locking import held, see_locks, subject


@dataclass(frozen=True)
class Ask(Control):
    """Ask whoever holds a target to let it go; you are told the answer."""

    usage = "ask [<project>] in <environment> [because <reason...>]"
    examples = ("ask web in trunk", 'ask web in trunk because "deploy web to trunk"')

    environment: Environment
    project: Project | None = None
    reason: Text | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        about = subject(self.project, self.environment, on)
        target = about if self.project else f"/{self.environment}"
        found = [lock for lock in on.locks.standing(time.time()) if lock.covers(target) and lock.owner]
        others = [lock for lock in found if lock.owner != asker.id]
        if not others:
            raise Refused(
                _("You hold {subject} yourself.", subject=about)
                if found
                else _("Nobody holds {subject}.", subject=about)
            )
        text = self.reason or ""
        parsed = on.catalogue.parse(text) if text else None
        is_change = isinstance(parsed, Parsed) and isinstance(parsed.command, Change)
        for lock in others:
            on.lockkeeper.ask(lock, Wish(asker.id, text, is_change))
        owners = commas(dict.fromkeys(f"<@{lock.owner}>" for lock in others))
        return says(
            _(
                ":bell: {owners} got a message. You are told the answer, and when {subject} is free.",
                owners=owners,
                subject=about,
            )
        )


@dataclass(frozen=True)
class Keep(Control):
    """Answer those who asked for your lock: not yet."""

    usage = "keep [<project>] in <environment> [because <reason...>]"
    examples = ("keep web in trunk because one test is still running",)

    environment: Environment
    project: Project | None = None
    reason: Text | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        about = subject(self.project, self.environment, on)
        mine = [lock for lock in self._held(about, on) if lock.owner == asker.id]
        if not mine:
            raise Refused(_("You hold no lock on {subject}.", subject=about), see_locks())
        for lock in mine:
            on.lockkeeper.keep(lock, self.reason or "", on.request)
        told = sum(len(lock.wishes) for lock in mine)
        if not told:
            return says(_("Nobody has asked for it."))
        return says(
            counted(
                "Told the one who asked. {subject} stays yours.",
                "Told {n} who asked. {subject} stays yours.",
                told,
                subject=about,
            )
        )

    def _held(self, about: str, on: Backends) -> list[Lock]:
        found = (held("lock", about, on), held("freeze", about, on))
        return [lock for lock in found if lock is not None]
