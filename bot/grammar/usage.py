"""A command's usage string -> its slots, and a command -> its text.

    deploy <project> to <environment> [at <ref>] [because <reason...>] [--dry-run]

A slot is `<name>`, with or without a keyword before it, optional in brackets; `...` takes everything to the
end; `--dry-run` is a yes. The field of the same name (`dry_run`) has the type that reads the value. Two slots
may share a keyword where the later one is known by its looks: `[at <ref>] [at <time>]`.
"""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import NoneType
from typing import Any, ClassVar, Protocol, get_args, get_type_hints

from bot.grammar.later import NO_CODE, may_be_time
from bot.grammar.times import Moment
from bot.grammar.values import Name, Ref, Text, Typed, Version, quote, to_text
from bot.grammar.words import POLITE
from bot.language import _

PREPOSITIONS = frozenset({"to", "in", "on", "into", "from", "at"})
_SAME = {"at": "from", "from": "at"}  # both say where the code comes from
_SPOKEN = {"last": "since", "past": "since"}  # `last 15 minutes`

_PART = re.compile(
    r" (?:(?P<open>\[)?(?:(?P<keyword>[a-z]+) )?<(?P<name>[a-z_]+)(?P<rest>\.\.\.)?>(?(open)\])"
    r"|\[--(?P<flag>[a-z]+(?:-[a-z]+)*)\])"
)


class Command(Protocol):
    """What the grammar needs of a command: a frozen dataclass with a field for each slot."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]
    verb: ClassVar[str]
    usage: ClassVar[str]
    reads: ClassVar[bool]
    """Whether it changes nothing: in doubt it is answered, where another one asks first."""
    aliases: ClassVar[Any]  # tuple[str, ...], of any length: a protocol's variables are invariant


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """One place of a usage. `kind` is a `Name`, a `Typed`, or `bool` for a flag."""

    name: str
    kind: type[Any]
    keyword: str = ""
    required: bool = False
    rest: bool = False
    default: object = None

    @property
    def label(self) -> str:
        """As people are asked for it."""
        return _(self.name.replace("_", " "))

    @property
    def typed(self) -> str:
        """The same in a line that is typed: a text is told from another by the word before it."""
        return self.keyword if self.kind is Text and self.keyword and not self.rest else self.label


@dataclass(frozen=True, eq=False)
class Usage:
    """A usage, taken apart."""

    command: type[Command]
    verb: str
    slots: tuple[Slot, ...]

    @cached_property
    def keywords(self) -> dict[str, Slot]:
        """Word -> the slot whose value follows it."""
        words = {slot.keyword: slot for slot in reversed(self.slots) if slot.keyword}
        spoken = {said: words[word] for said, word in _SPOKEN.items() if word in words}
        return spoken | {_SAME[word]: slot for word, slot in words.items() if word in _SAME} | words

    @cached_property
    def keys(self) -> dict[str, Slot]:
        """What may stand in `--key value`, `--key=value` and `key=value` -> its slot."""
        keys = {slot.keyword: slot for slot in reversed(self.slots) if slot.keyword}
        for slot in self.slots:
            keys |= {slot.name: slot, slot.name.replace("_", "-"): slot}
        if "environment" in keys:
            keys.setdefault("env", keys["environment"])
        return keys

    @cached_property
    def named(self) -> tuple[Slot, ...]:
        """The slots that only a configured name fills."""
        return tuple(slot for slot in self.slots if issubclass(slot.kind, Name))

    @cached_property
    def loose(self) -> tuple[Slot, ...]:
        """The slots that a word may fill by its looks."""
        return tuple(slot for slot in self.slots if issubclass(slot.kind, Typed) and slot.kind.bare)

    @property
    def may_wait(self) -> bool:
        """Whether something of it is a point in time to come."""
        return any(slot.kind is Moment for slot in self.slots)

    @cached_property
    def starts(self) -> Slot | None:
        """The slot of when it is to begin."""
        return next(
            (slot for slot in self.slots if slot.kind is Moment and slot.keyword in PREPOSITIONS), None
        )

    @cached_property
    def ends(self) -> Slot | None:
        """The slot of when it is to end, where it begins at once: `lock ... until 22:00`."""
        return next((slot for slot in self.slots if slot.kind is Moment and slot is not self.starts), None)

    def doubts(self, slot: Slot, word: str) -> bool:
        """Whether `word` is rather a word of the sentence, or a time, than the code or the image of `slot`."""
        return slot.kind in (Ref, Version) and (
            word.lower() in NO_CODE or (slot.kind is Ref and self.may_wait and may_be_time(word))
        )

    def reserves(self, word: str) -> bool:
        """Whether `word` means something by itself here, so that as a value it has to be quoted."""
        return word in self.keywords or word in PREPOSITIONS or word in POLITE

    def _must_be_quoted(self, slot: Slot, word: str) -> bool:
        opens: frozenset[str] = getattr(slot.kind, "opens", frozenset())
        return self.reserves(word) and word not in opens

    def text(self, values: Mapping[str, object]) -> str:
        """The canonical command text with `values`, complete or not; what is as by default is left out."""
        parts = [self.verb]
        for slot in self.slots:
            value = values.get(slot.name)
            if value is None or value is False or (not slot.required and value == slot.default):
                continue
            if slot.kind is bool:
                parts.append("--" + slot.name.replace("_", "-"))
                continue
            text = to_text(value)
            if slot.kind is Moment and text.startswith("in "):
                parts.append(text)  # `in 2h`, and not `at in 2h`
                continue
            if text[0] != '"' and (
                self.doubts(slot, text)
                or any(self._must_be_quoted(slot, word) for word in text.lower().split())
            ):
                text = quote(text)
            parts += [slot.keyword, text] if slot.keyword else [text]
        return " ".join(parts)


def write(command: Command) -> str:
    """The canonical text of `command`: what a button holds, and what parses to the same command."""
    fields = {field.name: getattr(command, field.name) for field in dataclasses.fields(command)}
    return usage_of(type(command)).text(fields)


def usages(commands: Iterable[type[Command]]) -> tuple[tuple[str, str], ...]:
    """For help and documentation: each command's usage and the first line of its docstring."""
    return tuple((command.usage, (command.__doc__ or "").strip().partition("\n")[0]) for command in commands)


