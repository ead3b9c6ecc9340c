"""Label and field selectors: text of a query -> a predicate over objects."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.kubernetes.errors import ApiError, bad_request
from sandbox.kubernetes.resources import Object, Resource

Predicate = Callable[[Object], bool]

_SET = re.compile(r"^\s*([\w./-]+)\s+(in|notin)\s*\(([^)]*)\)\s*$")
_EQUALITY = re.compile(r"^\s*([\w./-]+)\s*(==|!=|=)\s*([\w.-]*)\s*$")
_EXISTS = re.compile(r"^\s*(!?)\s*([\w./-]+)\s*$")
_COMMA = re.compile(r",(?![^(]*\))")


def labels(text: str) -> Predicate:
    """`app=web,tier in (a,b),!old` (kubernetes.io/docs: Labels and Selectors). Raises ApiError 400."""
    tests = [_label_test(part) for part in _COMMA.split(text) if part.strip()]
    return lambda item: all(test(item["metadata"].get("labels") or {}) for test in tests)


def fields(text: str, resource: Resource) -> Predicate:
    """`metadata.name=web,status.phase!=Running`. Raises ApiError 400 for a field that has no selector."""
    tests = [_field_test(part, resource) for part in text.split(",") if part]
    return lambda item: all(test(item) for test in tests)


def matching(selector: dict[str, Any]) -> Predicate:
    """A LabelSelector object with matchLabels, as Deployments and ReplicaSets hold."""
    wanted = (selector.get("matchLabels") or {}).items()
    return lambda item: wanted <= (item["metadata"].get("labels") or {}).items()


def shown(selector: dict[str, Any]) -> str:
    """A LabelSelector as kubectl prints it."""
    return ",".join(f"{k}={v}" for k, v in sorted((selector.get("matchLabels") or {}).items()))


def _label_test(part: str) -> Callable[[dict[str, str]], bool]:
    if found := _SET.match(part):
        name, operator, listed = found.groups()
        values = {value.strip() for value in listed.split(",")}
        if operator == "in":
            return lambda labels: labels.get(name) in values
        return lambda labels: labels.get(name) not in values
    if found := _EQUALITY.match(part):
        name, operator, value = found.groups()
        if operator == "!=":
            return lambda labels: labels.get(name) != value
        return lambda labels: labels.get(name) == value
    if found := _EXISTS.match(part):
        absent, name = found.groups()
        return lambda labels: (name in labels) != bool(absent)
    raise _unparsable(part)


def _unparsable(part: str) -> ApiError:
    strange = re.search(r"[^\w./\s-]", part.lstrip("! ") or part[-1])
    token = strange.group() if strange else part.strip()
    return bad_request(f"unable to parse requirement: found '{token}', expected: identifier")


def _field_test(part: str, resource: Resource) -> Predicate:
    found = re.match(r"^([^=!]+)(==|!=|=)(.*)$", part)
    if found is None:
        raise bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
    name, operator, value = found.groups()
    known = ("metadata.name", "metadata.namespace", *resource.fields)
    if name not in known:
        listed = ", ".join(f'"{field}"' for field in known)
        raise bad_request(f'"{name}" is not a known field selector: only {listed}')
    return lambda item: (_at(item, name) == value) == (operator != "!=")


def _at(item: Object, path: str) -> str:
    value: Any = item
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, dict):  # Event source
        value = value.get("component")
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
