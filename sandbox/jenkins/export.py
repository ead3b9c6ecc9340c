"""How Jenkins turns its objects into JSON: the rules of Stapler's `export` package.

`tree=` is parsed as `NamedPathPruner` does, `depth=` prunes as `ByDepth` does
(github.com/jenkinsci/stapler, core/src/main/java/org/kohsuke/stapler/export).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")
ALWAYS = 999
"""Visibility of what is shown at every depth once its owner is shown."""

ALL = slice(None)
TOKENS = re.compile(r"[,\[\]{}]|[^,\[\]{}]+")
MARKS = frozenset(",[]{}")


@dataclass(frozen=True)
class Field(Generic[T]):
    """One exported property. A value is JSON data, a `Bean`, or a list of either.

    visibility: shown without `tree=` while it is at least the nesting level (1 at the top, less `depth=`).
    inline: what is below counts as the same level.
    """

    get: Callable[[T], object]
    visibility: int = 1
    inline: bool = False


@dataclass(frozen=True)
class Bean(Generic[T]):
    """An object to export; `cls` is its Java class, empty where Stapler writes no `_class`."""

    cls: str
    fields: Mapping[str, Field[T]]
    of: T


def fixed(value: object) -> Field[Any]:
    """A property that is the same for every object."""
    return Field(lambda _: value)


class Pruner(Protocol):
    """Decides what of an object is shown."""

    @property
    def window(self) -> slice: ...
    def below(self, name: str, exported: Field[Any]) -> Pruner | None:
        """The pruner for that property's value; None: not shown."""


@dataclass(frozen=True)
class ByDepth:
    """Prunes by visibility; `level` starts at 1 - depth."""

    level: int

    @property
    def window(self) -> slice:
        return ALL

    def below(self, name: str, exported: Field[Any]) -> Pruner | None:  # noqa: ARG002  (the name does not matter)
        if exported.visibility < self.level:
            return None
        return self if exported.inline else ByDepth(self.level + 1)


@dataclass
class Tree:
    """A parsed `tree=` expression: `builds[number,url]{0,5},name`; `*` stands for every other name."""

    children: dict[str, Tree] = field(default_factory=dict)
    window: slice = field(default_factory=lambda: ALL)

    def below(self, name: str, exported: Field[Any]) -> Pruner | None:  # noqa: ARG002  (any visibility may be named)
        return self.children.get(name) or self.children.get("*")


SHOWN = Field[Any](lambda _: None, ALWAYS)
"""Plain data (dicts) is shown wholly wherever its owner is."""


def parse_tree(expression: str) -> Tree:
    """Parse `tree=`. Raises ValueError for a malformed expression (Jenkins answers 500)."""
    tokens = TOKENS.findall(expression)
    tokens.reverse()
    tree = _names(tokens)
    if tokens:
        raise ValueError(f"expected EOF at {tokens[-1]!r}")
    return tree


def _names(tokens: list[str]) -> Tree:
    tree = Tree()
    while True:
        name = _take(tokens)
        if name in MARKS:
            raise ValueError(f"expected name at {name!r}")
        child = Tree()
        if _accept(tokens, "["):
            child = _names(tokens)
            _expect(tokens, "]")
        if _accept(tokens, "{"):
            child.window = _window(tokens)
        tree.children[name] = child
        if not _accept(tokens, ","):
            return tree


def _window(tokens: list[str]) -> slice:
    """`{M,N}` from M up to N, `{M,}` from M on, `{,N}` up to N, `{N}` the N-th alone."""
    text = ""
    while (token := _take(tokens)) != "}":
        text += token
    if not re.fullmatch(r"\d+|\d+,\d*|,\d+", text):
        raise ValueError(f"expected number at {text!r}")
    first, comma, last = text.partition(",")
    begin = int(first or 0)
    if not comma:
        return slice(begin, begin + 1)
    return slice(begin, int(last) if last else None)


def _take(tokens: list[str]) -> str:
    if not tokens:
        raise ValueError("unexpected end")
    return tokens.pop()


def _accept(tokens: list[str], mark: str) -> bool:
    if tokens and tokens[-1] == mark:
        tokens.pop()
        return True
    return False


def _expect(tokens: list[str], mark: str) -> None:
    if not _accept(tokens, mark):
        raise ValueError(f"expected {mark!r}")


def export(value: object, pruner: Pruner) -> object:
    """`value` as JSON data, with only what `pruner` lets through."""
    match value:
        case Bean(cls=cls, fields=fields, of=of):
            shown: dict[str, object] = {"_class": cls} if cls else {}
            for name, exported in fields.items():
                if (below := pruner.below(name, exported)) is not None:
                    shown[name] = export(exported.get(of), below)
            return shown
        case Mapping():
            return _data(value, pruner)
        case Sequence() if not isinstance(value, str):
            return [export(each, pruner) for each in value[pruner.window]]
    return value


def _data(data: Mapping[str, object], pruner: Pruner) -> dict[str, object]:
    shown = {}
    for name, value in data.items():
        below = pruner.below(name, SHOWN)
        if name == "_class":
            shown[name] = value
        elif below is not None:
            shown[name] = export(value, below)
    return shown
