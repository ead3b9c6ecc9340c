"""Who may do what, where, and why not. Pure: settings and a person in, an answer out.

Deny by default: what no rule of a role allows is refused, and a refusal names who has what is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property

from bot.language import _, spoken
from bot.ports import Person, hook_actor
from bot.refusals import EVERY, PLACE, Allowance, Grant, Member, Refusal, RoleRef, phrase, role_names
from bot.settings import Members, Role, Rule
from bot.words import listed, sentences

Actor = Person
"""Whoever asks."""

TargetName = tuple[str, str]
"""(project, environment)."""

Scope = tuple[str, str | None, str | None]
"""(command, project, environment), as `Policy.may` takes them."""

ANY_ROLE = frozenset(
    {
        "ask",
        "changed",
        "effect",
        "extend",
        "keep",
        "locks",
        "mail",
        "oncall",
        "home",
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
            return _("Shipmate takes no commands from other bots.")
        if actor.team not in self.teams:
            return _("Shipmate serves the people of its own workspace only, and you write from another one.")
        if actor.is_guest:
            return _("Shipmate takes no commands from guests. Please ask a full member of this workspace.")
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
            return Refusal(_("There is no {project} in {place}.", project=project, place=environment))
        able = self._able(command, project, environment)
        there = phrase(command, project, [environment] if environment else [])
        elsewhere = self._elsewhere(mine, command, project)
        if environment and elsewhere:
            environments, roles = elsewhere
            action = phrase(command, project, environments)
            why = _("You may {action} ({roles}).", action=action, roles=role_names(roles))
            nobody = "" if able else _("No role may {action}.", action=there)
            return Refusal(sentences(why, nobody), able, environments, PLACE, environment)
        if command in ANY_ROLE:
            return Refusal(_("You have no role in Shipmate yet."), able, lacking=EVERY)
        why = (
            _("Your {roles} may not {action}.", roles=role_names(mine), action=there)
            if mine
            else _("You have no role in Shipmate yet, so you may not {action}.", action=there)
        )
        return Refusal(why if able else sentences(why, _("No role may.")), able)

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
        all_environments = len({environment for _project, environment in self.targets})
        return tuple(
            _(
                "{projects} in {places}",
                projects=_("all projects") if len(projects) == all_projects else listed(projects),
                places=_("all environments")
                if len(environments) == all_environments
                else listed(environments),
            )
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
