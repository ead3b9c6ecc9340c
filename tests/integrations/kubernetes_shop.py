"""A cluster with the sample shop in it, and what others do there."""

from __future__ import annotations

from typing import Any

from bot.ports import Place
from sandbox.kubernetes import shop
from tests.sandbox.kubernetes_support import Cluster

PAY = Place("product", "Deployment", "pay", "pay")
"""What an autoscaler owns."""


def image(tag: str) -> str:
    return shop.image("web", tag)


def path(place: Place) -> str:
    return f"/apis/apps/v1/namespaces/{place.namespace}/{place.kind.lower()}s/{place.name}"


def stored(here: Cluster, place: Place) -> Any:
    return here.get(path(place))


def by_hand(here: Cluster, place: Place, tag: str, **more: Any) -> None:
    """What `kubectl set image` sends; `more` for the container."""
    container = {"name": place.container, "image": image(tag)} | more
    here.patch({"spec": {"template": {"spec": {"containers": [container]}}}}, path(place))


def rolled_out(here: Cluster, place: Place) -> None:
    def done() -> bool:
        item = stored(here, place)
        generation, status = item["metadata"]["generation"], item["status"]
        return bool(status.get("observedGeneration") == generation and status.get("updatedReplicas") == 2)

    here.until("the rollout", done)
