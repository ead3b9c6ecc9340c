"""Every cause that Shipmate names, of every kind of workload: read from the message, long before the deadline.

All of them at once, so that those with a grace wait for it together: it is Shipmate's grace, in real seconds,
that ends each rollout here, as the cluster's deadline is ten minutes away. `make bench` measures the same at
the pace of a real cluster.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from benchmarks import troubled_shop
from benchmarks.troubled_shop import Case, TroubledShop
from sandbox.chat import Said, eventually
from sandbox.stage import staged
from tests.conftest import PACE

CASES = troubled_shop.cases()
WARNINGS = "Warnings of the cluster:"


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Said]]:
    """Case -> the message of its deployment, which has ended."""
    folder, shop = tmp_path_factory.mktemp("causes"), TroubledShop(PACE)
    config = troubled_shop.configure(folder, CASES)
    with staged(folder, PACE, config=config, world=shop) as stage:
        for case in CASES:
            stage.thread.call(troubled_shop.furnish, shop, case)
        for case in CASES:
            eventually(partial(troubled_shop.well, shop, case), f"the pods of {case.name}", 60)
        said = {}
        for case in CASES:
            stage.thread.call(troubled_shop.spoil, shop, case)
            said[case.name] = stage.chat.says(case.asks, by="ops")
        yield {name: stage.chat.ends(message) for name, message in said.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_failure_is_told_with_its_cause_its_log_and_its_warnings(
    ended: dict[str, Said], case: Case
) -> None:
    said, trouble = ended[case.name], case.trouble

    told, _, warned = said.shown.partition(WARNINGS)

    assert "FAILED" in told
    assert trouble.words in told
    assert "pods still serve" in told or "No pod serves" in told
    assert trouble.log in told
    assert ("```" in "".join(_sections(said, WARNINGS))) == bool(trouble.log)
    assert trouble.warns in warned
    assert "No progress for" not in told


def _sections(said: Said, until: str) -> Iterator[str]:
    for block in said.message.blocks:
        if block["type"] != "section":
            continue
        text = block["text"]["text"]
        if text == until:
            return
        yield text
