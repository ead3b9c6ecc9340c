"""restart, pause and resume, through chat, against the sandbox's Kubernetes."""

from __future__ import annotations

import pytest

from sandbox.chat import Chat, eventually
from sandbox.stage import Stage
from sandbox.world import World
from tests.commands.test_cancel import id_of

GOOD = "harbor.shop.example/web/web:releases-r1798-40"


def pods(world: World, environment: str, project: str) -> set[str]:
    names = (pod["metadata"]["name"] for pod in world.kubernetes.pods(environment))
    return {name for name in names if name.startswith(f"{project}-")}


def test_every_pod_is_replaced_and_the_image_stays(chat: Chat, world: World) -> None:
    before = pods(world, "product", "web")

    said = chat.ends(chat.says("restart web in product", by="oncall"))

    assert "web/product has 3 new pods of releases-r1798-40." in said.shown
    eventually(lambda: len(pods(world, "product", "web")) == 3, "the old pods to be gone")
    assert not before & pods(world, "product", "web")
    assert world.kubernetes.image("product", "web") == GOOD


def test_a_paused_rollout_waits_and_goes_on(chat: Chat, stage: Stage) -> None:
    deploy = chat.says("deploy web to trunk", by="engineer")
    eventually(lambda: stage.world.jenkins.builds("web-build"), "the build to start")

    paused = chat.ends(chat.says("pause web in trunk", by="engineer"))

    assert "`resume web in trunk` lets them go on." in paused.shown
    eventually(
        lambda: "the rollout is paused; `resume` lets it go on" in deploy.shown.replace("ˋ", "`"), "it"
    )
    assert not deploy.replies, "pausing ran beside the deploy"
    assert "rollouts are paused" in chat.says("status web in trunk", by="qa").shown

    chat.says("resume web in trunk", by="engineer")

    chat.ends(deploy)
    assert "is live on web/trunk" in deploy.shown


def test_nothing_is_deployed_or_restarted_while_paused(chat: Chat, world: World) -> None:
    chat.ends(chat.says("pause web in trunk", by="engineer"))

    deploy = chat.ends(chat.says("deploy web to trunk", by="engineer"))
    restart = chat.ends(chat.says("restart web in trunk", by="engineer"))

    for said in (deploy, restart):
        assert "Rollouts of web/trunk are paused: nothing was changed." in said.shown
        assert "Resume" in said.buttons
    assert not world.jenkins.triggers
    resumed = chat.ends(chat.taps(deploy, "Resume", by="engineer"))
    assert "Rollouts of web/trunk go on; 3 of 3 pods are healthy." in resumed.shown


def test_a_rollback_lets_a_paused_rollout_go_on(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to trunk", by="engineer"))
    chat.ends(chat.says("pause web in trunk", by="engineer"))

    said = chat.ends(chat.says("rollback web in trunk to previous", by="engineer"))

    assert "rollouts were paused: they go on with this" in said.shown
    assert "web/trunk is back on releases-r1798-40" in said.shown
    assert not world.kubernetes.deployment("trunk", "web")["spec"].get("paused")


@pytest.mark.parametrize(("paused", "words"), [(False, "were not paused"), (True, "are paused again")])
def test_a_resume_that_is_cancelled_puts_back_what_was(
    chat: Chat, world: World, paused: bool, words: str
) -> None:
    deploy = chat.says("deploy web to trunk at r671", by="engineer")
    eventually(lambda: "readiness probe failed" in deploy.text, "a rollout that takes its time")
    if paused:
        chat.ends(chat.says("pause web in trunk", by="engineer"))
    resumed = chat.says("resume web in trunk", by="engineer")
    eventually(lambda: "rollout" in resumed.shown, "it is followed")

    chat.mutters(f"@shipmate cancel {id_of(resumed)}", by="engineer")
    chat.ends(resumed)
    chat.ends(deploy)

    assert words in resumed.shown
    assert bool(world.kubernetes.deployment("trunk", "web")["spec"].get("paused")) is paused
