"""scale to zero, where the configuration allows it; and status of somebody with few projects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.chat import Chat, eventually
from sandbox.stage import Stage, staged
from tests.conftest import PACE, open_shop
from tests.sample import changed_shop


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A shop in which a target may have no replicas, and the engineer ships web only."""
    folder = tmp_path_factory.mktemp("small")
    with staged(folder, PACE, config=changed_shop(folder, _made_small)) as stage:
        yield stage


def _made_small(plain: dict[str, Any]) -> None:
    plain["defaults"]["target"]["replicas"]["min"] = 0
    ships, *_others, sees = plain["roles"]["engineer"]["may"]
    ships["projects"] = ["web"]
    ships["commands"].append("build")
    sees["commands"].remove("build")


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

    back = chat.ends(chat.says("scale web in product to 2", by="oncall"))
    assert "web/product has 2 of 2 replicas ready (was 0)" in back.shown
    assert stage.world.kubernetes.deployment("product", "web")["status"]["readyReplicas"] == 2


def test_status_alone_is_about_the_projects_that_one_ships(chat: Chat) -> None:
    mine, all_of_them = chat.says("status", by="engineer"), chat.says("status", by="ops")

    assert "*web*" in mine.shown
    assert "*api*" not in mine.shown
    assert "*api*" in all_of_them.shown
    assert "*api*" in chat.says("status api", by="engineer").shown, "what is named is shown"


def test_a_line_is_built_by_whoever_may_build_where_it_goes(chat: Chat, stage: Stage) -> None:
    refused = chat.says("build web releases", by="engineer")
    assert "You may build web in dev and trunk (role engineer). hidden needs role qa" in refused.shown

    built = chat.ends(chat.says("build web trunk", by="engineer"))

    assert "of trunk ready" in built.shown
    assert [trigger.parameters["LINE"] for trigger in stage.world.jenkins.triggers] == ["trunk"]
