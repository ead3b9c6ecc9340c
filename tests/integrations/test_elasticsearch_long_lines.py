"""Lines of megabytes: a worker reads a few at a time, and says so when it stops."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integrations.elasticsearch import MOST_READ
from integrations.elasticsearch_lines import LONGEST_MESSAGE
from integrations.elasticsearch_node import MOST_BYTES
from tests.integrations.elasticsearch_client import AT, adapter, query
from tests.sandbox.elasticsearch_support import NOW, Line, Running, running

MEGABYTE = "word " * 200_000
MANY = 60


@pytest.fixture(scope="module")
def long_lines() -> Iterator[Running]:
    """The last of them is longer than a whole answer may be."""
    with running() as here:
        here.write(*(Line(f"{n} {MEGABYTE}", "ERROR", at=AT - MANY + n) for n in range(MANY)))
        here.write(Line("y" * (MOST_BYTES + 1), "ERROR", at=AT))
        yield here


def test_the_newest_of_many_long_lines_come_a_few_at_a_time(long_lines: Running) -> None:
    long_lines.server.searches.clear()

    page = adapter(long_lines).search(query(limit=12))

    assert [line.message[:3] for line in page.lines] == [*(f"{n} w"[:3] for n in range(MANY - 11, MANY)), ""]
    assert {len(line.message) for line in page.lines[:-1]} == {LONGEST_MESSAGE + 1}
    assert (page.total, page.errors, page.errors_before, page.cut) == (MANY + 1, MANY + 1, 0, False)
    assert page.newest == NOW
    sizes = [body["size"] for body in long_lines.server.searches if "pit" in body]
    assert sizes == [12, 1, 1, 10, *[1] * 11]


def test_a_read_that_gets_too_long_ends_and_says_so(long_lines: Running) -> None:
    page = adapter(long_lines).search(query(limit=1_000))

    assert page.cut
    assert len(page.lines) in range(MOST_READ // 1_000_000, MANY)
    assert page.lines[-2].message.startswith(f"{MANY - 1} w")


def test_kinds_of_long_lines_are_told_by_the_words_they_share(long_lines: Running) -> None:
    kinds = adapter(long_lines).signatures(query(), 100, NOW)

    assert sum(kind.count for kind in kinds.all) == MANY + 1
    assert all(kind.example.message for kind in kinds.all)


def test_an_answer_that_was_given_up_costs_no_connection(long_lines: Running) -> None:
    store = adapter(long_lines)

    found = [store.search(query(limit=1)).lines for _ in range(12)]  # two more than the client keeps of them

    assert [len(lines) for lines in found] == [1] * 12


def test_an_ordinary_read_is_one_request(es: Running) -> None:
    es.write(*(Line(f"line {n}", at=AT - n) for n in range(200)))

    page = adapter(es).search(query(limit=200))

    assert (len(page.lines), page.cut) == (200, False)
    assert len(es.server.searches) == 5
