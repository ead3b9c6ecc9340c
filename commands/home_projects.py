"""The projects of one person, for their Home tab: what runs where, what is not well first, a page at a time."""

from __future__ import annotations

import time

from bot.backends import Backends
from bot.language import _
from bot.operation import Operation
from bot.ports import Person
from bot.reply import Block, Button, Buttons, Context, Heading, Text
from bot.settings import Target
from commands.looking import Found, look, mark
from commands.status import rows

PAGE = 10
LOOKED_AT = 100
"""So many are looked at for what is not well; of more only those of the page, as a look costs the cluster."""
WELL = ":large_green_circle:"
MOST_RECENT = 30

Looks = list[tuple[Target, Found]]


def projects(asker: Person, page: int, active: list[Operation], on: Backends) -> list[Block]:
    """Those that somebody follows first, then what they changed last, then the others that they may ship."""
    names = _names(asker, active, on)
    title = Heading(_("Your projects"))
    if not names:
        return [title, Text(_("None that you may see. `whoami` says what you may do."))]
    pages = -(-len(names) // PAGE)
    page = min(page, pages)
    if len(names) > LOOKED_AT:
        names = names[(page - 1) * PAGE : page * PAGE]
    looks = _look(names, asker, on)
    if len(names) <= LOOKED_AT and pages > 1:
        names = sorted(names, key=lambda name: all(mark(found) == WELL for _target, found in looks[name]))
        names = names[(page - 1) * PAGE : page * PAGE]
    drawn: list[Block] = [title]
    for name in names:
        drawn += _project(name, looks[name], asker, on)
    return [*drawn, *_turning(page, pages)]


def _names(asker: Person, active: list[Operation], on: Backends) -> list[str]:
    """Of somebody who only looks, all that they may see."""
    seen = {project for project, _environment in on.policy.visible(asker, "status")}
    changes = (command.verb for command in on.catalogue.commands if command.kind == "change")
    ships = seen & {project for verb in changes for project, _ in on.policy.visible(asker, verb)}
    mine = [name for name in on.settings.projects if name in (ships or seen)]
    recent = [*active, *on.ledger.index(f"actor:{asker.id}", MOST_RECENT)]
    touched = [one.target.partition("/")[0] for one in recent if one.actor.id == asker.id]
    first = [*on.preferences.of(asker.id).follows, *touched]
    return list(dict.fromkeys([*filter(seen.__contains__, first), *mine]))


def _look(names: list[str], asker: Person, on: Backends) -> dict[str, Looks]:
    visible, environments = on.policy.visible(asker, "status"), on.settings.environments
    where = [(name, place) for name in names for place in environments if (name, place) in visible]
    targets = [on.settings.target(name, place) for name, place in where]
    looks: dict[str, Looks] = {name: [] for name in names}
    for target, found in zip(targets, look(targets, on), strict=True):
        looks[target.project].append((target, found))
    return looks


def _project(name: str, looks: Looks, asker: Person, on: Backends) -> list[Block]:
    """With a way back for the first target that is not well."""
    standing = on.locks.standing(time.time())
    drawn: list[Block] = [Text("\n".join([f"*{name}*", *rows(looks, standing, on)]))]
    ill = [target for target, found in looks if mark(found) != WELL and not isinstance(found, str)]
    for target in ill[:1]:
        words = f"{target.project} in {target.environment}"
        back = Button(_("Roll back {target}", target=target), f"rollback {words}")
        errors = Button(_("Errors"), f"logs {words} level error")
        may = [
            button
            for verb, button in (("rollback", back), ("logs", errors))
            if on.policy.may(asker, verb, target.project, target.environment).allowed
        ]
        drawn += [Buttons(tuple(may))] if may else []
    return drawn


def _turning(page: int, pages: int) -> list[Block]:
    if pages == 1:
        return []
    there = [
        *([Button(_("Back"), f"home page {page - 1}")] if page > 1 else []),
        *([Button(_("Next"), f"home page {page + 1}")] if page < pages else []),
    ]
    return [Context(_("Page {page} of {pages}", page=page, pages=pages)), Buttons(tuple(there))]
