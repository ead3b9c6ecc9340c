"""A shop in which something follows from commits; the process `web` takes the hooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.chat import Chat, eventually
from sandbox.stage import Stage, staged
from tests.conftest import PACE, open_shop
from tests.hooks.support import SECRETS, answers
from tests.sample import changed_shop

HERE = "C0DEPLOYS"
KINDS = {"own": "shipmate", "hub": "github", "lab": "gitlab", "tea": "gitea"}


def told_of_commits(plain: dict[str, Any]) -> None:
    """Much follows from commits."""
    plain["hooks"] = {
        name: {"kind": kind, "secret": f"${{{name.upper()}_SECRET}}"} for name, kind in KINDS.items()
    }
    auto, offer = ({"on_commit": {"do": do, "channel": HERE}} for do in ("auto", "offer"))
    web, api = plain["projects"]["web"], plain["projects"]["api"]
    web["environments"] = {"dev": auto, "trunk": offer, "hidden": None, "product": None}
    api["environments"] = {
        "dev": {"on_commit": {"do": False}},
        "trunk": offer,
        "hidden": auto,
        "product": None,
    }
    api["repository"] = {"name": "shop/api", "lines": {"releases": "main"}}
    shop = plain["projects"]["shop"]
    shop["repository"] = {"name": "shop"}
    shop["environments"] = {"trunk": {"on_commit": {"do": "offer", "channel": "C0NOWHERE"}}}
    allowed = {"commands": ["deploy"], "environments": ["dev", "trunk", "hidden"]}
    plain["roles"]["code"] = {"members": {"hooks": ["own", "lab", "tea"]}, "may": [allowed]}


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("hooks")
    config = changed_shop(folder, told_of_commits)
    with pytest.MonkeyPatch.context() as patch:
        for name, secret in SECRETS.items():
            patch.setenv(f"{name.upper()}_SECRET", secret)
        with staged(folder, PACE, crew=("bot", "web", "worker", "watcher"), config=config) as stage:
            eventually(lambda: answers(stage), "the web process")
            yield stage


@pytest.fixture
def stage(served: Stage) -> Stage:
    open_shop(served)
    return served


@pytest.fixture
def chat(stage: Stage) -> Chat:
    return stage.chat
