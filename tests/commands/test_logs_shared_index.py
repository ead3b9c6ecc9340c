"""logs where all targets write to one index, and filters tell them apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.chat import Chat
from sandbox.stage import SAMPLE, Stage, staged
from sandbox.world import World
from tests.commands.logs_support import written
from tests.conftest import PACE, open_shop

OWN = '      index: "logs-{project}-{environment}"\n'
SHARED = (
    '      index: "logs-*"\n'
    '      filters: {kubernetes.namespace: "{environment}", kubernetes.container.name: "{project}"}\n'
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("shared")
    config = folder / "shipmate.yaml"
    config.write_text(SAMPLE.read_text().replace(OWN, SHARED, 1))
    with staged(folder, PACE, config=config, world=World(PACE)) as stage:
        yield stage


@pytest.fixture
def stage(running: Stage) -> Iterator[Stage]:
    """Nothing of web in hidden has reached the log store for four minutes."""
    open_shop(running)
    running.thread.call(running.world.pipeline.stall, "filebeat")
    running.thread.call(running.world.elasticsearch.reset)
    written(running, "the last that arrived", ago=240)
    yield running
    running.thread.call(running.world.pipeline.reset)


def test_a_quiet_target_is_no_pipeline_that_is_behind(chat: Chat, stage: Stage) -> None:
    written(stage, "others are well", environment="dev")

    said = chat.says("logs web in hidden", by="engineer")

    assert "The newest line is 4 min old; other targets' logs arrive." in said.shown
    assert "others are well" not in said.shown


def test_a_pipeline_that_is_behind_is_told(chat: Chat, stage: Stage) -> None:
    said = chat.says("logs web in hidden", by="engineer")

    assert "The log pipeline is 4 min behind" in said.shown
