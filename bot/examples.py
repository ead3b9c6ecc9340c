"""Examples of commands as this reader could type them: in places where they may, in their language.

The examples of a command's class name places of the sample shop. Here they are read with those, moved to
places of this shop, and read again: what is shown can be typed as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from bot.command import Command
from bot.grammar import Environment, Grammar, Parsed, Project, write
from bot.grammar.chinese_words import COMMANDS
from bot.language import CHINESE, spoken

if TYPE_CHECKING:
    from bot.backends import Backends
    from bot.policy import Actor, TargetName

SAMPLE_PROJECTS, SAMPLE_ENVIRONMENTS = ("web", "api", "pay"), ("dev", "trunk", "hidden", "product")
SAMPLE_LINES = ("trunk", "releases", "dev")
SMALL = {" to ": " 到 ", " in ": " 在 ", " because ": " 因为 "}


def examples(command: type[Command], reader: Actor, on: Backends) -> tuple[str, ...]:
    """Those that the reader may use, most telling first; none twice."""
    return tuple(dict.fromkeys(_shown(text, on) for text in _possible(command, reader, on)))


def word_of(verb: str) -> str:
    """What a reader types for a command: its verb, or the Chinese word."""
    return _chinese().get(verb, verb) if spoken() == CHINESE else verb


def _possible(command: type[Command], reader: Actor, on: Backends) -> Iterator[str]:
    sample = _sample(on.catalogue.commands)
    visible = on.policy.visible(reader, command.verb)
    known = [target for target in on.settings.targets() if target in visible]
    for example in command.examples:
        read = sample.parse(example)
        text = write(_moved(read.command, known)) if isinstance(read, Parsed) else example
        meant = on.catalogue.parse(text)
        if not isinstance(meant, Parsed):
            continue
        if on.policy.may(reader, *cast(Command, meant.command).scope).allowed:
            yield example if meant == on.catalogue.parse(example) else text


def _moved(command: Any, known: list[TargetName]) -> Any:
    """The same where the reader may: in that project if they may there, else in the first of `known`."""
    project = getattr(command, "project", None)
    environment = getattr(command, "environment", None)
    if not known or not (project or environment):
        return command
    near = min(known, key=lambda place: (place[0] != project, place[1] != environment))
    moved: dict[str, Any] = {}
    if project:
        moved["project"] = Project(near[0])
    if environment:
        moved["environment"] = Environment(near[1])
    return replace(command, **moved)


def _shown(text: str, on: Backends) -> str:
    """In Chinese where it then means the same."""
    if spoken() != CHINESE:
        return text
    verb, _space, rest = text.partition(" ")
    said = f"{_chinese().get(verb, verb)} {rest}".strip()
    for english, chinese in SMALL.items():
        said = said.replace(english, chinese)
    return said if on.catalogue.parse(said) == on.catalogue.parse(text) else text


@cache
def _sample(commands: tuple[Any, ...]) -> Grammar:
    return Grammar(commands, SAMPLE_PROJECTS, SAMPLE_ENVIRONMENTS, lines=SAMPLE_LINES)


@cache
def _chinese() -> dict[str, str]:
    """Verb -> its first Chinese word."""
    return {verb: said for said, verb in reversed(list(COMMANDS.items()))}
