"""whoami: a person's roles and where they reach."""

from __future__ import annotations

from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Control
from bot.mrkdwn import inert
from bot.ports import Person
from bot.reply import Reply, Text


@dataclass(frozen=True)
class WhoAmI(Control):
    """Say your roles, and what they let you do."""

    usage = "whoami"
    examples = ("whoami",)

    def answer(self, asker: Person, on: Backends) -> Reply:
        roles = ", ".join(f"*{role}*" for role in on.policy.roles_of(asker))
        allowed = "\n".join(f"• {inert(str(allowance))}" for allowance in on.policy.allowed(asker))
        text = f"You are <@{asker.id}>, role {roles}. You may use:\n{allowed}"
        return Reply(text, (Text(text),), private=True)
