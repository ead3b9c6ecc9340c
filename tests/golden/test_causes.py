"""Why a rollout fails: each cause in words, with what the pods and the cluster say of it."""

from __future__ import annotations

from sandbox.chat import eventually
from sandbox.jenkins.shop import MISHAPS
from sandbox.kubernetes.nodes import SIZE, Size
from tests.golden.telling import Telling, scene

AT_ONCE = ("r672", "r673", "r674", "r675", "r676", "r677")
"""Revisions whose images end their rollout as soon as the cause is known."""


@scene
def test_causes_at_once(tell: Telling) -> None:
    """What does not go away by itself."""
    for revision in AT_ONCE:
        tell.happens(f"{revision} builds an image that {MISHAPS[revision][0]}", lambda: None)
        tell.says(f"deploy web to trunk at {revision}", by="engineer")


@scene
def test_causes_that_may_go_away(tell: Telling) -> None:
    """They are waited for."""
    tell.says("deploy web to trunk at r678", by="engineer")


@scene
def test_no_room(tell: Telling) -> None:
    """No node has room."""
    cluster = tell.world.kubernetes
    tell.happens(
        "the nodes are small", lambda: tell.stage.thread.call(cluster.resize_nodes, Size(memory="32Mi"))
    )
    tell.says("deploy web to trunk", by="engineer")
    tell.stage.thread.call(cluster.resize_nodes, SIZE)


@scene
def test_cancel(tell: Telling) -> None:
    """A rollout under way is put back."""
    image, world = "r671", tell.world
    said = tell.chat.says(f"deploy web to trunk at {image}", by="engineer")
    eventually(lambda: image in world.kubernetes.image("trunk", "web"), "the rollout to begin")
    tell.says(f"cancel {tell.id_of(said)}", by="engineer")
    tell.says(f"cancel {tell.id_of(said)}", by="engineer")
