"""What a command is. A command is a value; its story is a plain function.

Three kinds: a Change acts on a target and is durable; a Query asks the systems and answers; a Control is
answered at the door from what Shipmate itself knows. Each lives in one file of `commands/`.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Self

from bot.grammar import Moment
from bot.language import _

if TYPE_CHECKING:
    from bot.backends import Backends
    from bot.operation import Outcome
    from bot.policy import Actor
    from bot.reply import Reply
    from bot.settings import Settings
    from bot.story import Story

Kind = Literal["change", "query", "control"]


class Scope(NamedTuple):
    """What permission is asked for; a project or environment of None stands for "some"."""

    verb: str
    project: str | None
    environment: str | None


@dataclass(frozen=True)
class Command:
    """Fields are the slots of `usage`; the first line of the docstring is the help text."""

    kind: ClassVar[Kind]
    usage: ClassVar[str]
    examples: ClassVar[tuple[str, ...]] = ()
    aliases: ClassVar[tuple[str, ...]] = ()
    form: ClassVar[tuple[str, ...]] = ()
    """The slots that a form asks for, in this order, where words are missing; empty: it has no form."""
    rights: ClassVar[tuple[str, ...]] = ()
    """What else rules of roles may allow about it, such as `unlock --force`."""
    reads: ClassVar[bool] = False
    """It changes nothing of the shop: in doubt it is answered, where another one asks first."""
    verb: ClassVar[str]

    def __init_subclass__(cls) -> None:
        if "usage" in cls.__dict__:
            cls.verb = cls.usage.split()[0]

    @classmethod
    def english(cls) -> str:
        return (cls.__doc__ or "").strip().splitlines()[0]

    @classmethod
    def title(cls) -> str:
        """Its verb, for a button or the head of a form."""
        return _(cls.verb.capitalize())

    @classmethod
    def summary(cls) -> str:
        """What it is for, in a sentence."""
        return _(cls.english())

    @property
    def scope(self) -> Scope:
        return Scope(self.verb, getattr(self, "project", None), getattr(self, "environment", None))

    @property
    def target(self) -> str:
        """`web/product` where the command names both, else empty."""
        _verb, project, environment = self.scope
        return f"{project}/{environment}" if project and environment else ""

    def scopes(self, settings: Settings) -> tuple[Scope, ...]:  # noqa: ARG002  # most name where they act
        """What permission is asked for; any one of them will do."""
        return (self.scope,)

    @classmethod
    def reaches(cls, environment: str, settings: Settings) -> bool:  # noqa: ARG003  # most reach every one
        """Whether it has any use in that environment, as things are configured: else it is not offered there."""
        return True

    def resolved(self) -> Command:
        """What is meant: the command itself, or a StandIn for it.

        Asked once a text is parsed, whether a person typed it or it is replayed.
        """
        return self


@dataclass(frozen=True)
class Change(Command):
    kind = "change"
    goes_first: ClassVar[bool] = False
    """Before others in line, ending what runs on its target; and no approval is asked for it."""
    passes: ClassVar[frozenset[Literal["lock", "freeze"]]] = frozenset()
    """Kinds of lock that do not hold it back, whoever has them."""
    lane: ClassVar[str] = ""
    """Set for what may run beside another change of the same target; of one lane one runs at a time."""
    story: ClassVar[int] = 1
    """Raised when recorded steps of the version before cannot be replayed by this one."""

    def plan(self, settings: Settings) -> dict[str, Any]:
        """What exactly will be done, as JSON, resolved once when the operation is opened.

        Raises bot.faults.Refused when it cannot be done at all.
        """
        raise NotImplementedError

    def live(self, plan: dict[str, Any], on: Backends) -> str:  # noqa: ARG002  # most have nothing to say
        """What it is about to replace, in a word or two, as it is now: those who approve it count on that.

        Empty: nothing that an approval depends on.
        """
        return ""

    def context(self, plan: dict[str, Any], on: Backends) -> tuple[str, ...]:  # noqa: ARG002  # as above
        """What else whoever approves it should know, as lines of mrkdwn. A system that cannot say holds nothing up."""
        return ()

    def run(self, story: Story, on: Backends) -> Outcome:
        """The story. Runs again from its start after every wait: acts stand inside `story.effect`."""
        raise NotImplementedError

    def abort(self, story: Story, on: Backends) -> str:
        """Undo what the story did so far, told the same way; says in a sentence what was and was not undone."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Later(Change):
    """One that may be asked for now to start later: its usage ends in `[at <time>] [--when-unlocked]`."""

    time: Moment | None = None
    when_unlocked: bool = False
    """As soon as no lock holds it back."""

    def at_once(self) -> Self:
        """The same without when it is to start: what an operation records."""
        return replace(self, time=None, when_unlocked=False)


@dataclass(frozen=True)
class Query(Command):
    kind = "query"

    def answer(self, asker: Actor, on: Backends) -> Reply:
        raise NotImplementedError

    def run(self, story: Story, on: Backends) -> Reply:
        """The story of an answer: most are given at once, some go on for a while (`Story.follow`)."""
        return self.answer(story.operation.actor, on)


@dataclass(frozen=True)
class StandIn(Query):
    """The question that another command turns out to be: `rollback web in product` asks which image.

    It is written, permitted and shown as that command.
    """

    asked: Command

    @property
    def scope(self) -> Scope:
        return self.asked.scope

    def scopes(self, settings: Settings) -> tuple[Scope, ...]:
        return self.asked.scopes(settings)


@dataclass(frozen=True)
class Control(Command):
    kind = "control"

    def answer(self, asker: Actor, on: Backends) -> Reply:
        """Must not call a system: it runs before the acknowledgement."""
        raise NotImplementedError


def discover(package: str) -> tuple[type[Command], ...]:
    """Every command class defined in the modules of `package`, by verb."""
    found: list[type[Command]] = []
    for module_info in pkgutil.iter_modules(importlib.import_module(package).__path__):
        module = importlib.import_module(f"{package}.{module_info.name}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Command) and "usage" in value.__dict__:
                found.append(value)
    return tuple(sorted(set(found), key=lambda command: command.verb))
