"""Which queries in Lucene's syntax would read the whole index."""

from __future__ import annotations

import pytest

from bot.faults import Refused
from integrations.lucene import check


@pytest.mark.parametrize(
    "text",
    [
        "order/.*4711.*/",
        '"a"/.*z.*/',
        "(abc)/.*z.*/",
        "/.*z.*/",
        "a/b",
        '"x"t*',
        '"x"*',
        '"x"*abc',
        '"x"?bc',
        "(abc)*z",
        "[1 TO 5]t*",
        "abc~2*z",
        "abc^2.5*z",
    ],
)
def test_what_would_read_the_whole_index_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        check(text)


@pytest.mark.parametrize(
    "text",
    [
        'path:"/var/log" AND ti*',
        r"path:\/var\/log",
        '"order 4711" level:error',
        "took:[* TO 5]",
        "(ti* OR time?ut) AND order~2^3",
        "@timestamp:[now-1d/d TO now]",
        '(level:error AND "x")',
    ],
)
def test_what_looks_for_words_is_taken(text: str) -> None:
    check(text)
