"""What a line may go on with, for the terminal's TAB. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.command import Command
from bot.grammar import Name
from bot.grammar.usage import Slot, Usage, usage_of


class Completion:
    """Of a line with `commands`. `names`: what the configuration knows, by kind; `ids`: of what is under way."""

    def __init__(
        self,
        commands: Iterable[type[Command]],
        names: Mapping[type[Name], Sequence[str]],
        ids: Callable[[], Sequence[str]],
    ) -> None:
        self._usages: dict[str, Usage] = {}
        for own in commands:
            self._usages |= dict.fromkeys((own.verb, *own.aliases), _usage(own))
        self._verbs = sorted({usage.verb for usage in self._usages.values()})
        self._names = names
        self._ids = ids

    def after(self, line: str) -> list[str]:
        """The words that may stand at the end of `line`: those that begin with its last, unfinished word.

        First verbs; then the names, keywords and flags of that verb which were not given yet.
        """
        *before, begun = line.lower().split(" ")
        given = [word for word in before if word]
        usage = self._usages.get(given[0]) if given else None
        found = self._next(usage, given) if usage else () if given else self._verbs
        return list(dict.fromkeys(word for word in found if word.lower().startswith(begun)))

    def _next(self, usage: Usage, given: list[str]) -> Iterator[str]:
        awaited = given[-1] if given[-1] in usage.keywords else ""
        for slot in usage.slots:
            choices = self._choices(slot)
            if awaited in ("", slot.keyword) and not any(choice.lower() in given for choice in choices):
                yield from choices
        if not awaited:
            words = (*usage.keywords, *(_flag(slot) for slot in usage.slots if slot.kind is bool))
            yield from (word for word in words if word not in given)

    def _choices(self, slot: Slot) -> Sequence[str]:
        if slot.name == "operation":
            return self._ids()
        return next((names for kind, names in self._names.items() if issubclass(slot.kind, kind)), ())


def _usage(command: Any) -> Usage:
    return usage_of(command)


def _flag(slot: Slot) -> str:
    return f"--{slot.name.replace('_', '-')}"
