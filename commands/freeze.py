"""freeze and unfreeze: nothing is shipped to an environment for a while."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Control
from bot.faults import Refused
from bot.grammar import Duration, Environment, Moment, Text
from bot.language import _
from bot.lockkeeper import released
from bot.locks import Lock
from bot.ports import Person
from bot.reply import Button, Reply, says
from commands.locking import DAY, changed, end, held, see_locks


@dataclass(frozen=True)
class Freeze(Control):
    """Let nothing be shipped to an environment for a while, by nobody."""

    usage = "freeze <environment> [for <length>] [until <end>] [because <reason...>]"
    examples = ("freeze product until Monday 09:00 because holidays", "freeze product for 2h")

    environment: Environment
    length: Duration | None = None
    end: Moment | None = None
    reason: Text | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        if self.length is None and self.end is None:
            example = f"freeze {self.environment} until Monday 09:00 because holidays"  # not said: typed
            raise Refused(_("Until when?"), _("For example `{command}`.", command=example))
        until = end(self.length, self.end, asker, 0, on.settings.locks.freeze_most_days * DAY)
        about = str(self.environment)
        wanted = Lock("freeze", about, asker.id, self.reason or "", time.time(), until, request=on.request)
        before = held("freeze", about, on)
        lock = on.lockkeeper.take(wanted)
        words = _(
            ":snowflake: {held} It binds everybody, you too; rollbacks pass, and what ships nothing.",
            held=lock.said(),
        )
        words = "\n".join([words, *changed(before, lock)])
        return says(words, Button(_("Unfreeze"), f"unfreeze {about}"), private=False)


@dataclass(frozen=True)
class Unfreeze(Control):
    """End a freeze before its time."""

    usage = "unfreeze <environment> [because <reason...>]"
    aliases = ("un freeze",)
    examples = ("unfreeze product", "unfreeze product because hotfix 4711")

    environment: Environment
    reason: Text | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        lock = held("freeze", str(self.environment), on)
        if lock is None:
            raise Refused(self._why_not(on), see_locks())
        on.lockkeeper.release(lock, asker.id, self.reason or "", on.request)
        return says(released(lock, asker.id, self.reason or ""), private=False)

    def _why_not(self, on: Backends) -> str:
        standing = on.locks.standing(time.time())
        weekly = [lock for lock in standing if lock.subject == self.environment and not lock.owner]
        if weekly:
            return _("{held} That comes back every week; it stands in shipmate.yaml.", held=weekly[0].said())
        return _("{environment} is not frozen.", environment=self.environment)
