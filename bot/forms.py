"""A command with words missing, as fields to fill in. Neutral; made from its usage, and read back as text.

What a form gives is the text of a command, which passes the one door like any other. Nothing here allows
anything: it leaves out what somebody may not do, and says beside a field what the door would refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from rapidfuzz import fuzz, process

from bot.backends import Backends
from bot.command import Change, Command
from bot.faults import Refused
from bot.grammar import Environment, Missing, Name, Parsed, Project, Text
from bot.grammar.usage import Slot, Usage, usage_of
from bot.grammar.values import Count
from bot.language import _
from bot.operation import Operation
from bot.policy import Actor
from bot.refusals import Member, Refusal
from bot.settings import NoSuchTarget
from bot.shown import plainly
from bot.timing import must_be_clear, starts, still_held
from bot.words import sentences

Kind = Literal["project", "choice", "number", "line", "text", "flag"]

MOST_OFFERED = 100
"""Names that a type-ahead shows at once."""
LEAST_ALIKE = 60
"""Of 100: what is less like the typed letters is not offered."""
RECENT = 30
"""So many changes of a person are looked at for what they are likely to mean."""


class Wrong(Exception):
    """What was filled in is no command, or one that would be refused. `errors`: slot -> what is wrong."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(str(errors))
        self.errors = errors


@dataclass(frozen=True)
class Field:
    slot: str
    kind: Kind
    required: bool
    value: str = ""
    choices: tuple[str, ...] = ()
    hint: str = ""
    """What is expected, for whoever does not know."""

    @property
    def label(self) -> str:
        return _(self.slot.replace("_", " ")).capitalize()


@dataclass(frozen=True)
class Form:
    verb: str
    summary: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Ready:
    """A form that reads as a command which would pass the door now."""

    text: str
    verb: str
    asks_first: bool
    """A change: its plan is shown before it starts."""
    shows: tuple[str, ...] = ()
    """What is known of the plan without asking a system."""
    dry_run: str = ""
    """The command that works out the rest; empty: there is none."""
    question: str = ""
    """What is to be thought of first; empty: nothing."""


