"""images and deploy where images are in a plain registry: a real one, Debian's docker-registry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.chat import Chat
from sandbox.stage import Stage, staged
from tests.conftest import PACE, open_shop
from tests.registry_support import docker_registry, push
from tests.sample import changed_shop


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with docker_registry(tmp_path_factory.mktemp("registry")) as url:
        push(url, "web/web", "trunk-r1840-7", b"older")
        push(url, "web/web", "releases-r1798-40", b"what runs")
        yield url


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, address: str) -> Iterator[Stage]:
    def change(shop: dict[str, Any]) -> None:
        shop["registries"] = {"old": {"host": "harbor.shop.example", "kind": "registry", "url": address}}

    folder = tmp_path_factory.mktemp("plain")
    with staged(folder, PACE, config=changed_shop(folder, change)) as stage:
        yield stage


@pytest.fixture
def chat(plain: Stage) -> Chat:
    open_shop(plain)
    return plain.chat


def test_a_plain_registry_tells_size_digest_and_what_runs(chat: Chat, address: str) -> None:
    digest = push(address, "web/web", "trunk-r1841-41", b"a layer").removeprefix("sha256:")

    said = chat.says("images web", by="qa")

    by_build = ("trunk-r1841-41", "releases-r1798-40", "trunk-r1840-7")
    places = [said.shown.index(f"`{tag}`") for tag in by_build]
    assert places == sorted(places)
    assert f"1 kB · {digest[:12]}" in said.shown
    assert "`releases-r1798-40` · :large_green_circle: runs in dev, trunk, hidden, product" in said.shown
    assert "pushed" not in said.shown
    assert "Built on `harbor.shop.example/base/tomcat:9-jdk17` · :warning: not in the registry" in said.shown


def test_a_build_that_is_not_in_it_is_refused_and_one_that_is_goes_live(
    chat: Chat, plain: Stage, address: str
) -> None:
    missing = chat.ends(chat.says("deploy web to trunk", by="engineer"))
    assert "Build #1 ended well, but did not push" in missing.shown
    assert not plain.world.kubernetes.patches

    push(address, "web/web", "trunk-r1841-2", b"pushed by the job")
    deployed = chat.ends(chat.says("deploy web to trunk", by="engineer"))

    assert "trunk-r1841-2 is live on web/trunk" in deployed.shown
