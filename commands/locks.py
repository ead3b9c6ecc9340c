"""locks: who holds what, why and until when."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Control
from bot.language import _, counted
from bot.ports import Person
from bot.reply import Reply, Text, says


@dataclass(frozen=True)
class ShowLocks(Control):
    """Show what is locked or frozen: by whom, why, since when and until when."""

    usage = "locks"
    examples = ("locks",)

    def answer(self, asker: Person, on: Backends) -> Reply:  # noqa: ARG002  # every command is asked by somebody
        standing = on.locks.standing(time.time())
        if not standing:
            return says(_("Nothing is locked or frozen."))
        marks = {"lock": ":lock:", "freeze": ":snowflake:"}
        lines = [f"{marks[lock.kind]} {lock.said()}" for lock in standing]
        subjects = ", ".join(lock.subject for lock in standing)
        summary = counted("one hold: {subjects}", "{n} holds: {subjects}", len(lines), subjects=subjects)
        return Reply(summary, (Text("\n".join(lines)),), True)
