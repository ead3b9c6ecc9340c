"""`shipmate.yaml` -> one typed, immutable, validated value. Every key: docs/configuration.md."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.settings.document import Document, NotYaml, Problem, read
from bot.settings.model import Job, LogSource, NoSuchTarget, Settings, Target, secrets_of
from bot.settings.problems import explain
from bot.settings.references import check
from bot.settings.sections import Environment, Image, Limits, Members, Replicas, Role, Rule, Tickets
from bot.settings.values import fill

__all__ = [
    "BadSettings",
    "Environment",
    "Image",
    "Job",
    "Limits",
    "LogSource",
    "Members",
    "NoSuchTarget",
    "Replicas",
    "Role",
    "Rule",
    "Settings",
    "Target",
    "Tickets",
    "fill",
    "load",
    "schema",
    "secrets_of",
]


class BadSettings(Exception):
    """The file cannot be used. `lines`: one for each problem, `shipmate.yaml:14: key: what to mend`."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = list(lines)
        super().__init__("\n".join(self.lines))


def load(path: Path, env: Mapping[str, str], commands: Collection[str] | None = None) -> Settings:
    """Read and check `path`. `commands`, when given, are the ones that rules of roles may name.

    Raises BadSettings with all problems at once; only references between parts of the file
    (a project's cluster, ...) are looked at last, as they need parts that are sound.
    """
    try:
        document = read(_text(path), env)
    except NotYaml as error:
        line = f":{error.line}" if error.line else ""
        raise BadSettings([f"{path}{line}: not valid YAML: {error.message}"]) from None
    if document.value is None and not document.problems:
        raise BadSettings([f"{path}: is empty; docs/configuration.md shows what belongs there"])
    settings, problems = _validated(document, path.parent)
    if settings is not None and not problems:
        problems = list(check(settings, commands))
    if settings is None or problems:
        raise BadSettings(_lines(path, document, problems))
    return settings


def schema() -> dict[str, Any]:
    """The JSON Schema of the file, variables not yet filled in."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Settings.model_json_schema()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        hint = "no such file; SHIPMATE_CONFIG says which one to read"
        raise BadSettings([f"{path}: {hint}"]) from None
    except OSError as error:
        raise BadSettings([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise BadSettings([f"{path}: cannot be read: not UTF-8 at byte {error.start}"]) from None


def _validated(document: Document, folder: Path) -> tuple[Settings | None, list[Problem]]:
    """Raising happens elsewhere: a pydantic error holds the values it saw, and travels with a traceback."""
    known = {problem.path for problem in document.problems}
    try:
        return Settings.model_validate(document.value, context={"folder": folder}), document.problems
    except ValidationError as error:
        found = explain(error.errors(include_url=False, include_context=False), document, schema())
    return None, [*document.problems, *(problem for problem in found if problem.path not in known)]


def _lines(path: Path, document: Document, problems: Iterable[Problem]) -> list[str]:
    unique = sorted(set(problems), key=lambda problem: (document.line(problem.path), _dotted(problem)))
    return [f"{path}:{document.line(p.path)}: {_dotted(p)}{p.message}" for p in unique]


def _dotted(problem: Problem) -> str:
    """`roles.qa.may[1].commands[0]: `; nothing for the top of the file."""
    parts = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in problem.path)
    dotted = "".join(parts).lstrip(".")
    return f"{dotted}: " if dotted else ""
