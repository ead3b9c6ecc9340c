"""The sample shop's cluster, once a module, and a Deployment of each test's own in it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from bot.ports import Place
from integrations.kubernetes import Kubernetes, connect
from sandbox.elasticsearch import Credentials
from sandbox.kubernetes import shop
from tests.integrations.elasticsearch_client import KEY
from tests.integrations.kubernetes_shop import image, stored
from tests.sandbox.elasticsearch_support import Running, running
from tests.sandbox.kubernetes_support import Cluster, cluster

_names = (f"app{number}" for number in itertools.count())


@pytest.fixture
def name() -> str:
    """Nobody else's."""
    return next(_names)


@pytest.fixture(scope="module")
def here() -> Iterator[Cluster]:
    with cluster() as here:
        here.call(lambda: shop.create(here.server))
        for tag in "abc":
            here.server.images.push(image(tag))
        yield here


@pytest.fixture
def kubernetes(here: Cluster) -> Kubernetes:
    return Kubernetes("main", connect(server=here.server.url, token="admin"))


@pytest.fixture
def app(here: Cluster, name: str) -> Place:
    """A Deployment of one test's own, which runs image a."""
    here.call(lambda: shop.deploy(here.server, "trunk", name, image("a"), 2))
    place = Place("trunk", "Deployment", name, name)
    here.until("its pods", lambda: stored(here, place)["status"].get("readyReplicas") == 2)
    return place


@pytest.fixture
def es() -> Iterator[Running]:
    """A log store that lets only our own credentials in."""
    with running() as here:
        here.server.credentials = Credentials(users={"bot": "geheim"}, api_keys={KEY})
        yield here
