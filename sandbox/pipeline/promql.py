"""The part of PromQL that questions about Kafka need: selectors, rate and increase, aggregations.

https://prometheus.io/docs/prometheus/latest/querying/basics/. What is not known raises ValueError, as
Prometheus answers 400 to what it cannot parse; nothing is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Labels = Mapping[str, str]
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True)
class Series:
    """`grew`: by how much in the last so many seconds, for counters and the like."""

    name: str
    labels: Labels
    value: float
    grew: Callable[[float], float] = lambda _seconds: 0.0


Vector = list[tuple[dict[str, str], float]]

_AGGREGATES: Mapping[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "max": max,
    "min": min,
    "count": len,
    "avg": lambda values: sum(values) / len(values),
}
_SELECTOR = re.compile(
    r"(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<matchers>[^}]*)\})?(?:\[(?P<count>\d+)(?P<unit>ms|[smhd])\])?"
)
_MATCHER = re.compile(r'\s*(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)')
_AGGREGATE = re.compile(
    r"(?P<kind>sum|max|min|count|avg)\s*(?:by\s*\((?P<by>[\w\s,]*)\)\s*)?\((?P<inner>.*?)\)"
    r"(?:\s*by\s*\((?P<after>[\w\s,]*)\))?",
    re.DOTALL,
)
_FUNCTION = re.compile(r"(?P<kind>rate|increase)\s*\((?P<inner>.*)\)", re.DOTALL)


def evaluate(expression: str, series: list[Series]) -> Vector:
    text = expression.strip()
    if found := _AGGREGATE.fullmatch(text):
        by = found["by"] if found["by"] is not None else found["after"]
        names = [name.strip() for name in (by or "").split(",") if name.strip()]
        return _aggregate(_AGGREGATES[found["kind"]], names, evaluate(found["inner"], series))
    if found := _FUNCTION.fullmatch(text):
        chosen, seconds = _select(found["inner"].strip(), series)
        if seconds is None:
            raise ValueError(f'expected type range vector in call to function "{found["kind"]}"')
        share = seconds if found["kind"] == "rate" else 1
        return [(dict(one.labels), one.grew(seconds) / share) for one in chosen]
    chosen, seconds = _select(text, series)
    if seconds is not None:
        raise ValueError("invalid expression type range vector for an instant query")
    return [({"__name__": one.name, **one.labels}, one.value) for one in chosen]


def _select(text: str, series: list[Series]) -> tuple[list[Series], float | None]:
    found = _SELECTOR.fullmatch(text)
    if found is None:
        raise ValueError(f"parse error: unexpected {text!r}")
    tests = _matchers(found["matchers"] or "")
    chosen = [
        one
        for one in series
        if one.name == found["name"] and all(test(one.labels.get(name, "")) for name, test in tests)
    ]
    return chosen, int(found["count"]) * UNITS[found["unit"]] if found["count"] else None


def _matchers(text: str) -> list[tuple[str, Callable[[str], bool]]]:
    tests: list[tuple[str, Callable[[str], bool]]] = []
    at = 0
    while at < len(text.rstrip()):
        found = _MATCHER.match(text, at)
        if found is None:
            raise ValueError(f"parse error: unexpected {text[at:]!r} in label matching")
        name, operator, value = found[1], found[2], re.sub(r"\\(.)", r"\1", found[3])
        tests.append((name, _test(operator, value)))
        at = found.end()
    return tests


def _test(operator: str, value: str) -> Callable[[str], bool]:
    if "~" not in operator:
        return (lambda have: have == value) if operator == "=" else (lambda have: have != value)
    pattern = re.compile(value)  # anchored, as Prometheus has it
    matches = operator == "=~"
    return lambda have: (pattern.fullmatch(have) is not None) == matches


def _aggregate(compute: Callable[[list[float]], float], by: list[str], vector: Vector) -> Vector:
    groups: dict[tuple[tuple[str, str], ...], list[float]] = {}
    for labels, value in vector:
        key = tuple((name, labels[name]) for name in by if name in labels)
        groups.setdefault(key, []).append(value)
    return [(dict(key), compute(values)) for key, values in groups.items()]
