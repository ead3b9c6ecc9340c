"""The sandbox's Prometheus: what it understands, and what it refuses."""

from __future__ import annotations

import pytest

from sandbox.pipeline.promql import Series, evaluate

SERIES = [
    Series("lag", {"group": "a", "topic": "x"}, 3, lambda seconds: seconds),
    Series("lag", {"group": "a", "topic": "y"}, 4, lambda seconds: 2 * seconds),
    Series("lag", {"group": "b", "topic": "x"}, 5),
    Series("brokers", {}, 3),
]


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("brokers", [3]),
        ('lag{group="a"}', [3, 4]),
        ('lag{group!="a", topic=~"x|z"}', [5]),
        ('lag{group!~"."}', []),
        ("sum(lag)", [12]),
        ("sum by (group) (lag)", [7, 5]),
        ("max(lag) by (topic)", [5, 4]),
        ('rate(lag{group="a"}[2m])', [1, 2]),
        ("sum(increase(lag[1m]))", [180]),
        ("nothing", []),
        ("count(nothing)", []),
    ],
)
def test_what_it_understands(expression: str, values: list[float]) -> None:
    assert [value for _, value in evaluate(expression, SERIES)] == values


@pytest.mark.parametrize(
    "expression", ["", "lag[5m]", "rate(lag)", "lag + 1", "lag{group=a}", "topk(1, lag)"]
)
def test_what_it_refuses(expression: str) -> None:
    with pytest.raises(ValueError, match=r"parse|expected|invalid"):
        evaluate(expression, SERIES)
