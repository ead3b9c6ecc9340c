"""Breaking things, and looking at what came of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from sandbox.chat import eventually
from sandbox.kubernetes.server import TOKEN
from sandbox.server import Fault
from sandbox.stage import SAMPLE, Stage
from sandbox.world import World

CREW = ("bot", "worker", "watcher")
LEGACY = """
  legacy:
    source: svn
    build: {job: legacy/old-build, image: {template: "harbor.shop.example/web/web:{line}-r{revision}-{build}"}}
    environments:
      dev: {name: web, container: web}
"""
"""A project whose job does not declare the parameter by which its builds are found again."""


def impatient(folder: Path) -> Path:
    """The sample configuration, with adapters that wait 1 s for an answer, and one more project.

    Its cluster is told who asks, so that nothing breaks by that.
    """
    text = SAMPLE.read_text()
    for before, after in (
        (
            'token: "${KUBERNETES_TOKEN}"}',
            'token: "${KUBERNETES_TOKEN}", timeout_seconds: 1, impersonate: email}',
        ),
        ("poll_seconds: 0.2}", "poll_seconds: 0.2, timeout_seconds: 1}"),
        ("    fields: ecs\n", "    fields: ecs\n    timeout_seconds: 1\n"),
        ("\nroles:\n", f"{LEGACY}\nroles:\n"),
    ):
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    config = folder / "shipmate.yaml"
    config.write_text(text)
    return config


def broken(stage: Stage, server: str, fault: Fault) -> None:
    """Switch a fault of `jenkins`, `kubernetes`, `elasticsearch` or `slack` on."""
    stage.thread.call(stage.world.servers[server].faults.set, fault)


def mend(stage: Stage) -> None:
    """Every switch off, everybody at work again, and nothing left over from a test that failed."""
    for server in stage.world.servers.values():
        stage.thread.call(server.faults.clear)
    try:
        settle(stage, within=20)
    except AssertionError:
        for name in list(stage.crew.running):
            stage.crew.kill(name)
        stage.redis.flushall()
    stage.crew.start(*(name for name in CREW if name not in stage.crew.running))
    eventually(lambda: stage.world.slack.sockets.sockets, "the bot to listen")


def settle(stage: Stage, within: float) -> None:
    busy = ("shipmate:active:change", "shipmate:active:query", "shipmate:outbox")
    eventually(lambda: not stage.redis.exists(*busy), "everything that was asked for to end", within)


def untouched(world: World) -> bool:
    """Nothing was asked of Jenkins or Kubernetes that changes anything."""
    return not world.jenkins.triggers and not world.kubernetes.patches


def kubectl(
    world: World, method: str, path: str, body: dict[str, Any] | None = None, group: str = "/apis/apps/v1"
) -> None:
    """What somebody else does to the cluster, past Shipmate. `path` below the group's `namespaces/`."""
    url = f"{world.kubernetes.url}{group}/namespaces/{path}"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    if method == "PATCH":
        headers["Content-Type"] = "application/strategic-merge-patch+json"
    data = json.dumps(body).encode() if body is not None else None
    with urlopen(Request(url, data, headers, method=method), timeout=5) as answer:  # noqa: S310  # loopback
        assert answer.status == 200


def set_image(world: World, project: str, environment: str, image: str) -> None:
    containers = {"containers": [{"name": project, "image": image}]}
    path = f"{environment}/deployments/{project}"
    kubectl(world, "PATCH", path, {"spec": {"template": {"spec": containers}}})


def once_ran(stage: Stage, project: str, environment: str, image: str) -> None:
    """Run `image` for a moment and put back what ran: a version that can be gone back to."""
    world = stage.world
    before = stage.thread.call(world.kubernetes.image, environment, project)
    set_image(world, project, environment, image)
    eventually(lambda: image in stage.thread.call(_images, world, project, environment), f"a set of {image}")
    set_image(world, project, environment, before)


def _images(world: World, project: str, environment: str) -> list[str]:
    specs = [
        found["spec"]["template"]["spec"] for found in world.kubernetes.replica_sets(environment, project)
    ]
    return [spec["containers"][0]["image"] for spec in specs]


def followed(stage: Stage, kind: str) -> None:
    """Wait until an operation is suspended and waits for a `queued`, `building` or `rollout`."""
    redis = stage.redis
    eventually(
        lambda: any(f"\t{kind}\t" in topic for topic in redis.hvals("shipmate:waiting")),
        f"an operation that waits: {kind}",
    )
