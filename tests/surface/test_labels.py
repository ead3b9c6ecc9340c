"""What a button says is seen whole on a phone, in every language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.labels import FITS, apart, seen, width
from bot.language import LANGUAGES, _, speaking

ROOT = Path(__file__).parents[2]


def labels() -> Iterator[str]:
    """Every message that is the label of a `Button` somewhere."""
    for path in (path for folder in ("bot", "commands") for path in (ROOT / folder).rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Button" and call.args:
                said = call.args[0]
                if isinstance(said, ast.Call) and said.args and isinstance(said.args[0], ast.Constant):
                    yield str(said.args[0].value)


def test_labels_survive_a_phone() -> None:
    found = {label for label in labels() if "{" not in label}
    assert {"Roll back", "Cancel", "What changed"} <= found

    for language in LANGUAGES:
        with speaking(language):
            assert [label for label in found if width(_(label)) > FITS] == []


def test_commands_that_begin_alike_are_told_apart() -> None:
    offers = [
        "rollback web in product",
        "rollback web in product to releases-1",
        "rollback web in product to lock",
    ]
    tags = ["deploy web to trunk at feature/new-basket-1", "deploy web to trunk at feature/new-basket-2"]

    assert apart(offers[:1]) == offers[:1]
    assert apart(["deploy web to dev", "deploy web to trunk"]) == ["deploy web to dev", "deploy web to trunk"]
    assert apart(tags) == ["… feature/new-basket-1", "… feature/new-basket-2"]
    assert apart(offers) == ["… product", "… product to releases-1", "… product to lock"]


@given(st.lists(st.text("ab 中-", min_size=1, max_size=60), min_size=1, max_size=10))
def test_what_differs_looks_different_on_a_phone(labels: list[str]) -> None:
    shown = apart(labels)

    pairs = {label: seen(one) for label, one in zip(labels, shown, strict=True)}
    assert len(set(pairs.values())) == len(set(labels))
    assert all(width(one) <= FITS for one in pairs.values())
