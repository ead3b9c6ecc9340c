"""Which literals of the code people would read, although they never passed the catalogue.

A text is two words in a row, a word beside a value, or any word that is handed to what shows it (a button, a
reply, bad news).
What only looks like one stands where nobody reads it as a message: the places are listed here. A line that is
neither says so itself: `# not said: reason`. To see what is found: `python -m tests.said [file ...]`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import cast

from bot.command import discover

ROOT = Path(__file__).parents[1]
SPEAKING = ("bot", "commands", "integrations")
MARK = "# not said:"

FOR_OPERATORS = {
    "bot/__main__.py": "what a process prints when it is started",
    "bot/environment.py": "variables of a process, told when it is started",
    "bot/processes.py": "what a process prints when it is started",
    "bot/hooks.py": "what the sender of a hook is answered, which is a machine",
    "integrations/mail.py": "what the log says of a mail server",
    "bot/web.py": "what machines are answered: Slack, a balancer, Prometheus",
    "bot/settings": "what is wrong with shipmate.yaml, told when a process is started",
    "bot/redact/shapes.py": "shapes of secrets",
    "bot/excerpt/patterns.py": "shapes of log lines",
    "bot/language": "the catalogue itself",
}
"""Files and folders that nobody in chat reads, each with the reason."""

SAYS = {"_", "N_", "counted"}
SHOWS = {
    "Button",
    "Changed",
    "Context",
    "Failed",
    "Fields",
    "NeedsPerson",
    "Outcome",
    "Refusal",
    "Refused",
    "Reply",
    "Seen",
    "Text",
    "Unavailable",
    "says",
}
"""A literal word that is handed to one of these is read by somebody."""
STEPS = {"ask", "began", "effect", "follow", "result", "schedule", "step", "until", "without_step"}
"""The first argument names a step in the record; what is shown of it is translated where it is shown."""
UNREAD = {"Button": {1, 2}, "Request": {0}, "Topic": {0, 1, 2}, "Unavailable": {0}, "parse": {0}}
"""Arguments that are a command as it would be typed, a style, or the name of a system."""
OF_PROGRAMMERS = {
    "AssertionError",
    "AttributeError",
    "BadSettings",
    "KeyError",
    "LookupError",
    "NotImplementedError",
    "RuntimeError",
    "TypeError",
    "Unbelieved",
    "ValueError",
}
PATTERNS = {"compile", "findall", "finditer", "fullmatch", "match", "search", "split", "sub"}
GRAMMAR = {"usage", "examples", "aliases"}
"""Of a command's class: what is typed."""

WORDS = re.compile(r"[A-Za-z]{2,}[,;:.!?]? +[A-Za-z]{2,}|[a-z]{2,} a [a-z]{2,}")
BESIDE = re.compile("\0 [a-z]{2,}|[A-Za-z]{2,}:? \0")
"""A word beside a value of an f-string."""
PLACE = re.compile("\0 in \0")
"""How commands and people name a target, in any language."""
WORD = re.compile(r"[A-Za-z]{3,}")
NO_TEXT = re.compile(r":[a-z_]+:|`[^`]*`|<[^>]*>|https?://\S*")


def unsaid(path: Path) -> list[str]:
    """`line: text` of each."""
    source = path.read_text()
    lines = source.splitlines()
    found = []
    for node, parents in _strings(ast.parse(source)):
        text = _literal(node)
        shown = isinstance(parents[-1], ast.Call) and _name(parents[-1]) in SHOWS
        beside = BESIDE.search(text) and not PLACE.fullmatch(text) and not text.startswith(_verbs())
        is_text = WORDS.search(text) or beside or (shown and WORD.search(text))
        if is_text and not _elsewhere(node, parents) and MARK not in "".join(_lines(node, lines)):
            found.append(f"{node.lineno}: {text.strip()[:70]}")
    return found


@cache
def _verbs() -> tuple[str, ...]:
    """What a command begins with, as a button types it."""
    return tuple(f"{command.verb} " for command in discover("commands"))


def speaking() -> Iterator[str]:
    """Every file that may say something, from the root."""
    for folder in SPEAKING:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not any(name == one or name.startswith(f"{one}/") for one in FOR_OPERATORS):
                yield name


def _strings(tree: ast.AST) -> Iterator[tuple[ast.expr, list[ast.AST]]]:
    """Literals and f-strings, each with what it stands in, outermost first."""
    todo: list[tuple[ast.AST, list[ast.AST]]] = [(tree, [])]
    while todo:
        node, parents = todo.pop()
        part = bool(parents) and isinstance(parents[-1], (ast.Expr, ast.JoinedStr))  # or a docstring
        if not part and (_is_literal(node) or isinstance(node, ast.JoinedStr)):
            yield cast(ast.expr, node), parents
        todo += [(child, [*parents, node]) for child in ast.iter_child_nodes(node)]


def _is_literal(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _literal(node: ast.expr) -> str:
    """What is fixed of it, without emoji, code and links; a value leaves a mark."""
    if isinstance(node, ast.Constant):
        return NO_TEXT.sub("\0", str(node.value))
    assert isinstance(node, ast.JoinedStr)
    parts = (str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values)
    return NO_TEXT.sub("\0", "".join(parts))


def _elsewhere(node: ast.expr, parents: list[ast.AST]) -> bool:
    """Whether it stands where nobody reads it as a message."""
    chain = [*parents, node]
    return any(_hides(outer, inner) for outer, inner in pairwise(chain))


def _hides(outer: ast.AST, inner: ast.AST) -> bool:
    match outer:
        case ast.Call():
            return _hides_argument(outer, inner)
        case ast.Assert() | ast.Compare() | ast.Subscript() | ast.MatchValue():
            return True
        case ast.Assign() | ast.AnnAssign():
            names = outer.targets if isinstance(outer, ast.Assign) else [outer.target]
            return any(isinstance(name, ast.Name) and name.id in GRAMMAR for name in names)
        case ast.arguments() | ast.arg():
            return True  # annotations and defaults
    return False


def _hides_argument(call: ast.Call, argument: ast.AST) -> bool:
    name = _name(call)
    if name in SAYS | OF_PROGRAMMERS | PATTERNS:
        return True
    of = call.func.value if isinstance(call.func, ast.Attribute) else None
    if isinstance(of, ast.Name) and of.id in {"log", "logging", "re"}:
        return True
    place = call.args.index(argument) if argument in call.args else -1
    return (name in STEPS and of is not None and place == 0) or place in UNREAD.get(name, ())


def _name(call: ast.Call) -> str:
    func = call.func
    return func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""


def _lines(node: ast.expr, lines: list[str]) -> list[str]:
    return lines[node.lineno - 1 : node.end_lineno]


if __name__ == "__main__":
    for file in sys.argv[1:] or speaking():
        for line in unsaid(ROOT / file):
            print(f"{file}:{line}")  # noqa: T201
