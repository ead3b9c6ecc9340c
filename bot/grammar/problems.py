"""Why a line is not a command, in words for a tired person, with the command texts that buttons may offer."""

from dataclasses import dataclass, field

from bot.language import _

LONGEST = 2_000


@dataclass(frozen=True)
class Problem:
    """What is wrong. `message` may hold what the person typed: show it escaped."""

    message: str

    @property
    def offers(self) -> tuple[str, ...]:
        """Complete command texts, for buttons. None is ever acted on without a tap."""
        return ()


@dataclass(frozen=True)
class Unknown(Problem):
    """A verb, project, environment or command that does not exist; the nearest ones as corrected commands."""

    word: str
    suggestions: tuple[str, ...] = ()

    @property
    def offers(self) -> tuple[str, ...]:
        return self.suggestions


@dataclass(frozen=True)
class Missing(Problem):
    """A slot that has to be filled, and the command once for each of its possible values.

    `so_far` is the command without it, empty when that would be a command already.
    """

    slot: str
    choices: tuple[str, ...] = ()
    so_far: str = ""
    verb: str = ""
    said: tuple[tuple[str, str], ...] = ()
    """Slot and text of every value that is there already."""

    @property
    def offers(self) -> tuple[str, ...]:
        return self.choices


@dataclass(frozen=True)
class Invalid(Problem):
    """A value that is not of the kind its slot wants."""

    slot: str


@dataclass(frozen=True)
class Ambiguous(Problem):
    """More than one reading, each as a command."""

    choices: tuple[str, ...] = ()

    @property
    def offers(self) -> tuple[str, ...]:
        return self.choices


@dataclass(frozen=True)
class Leftover(Problem):
    """Words that nothing in the command accounts for; what the rest would be, with or without them."""

    word: str
    suggestions: tuple[str, ...] = ()

    @property
    def offers(self) -> tuple[str, ...]:
        return self.suggestions


@dataclass(frozen=True)
class Empty(Problem):
    """Nothing was said."""

    message: str = field(default_factory=lambda: _("I am listening. Type `help` for what I can do."))


@dataclass(frozen=True)
class TooLong(Problem):
    """More than `LONGEST` characters."""

    message: str = field(
        default_factory=lambda: _(
            "That is too long to be a command: I read up to {n} characters.", n=f"{LONGEST:,}"
        )
    )
