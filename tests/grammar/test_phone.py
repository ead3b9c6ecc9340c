"""tests/data/phone.txt: what phones make of commands, and what Shipmate makes of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue import Catalogue
from bot.command import Change, StandIn
from bot.grammar import Parsed, write
from tests import sample

FILE = Path(__file__).parents[1] / "data" / "phone.txt"
CATALOGUE = Catalogue(sample.settings())

PROJECTS, ENVIRONMENTS = {"web", "api", "shop", "pay"}, {"dev", "trunk", "hidden", "product"}


def corpus() -> list[tuple[str, str]]:
    """(line, what it means)."""
    lines = [line for line in FILE.read_text("utf-8").splitlines() if line and line[0] != "#"]
    return [(line, meaning) for line, _, meaning in (line.rpartition(" => ") for line in lines)]


def test_there_are_enough_of_them() -> None:
    assert len(dict(corpus())) >= 300


@pytest.mark.parametrize(("line", "meaning"), corpus())
def test_a_line_from_a_phone(line: str, meaning: str) -> None:
    parsed = CATALOGUE.parse(line)

    if isinstance(parsed, Parsed) and isinstance(parsed.command, StandIn):
        assert meaning in ("?", CATALOGUE.text(parsed.command)), "it asks which one"
    elif isinstance(parsed, Parsed):
        assert write(parsed.command) == meaning
    else:
        assert meaning[0] == "?", f"not understood: {parsed}"
        assert set(meaning[2:].splitlines()) <= set(parsed.offers)


@pytest.mark.parametrize("line", [line for line, meaning in corpus() if meaning[0] == "?"])
def test_what_must_be_asked_about_changes_nothing(line: str) -> None:
    parsed = CATALOGUE.parse(line)

    assert not isinstance(parsed, Parsed) or not isinstance(parsed.command, Change)


@pytest.mark.parametrize("line", [line for line, meaning in corpus() if meaning == "?"])
def test_what_is_offered_then_has_no_number_and_no_target_but_those_typed(line: str) -> None:
    parsed = CATALOGUE.parse(line)

    for offer in () if isinstance(parsed, Parsed) else parsed.offers:
        read = CATALOGUE.parse(offer)
        if isinstance(read, Parsed) and isinstance(read.command, Change):
            assert set(re.findall("[0-9]+", offer)) <= set(re.findall("[0-9]+", line))
            for kind in (PROJECTS, ENVIRONMENTS):
                typed = kind & set(re.findall("[a-z]+", line.lower()))
                assert not typed or kind & set(offer.split()) <= typed


ORDERS = [line for line, meaning in corpus() if meaning[0] != "?"]
ENDS = st.sampled_from(["?", "？", " ?", "??", "?!", "? ", "? Thanks", "？谢谢", ' ?"', "?)", "? please."])


def only_reads(command: Any) -> bool:
    known = CATALOGUE.named(CATALOGUE.text(command).split()[0])
    return known is not None and known.reads


@given(st.sampled_from(ORDERS), st.sampled_from(["", "ok ", "please ", "can you ", "/ship ", "请"]), ENDS)
def test_a_question_begins_no_change(line: str, before: str, end: str) -> None:
    parsed = CATALOGUE.parse(before + line.rstrip(".!。！… ") + end)

    assert not isinstance(parsed, Parsed) or only_reads(parsed.command)


@given(
    st.sampled_from(ORDERS),
    st.sampled_from(
        ["don't", "do not", "never", "if green,", "when it is green", "should I", "who can", "不要", "要不要"]
    ),
)
def test_what_is_put_in_doubt_begins_no_change(line: str, before: str) -> None:
    parsed = CATALOGUE.parse(f"{before} {line}")

    assert not isinstance(parsed, Parsed) or only_reads(parsed.command)
