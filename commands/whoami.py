"""whoami: a person's roles and where they reach, by environment."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Control
from bot.examples import word_of
from bot.language import LANGUAGES, _, spoken
from bot.policy import ANY_ROLE, TargetName
from bot.ports import Person
from bot.reply import Button, Buttons, Context, Reply, Text
from bot.words import commas, listed

MOST_PROJECTS = 5
"""So many are named; of more, how many there are."""


@dataclass(frozen=True)
class WhoAmI(Control):
    """Say your roles, and what they let you do."""

    reads = True
    usage = "whoami"
    examples = ("whoami",)

    def answer(self, asker: Person, on: Backends) -> Reply:
        roles = commas(f"*{role}*" for role in on.policy.roles_of(asker))
        head = _("You are {who}, role {roles}. You may use:", who=f"<@{asker.id}>", roles=roles)
        said = "\n".join([head, *_lines(asker, on)])
        more = Buttons((Button(_("Help"), "help"),))
        small = Context(_("I speak {language} with you.", language=LANGUAGES[spoken()]))
        return Reply(said, (Text(said), more, small), private=True)


def _lines(asker: Person, on: Backends) -> list[str]:
    """What may be done everywhere, then what else where: a line for environments and projects that are alike."""
    every = frozenset(on.settings.targets())
    reached = {
        command.verb: on.policy.visible(asker, command.verb)
        for command in on.catalogue.commands
        if command.verb not in ANY_ROLE
    }
    everywhere = [verb for verb, places in reached.items() if places == every]
    groups: dict[str, list[str]] = {}
    for verb, places in reached.items():
        if places and places != every:
            groups.setdefault(_said(places, every, on), []).append(verb)
    lines = [_("• *everywhere:* {commands}", commands=_commands(everywhere))] if everywhere else []
    for where, verbs in sorted(groups.items(), key=lambda group: -len(group[1])):
        lines.append(_("• *{places}:* {commands}", places=where, commands=_commands(verbs)))
    return lines


def _said(places: Collection[TargetName], every: Iterable[TargetName], on: Backends) -> str:
    """`dev and trunk`; `dev, of web and pay`."""
    environments = [name for name in on.settings.environments if any(place[1] == name for place in places)]
    where = listed(environments)
    if all(place in places for place in every if place[1] in environments):
        return where
    projects = sorted({project for project, _environment in places})
    shown = listed(projects) if len(projects) <= MOST_PROJECTS else _("{n} projects", n=len(projects))
    return _("{places}, of {projects}", places=where, projects=shown)


def _commands(verbs: Iterable[str]) -> str:
    return " · ".join(f"`{word_of(verb)}`" for verb in verbs)
