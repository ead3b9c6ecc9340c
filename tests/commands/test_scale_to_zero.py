"""scale to zero, where the configuration allows it; and status of somebody with few projects."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.chat import Chat, eventually
from sandbox.stage import SAMPLE, Stage, staged
from tests.conftest import PACE, open_shop


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A shop in which a target may have no replicas, and the engineer ships web only."""
    folder = tmp_path_factory.mktemp("small")
    config = folder / "shipmate.yaml"
    text = SAMPLE.read_text().replace("replicas: {min: 1", "replicas: {min: 0")
    own = "resume], environments: [dev, trunk]"
    assert own in text
    text = text.replace(own, "resume], projects: [web], environments: [dev, trunk]")
    text = text.replace(", changes, build]", ", changes]")
    config.write_text(text)
    with staged(folder, PACE, config=config) as stage:
        yield stage


@pytest.fixture
def stage(small: Stage) -> Stage:
    open_shop(small)
    return small


@pytest.fixture
def chat(stage: Stage) -> Chat:
    return stage.chat


def test_to_zero_is_asked_about_first(chat: Chat, stage: Stage) -> None:
    said = chat.says("scale web in product to 0", by="oncall")

    eventually(lambda: "Go on" in said.buttons, "a question")
    assert "With 0 replicas nothing of web/product runs any more. Go on?" in said.shown
    assert not stage.world.kubernetes.patches

    chat.taps(said, "Go on", by="oncall")

    chat.ends(said)
    assert stage.world.kubernetes.deployment("product", "web")["spec"]["replicas"] == 0
    assert "web/product has 0 of 0 replicas ready (was 3)" in said.shown


def test_status_alone_is_about_the_projects_that_one_ships(chat: Chat) -> None:
    mine, all_of_them = chat.says("status", by="engineer"), chat.says("status", by="ops")

    assert "*web*" in mine.shown
    assert "*api*" not in mine.shown
    assert "*api*" in all_of_them.shown
    assert "*api*" in chat.says("status api", by="engineer").shown, "what is named is shown"