@dataclass(frozen=True)
class Forms:
    """Methods raise RedisError, and what `Directory.person` raises."""

    on: Backends

    def launcher(self, actor: Actor) -> tuple[type[Command], ...]:
        """The commands with a form that somebody may use somewhere."""
        return tuple(
            command for command in self.on.catalogue.commands if command.form and self._may(actor, command)
        )

    def asked(self, text: str, actor: Actor, channel: str) -> Form | None:
        """The form that gets the words which `text` lacks; None where it lacks none, or has no form."""
        where = self.on.here.defaults(channel)
        problem = self.on.catalogue.parse(text, where)
        if not isinstance(problem, Missing):
            return None
        command = self.on.catalogue.named(problem.verb)
        if command is None or not command.form or not self._may(actor, command):
            return None
        return self._form(command, dict(problem.said), actor, channel)

    def projects(self, verb: str, typed: str, actor: Actor) -> list[str]:
        """Those on which somebody may use a command, the likeliest first."""
        names = sorted({project for project, _ in self.on.policy.visible(actor, verb)})
        wanted = typed.strip().lower()
        if not wanted:
            recent = [operation.target.partition("/")[0] for operation in self._recent(actor)]
            mine = frozenset(names)
            return list(dict.fromkeys([*filter(mine.__contains__, recent), *names]))[:MOST_OFFERED]
        begun = [name for name in names if name.lower().startswith(wanted)]
        alike = process.extract(
            wanted, names, scorer=fuzz.WRatio, score_cutoff=LEAST_ALIKE, limit=MOST_OFFERED
        )
        return list(dict.fromkeys([*begun, *(name for name, _, _ in alike)]))[:MOST_OFFERED]

    def read(self, verb: str, values: Mapping[str, str], actor: Actor) -> Ready:
        """What was filled in, slot -> text, as a command. Raises Wrong."""
        command = self.on.catalogue.named(verb)
        assert command is not None, verb
        text = _text(command, values, self.on.catalogue.english)
        parsed = self.on.catalogue.parse(text)
        last = command.form[-1]
        if not isinstance(parsed, Parsed):
            raise Wrong({getattr(parsed, "slot", last): parsed.message.replace("`", "")})
        meant = cast(Command, parsed.command)
        verdict = self.on.policy.may_any(actor, meant.scopes(self.on.settings))
        if isinstance(verdict, Refusal):
            raise Wrong({"environment": verdict.text(self._name)})
        try:
            return self._ready(meant, text, actor)
        except NoSuchTarget as unknown:
            raise Wrong({"environment": str(unknown)}) from None
        except Refused as refusal:
            raise Wrong({_beside(command, values): refusal.words.replace("`", "")}) from None

    def _ready(self, command: Command, text: str, actor: Actor) -> Ready:
        if not issubclass(type(command), Change):  # a question, or what is answered at the door
            return Ready(text, command.scope.verb, asks_first=False)
        usage, change = _usage(type(command)), cast(Change, command)
        fields = {slot.name: getattr(change, slot.name) for slot in usage.slots}
        plan = change.plan(self.on.settings)
        held = self.on.locks.holding_back(change, actor.id)
        timing = starts(change, actor.tz, held, self.on.settings.limits)
        must_be_clear(timing, self.on.locks, change, actor.id)
        if still_held(held, timing):
            plain = plainly(lambda user: self._name(Member("user", user)), actor.tz)
            wait = _("Tick “When unlocked” to start it then.") if "when_unlocked" in fields else ""
            raise Wrong({"environment": sentences(held[0].said(plain), wait)})
        dry = usage.text({**fields, "dry_run": True}) if "dry_run" in fields else ""
        shows = tuple(plan.get("shows", ()))
        return Ready(text, command.verb, True, shows, dry, self.on.catalogue.question(text))

    def _form(self, command: type[Command], said: dict[str, str], actor: Actor, channel: str) -> Form:
        slots = {slot.name: slot for slot in _usage(command).slots}
        values = {**self._defaults(command, said, actor, channel), **said}
        asked = [name for name in slots if name in said and name not in command.form]
        fields = (self._field(slots[name], command, values, actor) for name in (*command.form, *asked))
        return Form(command.verb, command.summary(), tuple(fields))

    def _field(self, slot: Slot, command: type[Command], values: Mapping[str, str], actor: Actor) -> Field:
        field = Field(slot.name, _kind(slot), slot.required, values.get(slot.name, ""))
        if issubclass(slot.kind, Environment):
            reached = self.on.policy.visible(actor, command.verb)
            project = values.get("project")
            mine = {env for name, env in reached if project in (None, name)}
            settings = self.on.settings
            offered = (e for e in settings.environments if e in mine and command.reaches(e, settings))
            return replace(field, choices=tuple(offered))
        if slot.kind is bool or issubclass(
            slot.kind, (Name, Text)
        ):  # what they are needs no hint, nor quotes
            return field
        expected = _(slot.kind.expected)
        choices = tuple(slot.kind.choices)[:MOST_OFFERED]
        hint = _("{hint}.", hint=expected[:1].upper() + expected[1:])
        return replace(field, choices=choices, hint=hint)

    def _defaults(
        self, command: type[Command], said: Mapping[str, str], actor: Actor, channel: str
    ) -> dict[str, str]:
        """What this channel stands for, else what this person did last: never a protected environment."""
        here = self.on.here.defaults(channel)
        found = {"project": here.get(Project, ""), "environment": here.get(Environment, "")}
        project = said.get("project") or found["project"]
        mine = [op for op in self._recent(actor) if op.verb == command.verb and "/" in op.target]
        for operation in mine:
            name, _, environment = operation.target.partition("/")
            if project and name != project:
                continue
            if self.on.settings.environments[environment].protected:
                continue
            found = {"project": found["project"] or name, "environment": found["environment"] or environment}
            break
        return {name: value for name, value in found.items() if value and self._known(value, name)}

    def _known(self, value: str, slot: str) -> bool:
        return value in (self.on.settings.projects if slot == "project" else self.on.settings.environments)

    def _recent(self, actor: Actor) -> list[Operation]:
        known = self.on.settings.environments
        return [
            operation
            for operation in self.on.ledger.index(f"actor:{actor.id}", RECENT)
            if operation.target.partition("/")[2] in known
        ]

    def _may(self, actor: Actor, command: type[Command]) -> bool:
        return self.on.policy.may(actor, command.verb, None, None).allowed

    def _name(self, member: Member) -> str:
        return f"@{self.on.directory.person(member.id).name}" if member.kind == "user" else member.id


def _usage(command: Any) -> Usage:
    return usage_of(command)


def _kind(slot: Slot) -> Kind:
    kinds: tuple[tuple[type[Any], Kind], ...] = (
        (Project, "project"),
        (Name, "choice"),
        (bool, "flag"),
        (Count, "number"),
        (Text, "text"),
    )
    if getattr(slot.kind, "choices", ()):
        return "choice"
    return next((kind for type_, kind in kinds if issubclass(slot.kind, type_)), "line")


def _text(command: type[Command], values: Mapping[str, str], english: Callable[[str], str]) -> str:
    """Raises Wrong for every value that is none."""
    usage = _usage(command)
    read: dict[str, object] = {}
    errors: dict[str, str] = {}
    for slot in usage.slots:
        text = values.get(slot.name, "").strip()
        if slot.kind is bool:
            read[slot.name] = bool(text)
        elif text:
            try:
                typed = text if issubclass(slot.kind, Text) else english(text)
                if usage.doubts(slot, typed) and not typed[:1].isdigit():
                    raise ValueError(
                        f"{typed} is a word of a sentence"
                    )  # `noon` and `latest` are no branches
                read[slot.name] = slot.kind.read(typed)
            except ValueError:
                errors[slot.name] = _("I need {expected}.", expected=_(slot.kind.expected))
        elif slot.required:
            errors[slot.name] = _("This is needed.")
    if errors:
        raise Wrong(errors)
    return usage.text(read)


def _beside(command: type[Command], values: Mapping[str, str]) -> str:
    """The field beside which a refusal of the whole is told: the last one that was filled in."""
    filled = [name for name in command.form if values.get(name)]
    return filled[-1] if filled else command.form[0]
