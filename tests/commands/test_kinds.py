"""Every kind of place, through chat: a StatefulSet, a DaemonSet, several containers, and a second cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.chat import Chat, eventually
from sandbox.kubernetes import shop
from sandbox.kubernetes.resources import DAEMONSETS, DEPLOYMENTS, STATEFULSETS, Object, Resource
from sandbox.kubernetes.server import KubernetesServer
from sandbox.server import Fault
from sandbox.stage import SAMPLE, Stage, staged
from sandbox.world import World
from tests.conftest import PACE, open_shop
from tests.trouble.support import kubectl

GOOD = shop.image("web", shop.TAGS["web"])
BUILD = 'build: {job: web-build, image: {template: "harbor.shop.example/web/web:{line}-r{revision}-{build}"}}'
PROJECTS = f"""
  queue: {{source: svn, {BUILD}, environments: {{trunk: {{kind: StatefulSet}}}}}}
  agent: {{source: svn, {BUILD}, environments: {{trunk: {{kind: DaemonSet}}}}}}
  duo: {{source: svn, {BUILD}, environments: {{trunk: {{more_containers: [sidecar]}}}}}}
  far: {{source: svn, {BUILD}, environments: {{trunk: {{cluster: edge}}}}}}
  tri: {{source: svn, {BUILD}, environments: {{trunk: {{more_containers: [migrate]}}}}}}
