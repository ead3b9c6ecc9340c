"""A shop of two thousand projects, its `web` process and Slack in HTTP mode: what is offered, and to whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.chat import eventually
from sandbox.slack import SIGNING_SECRET
from sandbox.stage import Stage, staged
from tests.conftest import PACE
from tests.sample import changed_shop
from tests.surface.screen import Screen, fields
from tests.test_http_mode import fetch

MANY = [f"shop-{number:04}" for number in range(2_000)]
MINE = MANY[:150]
"""Those that an engineer may deploy here."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    def changed(plain: dict[str, Any]) -> None:
        plain["projects"] |= {name: {"source": "svn"} for name in MANY}
        for rule in plain["roles"]["engineer"]["may"]:
            rule["projects"] = [*MINE, "web"]
        plain["slack"]["channels"] = {"C0WEB": "web/trunk"}

    folder = tmp_path_factory.mktemp("thousands")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLACK_SIGNING_SECRET", SIGNING_SECRET)
        with staged(folder, PACE, ("web",), changed_shop(folder, changed)) as stage:
            url = f"http://127.0.0.1:{stage.variables['PORT']}/slack/events"
            stage.world.slack.request_url = url
            eventually(lambda: fetch(stage, "/healthz")[0] == 200, "the web process")
            yield stage


def form(shop: Stage, person: str) -> Screen:
    screen = Screen(shop, person)
    shop.thread.call(shop.world.slack.slack.modals.close_all, screen.person)
    screen.types("deploy")
    screen.shows("Deploy")
    return screen


def test_what_begins_as_typed_comes_first_and_a_hundred_at_most(shop: Stage) -> None:
    screen = form(shop, "ops")

    all_begin, few, slip = screen.offers("shop-"), screen.offers("shop-199"), screen.offers("sohp-0042")

    assert all_begin == MANY[:100]
    assert few[:10] == MANY[1990:]
    assert slip[0] == "shop-0042"
    assert len(screen.offers("")) == 100
    assert max(map(len, (all_begin, few, slip))) <= 100


def test_nobody_is_offered_what_they_may_not_deploy(shop: Stage) -> None:
    screen = form(shop, "engineer")

    assert "shop-0149" in screen.offers("shop-0149")
    assert not {"shop-0150", "shop-1999", "api"} & {*screen.offers("shop-1999"), *screen.offers("shop-0150")}
    assert set(screen.offers("")) <= {*MINE, "web"}


def test_what_the_configuration_says_of_a_channel_goes_without_saying_there(shop: Stage) -> None:
    locked = shop.chat.slash("lock", by="ops", channel="#web")
    elsewhere = form(shop, "ops")

    assert "web/trunk is locked" in locked.shown
    assert fields(elsewhere.view)["project"] == ""
