"""Who may do what, where, and why not. Pure: settings and a person in, an answer out.

Deny by default: what no rule of a role allows is refused, and a refusal names who has what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Literal

from bot.language import spoken
from bot.ports import Person, hook_actor
from bot.settings import Members, Role, Rule

Actor = Person
"""Whoever asks."""

TargetName = tuple[str, str]
"""(project, environment)."""

Scope = tuple[str, str | None, str | None]
"""(command, project, environment), as `Policy.may` takes them."""

ANY_ROLE = frozenset(
    {
        "ask",
        "effect",
        "extend",
        "keep",
        "locks",
        "mail",
        "settings",
        "follow",
        "unfollow",
        "scheduled",
        "unlock",
        "help",
        "whoami",
        "cancel",
        "approve",
        "deny",
        "proceed",
        "retry",
        "adopt",
        "giveup",
    }
)
"""Any role will do at the door: they tell people about themselves, or check the operation or lock that they name."""

PHRASES: Mapping[str, tuple[str, str]] = {
    "build": ("build {}", "in"),
    "changes": ("see the changes of {}", "in"),
    "deploy": ("deploy {}", "to"),
    "rollback": ("roll back {}", "in"),
    "scale": ("scale {}", "in"),
    "bounds": ("set the autoscaler of {}", "in"),
    "restart": ("restart {}", "in"),
    "pause": ("pause rollouts of {}", "in"),
    "resume": ("resume rollouts of {}", "in"),
    "logs": ("read the logs of {}", "in"),
    "pipeline": ("see the log pipeline of {}", "in"),
    "status": ("see the status of {}", "in"),
    "history": ("see the history of {}", "in"),
    "here": ("let a channel stand for {}", "in"),
    "images": ("see the images of {}", "in"),
    "board": ("see {} on the board", "in"),
    "lock": ("lock {}", "in"),
    "pass": ("pass {}", "in"),
    "fail": ("fail {}", "in"),
    "promote": ("promote {}", "to"),
    "unlock --force": ("end a lock of somebody else on {}", "in"),
}
"""Command -> how a sentence says it of a project, and of an environment; else: "use x on web in dev"."""

NO_ROLE = "You have no role in Shipmate yet"

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
            return f"the hook {member.id}"


@dataclass(frozen=True)
class Refusal:
    """Why not, and who could. The sentence is made of `why`, `wanted` and `needs`."""

    why: str
    """Whole sentences: what the person may do instead, or why Shipmate does not listen."""
    wanted: str = ""
    """What they lack the role for, as the subject of a sentence: "product", or "That"."""
    needs: tuple[RoleRef, ...] = ()
    """The roles that allow it, in the order of the file; any one will do."""
    you_may: tuple[str, ...] = ()
    """Environments in which they may do the same to the same project."""
    allowed: Literal[False] = False

    @property
    def message(self) -> str:
        return self.text(mention)

    def text(self, show: Callable[[Member], str]) -> str:
        """The whole refusal, with people shown by `show`."""
        if not self.needs:
            return self.why
        return f"{self.why} {self.wanted} needs {_roles(self.needs, show)}."


@dataclass(frozen=True)
class Allowance:
    """What somebody may do with one command. `where` is empty for commands about themselves."""

    command: str
    where: tuple[str, ...]
    """`all projects in dev and trunk`, one for each group of projects with the same environments."""

    def __str__(self) -> str:
        return f"{self.command}: {'; '.join(self.where)}" if self.where else self.command


@dataclass(frozen=True)
class Policy:
    roles: Mapping[str, Role]
    targets: Sequence[TargetName]
    """Every (project, environment) there is, as `Settings.targets()` gives them."""
    teams: Collection[str]
    """Ids of the workspaces that are served."""
    commands: Sequence[str]
    """Every command there is, for `allowed`."""
    _reached: dict[tuple[str, str], frozenset[TargetName]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _told: dict[tuple[str, frozenset[TargetName]], tuple[str, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What rules reach, and how each language says that: worked out once, as a shop may have thousands of
    targets."""

    def may(
        self, actor: Actor, command: str, project: str | None, environment: str | None
    ) -> Grant | Refusal:
        """None stands for "some": `may(actor, "deploy", "web", None)` asks whether there is any environment.

        A command that acts on many targets at once must ask for each of them, or use `visible`.
        """
        stranger = self._stranger(actor)
        if stranger:
            return Refusal(stranger)
        mine = self.roles_of(actor)
        named = self._named(project, environment)
        for role in mine:
            if command in ANY_ROLE or self._reach(role, command, named):
                return Grant(role)
        return self._refusal(mine, command, project, environment)

    def may_any(self, actor: Actor, scopes: Sequence[Scope]) -> Grant | Refusal:
        """Where one permission of several is enough; a refusal is that of the first."""
        first, *others = (self.may(actor, *scope) for scope in scopes)
        return next((verdict for verdict in (first, *others) if verdict.allowed), first)

    def roles_of(self, actor: Actor) -> tuple[str, ...]:
        """In the order of the file; none for people to whom Shipmate does not listen."""
        if self._stranger(actor):
            return ()
        return tuple(name for name, role in self.roles.items() if _has(role.members, actor))

    def members(self, role: str) -> tuple[Member, ...]:
        """Everybody whom the file gives this role."""
        return _members(self.roles[role].members)

    def visible(self, actor: Actor, command: str) -> frozenset[TargetName]:
        """Every target on which this person may use `command`."""
        return frozenset().union(*(self._all(role, command) for role in self.roles_of(actor)))

    def allowed(self, actor: Actor) -> tuple[Allowance, ...]:
        """What this person may do, in words, for the commands of `self.commands`."""
        if not self.roles_of(actor):
            return ()
        reached = {
            command: () if command in ANY_ROLE else self._where(self.visible(actor, command))
            for command in self.commands
        }
        return tuple(
            Allowance(command, where) for command, where in reached.items() if where or command in ANY_ROLE
        )

    def _stranger(self, actor: Actor) -> str:
        """Why Shipmate does not listen to this person at all; empty when it does."""
        if actor.is_bot:
            return "Shipmate takes no commands from other bots."
        if actor.team not in self.teams:
            return "Shipmate serves the people of its own workspace only, and you write from another one."
        if actor.is_guest:
            return "Shipmate takes no commands from guests. Please ask a full member of this workspace."
        return ""

    def _reach(self, role: str, command: str, places: Iterable[TargetName]) -> list[TargetName]:
        reached = self._all(role, command)
        return [place for place in places if place in reached]

    def _all(self, role: str, command: str) -> frozenset[TargetName]:
        """Every target on which a role may use a command."""
        if (role, command) not in self._reached:
            rules = [rule for rule in self.roles[role].may if _any(rule.commands, command)]
            found = (place for place in self.targets if any(_covers(rule, place) for rule in rules))
            self._reached[role, command] = frozenset(found)
        return self._reached[role, command]

    @cached_property
    def _by_project(self) -> Mapping[str, Sequence[TargetName]]:
        found: dict[str, list[TargetName]] = {}
        for place in self.targets:
            found.setdefault(place[0], []).append(place)
        return found

    def _named(self, project: str | None, environment: str | None) -> Sequence[TargetName]:
        """The targets that are meant; None stands for any."""
        places = self.targets if project is None else self._by_project.get(project, ())
        return [place for place in places if environment in (None, place[1])]

    def _refusal(
        self, mine: tuple[str, ...], command: str, project: str | None, environment: str | None
    ) -> Refusal:
        """An unknown target; else what they may do elsewhere; else that they may not at all."""
        if project and environment and (project, environment) not in self.targets:
            return Refusal(f"There is no {project} in {environment}.")
        able = self._able(command, project, environment)
        action, preposition = _phrase(command, project)
        there = f"{action} {preposition} {environment}" if environment else action
        elsewhere = self._elsewhere(mine, command, project)
        if environment and elsewhere:
            environments, roles = elsewhere
            why = f"You may {action} {preposition} {_list(environments)} ({_role_names(roles)})."
            nobody = f" No role may {there}."
            return Refusal(why if able else why + nobody, environment, able, environments)
        if command in ANY_ROLE:
            return Refusal(f"{NO_ROLE}.", "Every command", able)
        why = f"Your {_role_names(mine)} may not {there}." if mine else f"{NO_ROLE}, so you may not {there}."
        return Refusal(why if able else f"{why} No role may.", "That", able)

    def _elsewhere(
        self, mine: tuple[str, ...], command: str, project: str | None
    ) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """Environments in which they may do it to that project, and by which roles."""
        same = self._by_project.get(project or "", ())
        reached = {role: self._reach(role, command, same) for role in mine}
        roles = tuple(role for role, places in reached.items() if places)
        found = {place for places in reached.values() for place in places}
        environments = tuple(place[1] for place in same if place in found)
        return (environments, roles) if roles else None

    def _able(self, command: str, project: str | None, environment: str | None) -> tuple[RoleRef, ...]:
        """The roles that allow it."""
        named = self._named(project, environment)
        return tuple(
            RoleRef(name, _members(role.members))
            for name, role in self.roles.items()
            if command in ANY_ROLE or self._reach(name, command, named)
        )

    def _where(self, places: frozenset[TargetName]) -> tuple[str, ...]:
        key = (spoken(), places)
        if key not in self._told:
            self._told[key] = self._said(places)
        return self._told[key]

    def _said(self, places: frozenset[TargetName]) -> tuple[str, ...]:
        """Projects with the same environments share a line: `all projects in dev and trunk`."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for project, own in self._by_project.items():
            environments = tuple(place[1] for place in own if place in places)
            if environments:
                groups.setdefault(environments, []).append(project)
        all_projects = len(self._by_project)
        all_environments = len({environment for _, environment in self.targets})
        return tuple(
            f"{'all projects' if len(projects) == all_projects else _list(projects)} in "
            f"{'all environments' if len(environments) == all_environments else _list(environments)}"
            for environments, projects in groups.items()
        )


def _has(members: Members, actor: Actor) -> bool:
    return (
        actor.id in members.users
        or actor.id in map(hook_actor, members.hooks)
        or not actor.groups.isdisjoint(members.groups)
        or (actor.email.casefold() in {email.casefold() for email in members.emails})
    )


def _members(members: Members) -> tuple[Member, ...]:
    return (
        *(Member("user", user) for user in members.users),
        *(Member("group", group) for group in members.groups),
        *(Member("email", email) for email in members.emails),
        *(Member("hook", hook) for hook in members.hooks),
    )


def _covers(rule: Rule, place: TargetName) -> bool:
    project, environment = place
    return _any(rule.projects, project) and _any(rule.environments, environment)


def _any(globs: Iterable[str], name: str) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)


def _phrase(command: str, project: str | None) -> tuple[str, str]:
    if project is None:
        return f"use {command}", "in"
    action, preposition = PHRASES.get(command, (f"use {command} on {{}}", "in"))
    return action.format(project), preposition


def _role_names(names: Sequence[str]) -> str:
    return f"role {names[0]}" if len(names) == 1 else f"roles {_list(names)}"


def _roles(needs: Sequence[RoleRef], show: Callable[[Member], str]) -> str:
    """`role ops: @anna`; or `role qa (@ben) or ops (@anna)`."""
    if len(needs) == 1:
        return f"role {needs[0].name}: {_people(needs[0].members, show)}"
    return "role " + _list([f"{need.name} ({_people(need.members, show)})" for need in needs], "or")


def _people(members: Sequence[Member], show: Callable[[Member], str]) -> str:
    shown = [show(member) for member in members[:SHOWN_MEMBERS]]
    more = len(members) - len(shown)
    return _list([*shown, f"{more} more"] if more else shown, "or")


def _list(words: Sequence[str], last: str = "and") -> str:
    """`dev, trunk and hidden`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
