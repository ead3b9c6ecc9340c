"""help: only what this person may do."""

from __future__ import annotations

from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Command, Control
from bot.grammar.values import Verb
from bot.mrkdwn import inert
from bot.ports import Person
from bot.reply import Button, Buttons, Context, Reply, Text, says


@dataclass(frozen=True)
class Help(Control):
    """Show what you may do, or how one command is written."""

    usage = "help [<command>]"
    examples = ("help", "help deploy")

    command: Verb | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        allowed = {allowance.command: allowance for allowance in on.policy.allowed(asker)}
        named = None if self.command is None else on.catalogue.named(self.command)
        if named is None:
            mine = [command for command in on.catalogue.commands if command.verb in allowed]
            return _overview(mine)
        if named.verb not in allowed:
            return says(f":no_entry_sign: `{named.verb}` is not among what you may do.")
        where = "; ".join(allowed[named.verb].where)
        return _one(named, where)


def _overview(commands: list[type[Command]]) -> Reply:
    lines = [f"`{inert(command.usage)}`\n{command.summary()}" for command in commands]
    text = "*What you may do*\n" + "\n".join(lines)
    hint = f"Words may come in any order, small words may be left out. `help {commands[0].verb}` says more."
    return Reply("What you may do", (Text(text), Context(hint)), private=True)


def _one(command: type[Command], where: str) -> Reply:
    examples = "\n".join(f"• `{example}`" for example in command.examples)
    aliases = f"\nAlso: {', '.join(f'`{alias}`' for alias in command.aliases)}." if command.aliases else ""
    place = f"\nYou may use it on {inert(where)}." if where else ""
    text = f"`{inert(command.usage)}`\n{command.summary()}{place}{aliases}\n{examples}"
    # a control acts at once, as a freeze does: only what merely answers is one tap away
    tries = tuple(Button(example, example) for example in command.examples if command.kind == "query")
    blocks = (Text(text), Buttons(tries)) if tries else (Text(text),)
    return Reply(command.summary(), blocks, private=True)
