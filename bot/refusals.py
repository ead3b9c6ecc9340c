"""How a permission, and why not, is told: who could, and what else they may. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.language import N_, _, counted
from bot.words import any_of, listed, sentences

PHRASES: Mapping[str, tuple[str, str]] = {
    "build": (N_("build {project}"), N_("build {project} in {places}")),
    "changes": (N_("see the changes of {project}"), N_("see the changes of {project} in {places}")),
    "deploy": (N_("deploy {project}"), N_("deploy {project} to {places}")),
    "rollback": (N_("roll back {project}"), N_("roll back {project} in {places}")),
    "scale": (N_("scale {project}"), N_("scale {project} in {places}")),
    "bounds": (N_("set the autoscaler of {project}"), N_("set the autoscaler of {project} in {places}")),
    "restart": (N_("restart {project}"), N_("restart {project} in {places}")),
    "pause": (N_("pause rollouts of {project}"), N_("pause rollouts of {project} in {places}")),
    "resume": (N_("resume rollouts of {project}"), N_("resume rollouts of {project} in {places}")),
    "logs": (N_("read the logs of {project}"), N_("read the logs of {project} in {places}")),
    "pipeline": (
        N_("see the log pipeline of {project}"),
        N_("see the log pipeline of {project} in {places}"),
    ),
    "status": (N_("see the status of {project}"), N_("see the status of {project} in {places}")),
    "history": (N_("see the history of {project}"), N_("see the history of {project} in {places}")),
    "here": (N_("let a channel stand for {project}"), N_("let a channel stand for {project} in {places}")),
    "images": (N_("see the images of {project}"), N_("see the images of {project} in {places}")),
    "board": (N_("see {project} on the board"), N_("see {project} on the board in {places}")),
    "lock": (N_("lock {project}"), N_("lock {project} in {places}")),
    "pass": (N_("pass {project}"), N_("pass {project} in {places}")),
    "fail": (N_("fail {project}"), N_("fail {project} in {places}")),
    "promote": (N_("promote {project}"), N_("promote {project} to {places}")),
    "unlock --force": (
        N_("end a lock of somebody else on {project}"),
        N_("end a lock of somebody else on {project} in {places}"),
    ),
}
"""Command -> how a sentence says it of a project, and of a project in environments."""

USE = (N_("use {command} on {project}"), N_("use {command} on {project} in {places}"))
"""Of a command that has no phrase of its own."""

USE_ANYWHERE = (N_("use {command}"), N_("use {command} in {places}"))
"""Of any project."""

PLACE, THAT, EVERY = (
    N_("{place} needs {roles}."),
    N_("That needs {roles}."),
    N_("Every command needs {roles}."),
)
"""What is lacking. `{place}`: an environment."""

SHOWN_MEMBERS = 5
"""So many people of a role are named; a longer list helps nobody to decide whom to ask."""


@dataclass(frozen=True)
class Grant:
    role: str
    """The first role of the file that allows it."""
    allowed: Literal[True] = True


@dataclass(frozen=True)
class Member:
    """Somebody to ask, by a Slack user id, the id of a user group, or an e-mail address."""

    kind: Literal["user", "group", "email", "hook"]
    id: str


@dataclass(frozen=True)
class RoleRef:
    name: str
    members: tuple[Member, ...]


def mention(member: Member) -> str:
    """In the markup of `bot.reply`, which chat shows as a name."""
    match member.kind:
        case "user":
            return f"<@{member.id}>"
        case "group":
            return f"<!subteam^{member.id}>"
        case "email":
            return member.id
        case "hook":
            return _("the hook {name}", name=member.id)


@dataclass(frozen=True)
class Refusal:
    """Why not, and who could."""

    why: str
    """Whole sentences: what the person may do instead, or why Shipmate does not listen."""
    needs: tuple[RoleRef, ...] = ()
    """The roles that allow it, in the order of the file; any one will do."""
    you_may: tuple[str, ...] = ()
    """Environments in which they may do the same to the same project."""
    lacking: str = THAT
    """The sentence that says who could: PLACE, THAT or EVERY."""
    place: str = ""
    """The environment of PLACE."""
    allowed: Literal[False] = False

    @property
    def message(self) -> str:
        return self.text(mention)

    def text(self, show: Callable[[Member], str]) -> str:
        """The whole refusal, with people shown by `show`."""
        if not self.needs:
            return self.why
        lacking = _(self.lacking, place=self.place, roles=_roles(self.needs, show))
        return sentences(self.why, lacking)


@dataclass(frozen=True)
class Allowance:
    """What somebody may do with one command. `where` is empty for commands about themselves."""

    command: str
    where: tuple[str, ...]
    """`all projects in dev and trunk`, one for each group of projects with the same environments."""

    def __str__(self) -> str:
        return f"{self.command}: {'; '.join(self.where)}" if self.where else self.command


def phrase(command: str, project: str | None, environments: Sequence[str]) -> str:
    """What is done, where: an infinitive without its `to`."""
    forms = PHRASES.get(command, USE) if project is not None else USE_ANYWHERE
    places = {"places": listed(environments)} if environments else {}
    return _(forms[bool(places)], command=command, project=project or "", **places)


def role_names(names: Sequence[str]) -> str:
    return counted("role {names}", "roles {names}", len(names), names=listed(names))


def _roles(needs: Sequence[RoleRef], show: Callable[[Member], str]) -> str:
    """`role ops: @anna`; or `role qa (@ben) or ops (@anna)`."""
    if len(needs) == 1:
        return _("role {name}: {people}", name=needs[0].name, people=_people(needs[0].members, show))
    each = [_("{name} ({people})", name=need.name, people=_people(need.members, show)) for need in needs]
    return _("role {any}", any=any_of(each))


def _people(members: Sequence[Member], show: Callable[[Member], str]) -> str:
    shown = [show(member) for member in members[:SHOWN_MEMBERS]]
    more = len(members) - len(shown)
    return any_of([*shown, _("{n} more", n=more)] if more else shown)
