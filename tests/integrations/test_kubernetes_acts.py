"""What the adapter changes in a cluster: compared and set in one step, repeatable, told from others' work."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.faults import Changed, Failed, Refused
from bot.ports import Place
from integrations.kubernetes import Kubernetes
from tests.integrations.kubernetes_shop import PAY, by_hand, image, path, stored
from tests.sandbox.kubernetes_support import MERGE, Cluster


def test_a_change_names_its_operation_and_its_cause(
    here: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    generation = kubernetes.set_image(app, image("b"), "deploy by olga", "k7f3", expected=image("a"))

    after = stored(here, app)
    notes = after["metadata"]["annotations"]
    assert (after["metadata"]["generation"], kubernetes.image(app)) == (generation, image("b"))
    assert notes["shipmate/operation"] == "k7f3"
    assert notes["kubernetes.io/change-cause"] == "deploy by olga"


def test_a_change_that_somebody_else_overtook_touches_nothing(
    here: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    by_hand(here, app, "c")

    with pytest.raises(Changed) as overtaken:
        kubernetes.set_image(app, image("b"), "deploy", "k7f3", expected=image("a"))

    assert (overtaken.value.expected, overtaken.value.found) == (image("a"), image("c"))
    assert kubernetes.image(app) == image("c")
    assert "web:c now, not web:a" in overtaken.value.message


def test_the_same_change_again_changes_nothing_more(
    here: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    first = kubernetes.set_image(app, image("b"), "deploy", "k7f3", expected=image("a"))
    here.until("its observation", lambda: stored(here, app)["status"]["observedGeneration"] == first)
    patches = len(here.server.patches)

    again = kubernetes.set_image(app, image("b"), "deploy", "k7f3", expected=image("a"))

    assert again == first
    assert len(here.server.patches) == patches


def test_the_api_server_compares_so_that_nothing_comes_between(
    here: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    """Somebody sets an image after ours was read, and before it is set."""
    read = kubernetes._api.get
    others = iter([lambda: by_hand(here, app, "c")])

    def get(*arguments: Any, **options: Any) -> Any:
        found = read(*arguments, **options)
        next(others, lambda: None)()
        return found

    kubernetes._api.get = get  # type: ignore[method-assign]  # the only way into that moment

    with pytest.raises(Changed):
        kubernetes.set_image(app, image("b"), "deploy", "k7f3", expected=image("a"))
    assert kubernetes.image(app) == image("c")


@pytest.fixture
def pair(here: Cluster, app: Place) -> Place:
    """The Deployment with a sidecar and an init container, which both run image a."""
    beside = {"name": "sidecar", "image": image("a")}
    spec = {"containers": [beside], "initContainers": [{"name": "migrate", "image": image("a")}]}
    here.patch({"spec": {"template": {"spec": spec}}}, path(app))
    return replace(app, beside=("sidecar", "migrate"))


def images(here: Cluster, place: Place) -> dict[str, str]:
    spec = stored(here, place)["spec"]["template"]["spec"]
    return {one["name"]: one["image"] for kind in ("containers", "initContainers") for one in spec[kind]}


def test_every_container_that_is_named_gets_the_image_in_one_step(
    here: Cluster, kubernetes: Kubernetes, pair: Place
) -> None:
    patches = len(here.server.patches)

    kubernetes.set_image(pair, image("b"), "deploy", "k7f3", expected=image("a"))

    assert images(here, pair) == dict.fromkeys(pair.containers, image("b"))
    assert len(here.server.patches) == patches + 1


def test_a_container_beside_that_somebody_changed_is_asked_about_and_then_replaced(
    here: Cluster, kubernetes: Kubernetes, pair: Place
) -> None:
    by_hand(here, replace(pair, container="sidecar"), "c")

    with pytest.raises(Changed) as changed:
        kubernetes.set_image(pair, image("b"), "deploy", "k7f3", expected=image("a"))

    assert "(sidecar: web:c)" in changed.value.message
    kubernetes.set_image(pair, image("b"), "deploy", "k7f3", expected=changed.value.found)
    assert images(here, pair) == dict.fromkeys(pair.containers, image("b"))


def test_a_container_beside_that_is_not_there_is_refused_before_anything_is_changed(
    here: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    with pytest.raises(Refused, match="has no container named nobody"):
        kubernetes.set_image(replace(app, beside=("nobody",)), image("b"), "deploy", "k7f3")
    assert kubernetes.image(app) == image("a")


def test_an_image_that_is_no_name_is_refused_by_the_cluster(kubernetes: Kubernetes, app: Place) -> None:
    with pytest.raises(Failed, match="did not accept the change"):
        kubernetes.set_image(app, "", "deploy", "k7f3")


def test_replicas_are_put_back_only_while_nobody_changed_them(
    here: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    kubernetes.set_replicas(app, 4, "scale", "k7f3", expected=2)
    here.patch({"spec": {"replicas": 3}}, path(app), MERGE)

    with pytest.raises(Changed) as overtaken:
        kubernetes.set_replicas(app, 2, "scale", "k7f3", expected=4)

    assert overtaken.value.found == "3"
    found = stored(here, app)
    assert found["spec"]["replicas"] == 3
    notes = found["metadata"]["annotations"]
    assert (notes["shipmate/scaled-by"], notes["shipmate/scaled-because"]) == ("k7f3", "scale")
    assert "kubernetes.io/change-cause" not in notes, "scaling makes no revision"


def test_a_restart_replaces_every_pod_once(here: Cluster, kubernetes: Kubernetes, app: Place) -> None:
    before = {pod["metadata"]["name"] for pod in here.server.pods("trunk", app.name)}
    generation = kubernetes.restart(app, "2026-11-24T08:14:23Z", "restart by olga", "k7f3")
    topic = kubernetes.rollout(app, generation, image("a"))

    here.until("the end of the restart", lambda: kubernetes.look(topic).done)
    again = kubernetes.restart(app, "2026-11-24T08:14:23Z", "restart by olga", "k7f3")

    here.until("the old pods' end", lambda: len(here.server.pods("trunk", app.name)) == 2)
    assert again == generation
    assert not before & {pod["metadata"]["name"] for pod in here.server.pods("trunk", app.name)}


def test_a_paused_rollout_takes_an_image_and_waits(here: Cluster, kubernetes: Kubernetes, app: Place) -> None:
    kubernetes.pause(app, "pause", "k7f3")
    generation = kubernetes.set_image(app, image("b"), "deploy", "m2x4")
    topic = kubernetes.rollout(app, generation, image("b"))
    here.until("the pause", lambda: "paused" in kubernetes.look(topic).progress)
    with pytest.raises(Refused, match="paused"):
        kubernetes.restart(app, "2026-11-24T08:14:23Z", "restart", "z9k2")
    paused = kubernetes.workload(app).paused

    topic = kubernetes.rollout(app, kubernetes.resume(app, "resume", "p3p3"), image("b"))

    here.until("the end of the rollout", lambda: kubernetes.look(topic).done)
    assert paused
    assert not kubernetes.workload(app).paused


def test_bounds_of_an_autoscaler_are_set_where_there_is_one(kubernetes: Kubernetes, app: Place) -> None:
    owner = kubernetes.workload(PAY).autoscaler

    bounds = kubernetes.set_bounds(PAY, (4, 9), "bounds", "k7f3", expected=owner)

    assert (bounds.minimum, bounds.maximum) == (4, 9)
    assert kubernetes.set_bounds(PAY, (4, 9), "bounds", "k7f3", expected=owner) == bounds
    with pytest.raises(Changed, match="is 4 to 9 now"):
        kubernetes.set_bounds(PAY, (2, 5), "bounds", "m2x4", expected=owner)
    with pytest.raises(Refused, match="No autoscaler owns"):
        kubernetes.set_bounds(app, (1, 2), "bounds", "k7f3")
