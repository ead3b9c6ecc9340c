"""What the adapter changes in a cluster: compared and set in one step, repeatable, and told from others' work."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from bot.faults import Changed, Failed, Refused
from bot.ports import Place
from bot.workloads import drift
from integrations.kubernetes import Kubernetes, connect
from sandbox.kubernetes import shop
from sandbox.kubernetes.resources import DAEMONSETS, STATEFULSETS
from tests.sandbox.kubernetes_support import MERGE, Cluster, cluster

PAY = Place("product", "Deployment", "pay", "pay")
_names = (f"app{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    with cluster() as running:
        running.call(lambda: shop.create(running.server))
        for tag in "abc":
            running.server.images.push(image(tag))
        yield running


@pytest.fixture
def kubernetes(running: Cluster) -> Kubernetes:
    return Kubernetes("main", connect(server=running.server.url, token="admin"))


@pytest.fixture
def app(running: Cluster) -> Place:
    """A Deployment of one test's own, which runs image a."""
    name = next(_names)
    running.call(lambda: shop.deploy(running.server, "trunk", name, image("a"), 2))
    place = Place("trunk", "Deployment", name, name)
    running.until("its pods", lambda: stored(running, place)["status"].get("readyReplicas") == 2)
    return place


def image(tag: str) -> str:
    return shop.image("web", tag)


def path(place: Place) -> str:
    return f"/apis/apps/v1/namespaces/{place.namespace}/{place.kind.lower()}s/{place.name}"


def stored(running: Cluster, place: Place) -> Any:
    return running.get(path(place))


def by_hand(running: Cluster, place: Place, tag: str, **more: Any) -> None:
    """What `kubectl set image` sends; `more` for the container."""
    container = {"name": place.container, "image": image(tag)} | more
    running.patch({"spec": {"template": {"spec": {"containers": [container]}}}}, path(place))


def rolled_out(running: Cluster, place: Place) -> None:
    def done() -> bool:
        item = stored(running, place)
        generation, status = item["metadata"]["generation"], item["status"]
        return bool(status.get("observedGeneration") == generation and status.get("updatedReplicas") == 2)

    running.until("the rollout", done)


