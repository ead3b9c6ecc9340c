"""help: only what this person may do, by what they may want; and how one command is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Command, Control
from bot.examples import examples, word_of
from bot.grammar.values import Verb
from bot.language import N_, _
from bot.mrkdwn import inert
from bot.ports import Person
from bot.reply import Button, Buttons, Context, Reply, Text, says
from bot.words import commas

TOPICS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("Ship"), ("deploy", "rollback", "promote", "build", "scale", "restart", "pause", "resume", "bounds")),
    (N_("Look"), ("status", "board", "oncall", "history", "changes", "changed", "images", "effect")),
    (N_("Logs"), ("logs", "pipeline")),
    (N_("Locks"), ("lock", "unlock", "locks", "ask", "keep", "extend", "freeze", "unfreeze")),
    (N_("Test"), ("pass", "fail")),
    (
        N_("What is under way"),
        ("cancel", "approve", "deny", "scheduled", "proceed", "retry", "adopt", "giveup"),
    ),
    (N_("You"), ("home", "settings", "follow", "unfollow", "mail", "here", "whoami", "help")),
)
"""What people want, and the commands for it, the likeliest first. Others come last, under MORE."""
MORE = N_("More")
SHOWN = 2
"""Topics that show an example."""
MOST_TRIES = 3
"""Examples that are buttons too."""


@dataclass(frozen=True)
class Help(Control):
    """Show what you may do, or how one command is written."""

    reads = True
    usage = "help [<command>]"
    examples = ("help", "help deploy")

    command: Verb | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        allowed = {allowance.command: allowance for allowance in on.policy.allowed(asker)}
        named = None if self.command is None else on.catalogue.named(self.command)
        if named is None:
            mine = [command for command in on.catalogue.commands if command.verb in allowed]
            return _overview(mine, asker, on)
        if named.verb not in allowed:
            return says(_(":no_entry_sign: `{command}` is not among what you may do.", command=named.verb))
        return _one(named, allowed[named.verb].where, asker, on)


def topics(commands: Iterable[type[Command]]) -> list[tuple[str, list[type[Command]]]]:
    """The topics in which there is something, each with its commands."""
    rest = {command.verb: command for command in commands}
    found = [(topic, [rest.pop(verb) for verb in verbs if verb in rest]) for topic, verbs in TOPICS]
    return [(topic, own) for topic, own in [*found, (MORE, list(rest.values()))] if own]


def _overview(commands: list[type[Command]], asker: Person, on: Backends) -> Reply:
    lines = [_("*What you may do*")]
    mine = topics(commands)
    for number, (topic, own) in enumerate(mine):
        words = " · ".join(f"`{word_of(command.verb)}`" for command in own)
        lines.append(_("*{topic}:* {commands}", topic=_(topic), commands=words))
        if number < SHOWN:
            lines += [f"> `{text}`" for text in examples(own[0], asker, on)[:1]]
    hint = _(
        "`{help} {command}` says how one is written. Words may come in any order, small words may be left out.",
        help=word_of(Help.verb),
        command=word_of(mine[0][1][0].verb),
    )
    offered = [command for command in commands if command.verb in ("status", "board", "whoami")]
    buttons = Buttons(tuple(Button(command.title(), command.verb) for command in offered))
    return Reply(_("What you may do"), (Text("\n".join(lines)), buttons, Context(hint)), private=True)


def _one(command: type[Command], where: Sequence[str], asker: Person, on: Backends) -> Reply:
    shown = examples(command, asker, on)
    lines = [f"`{inert(command.usage)}`", command.summary()]
    if where:
        lines.append(_("You may use it on {places}.", places=inert(_("; ").join(where))))
    if command.aliases:
        lines.append(_("Also: {words}.", words=commas(f"`{alias}`" for alias in command.aliases)))
    lines += [f"• `{text}`" for text in shown]
    # a control acts at once, as a freeze does: only what merely answers is one tap away
    tries = tuple(Button(text, text) for text in shown[:MOST_TRIES] if command.kind == "query")
    text = Text("\n".join(lines))
    return Reply(command.summary(), (text, Buttons(tries)) if tries else (text,), private=True)
