"""history: what was done to a target, newest first."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Control
from bot.grammar.values import Environment, Project
from bot.mrkdwn import inert
from bot.operation import Operation
from bot.ports import Person
from bot.reply import Reply, Text
from bot.views import MARKS
from bot.words import duration
from commands.rolling import tag

MOST = 10


@dataclass(frozen=True)
class History(Control):
    """Show the last changes of a target: who, when, how long, and how they ended."""

    usage = "history <project> in <environment>"
    examples = ("history web in product",)

    project: Project
    environment: Environment

    def answer(self, asker: Person, on: Backends) -> Reply:  # noqa: ARG002  # every command is asked by somebody
        on.settings.target(self.project, self.environment)
        past = on.ledger.history(self.target, MOST)
        if not past:
            words = f"Shipmate has changed nothing in {self.target} yet."
            return Reply(words, (Text(words),), private=True)
        lines = [f"*{self.target}*, newest first", *(_line(operation) for operation in past)]
        return Reply(f"{self.target}: {len(past)} changes", (Text("\n".join(lines)),), private=True)


def _line(operation: Operation) -> str:
    ended = operation.finished or operation.opened
    image = operation.outcome.image if operation.outcome else ""
    shown = f" `{inert(tag(image))}`" if image else ""
    return (
        f"{MARKS[operation.state]} {inert(operation.text)}{shown} · <@{operation.actor.id}> · "
        f"{duration(time.time() - ended)} ago · took {duration(ended - operation.opened)} · `{operation.id}`"
    )
