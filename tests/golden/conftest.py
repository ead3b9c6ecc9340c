"""A shop in which nobody prints a line by chance: what is told of its logs is the same in every run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.stage import Stage, staged
from sandbox.world import World
from tests.conftest import PACE
from tests.golden.quiet import Quiet, quiet_shop


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("golden"), PACE, world=World(PACE, chatter=0)) as stage:
        yield stage


@pytest.fixture(scope="package")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quiet]:
    """A shop without servers."""
    with quiet_shop(tmp_path_factory.mktemp("quiet")) as shop:
        yield shop
