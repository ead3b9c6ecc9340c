"""rollback where revisions differ in more than their image, or in nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.chat import Chat, eventually
from sandbox.stage import Stage
from sandbox.world import World
from tests.commands.test_dry_run import set_with_kubectl

GOOD = "harbor.shop.example/web/web:releases-r1798-40"
NEW = "harbor.shop.example/web/web:trunk-r1839-1"
MODE = {"env": [{"name": "MODE", "value": "broken"}]}


def becomes(stage: Stage, container: dict[str, Any]) -> None:
    """A revision of web in trunk that others make, as soon as the cluster counts it as one."""
    known = len(revisions(stage))
    set_with_kubectl(stage, "trunk", container)
    eventually(lambda: len(revisions(stage)) > known, "a revision", 20)


def revisions(stage: Stage) -> list[Any]:
    return list(stage.thread.call(stage.world.kubernetes.replica_sets, "trunk", "web"))


# -- the image that runs already


def test_a_revision_of_the_running_image_is_refused_with_what_differs(chat: Chat, stage: Stage) -> None:
    becomes(stage, MODE)
    patched = len(stage.world.kubernetes.patches)

    said = chat.ends(chat.says("rollback web in trunk to revision 1", by="engineer"))

    assert "web/trunk runs `releases-r1798-40` already: nothing was changed." in said.shown
    assert "Its configuration has changed since revision 1: added: environment variable MODE." in said.shown
    assert "`kubectl rollout undo deployment/web --namespace trunk --to-revision=1`" in said.shown
    assert "is back on" not in said.shown
    assert len(stage.world.kubernetes.patches) == patched


@pytest.mark.parametrize("version", ["releases-r1798-40", "1798", "revision 1"])
def test_the_running_image_is_refused(chat: Chat, world: World, version: str) -> None:
    said = chat.ends(chat.says(f"rollback web in trunk to {version}", by="engineer"))

    assert "web/trunk runs `releases-r1798-40` already: nothing was changed." in said.shown
    assert "`rollback web in trunk` shows what else ran well." in said.shown
    assert "· refused" in said.shown
    assert not said.buttons, "to try again would end the same"
    assert not world.kubernetes.patches


def test_the_running_image_by_its_tag_is_refused_with_what_changed_since(chat: Chat, stage: Stage) -> None:
    becomes(stage, MODE)

    said = chat.ends(chat.says("rollback web in trunk to releases-r1798-40", by="engineer"))

    assert "web/trunk runs `releases-r1798-40` already: nothing was changed." in said.shown
    assert "Its configuration has changed since revision 1: added: environment variable MODE." in said.shown
    assert "--to-revision=1`" in said.shown
    assert "· refused" in said.shown


def test_a_dry_run_refuses_the_same(chat: Chat, stage: Stage) -> None:
    becomes(stage, MODE)

    said = chat.says("rollback web in trunk to revision 1 --dry-run", by="engineer")

    assert "web/trunk runs `releases-r1798-40` already: nothing was changed." in said.shown
    assert "--to-revision=1" in said.shown
    assert not said.buttons


def test_what_a_rollback_has_ended_is_no_reason_to_refuse(chat: Chat, world: World) -> None:
    """The deployment is put back first, so that the image runs by the time that the rollback looks."""
    deploy = chat.says("deploy web to trunk", by="engineer")
    eventually(lambda: world.jenkins.triggers, "a build")

    said = chat.ends(chat.says("rollback web in trunk to releases-r1798-40", by="engineer"))

    chat.ends(deploy)
    assert "web/trunk is back on releases-r1798-40" in said.shown
    assert world.kubernetes.image("trunk", "web") == GOOD


# -- which revision of an image


def test_the_drift_is_that_of_the_revision_that_was_named(chat: Chat, stage: Stage) -> None:
    becomes(stage, MODE)
    becomes(stage, {"image": NEW})

    foretold = chat.says("rollback web in trunk to revision 1 --dry-run", by="engineer")
    latest = chat.says("rollback web in trunk to revision 2 --dry-run", by="engineer")
    said = chat.ends(chat.says("rollback web in trunk to revision 1", by="engineer"))

    assert "since revision 1 it has changed:" in said.shown
    assert "added: environment variable MODE" in said.shown
    assert "added: environment variable MODE" in foretold.shown
    assert "MODE" not in latest.shown
    assert stage.world.kubernetes.image("trunk", "web") == GOOD


# -- the buttons of the question which one


def test_the_dialog_of_a_candidate_tells_what_else(chat: Chat, stage: Stage) -> None:
    becomes(stage, {"image": NEW, **MODE})

    button = chat.says("rollback web in trunk", by="engineer").buttons["releases-r1798-40"]

    assert button["value"] == "rollback web in trunk to releases-r1798-40 replacing trunk-r1839-1"
    asked = button["confirm"]["text"]["text"]
    assert asked.startswith("web/trunk: from `trunk-r1839-1` back to `releases-r1798-40` (")
    assert "older). 3 replicas, as now." in asked
    assert "Configuration stays; changed since then: added: environment variable MODE" in asked
    assert len(asked) <= 300


def test_a_candidate_tapped_after_another_deploy_asks(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    offered = chat.says("rollback web in trunk", by="engineer")
    chat.ends(chat.says("deploy web to trunk", by="ops"))
    running = world.kubernetes.image("trunk", "web")

    said = chat.taps(offered, "releases-r1798-40", by="engineer")

    eventually(lambda: "Go on" in said.buttons, "a question")
    assert f"web/trunk runs `{running.split(':')[1]}` by now, not `trunk-r1839-1`." in said.shown
    chat.taps(said, "Stop", by="engineer")
    chat.ends(said)
    assert world.kubernetes.image("trunk", "web") == running
