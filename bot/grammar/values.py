"""The types a command's fields may have: how each is written in text, and what was expected if it is not one.

A new type is a class like these; `bot.command` and `commands` may define their own.
"""

import re
from datetime import timedelta
from typing import Any, ClassVar, Self, TypeVar

from bot.grammar.lengths import LENGTH, NUMBERS, SECONDS, seconds
from bot.grammar.repair import clean, escape, repair
from bot.grammar.words import POLITE, split
from bot.language import N_

Pattern = re.Pattern[str]
T = TypeVar("T")


def shape(pattern: str) -> Pattern:
    """What one or several words, in lower case, with one space after each, must look like."""
    return re.compile(f"(?:{pattern})(?= )")


class Name(str):
    """A name that configuration defines, matched exactly, case ignored."""

    __slots__ = ()
    label: ClassVar[str]
    every: ClassVar[str]
    """How all of them are told."""

    @classmethod
    def read(cls, text: str) -> Self:
        """`text` as it is: whether the name exists is the grammar's to say."""
        return cls(text)


class Project(Name):
    """What is shipped."""

    label, every = N_("project"), N_("Projects: {names}.")


class Environment(Name):
    """Where it is shipped to."""

    label, every = N_("environment"), N_("Environments: {names}.")


class Line(Name):
    """Which line of the code."""

    label, every = N_("line"), N_("Lines: {names}.")


class Verb(Name):
    """The first word of a command."""

    label, every = N_("command"), N_("Commands: {names}.")


class Typed:
    """A value that is known by its looks rather than by name."""

    expected: ClassVar[str]
    """A message of the catalogue."""
    example: ClassVar[str]
    phrase: ClassVar[Pattern | None] = None
    """Several words that form one value after its keyword: `15 min`, `tag 3.2.0`."""
    bare: ClassVar[Pattern | None] = None
    """What is unmistakable without its keyword."""
    choices: ClassVar[tuple[str, ...]] = ()
    opens: ClassVar[frozenset[str]] = frozenset()
    """Words that begin a value after its keyword although they are keywords themselves: `from pod web-1`."""

    @classmethod
    def read(cls, text: str) -> Self:
        """The value that `text` writes; ValueError when it is none."""
        raise NotImplementedError


class _Number(Typed, int):
    least: ClassVar[int]
    most: ClassVar[int]
    bare: ClassVar[Pattern | None] = shape(r"-?[0-9]+")

    @classmethod
    def read(cls, text: str) -> Self:
        text = str(NUMBERS.get(text.lower(), text))
        if not re.fullmatch("-?(?!00+$)[0-9]{1,12}", text) or not cls.least <= int(text) <= cls.most:
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(text)


class Count(_Number):
    """A number of replicas."""

    least, most = 0, 10_000
    expected, example = N_("a whole number from 0 to 10,000"), "3"


class Limit(_Number):
    """A number of lines."""

    least, most = 1, 500
    expected, example = N_("a whole number from 1 to 500"), "20"


class Duration(Typed, int):
    """A length of time, in whole seconds."""

    expected, example = N_("a time such as 90s, 15m, 2h or 1d"), "15m"
    phrase: ClassVar[Pattern | None] = shape(LENGTH)
    bare: ClassVar[Pattern | None] = phrase

    @classmethod
    def read(cls, text: str) -> Self:
        try:
            length = seconds(text)
        except ValueError:
            raise ValueError(f"{text} is not {cls.expected}") from None
        if not 0 < length <= 366 * SECONDS["d"] or length.denominator > 1:
            raise ValueError(f"{text} is not a number of seconds between one and a year of them")
        return cls(length)

    @property
    def delta(self) -> timedelta:
        """The same length as the standard library has it."""
        return timedelta(seconds=self)

    def __str__(self) -> str:
        unit = next(unit for unit, length in SECONDS.items() if self % length == 0)
        return f"{self // SECONDS[unit]}{unit}"


_LEVELS = {
    "debug": "debug",
    "info": "info",
    "warn": "warn",
    "warning": "warn",
    "warnings": "warn",
    "error": "error",
    "errors": "error",
    "err": "error",
    "fatal": "fatal",
    "critical": "fatal",
}


class Level(Typed, str):
    """How grave a line of log is, at least."""

    choices = tuple(dict.fromkeys(_LEVELS.values()))
    expected, example = N_("one of debug, info, warn, error, fatal"), "error"
    bare = shape("|".join(_LEVELS))

    @classmethod
    def read(cls, text: str) -> Self:
        if (level := _LEVELS.get(text.lower())) is None:
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(level)


