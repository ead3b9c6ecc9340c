"""A shop whose bot has little patience, so that hanging systems are found out within a second."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.stage import Stage, staged
from tests.conftest import PACE
from tests.trouble.support import impatient, mend


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("trouble")
    with staged(folder, PACE, config=impatient(folder)) as stage:
        yield stage


@pytest.fixture(autouse=True)
def mended(running: Stage) -> Iterator[None]:
    """Whatever a test broke works again after it."""
    yield
    mend(running)
