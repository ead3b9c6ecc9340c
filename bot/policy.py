"""Who may do what, where, and why not. Pure: settings and a person in, an answer out.

Deny by default: what no rule of a role allows is refused, and a refusal names who has what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Literal

from bot.language import N_, _, counted, spoken
from bot.ports import Person, hook_actor
from bot.settings import Members, Role, Rule
from bot.words import any_of, listed, sentences

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
        there = _phrase(command, project, [environment] if environment else [])
        elsewhere = self._elsewhere(mine, command, project)
        if environment and elsewhere:
            environments, roles = elsewhere
            action = _phrase(command, project, environments)
            why = _("You may {action} ({roles}).", action=action, roles=_role_names(roles))
            nobody = "" if able else _("No role may {action}.", action=there)
            return Refusal(sentences(why, nobody), able, environments, PLACE, environment)
        if command in ANY_ROLE:
            return Refusal(_("You have no role in Shipmate yet."), able, lacking=EVERY)
        why = (
            _("Your {roles} may not {action}.", roles=_role_names(mine), action=there)
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


def _phrase(command: str, project: str | None, environments: Sequence[str]) -> str:
    """What is done, where: an infinitive without its `to`."""
    forms = PHRASES.get(command, USE) if project is not None else USE_ANYWHERE
    places = {"places": listed(environments)} if environments else {}
    return _(forms[bool(places)], command=command, project=project or "", **places)


def _role_names(names: Sequence[str]) -> str:
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