def test_a_change_names_its_operation_and_its_cause(
    running: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    generation = kubernetes.set_image(app, image("b"), "deploy by olga", "k7f3", expected=image("a"))

    after = stored(running, app)
    notes = after["metadata"]["annotations"]
    assert (after["metadata"]["generation"], kubernetes.image(app)) == (generation, image("b"))
    assert notes["shipmate/operation"] == "k7f3"
    assert notes["kubernetes.io/change-cause"] == "deploy by olga"


def test_a_change_that_somebody_else_overtook_touches_nothing(
    running: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    by_hand(running, app, "c")

    with pytest.raises(Changed) as overtaken:
        kubernetes.set_image(app, image("b"), "deploy", "k7f3", expected=image("a"))

    assert (overtaken.value.expected, overtaken.value.found) == (image("a"), image("c"))
    assert kubernetes.image(app) == image("c")
    assert "web:c now, not web:a" in overtaken.value.message


def test_the_same_change_again_changes_nothing_more(
    running: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    first = kubernetes.set_image(app, image("b"), "deploy", "k7f3", expected=image("a"))
    running.until("its observation", lambda: stored(running, app)["status"]["observedGeneration"] == first)
    patches = len(running.server.patches)

    again = kubernetes.set_image(app, image("b"), "deploy", "k7f3", expected=image("a"))

    assert again == first
    assert len(running.server.patches) == patches


def test_the_api_server_compares_so_that_nothing_comes_between(
    running: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    """Somebody sets an image after ours was read, and before it is set."""
    read = kubernetes._api.get
    others = iter([lambda: by_hand(running, app, "c")])

    def get(*arguments: Any, **options: Any) -> Any:
        found = read(*arguments, **options)
        next(others, lambda: None)()
        return found

    kubernetes._api.get = get  # type: ignore[method-assign]  # the only way into that moment

    with pytest.raises(Changed):
        kubernetes.set_image(app, image("b"), "deploy", "k7f3", expected=image("a"))
    assert kubernetes.image(app) == image("c")


def test_an_image_that_is_no_name_is_refused_by_the_cluster(kubernetes: Kubernetes, app: Place) -> None:
    with pytest.raises(Failed, match="did not accept the change"):
        kubernetes.set_image(app, "", "deploy", "k7f3")


def test_replicas_are_put_back_only_while_nobody_changed_them(
    running: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    kubernetes.set_replicas(app, 4, "k7f3", expected=2)
    running.patch({"spec": {"replicas": 3}}, path(app), MERGE)

    with pytest.raises(Changed) as overtaken:
        kubernetes.set_replicas(app, 2, "k7f3", expected=4)

    assert overtaken.value.found == "3"
    assert stored(running, app)["spec"]["replicas"] == 3


def test_a_restart_replaces_every_pod_once(running: Cluster, kubernetes: Kubernetes, app: Place) -> None:
    before = {pod["metadata"]["name"] for pod in running.server.pods("trunk", app.name)}
    generation = kubernetes.restart(app, "2026-11-24T08:14:23Z", "restart by olga", "k7f3")
    topic = kubernetes.rollout(app, generation, image("a"))

    running.until("the end of the restart", lambda: kubernetes.look(topic).done)
    again = kubernetes.restart(app, "2026-11-24T08:14:23Z", "restart by olga", "k7f3")

    running.until("the old pods' end", lambda: len(running.server.pods("trunk", app.name)) == 2)
    assert again == generation
    assert not before & {pod["metadata"]["name"] for pod in running.server.pods("trunk", app.name)}


def test_a_paused_rollout_takes_an_image_and_waits(
    running: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    kubernetes.pause(app, "k7f3")
    generation = kubernetes.set_image(app, image("b"), "deploy", "m2x4")
    topic = kubernetes.rollout(app, generation, image("b"))
    running.until("the pause", lambda: "paused" in kubernetes.look(topic).progress)
    with pytest.raises(Refused, match="paused"):
        kubernetes.restart(app, "2026-11-24T08:14:23Z", "restart", "z9k2")
    paused = kubernetes.workload(app).paused

    topic = kubernetes.rollout(app, kubernetes.resume(app, "p3p3"), image("b"))

    running.until("the end of the rollout", lambda: kubernetes.look(topic).done)
    assert paused
    assert not kubernetes.workload(app).paused


def test_bounds_of_an_autoscaler_are_set_where_there_is_one(kubernetes: Kubernetes, app: Place) -> None:
    owner = kubernetes.workload(PAY).autoscaler

    bounds = kubernetes.set_bounds(PAY, 4, 9, "k7f3", expected=owner)

    assert (bounds.minimum, bounds.maximum) == (4, 9)
    assert kubernetes.set_bounds(PAY, 4, 9, "k7f3", expected=owner) == bounds
    with pytest.raises(Changed, match="is 4 to 9 now"):
        kubernetes.set_bounds(PAY, 2, 5, "m2x4", expected=owner)
    with pytest.raises(Refused, match="No autoscaler owns"):
        kubernetes.set_bounds(app, 1, 2, "k7f3")


# -- who made a revision


def test_revisions_that_no_operation_made_are_told_from_ours(
    running: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    kubernetes.set_image(app, image("b"), "deploy b", "k7f3")
    rolled_out(running, app)
    by_hand(running, app, "c")
    rolled_out(running, app)
    by_hand(running, app, "c", env=[{"name": "MODE", "value": "fast"}])
    rolled_out(running, app)

    found = kubernetes.revisions(app)

    assert [(r.number, r.image[-1], r.operation) for r in found] == [
        (4, "c", ""),
        (3, "c", ""),
        (2, "b", "k7f3"),
        (1, "a", ""),
    ]
    assert kubernetes.workload(app).operation == ""
    assert drift(found[1].configuration, found[0].configuration) == ["environment variable MODE: added"]


def test_undoing_by_kubectl_is_told_from_going_back_by_an_operation(
    running: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    kubernetes.set_image(app, image("b"), "deploy b", "k7f3")
    rolled_out(running, app)
    kubernetes.set_image(app, image("c"), "deploy c", "m2x4")
    rolled_out(running, app)

    kubernetes.set_image(app, image("b"), "rollback", "r3r3")
    rolled_out(running, app)
    ours = kubernetes.revisions(app)[0]
    undo(running, app)
    rolled_out(running, app)
    theirs = kubernetes.revisions(app)[0]

    assert (ours.image, ours.operation) == (image("b"), "r3r3")
    assert (theirs.image, theirs.operation) == (image("c"), "")


def undo(running: Cluster, place: Place) -> None:
    """What `kubectl rollout undo` sends: template and annotations of the revision before."""
    sets = running.server.replica_sets(place.namespace, place.name)
    revision = "deployment.kubernetes.io/revision"
    old = sorted(sets, key=lambda item: int(item["metadata"]["annotations"][revision]))[-2]
    template = {**old["spec"]["template"], "metadata": {**old["spec"]["template"]["metadata"]}}
    labels = template["metadata"]["labels"]
    template["metadata"]["labels"] = {k: v for k, v in labels.items() if k != "pod-template-hash"}
    steps = [
        {"op": "replace", "path": "/spec/template", "value": template},
        {"op": "replace", "path": "/metadata/annotations", "value": old["metadata"]["annotations"]},
    ]
    running.patch(steps, path(place), "application/json-patch+json")


# -- other kinds


@pytest.mark.parametrize("resource", [STATEFULSETS, DAEMONSETS], ids=lambda resource: resource.kind)
def test_the_other_kinds_are_shipped_too(running: Cluster, kubernetes: Kubernetes, resource: Any) -> None:
    name = next(_names)
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": name, "image": image("a")}]}}
    spec: dict[str, Any] = {"selector": {"matchLabels": labels}, "template": template}
    spec |= {"serviceName": name, "replicas": 2} if resource is STATEFULSETS else {}
    item = {"metadata": {"name": name, "namespace": "trunk"}, "spec": spec}
    running.call(lambda: running.server.create(resource, item))
    place = Place("trunk", resource.kind, name, name)

    topic = kubernetes.rollout(place, stored(running, place)["metadata"]["generation"], image("a"))
    running.until("its pods", lambda: kubernetes.look(topic).done)
    topic = kubernetes.rollout(place, kubernetes.set_image(place, image("b"), "deploy", "k7f3"), image("b"))
    running.until("the rollout", lambda: kubernetes.look(topic).done)
    topic = kubernetes.rollout(
        place, kubernetes.restart(place, "2026-11-24T08:14:23Z", "r", "m2x4"), image("b")
    )
    running.until("the restart", lambda: kubernetes.look(topic).done)

    workload = kubernetes.workload(place)
    assert kubernetes.look(topic).failure == ""
    assert (workload.image, workload.ready, workload.revision) == (image("b"), workload.wanted, "3")
    assert [revision.operation for revision in kubernetes.revisions(place)] == ["m2x4", "k7f3", ""]
    with pytest.raises(Refused, match="cannot be paused"):
        kubernetes.pause(place, "k7f3")


def test_a_daemon_set_has_no_number_of_replicas(kubernetes: Kubernetes) -> None:
    with pytest.raises(Refused, match="one pod on each node"):
        kubernetes.set_replicas(Place("trunk", "DaemonSet", "agent", "agent"), 3, "k7f3")


# -- what is there


def test_what_runs_is_told_with_its_digest_and_who_made_it(
    running: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    kubernetes.set_image(app, image("b"), "deploy", "k7f3")
    rolled_out(running, app)

    found = running.until(
        "the digest", lambda: (lambda w: w if w.digest and w.ready == 2 else None)(kubernetes.workload(app))
    )

    assert found.digest == running.server.images.pushed[image("b")].digest
    assert (found.operation, found.updated, found.revision) == ("k7f3", 2, "2")
    assert kubernetes.workloads([app, PAY])[app].operation == "k7f3"


def test_pods_and_their_logs_are_told(running: Cluster, kubernetes: Kubernetes, app: Place) -> None:
    running.server.images.push(image("bad"), "crashes", ("starting", "ERROR no such file"))
    kubernetes.set_image(app, image("bad"), "deploy", "k7f3")
    running.until("a crash loop", lambda: "CrashLoopBackOff" in str(kubernetes.workload(app).trouble))

    first, *others = kubernetes.pods(app)

    assert not first.ready
    assert "exit code 1" in first.words
    assert {pod.words for pod in others} == {"running"}
    assert kubernetes.pod_log(app, first.name, previous=True)[-1] == "ERROR no such file"
    assert "Back-off restarting failed container" in kubernetes.warnings(app)[0]
    with pytest.raises(Refused, match="has no pod"):
        kubernetes.pod_log(app, "../../secrets/x")
