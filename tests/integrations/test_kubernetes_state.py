"""What is told of a cluster: who made a revision, what runs, its pods and their logs, for all three kinds."""

from __future__ import annotations

from typing import Any

import pytest

from bot.faults import Refused
from bot.ports import NOT_READ, Place
from bot.workloads import drift
from integrations.kubernetes import Kubernetes
from sandbox.kubernetes import shop
from sandbox.kubernetes.resources import DAEMONSETS, QUOTAS, STATEFULSETS
from tests.integrations.kubernetes_shop import PAY, by_hand, image, path, rolled_out, stored
from tests.sandbox.kubernetes_support import Cluster


def test_revisions_that_no_operation_made_are_told_from_ours(
    here: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    kubernetes.set_image(app, image("b"), "deploy b", "k7f3")
    rolled_out(here, app)
    by_hand(here, app, "c")
    rolled_out(here, app)
    by_hand(here, app, "c", env=[{"name": "MODE", "value": "fast"}])
    rolled_out(here, app)

    found = kubernetes.revisions(app)

    assert [(r.number, r.image[-1], r.operation) for r in found] == [
        (4, "c", ""),
        (3, "c", ""),
        (2, "b", "k7f3"),
        (1, "a", ""),
    ]
    assert kubernetes.workload(app).operation == ""
    assert drift(found[1].configuration, found[0].configuration) == ["added: environment variable MODE"]


def test_undoing_by_kubectl_is_told_from_going_back_by_an_operation(
    here: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    kubernetes.set_image(app, image("b"), "deploy b", "k7f3")
    rolled_out(here, app)
    kubernetes.set_image(app, image("c"), "deploy c", "m2x4")
    rolled_out(here, app)

    kubernetes.set_image(app, image("b"), "rollback", "r3r3")
    rolled_out(here, app)
    ours = kubernetes.revisions(app)[0]
    undo(here, app)
    rolled_out(here, app)
    theirs = kubernetes.revisions(app)[0]

    assert (ours.image, ours.operation) == (image("b"), "r3r3")
    assert (theirs.image, theirs.operation) == (image("c"), "")


def undo(here: Cluster, place: Place) -> None:
    """What `kubectl rollout undo` sends: template and annotations of the revision before."""
    sets = here.server.replica_sets(place.namespace, place.name)
    revision = "deployment.kubernetes.io/revision"
    old = sorted(sets, key=lambda item: int(item["metadata"]["annotations"][revision]))[-2]
    template = {**old["spec"]["template"], "metadata": {**old["spec"]["template"]["metadata"]}}
    labels = template["metadata"]["labels"]
    template["metadata"]["labels"] = {k: v for k, v in labels.items() if k != "pod-template-hash"}
    steps = [
        {"op": "replace", "path": "/spec/template", "value": template},
        {"op": "replace", "path": "/metadata/annotations", "value": old["metadata"]["annotations"]},
    ]
    here.patch(steps, path(place), "application/json-patch+json")


# -- other kinds


@pytest.mark.parametrize("resource", [STATEFULSETS, DAEMONSETS], ids=lambda resource: resource.kind)
def test_the_other_kinds_are_shipped_too(
    here: Cluster, kubernetes: Kubernetes, resource: Any, name: str
) -> None:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": name, "image": image("a")}]}}
    spec: dict[str, Any] = {"selector": {"matchLabels": labels}, "template": template}
    spec |= {"serviceName": name, "replicas": 2} if resource is STATEFULSETS else {}
    item = {"metadata": {"name": name, "namespace": "trunk"}, "spec": spec}
    here.call(lambda: here.server.create(resource, item))
    place = Place("trunk", resource.kind, name, name)

    topic = kubernetes.rollout(place, stored(here, place)["metadata"]["generation"], image("a"))
    here.until("its pods", lambda: kubernetes.look(topic).done)
    topic = kubernetes.rollout(place, kubernetes.set_image(place, image("b"), "deploy", "k7f3"), image("b"))
    here.until("the rollout", lambda: kubernetes.look(topic).done)
    topic = kubernetes.rollout(
        place, kubernetes.restart(place, "2026-11-24T08:14:23Z", "r", "m2x4"), image("b")
    )
    here.until("the restart", lambda: kubernetes.look(topic).done)

    workload = kubernetes.workload(place)
    assert kubernetes.look(topic).failure == ""
    assert (workload.image, workload.ready, workload.revision) == (image("b"), workload.wanted, "3")
    assert [revision.operation for revision in kubernetes.revisions(place)] == ["m2x4", "k7f3", ""]
    with pytest.raises(Refused, match="cannot be paused"):
        kubernetes.pause(place, "pause", "k7f3")


def test_a_quota_that_stops_a_stateful_set_is_told(here: Cluster, kubernetes: Kubernetes, name: str) -> None:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": name, "image": image("a")}]}}
    spec = {"selector": {"matchLabels": labels}, "template": template, "serviceName": name, "replicas": 2}
    metadata = {"name": name, "namespace": name}
    quota = {"metadata": {"name": "one", "namespace": name}, "spec": {"hard": {"pods": "1"}}}
    here.call(lambda: shop.namespace(here.server, name))
    here.call(lambda: here.server.create(QUOTAS, quota))
    here.call(lambda: here.server.create(STATEFULSETS, {"metadata": metadata, "spec": spec}))
    place = Place(name, "StatefulSet", name, name)

    topic = kubernetes.rollout(place, 1, image("a"))

    words = "the cluster refuses new pods: quota one is used up (pods: asked for 1, 1 of 1 in use)"
    here.until("the refusal", lambda: words in kubernetes.look(topic).failure)
    assert words in kubernetes.workload(place).trouble


def test_an_update_that_would_reach_no_pod_is_refused(
    here: Cluster, kubernetes: Kubernetes, name: str
) -> None:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": name, "image": image("a")}]}}
    spec = {"selector": {"matchLabels": labels}, "template": template, "updateStrategy": {"type": "OnDelete"}}
    item = {"metadata": {"name": name, "namespace": "trunk"}, "spec": spec}
    here.call(lambda: here.server.create(DAEMONSETS, item))
    place = Place("trunk", "DaemonSet", name, name)

    with pytest.raises(Refused, match="OnDelete"):
        kubernetes.set_image(place, image("b"), "deploy", "k7f3")
    with pytest.raises(Refused, match="OnDelete"):
        kubernetes.restart(place, "2026-11-24T08:14:23Z", "restart", "k7f3")
    assert kubernetes.image(place) == image("a")


def test_a_daemon_set_has_no_number_of_replicas(kubernetes: Kubernetes) -> None:
    with pytest.raises(Refused, match="one pod on each node"):
        kubernetes.set_replicas(Place("trunk", "DaemonSet", "agent", "agent"), 3, "scale", "k7f3")


# -- what is there


def test_what_runs_is_told_with_its_digest_and_who_made_it(
    here: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    kubernetes.set_image(app, image("b"), "deploy", "k7f3")
    rolled_out(here, app)

    found = here.until(
        "the digest", lambda: (lambda w: w if w.digest and w.ready == 2 else None)(kubernetes.workload(app))
    )

    assert found.digest == here.server.images.pushed[image("b")].digest
    assert (found.operation, found.updated, found.revision) == ("k7f3", 2, "2")
    assert kubernetes.workloads([app, PAY])[app].operation == "k7f3"


def test_pods_and_their_logs_are_told(here: Cluster, kubernetes: Kubernetes, app: Place) -> None:
    here.server.images.push(image("bad"), "crashes", ("starting", "ERROR no such file"))
    kubernetes.set_image(app, image("bad"), "deploy", "k7f3")
    here.until("a crash loop", lambda: "CrashLoopBackOff" in str(kubernetes.workload(app).trouble))

    first, *others = kubernetes.pods(app)

    assert not first.ready
    assert "exit code 1" in first.words
    assert {pod.words for pod in others} == {"running"}
    assert kubernetes.pod_log(app, first.name, previous=True)[-1] == "ERROR no such file"
    assert "Back-off restarting failed container" in kubernetes.warnings(app)[0]
    with pytest.raises(Refused, match="has no pod"):
        kubernetes.pod_log(app, "../../secrets/x")


def test_a_pod_with_the_same_labels_that_a_job_made_is_not_the_workloads(
    here: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    """As in many charts: the pod of a migration carries the labels of what it migrates."""
    pods = f"/api/v1/namespaces/{app.namespace}/pods"
    own = next(pod for pod in here.get(pods)["items"] if pod["metadata"]["name"].startswith(f"{app.name}-"))
    job = {"apiVersion": "batch/v1", "kind": "Job", "name": "migrate", "uid": "4711", "controller": True}
    metadata = {
        "name": f"{app.name}-migrate-x1",
        "labels": own["metadata"]["labels"],
        "ownerReferences": [job],
    }
    spec = {"containers": [{"name": app.name, "image": image("never pushed")}]}
    here.ask("POST", pods, {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
    here.until("it", lambda: f"{app.name}-migrate-x1" in str(here.get(pods)) or None)

    told = [kubernetes.workload(app), kubernetes.workloads([app])[app]]

    assert [(each.ready, each.trouble) for each in told] == [(2, ()), (2, ())]
    assert f"{app.name}-migrate-x1" not in {pod.name for pod in kubernetes.pods(app)}


def test_of_a_log_that_is_too_long_the_newest_lines_are_read(
    here: Cluster, kubernetes: Kubernetes, app: Place
) -> None:
    pod = kubernetes.pods(app)[0].name
    stored_pod = here.get(f"/api/v1/namespaces/{app.namespace}/pods/{pod}")

    def prints() -> None:
        for number in range(900):
            here.server.logs.print(stored_pod, app.container, f"{'é' * 700} {number}")
        here.server.logs.print(stored_pod, app.container, "needle")

    here.call(prints)

    gap, *lines = kubernetes.pod_log(app, pod, 800)

    assert gap == NOT_READ
    assert lines[-1] == "needle"
    assert 131_072 / 1_500 < len(lines) < 262_144 / 1_400
    assert NOT_READ not in kubernetes.pod_log(app, pod, 20)
