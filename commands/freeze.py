"""freeze and unfreeze: nothing is shipped to an environment for a while."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Control
from bot.faults import Refused
from bot.grammar import Duration, Environment, Moment, Text
from bot.locks import Lock
from bot.mrkdwn import inert
from bot.ports import Person
from bot.reply import Reply, says
from commands.locking import DAY, end, held


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
            raise Refused(
                "Until when?", f"For example `freeze {self.environment} until Monday 09:00 because holidays`."
            )
        until = end(self.length, self.end, asker, 0, on.settings.locks.freeze_most_days * DAY)
        about = str(self.environment)
        wanted = Lock("freeze", about, asker.id, self.reason or "", time.time(), until, request=on.request)
        lock = on.lockkeeper.take(wanted)
        words = (
            f":snowflake: {lock.said()} It binds everybody, you too; rollbacks pass, and what ships nothing."
        )
        return says(f"{words} `unfreeze {about}` ends it.", private=False)


@dataclass(frozen=True)
class Unfreeze(Control):
    """End a freeze before its time."""

    usage = "unfreeze <environment> [because <reason...>]"
    examples = ("unfreeze product", "unfreeze product because hotfix 4711")

    environment: Environment
    reason: Text | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        lock = held("freeze", str(self.environment), on)
        if lock is None:
            weekly = [f for f in on.locks.standing(time.time()) if f.subject == self.environment]
            raise Refused(
                f"{weekly[0].said()} That comes back every week; it stands in shipmate.yaml."
                if weekly and not weekly[0].owner
                else f"{self.environment} is not frozen.",
                "`locks` shows what is held.",
            )
        on.lockkeeper.release(lock, asker.id, self.reason or "")
        why = f": {inert(self.reason)}" if self.reason else "."
        return says(f":sunny: <@{asker.id}> has unfrozen {self.environment}{why}", private=False)
