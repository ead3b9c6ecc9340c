"""Several clusters: by the contexts of a kubeconfig, by address and token, and what is told when none is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.faults import Refused
from bot.ports import Place
from integrations.kubernetes import Kubernetes, connect
from sandbox.kubernetes import kubeconfig, shop
from tests.sandbox.kubernetes_support import Cluster, cluster

WEB = Place("trunk", "Deployment", "web", "web")


@pytest.fixture(scope="module")
def east() -> Iterator[Cluster]:
    yield from _shop("east")


@pytest.fixture(scope="module")
def west() -> Iterator[Cluster]:
    yield from _shop("west")


def _shop(tag: str) -> Iterator[Cluster]:
    with cluster() as running:
        running.call(lambda: shop.namespace(running.server, "trunk"))
        running.call(lambda: shop.deploy(running.server, "trunk", "web", shop.image("web", tag), 0))
        yield running


@pytest.fixture
def both(east: Cluster, west: Cluster, tmp_path: Path) -> str:
    """A kubeconfig with a context for each, the first of them current."""
    merged = yaml.safe_load(kubeconfig(east.server, token="admin"))
    merged |= {"clusters": [], "users": [], "contexts": [], "current-context": "east"}
    for name, running in (("east", east), ("west", west)):
        one = yaml.safe_load(kubeconfig(running.server, token="admin"))
        merged["clusters"].append({**one["clusters"][0], "name": name})
        merged["users"].append({**one["users"][0], "name": name})
        merged["contexts"].append({"name": name, "context": {"cluster": name, "user": name}})
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(merged))
    return str(path)


def test_each_context_leads_to_its_own_cluster(both: str) -> None:
    east = Kubernetes("east", connect(kubeconfig=both))
    west = Kubernetes("west", connect(kubeconfig=both, context="west"))

    assert east.image(WEB) == shop.image("web", "east")
    assert west.image(WEB) == shop.image("web", "west")


def test_a_context_or_a_file_that_is_not_there_is_told(both: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="configuration cannot be read"):
        connect(kubeconfig=both, context="north")
    with pytest.raises(Refused, match="configuration cannot be read"):
        connect(kubeconfig=str(tmp_path / "nothing"))


def test_outside_a_pod_there_is_no_account_of_its_own() -> None:
    with pytest.raises(Refused, match="configuration cannot be read"):
        connect()