"""
SHOPS = "  s{:02}: {{source: svn, environments: {{dev: {{name: web, container: web}}}}}}\n"
MANY = "".join(map(SHOPS.format, range(50)))
KINDS: dict[str, Resource] = {
    "queue": STATEFULSETS,
    "agent": DAEMONSETS,
    "duo": DEPLOYMENTS,
    "far": DEPLOYMENTS,
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("kinds")
    edge = '  edge: {server: "${EDGE_URL}", token: "${EDGE_TOKEN}"}\n\njenkins:'
    text = (
        SAMPLE.read_text().replace("\njenkins:", edge, 1).replace("\nroles:", f"{PROJECTS}{MANY}\nroles:", 1)
    )
    config = folder / "shipmate.yaml"
    config.write_text(text)
    with staged(folder, PACE, config=config, world=World(PACE, more_clusters={"edge": 1})) as stage:
        yield stage


@pytest.fixture
def stage(running: Stage) -> Stage:
    open_shop(running)
    running.thread.call(_furnish, running.world)
    for project in KINDS:
        eventually(lambda project=project: _ready(running.world, project), f"the pods of {project}")  # type: ignore[misc]
    return running


def _furnish(world: World) -> None:
    shop.namespace(world.more_clusters["edge"], "trunk")
    for project, resource in KINDS.items():
        spec = {}
        if project == "duo":
            both = [_container(name) for name in ("duo", "sidecar")]
            spec = {"template": {"metadata": {"labels": {"app": "duo"}}, "spec": {"containers": both}}}
        shop.deploy(_cluster(world, project), "trunk", project, GOOD, 2, resource, **spec)
    pod = {"containers": [_container("tri")], "initContainers": [_container("migrate")]}
    template = {"metadata": {"labels": {"app": "tri"}}, "spec": pod}
    shop.deploy(world.kubernetes, "trunk", "tri", GOOD, 1, template=template)


def _container(name: str) -> Object:
    return {"name": name, "image": GOOD, "resources": shop.RESOURCES}


def _cluster(world: World, project: str) -> KubernetesServer:
    return world.more_clusters["edge"] if project == "far" else world.kubernetes


def _workload(world: World, project: str) -> Object:
    found = _cluster(world, project).store.get(KINDS[project], "trunk", project)
    assert found is not None
    return found


def _ready(world: World, project: str) -> bool:
    status = _workload(world, project).get("status", {})
    wanted = status.get("desiredNumberScheduled", 2)
    return bool(wanted and status.get("readyReplicas", status.get("numberReady", 0)) == wanted)


def _images(world: World, project: str) -> set[str]:
    containers = _workload(world, project)["spec"]["template"]["spec"]["containers"]
    return {container["image"].rpartition(":")[2] for container in containers}


def test_the_log_of_a_container_that_is_in_trouble_is_read(chat: Chat, world: World) -> None:
    """The target's own container does well; kubectl's users would say `-c sidecar`, and `-p` where it starts anew."""
    world.images.push("harbor.shop.example/web/web:boom", "crashes", ("sidecar boom",))
    broken = {"name": "sidecar", "image": "harbor.shop.example/web/web:boom"}
    body = {"spec": {"template": {"spec": {"containers": [broken]}}}}
    kubectl(world, "PATCH", "trunk/deployments/duo", body)
    looks = "logs duo in trunk from pod"
    found = eventually(
        lambda: next((said for said in [chat.says(looks, by="qa")] if "sidecar boom" in said.shown), None),
        "the log of what crashes",
    )
    named = chat.says("logs duo in trunk from pod container duo", by="qa")

    assert found is not None
    assert ", container sidecar" in found.shown
    assert "sidecar boom" not in named.shown


def test_what_a_partition_keeps_back_is_told(chat: Chat, world: World) -> None:
    """As `kubectl rollout status` does: "partitioned roll out complete: 1 new pods have been updated..."."""
    strategy = {"updateStrategy": {"rollingUpdate": {"partition": 1}}}
    kubectl(world, "PATCH", "trunk/statefulsets/queue", {"spec": strategy})

    shipped = chat.ends(chat.says("deploy queue to trunk", by="engineer"))
    restarted = chat.ends(chat.says("restart queue in trunk", by="engineer"))
    status = chat.says("status queue in trunk", by="qa")

    kept = "1 pod still runs what it ran before: the `partition` of the StatefulSet keeps it."
    assert f"It ran releases-r1798-40 before. {kept}" in shipped.shown
    assert "queue/trunk has 1 new pod of trunk-r1841-1." in restarted.shown
    assert kept in restarted.shown
    assert "1 of 2 pods run it: the `partition` keeps the others as they were" in status.shown


@pytest.mark.parametrize("project", KINDS)
def test_a_deploy_a_crash_the_status_and_the_way_back(chat: Chat, world: World, project: str) -> None:
    shipped = chat.ends(chat.says(f"deploy {project} to trunk", by="engineer"))
    after_shipping = _images(world, project)

    crashed = chat.ends(chat.says(f"deploy {project} to trunk at r667", by="engineer"))
    crashing = _images(world, project)
    looks = f"status {project} in trunk"
    eventually(lambda: "CrashLoopBackOff" in chat.says(looks, by="qa").shown, "a look between restarts")
    if project == "queue":  # Kubernetes itself does not replace what blocks an ordered StatefulSet
        _delete_what_blocks(chat, world)
    else:
        chat.ends(chat.says(f"rollback {project} in trunk to previous", by="engineer"))

    assert f"is live on {project}/trunk" in shipped.shown
    assert after_shipping == {"trunk-r1841-1"}
    assert "1 pod in CrashLoopBackOff" in crashed.shown
    assert "FileNotFoundException" in crashed.shown
    assert "Back-off restarting failed container" in crashed.shown
    assert crashing == {"trunk-r667-2"}
    assert _images(world, project) == after_shipping
    eventually(lambda: _ready(world, project), "everything well again")


def _delete_what_blocks(chat: Chat, world: World) -> None:
    said = chat.says("rollback queue in trunk to previous", by="engineer")
    advice = "`kubectl -n trunk delete pod queue-1` lets the rollout go on"
    eventually(lambda: advice in said.shown, "what is in the way")

    kubectl(world, "DELETE", "trunk/pods/queue-1", group="/api/v1")

    chat.ends(said)
    assert "queue/trunk is back on trunk-r1841-1" in said.shown


def test_a_container_beside_that_somebody_changed_is_asked_about(chat: Chat, world: World) -> None:
    other = {"containers": [{"name": "sidecar", "image": shop.image("web", "by-hand")}]}
    kubectl(world, "PATCH", "trunk/deployments/duo", {"spec": {"template": {"spec": other}}})

    said = chat.says("deploy duo to trunk", by="engineer")
    eventually(lambda: "Go on" in said.buttons, "a question")
    asked = said.shown
    chat.taps(said, "Go on", by="engineer")
    chat.ends(said)

    assert "(sidecar: web:by-hand) now" in asked
    assert _images(world, "duo") == {"trunk-r1841-1"}


@pytest.mark.parametrize(
    ("project", "kind", "name"), [("duo", "containers", "sidecar"), ("tri", "initContainers", "migrate")]
)
def test_a_container_beside_that_somebody_sets_during_the_rollout_is_told(
    chat: Chat, world: World, project: str, kind: str, name: str
) -> None:
    said = chat.says(f"deploy {project} to trunk at r671", by="engineer")
    eventually(lambda: "rollout" in said.shown, "a rollout that takes its time", 20)
    other = {kind: [{"name": name, "image": shop.image("web", "by-hand")}]}

    kubectl(world, "PATCH", f"trunk/deployments/{project}", {"spec": {"template": {"spec": other}}})

    chat.ends(said, within=20)
    assert f"Somebody else set another image meanwhile: web:trunk-r671-1 ({name}: web:by-hand)." in said.shown


def test_what_is_deployed_where_nothing_runs_is_set_and_not_known_to_be_good(
    chat: Chat, world: World
) -> None:
    kubectl(world, "PATCH", "trunk/deployments/duo", {"spec": {"replicas": 0}})

    foretold = chat.says("deploy duo to trunk --dry-run", by="engineer").shown
    said = chat.ends(chat.says("deploy duo to trunk", by="engineer"))
    chat.ends(chat.says("deploy duo to trunk at r1839", by="engineer"))
    offered = chat.says("rollback duo in trunk", by="engineer")

    assert "• it has 0 replicas: nothing of it runs, and nothing will" in foretold
    assert "healthy" not in foretold
    assert "trunk-r1841-1 is set on duo/trunk." in said.shown
    assert "Nothing of it runs, as it has 0 replicas" in said.shown
    assert "is live" not in said.shown
    assert _images(world, "duo") == {"trunk-r1839-2"}
    assert "trunk-r1841-1" not in offered.buttons


@pytest.mark.parametrize("text", ["deploy agent to trunk", "restart agent in trunk"])
def test_pods_that_only_people_replace_are_told_of_before_anything_is_done(
    chat: Chat, world: World, text: str
) -> None:
    kubectl(world, "PATCH", "trunk/daemonsets/agent", {"spec": {"updateStrategy": {"type": "OnDelete"}}})

    foretold = chat.says(f"{text} --dry-run", by="engineer")
    said = chat.ends(chat.says(text, by="engineer"))

    why = "Pods of agent/trunk change only when somebody deletes them (OnDelete): nothing was changed."
    assert f"`{text}` would be refused: {why}" in foretold.shown
    assert not foretold.buttons
    assert why in said.shown
    assert not world.jenkins.triggers


def test_a_daemon_set_offers_no_numbers(chat: Chat) -> None:
    asked = chat.says("scale agent in trunk", by="ops")
    foretold = chat.says("scale agent in trunk by +2 --dry-run", by="ops")

    for said in (asked, foretold):
        assert "agent/trunk runs one pod on each node" in said.shown
        assert not said.buttons


def test_a_board_of_two_clusters_and_what_has_no_replicas(chat: Chat) -> None:
    board = chat.says("status trunk", by="qa").shown
    refused = chat.ends(chat.says("scale agent in trunk to 3", by="ops")).shown

    assert all(f"*{project}*" in board for project in KINDS)
    assert "all healthy" in chat.says("status trunk", by="qa").message.text
    assert "agent/trunk runs one pod on each node: it has no number of replicas." in refused


def test_a_cluster_that_is_down_is_told_first_and_hides_no_other(chat: Chat, stage: Stage) -> None:
    edge = stage.world.more_clusters["edge"]
    stage.thread.call(edge.faults.set, Fault("refuse"))

    oncall, board = chat.says("oncall", by="ops"), chat.says("status trunk", by="ops")
    stage.thread.call(edge.faults.clear)

    first = oncall.shown.splitlines()[0]
    assert first.startswith("*1 not known: Kubernetes (edge) cannot be reached; ")
    assert "1 not known" in board.message.text
    assert "trunk: Kubernetes (edge) cannot be reached" in board.shown
    assert "trunk: `releases-r1798-40`" in board.shown


@pytest.mark.parametrize("text", ["status dev", "board dev"])
def test_a_board_of_more_projects_than_a_message_has_blocks(chat: Chat, text: str) -> None:
    board = chat.says(text, by="qa")

    assert all(f"*s{number:02}*" in board.shown for number in range(50))
    assert "does not fit" not in board.shown
    assert len(board.message.all_blocks()) < 10