class Ref(Typed, str):
    """What of the code: `r1841`, `1841`, `HEAD`, `trunk`, `feature/x`, a git hash, `tag 3.2.0`, `branch x`.

    Stricter than git's own rule (git-check-ref-format), since svn and Jenkins read it too.
    """

    expected = N_("a branch, a tag, a revision or a commit, such as r1841, 3.2.0 or HEAD")
    example = "r1841"
    phrase = shape(r"(?:tag|branch|rev(?:ision)?) \S+|r [0-9]+")
    bare = shape(r"(?:tag|branch) \S+|rev(?:ision)? r?[0-9]+|r ?[0-9]+|v?[0-9]+(?:\.[0-9]+)+")

    @classmethod
    def read(cls, text: str) -> Self:
        kind, _, name = text.rpartition(" ")
        ok = re.fullmatch(r"[A-Za-z0-9_](?:[A-Za-z0-9_./+@-]*[A-Za-z0-9_+-])?", name)
        if not ok or len(text) > 200 or re.search(r"\.\.|//|/\.|\.lock$|\.lock/", name):
            raise ValueError(f"{text} is not {cls.expected}")
        kind = kind.lower()
        if kind in ("r", "rev", "revision") and name.isdecimal():
            return cls(f"r{name}")
        if kind in ("rev", "revision") or re.fullmatch("R[0-9]+", name):
            kind, name = "", re.sub("^R(?=[0-9]+$)", "r", name)
        if kind not in ("", "tag", "branch"):
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(f"{kind} {name}".strip())

    @property
    def kind(self) -> str:
        """`tag`, `branch` or `revision` where the text says so, else empty."""
        said = self.rpartition(" ")[0]
        return said or ("revision" if re.fullmatch("r[0-9]+", self) else "")

    @property
    def name(self) -> str:
        """Without the word `tag` or `branch`."""
        return self.rpartition(" ")[2]


class Version(Typed, str):
    """An image tag (OCI distribution specification: 128 characters), a number in one, `revision 12` of a
    Deployment, or `previous`."""

    expected, example = (
        N_("previous, an image tag such as 3.2.0, or a revision such as revision 12"),
        "revision 12",
    )
    phrase = shape(r"rev(?:ision)? [0-9]+")
    bare = shape(r"previous|rev(?:ision)? [0-9]+|r[0-9]+|[0-9]{3,}|v?[0-9]+(?:\.[0-9]+)+")

    @classmethod
    def read(cls, text: str) -> Self:
        if match := re.fullmatch("rev(?:ision)? ([0-9]{1,9})", text.lower()):
            return cls(f"revision {int(match[1])}")  # not said: what is typed
        if text.lower() == "previous":
            return cls("previous")
        if not re.fullmatch("[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,126}[A-Za-z0-9_-])?", text):
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(text)

    @property
    def revision(self) -> int | None:
        """The Deployment's revision, if that is what was named."""
        number = self.removeprefix("revision ")
        return int(number) if number != self else None

    @property
    def number(self) -> str:
        """`1841` of `1841` and `r1841`, which may be a revision of the code or a build; else empty."""
        match = re.fullmatch("r?([0-9]+)", self)
        return match[1] if match else ""


class Text(Typed, str):
    """Words to be taken as they are: quoted, or up to the next keyword, or (`<reason...>`) to the end."""

    expected = N_("some text of up to 500 characters, in quotes")
    example = "connection refused"  # not said: an example of what a log holds

    def __new__(cls, text: str) -> Self:
        return super().__new__(cls, clean(text))

    @classmethod
    def read(cls, text: str) -> Self:
        value = cls(text)
        if not value.strip() or len(value) > 500:
            raise ValueError(f"{text[:40]} is not {cls.expected}")
        return value


def to_text(value: object) -> str:
    """How a command writes `value`; `from_text` reads it again."""
    if isinstance(value, Text) and (not re.fullmatch("[A-Za-z0-9_]+", value) or value.lower() in POLITE):
        return quote(value)
    return str(value)


def from_text(kind: type[T], text: str) -> T:
    """The value of type `kind` that `to_text` wrote; ValueError when `text` is none."""
    reader: Any = kind
    if issubclass(kind, Text) and text.startswith('"'):
        text = split(repair(text))[0].raw
    value: T = reader.read(text)
    return value


def quote(text: str) -> str:
    """`text` in quotes, such that it is read as it is."""
    inside = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escape(inside)}"'
