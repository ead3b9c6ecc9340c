"""What people type is only ever a value of a request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.severity import SEVERITIES, at_least
from integrations.elasticsearch_query import lines as body
from integrations.log_fields import ECS
from tests.integrations.elasticsearch_client import found, query
from tests.sandbox.elasticsearch_support import Line, Running

INJECTIONS = (
    '" OR "1"="1',
    "*",
    '"}}, {"match_all": {}}, {"match_phrase": {"message": "',
    "message:* OR _exists_:message",
    "\\",
    "x\\*",
    "now-1d TO now]",
)


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_people_type_is_only_ever_a_value(es: Running, text: str) -> None:
    es.write(Line("secret business"), Line(f"somebody typed {text} here"))
    lines = found(es, text=text)
    assert "secret business" not in lines
    assert found(es, filters=(("kubernetes.pod.name", text),)) == []
    assert found(es, level=text) == []


KNOWN_LEVELS = {word for words in SEVERITIES for word in words}


@given(st.sampled_from(("text", "pod", "trace", "level", "lucene")), st.text(min_size=1))
def test_any_text_changes_only_the_value(name: str, text: str) -> None:
    assume(name != "level" or text.strip().lower() not in KNOWN_LEVELS)  # the one that stands for several
    plain, other = body(query(**{name: "zebra"}), ECS, 5), body(query(**{name: text}), ECS, 5)

    for before, after in differences(plain, other):
        assert str(before).lower() == "zebra"
        assert after in (text, *at_least(text))
    json.dumps(other)


def differences(one: Any, other: Any) -> Iterator[tuple[Any, Any]]:
    """The leaves that differ. AssertionError where anything but a leaf does."""
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert list(one) == list(other)
        for name in one:
            yield from differences(one[name], other[name])
    elif isinstance(one, list):
        for inner in zip(one, other, strict=True):
            yield from differences(*inner)
    elif one != other:
        yield one, other