def check(*commands: type[Command]) -> None:
    """ValueError when a usage and its fields disagree, or two commands share a verb or an alias."""
    owners: dict[str, type[Command]] = {}
    for command in commands:
        usage_of(command)
        for word in (command.verb, *command.aliases):
            if not re.fullmatch(r"[a-z][a-z0-9-]*(?: [a-z0-9-]+)?", word):
                raise ValueError(
                    f"{command.__name__}: `{word}` cannot be a verb: one or two lower-case words"
                )
            if (owner := owners.setdefault(word, command)) is not command:
                raise ValueError(f"{command.__name__} and {owner.__name__} both answer to `{word}`")


@cache
def usage_of(command: type[Command]) -> Usage:
    """The usage of `command`; ValueError when it does not agree with the fields."""
    verb, parts = _parts(command)
    if verb != command.verb:
        raise ValueError(f"{command.__name__}: usage begins with `{verb}`, but verb is `{command.verb}`")
    if not dataclasses.is_dataclass(command):
        raise ValueError(f"{command.__name__} is not a dataclass")
    hints = get_type_hints(command)
    fields = {field.name: field for field in dataclasses.fields(command)}
    slots = tuple(_slot(command, part, fields, hints) for part in parts)
    names = [slot.name for slot in slots]
    if unused := [name for name in fields if name not in names]:
        raise ValueError(f"{command.__name__}: field `{unused[0]}` has no slot in `{command.usage}`")
    keywords = [
        slot.keyword for i, slot in enumerate(slots) if slot.keyword and not _told_apart(slot, slots[:i])
    ]
    for words, what in ((names, "slot"), (keywords, "keyword")):
        if twice := [word for word in words if words.count(word) > 1]:
            raise ValueError(f"{command.__name__}: {what} `{twice[0]}` stands twice in `{command.usage}`")
    if any(slot.rest for slot in slots[:-1]):
        raise ValueError(f"{command.__name__}: a slot with `...` must be the last of `{command.usage}`")
    return Usage(command, verb, slots)


def _told_apart(slot: Slot, earlier: tuple[Slot, ...]) -> bool:
    """Whether its looks tell it from an earlier slot with the same keyword."""
    return any(other.keyword == slot.keyword for other in earlier) and bool(getattr(slot.kind, "bare", None))


def _parts(command: type[Command]) -> tuple[str, list[re.Match[str]]]:
    verb, space, rest = command.usage.partition(" ")
    parts = list(_PART.finditer(space + rest))
    if "".join(part[0] for part in parts) != space + rest:
        raise ValueError(f"{command.__name__}: cannot read the usage `{command.usage}`")
    return verb, parts


def _slot(
    command: type[Command],
    part: re.Match[str],
    fields: Mapping[str, dataclasses.Field[Any]],
    hints: Mapping[str, Any],
) -> Slot:
    name = part["name"] or part["flag"].replace("-", "_")
    where = f"{command.__name__}: slot `{part[0].strip()}`"  # not said: for programmers
    if name not in fields:
        raise ValueError(f"{where} has no field `{name}`")
    kinds = [kind for kind in get_args(hints[name]) or (hints[name],) if kind is not NoneType]
    kind = kinds[0]
    required = not part["flag"] and not part["open"]
    default = fields[name].default
    if len(kinds) > 1 or not isinstance(kind, type) or not issubclass(kind, (Name, Typed, bool)):
        raise ValueError(f"{where}: the type of field `{name}` is no value type of bot.grammar")
    if (kind is bool) != bool(part["flag"]):
        raise ValueError(f"{where}: a flag has a bool field, and nothing else has")
    if required == (default is not dataclasses.MISSING):
        raise ValueError(f"{where}: field `{name}` has a default exactly when the slot is in brackets")
    if part["rest"] and kind is not Text:
        raise ValueError(f"{where}: `...` is for Text")
    if not part["keyword"] and issubclass(kind, Typed) and not kind.bare:
        raise ValueError(f"{where} needs a keyword: {kind.__name__} cannot be told by its looks")
    if part["keyword"] in POLITE:
        raise ValueError(f"{where}: a polite word cannot be a keyword")
    return Slot(
        name, kind, part["keyword"] or "", required, bool(part["rest"]), None if required else default
    )
