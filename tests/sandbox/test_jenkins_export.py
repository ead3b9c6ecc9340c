"""`tree=` and `depth=` as Stapler understands them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.jenkins.export import ALWAYS, Bean, ByDepth, Field, export, fixed, parse_tree


@dataclass(frozen=True)
class Run:
    number: int


RUN: dict[str, Field[Run]] = {
    "number": Field(lambda run: run.number, visibility=2),
    "result": fixed("SUCCESS"),
    "actions": fixed([{"_class": "A", "parameters": [{"name": "LINE", "value": "dev"}]}, {}]),
}
JOB: dict[str, Field[int]] = {
    "name": Field(lambda _: "web", visibility=ALWAYS),
    "builds": Field(lambda count: [Bean("R", RUN, Run(n)) for n in range(count, 0, -1)]),
    "allBuilds": Field(lambda count: [Bean("R", RUN, Run(n)) for n in range(count, 0, -1)], visibility=-2),
}
WEB = Bean("J", JOB, 4)


@pytest.mark.parametrize(
    ("tree", "shown"),
    [
        ("name", {"_class": "J", "name": "web"}),
        (
            "builds[number]{0,2}",
            {"_class": "J", "builds": [{"_class": "R", "number": 4}, {"_class": "R", "number": 3}]},
        ),
        ("builds[number]{1}", {"_class": "J", "builds": [{"_class": "R", "number": 3}]}),
        ("builds[number]{,1}", {"_class": "J", "builds": [{"_class": "R", "number": 4}]}),
        (
            "allBuilds[number]{3,},name",
            {"_class": "J", "name": "web", "allBuilds": [{"_class": "R", "number": 1}]},
        ),
        ("builds{3}", {"_class": "J", "builds": [{"_class": "R"}]}),
        (
            "builds[actions[parameters[value]]]{0,1}",
            {
                "_class": "J",
                "builds": [
                    {"_class": "R", "actions": [{"_class": "A", "parameters": [{"value": "dev"}]}, {}]}
                ],
            },
        ),
        ("nothing", {"_class": "J"}),
    ],
)
def test_tree(tree: str, shown: object) -> None:
    assert export(WEB, parse_tree(tree)) == shown


def test_a_star_names_everything() -> None:
    assert export(Bean("R", RUN, Run(1)), parse_tree("*")) == {
        "_class": "R",
        "number": 1,
        "result": "SUCCESS",
        "actions": [{"_class": "A"}, {}],
    }


def test_depth_shows_more_of_what_is_nested() -> None:
    shallow = export(WEB, ByDepth(1))
    deep = export(WEB, ByDepth(0))

    assert shallow == {
        "_class": "J",
        "name": "web",
        "builds": [{"_class": "R", "number": n} for n in (4, 3, 2, 1)],
    }
    assert isinstance(deep, dict)
    assert deep["builds"][0].keys() == {"_class", "number", "result", "actions"}


@pytest.mark.parametrize("tree", ["", "a[", "a]", "a[b", "a{x}", "a{1", "a{}", ",a", "a,", "a[]"])
def test_a_malformed_tree_is_an_error(tree: str) -> None:
    with pytest.raises(ValueError, match=r"expected|unexpected"):
        parse_tree(tree)


@given(st.text(alphabet="ab,[]{}0*", max_size=30))
def test_any_text_parses_or_is_an_error(tree: str) -> None:
    try:
        parsed = parse_tree(tree)
    except ValueError:
        return
    assert isinstance(export(WEB, parsed), dict)
