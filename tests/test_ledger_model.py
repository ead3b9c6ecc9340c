"""Random interleavings of everything that happens to operations never break the ledger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from redis import Redis

from tests.ledger_machine import LedgerMachine
from tests.ledger_support import memory

SETTINGS = settings(
    max_examples=60,
    stateful_step_count=60,
    deadline=None,
    phases=[Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with memory(tmp_path_factory.mktemp("model")) as redis:
        yield redis


def test_nothing_that_happens_breaks_the_ledger(redis: Redis) -> None:
    class Machine(LedgerMachine):
        def __init__(self) -> None:
            super().__init__(redis)

    run_state_machine_as_test(Machine, settings=SETTINGS)
