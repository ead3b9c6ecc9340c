"""locks: who holds what, why and until when."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Control
from bot.grammar import Environment, Project
from bot.language import _, counted
from bot.locks import Lock
from bot.ports import Person
from bot.reply import Reply, Text, says
from bot.words import commas


@dataclass(frozen=True)
class ShowLocks(Control):
    """Show what is locked or frozen: by whom, why, since when and until when."""

    reads = True
    usage = "locks [<project>] [in <environment>]"
    examples = ("locks", "locks trunk", "locks web")
    aliases = ("who locked",)

    project: Project | None = None
    environment: Environment | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:  # noqa: ARG002  # every command is asked by somebody
        standing = [lock for lock in on.locks.standing(time.time()) if self._concerns(lock)]
        if not standing:
            return says(_("Nothing is locked or frozen."))
        marks = {"lock": ":lock:", "freeze": ":snowflake:"}
        lines = [f"{marks[lock.kind]} {lock.said()}" for lock in standing]
        subjects = commas(lock.subject for lock in standing)
        summary = counted(
            "{n} lock or freeze: {subjects}",
            "{n} locks and freezes: {subjects}",
            len(lines),
            subjects=subjects,
        )
        return Reply(summary, (Text("\n".join(lines)),), True)

    def _concerns(self, lock: Lock) -> bool:
        """A lock of a whole environment holds every project in it."""
        project, _slash, environment = lock.subject.rpartition("/")
        named = not (self.project and project) or project == self.project
        return named and self.environment in (None, environment)
