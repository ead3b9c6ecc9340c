"""Sample commands, shaped like those that Shipmate has and some that it will have."""

from dataclasses import dataclass
from typing import ClassVar

from bot.grammar import (
    Count,
    Duration,
    Environment,
    Grammar,
    Level,
    Limit,
    Moment,
    Project,
    Ref,
    Text,
    Typed,
    Verb,
    Version,
    shape,
)


class Operation(Typed, str):
    """A type that the grammar itself does not know."""

    expected, example = "the id of an operation, such as k7f3", "k7f3"
    bare = shape("[a-z][a-z0-9]{2}[0-9]")

    @classmethod
    def read(cls, text: str) -> "Operation":
        if not text.isalnum() or len(text) != 4:
            raise ValueError(text)
        return cls(text.lower())


FIFTY = Limit(50)


@dataclass(frozen=True)
class Sample:
    verb: ClassVar[str]
    usage: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    reads: ClassVar[bool] = False
    examples: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls.verb = cls.usage.split()[0]


@dataclass(frozen=True)
class Deploy(Sample):
    """Build a project's line and roll it out to one environment."""

    usage = "deploy <project> to <environment> [at <ref>] [at <time>] [--dry-run]"
    aliases = ("ship", "release")
    examples = ("deploy web to trunk", "deploy web to dev at r1841", "deploy web to dev at HEAD --dry-run")

    project: Project
    environment: Environment
    ref: Ref | None = None
    time: Moment | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class Rollback(Sample):
    """Back to the image that ran before."""

    usage = "rollback <project> in <environment> [to <version>]"
    aliases = ("revert", "roll back")
    examples = ("rollback web in product", "rollback web in trunk to revision 12", "roll back web in dev")

    project: Project
    environment: Environment
    version: Version | None = None


@dataclass(frozen=True)
class Scale(Sample):
    """Set how many replicas run."""

    usage = "scale <project> in <environment> to <count>"
    examples = ("scale web in product to 6",)

    project: Project
    environment: Environment
    count: Count


@dataclass(frozen=True)
class Logs(Sample):
    """The newest lines of log."""

    usage = "logs <project> in <environment> [since <since>] [level <level>] [grep <text>] [limit <limit>]"
    reads = True
    aliases = ("log",)
    examples = ('logs web in trunk since 15m level error grep "connection refused" limit 50',)

    project: Project
    environment: Environment
    since: Duration | None = None
    level: Level | None = None
    text: Text | None = None
    limit: Limit = FIFTY


@dataclass(frozen=True)
class Status(Sample):
    """What runs where."""

    usage = "status [<project>] [in <environment>]"
    reads = True
    examples = ("status", "status web", "status in product", "status web in product")

    project: Project | None = None
    environment: Environment | None = None


@dataclass(frozen=True)
class Lock(Sample):
    """Hold a target."""

    usage = "lock <project> in <environment> [for <duration>] [because <reason...>]"
    examples = ("lock web in product for 2h because QA tests to the end of the day, in trunk",)

    project: Project
    environment: Environment
    duration: Duration | None = None
    reason: Text | None = None


@dataclass(frozen=True)
class Cancel(Sample):
    """Stop an operation."""

    usage = "cancel <operation>"
    examples = ("cancel k7f3",)

    operation: Operation


@dataclass(frozen=True)
class Help(Sample):
    """What can be said."""

    usage = "help [<command>]"
    reads = True
    examples = ("help", "help deploy")

    command: Verb | None = None


@dataclass(frozen=True)
class Whoami(Sample):
    """Who you are to Shipmate."""

    usage = "whoami"
    reads = True
    examples = ("whoami",)


COMMANDS = (Deploy, Rollback, Scale, Logs, Status, Lock, Cancel, Help, Whoami)
CHANGES = (Deploy, Rollback, Scale, Lock)
PROJECTS = ("web", "api", "shop", "pay")
ENVIRONMENTS = ("dev", "trunk", "hidden", "product")
ALIASES = {"prod": "product", "live": "product"}


def grammar() -> Grammar:
    return Grammar(COMMANDS, PROJECTS, ENVIRONMENTS, ALIASES)
