"""YAML text -> plain values that remember their lines, with `${NAME}` filled in.

Scalars are read by the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema), so that
a bare `no`, `on` or `12:30` stays the text it looks like; PyYAML alone would make them False, True and 750.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.settings.values import FromEnvironment

Path = tuple[str | int, ...]
"""Keys and list indices from the top of the file."""

_VARIABLE = re.compile(r"\$\{([^}]*)(\}?)")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TAG = "tag:yaml.org,2002:"


class _CoreSchema(yaml.SafeLoader):
    yaml_implicit_resolvers = {}


for _kind, _pattern, _starts in (
    ("null", r"~|null|Null|NULL|", ("~", "n", "N", "")),
    ("bool", r"true|True|TRUE|false|False|FALSE", tuple("tTfF")),
    ("int", r"[-+]?(0|[1-9][0-9]*)", tuple("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", tuple("-+.0123456789")),
    ("merge", r"<<", ("<",)),
):
    _CoreSchema.add_implicit_resolver(_TAG + _kind, re.compile(f"(?:{_pattern})$"), list(_starts))

_CONVERT: dict[str, Callable[[str], Any]] = {
    "null": lambda _: None,
    "bool": lambda text: text.lower() == "true",
    "int": int,
    "float": float,
    "str": str,
}


class NotYaml(Exception):
    """The text cannot be read at all; `line` counts from 1, 0: unknown."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and where."""

    path: Path
    message: str


@dataclass
class Document:
    """A read file. `value` is made of dicts, tuples and scalars; paths lead into it."""

    value: Any = None
    problems: list[Problem] = field(default_factory=list)
    nodes: dict[Path, yaml.Node] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """Line of `path`, or of the nearest part around it that is written; from 1."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def found(self, path: Path) -> str:
        """What stands at `path`, as it was written: variables are not filled in."""
        match self.nodes.get(path):
            case yaml.ScalarNode(tag=tag, value=text):
                text = text if len(text) <= 60 else text[:57] + "..."
                if tag == _TAG + "null":
                    return "nothing"
                return f'"{text}"' if tag == _TAG + "str" else text
            case yaml.SequenceNode(value=items):
                return "a list" if items else "an empty list"
            case yaml.MappingNode(value=pairs):
                return "keys with values" if pairs else "no keys"
            case _:
                return "nothing"

    def is_unquoted_number(self, path: Path) -> bool:
        node = self.nodes.get(path)
        return isinstance(node, yaml.ScalarNode) and node.tag in (_TAG + "int", _TAG + "float")


def read(text: str, env: Mapping[str, str]) -> Document:
    """Raises NotYaml; everything else that is wrong is in the document's `problems`."""
    try:
        root = yaml.compose(text, Loader=_CoreSchema)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, text) from None
    except yaml.YAMLError as error:  # characters that YAML does not allow
        raise NotYaml(0, str(error).splitlines()[0]) from None
    except RecursionError:
        raise NotYaml(0, "nested too deeply") from None
    document = Document()
    if root is not None:
        document.value = _Builder(document, env).build(root, ())
    return document


def _not_yaml(error: yaml.MarkedYAMLError, text: str) -> NotYaml:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 0
    problem = error.problem or error.context or "unreadable"
    if "'\\t'" in problem:
        problem = "a tab, where YAML wants spaces"
    elif "got '{'" in problem and "${" in text.splitlines()[line - 1]:
        problem = 'inside {} and [] a "${NAME}" needs its quotes'
    return NotYaml(line, problem)


@dataclass
class _Builder:
    document: Document
    env: Mapping[str, str]
    around: list[yaml.Node] = field(default_factory=list)
    """The nodes being built, outermost first: an alias to one of them would never end."""

    def build(self, node: yaml.Node, path: Path) -> Any:
        self.document.nodes[path] = node
        self.document.lines.setdefault(path, node.start_mark.line + 1)
        if any(node is outer for outer in self.around):
            self._complain(path, "an alias (*) to something that it is itself a part of")
            return None
        self.around.append(node)
        try:
            match node:
                case yaml.MappingNode(value=pairs):
                    return self._mapping(pairs, path)
                case yaml.SequenceNode(value=items):
                    return tuple(self.build(item, (*path, index)) for index, item in enumerate(items))
                case _:
                    return self._scalar(node, path)
        finally:
            self.around.pop()

    def _mapping(self, pairs: list[tuple[yaml.Node, yaml.Node]], path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key_node, value_node in pairs:
            line = key_node.start_mark.line + 1
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            here = (*path, key)
            if key in made:
                first = self.document.lines[here]
                self.document.lines[here] = line
                self._complain(here, f"written twice, first in line {first}")
                continue
            self.document.lines[here] = line
            if key_node.tag != _TAG + "str":
                self._complain(here, _bad_key(key_node, key))
            made[key] = self.build(value_node, here)
        return made

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        convert = _CONVERT.get(node.tag.removeprefix(_TAG))
        if convert is None:
            self._complain(path, f"expected a plain value, found one with the tag {node.tag}")
            return None
        try:
            value = convert(node.value)
        except ValueError:  # a tag such as !!int on text that is none
            self._complain(path, f'"{node.value}" is not what its tag {node.tag} says')
            return None
        return self._filled(value, path) if isinstance(value, str) and "${" in value else value

    def _filled(self, text: str, path: Path) -> FromEnvironment:
        def one(match: re.Match[str]) -> str:
            name = match[1]
            if not match[2] or not _VARIABLE_NAME.fullmatch(name):
                self._complain(path, "expected a variable written ${NAME}, of letters, digits and _")
            elif not self.env.get(name):
                self._complain(path, f"${{{name}}} is not set in the environment, or is empty")
            return self.env.get(name, "")

        return FromEnvironment(_VARIABLE.sub(one, text))

    def _complain(self, path: Path, message: str) -> None:
        self.document.problems.append(Problem(path, message))


def _bad_key(node: yaml.Node, key: str) -> str:
    if node.tag == _TAG + "merge":
        return "merging with << is not supported; what projects share goes into `defaults`"
    if isinstance(node, yaml.ScalarNode) and node.tag in (_TAG + "int", _TAG + "float", _TAG + "bool"):
        return f'expected text as a key, found {key}; write "{key}" in quotes'
    return "expected text as a key"
