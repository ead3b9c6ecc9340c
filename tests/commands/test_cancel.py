"""cancel, through chat: the build is stopped, the image put back, and the message says so."""

from __future__ import annotations

import re

from sandbox.chat import Chat, Said, eventually
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World
from tests.trouble.support import kubectl

GOOD = "harbor.shop.example/web/web:releases-r1798-40"


def id_of(said: Said) -> str:
    found = re.search(r"`([a-z][a-z0-9]{3})` · asked by", said.shown)
    assert found, said.shown
    return found[1]


def test_cancelling_a_build_stops_it_in_jenkins(chat: Chat, stage: Stage) -> None:
    deploy = chat.says("deploy web to trunk", by="engineer")
    eventually(lambda: stage.world.jenkins.builds("web-build"), "the build to start")

    chat.says(f"cancel {id_of(deploy)}", by="engineer")

    chat.ends(deploy)
    assert "cancelled" in deploy.shown
    assert "web/trunk was not touched" in deploy.shown
    assert stage.world.jenkins.builds("web-build")[0].result == "ABORTED"
    assert stage.world.kubernetes.image("trunk", "web") == GOOD


def test_cancelling_a_rollout_puts_the_image_back(chat: Chat, stage: Stage) -> None:
    kubectl(stage.world, "PATCH", "trunk/deployments/web", {"spec": {"progressDeadlineSeconds": 900}})
    deploy = chat.says("deploy web to trunk at r671", by="engineer")
    eventually(lambda: "r671" in stage.world.kubernetes.image("trunk", "web"), "the rollout to begin")

    chat.says(f"cancel {id_of(deploy)}", by="engineer")

    chat.ends(deploy)
    assert stage.world.kubernetes.image("trunk", "web") == GOOD


def test_what_the_job_rolled_out_by_itself_is_put_back(chat: Chat, stage: Stage) -> None:
    """Jenkins sets the image at the build's end, and falls silent before anybody hears of it."""
    world = stage.world
    before = world.kubernetes.image("trunk", "pay")
    deploy = chat.says("deploy pay to trunk", by="engineer")
    eventually(lambda: world.jenkins.builds("team/pay-release"), "the build to start")
    world.jenkins.faults.set(Fault("error", match="GET /(job|queue|computer)", status=503))
    eventually(lambda: world.kubernetes.image("trunk", "pay") != before, "the job to set the image")
    chat.says(f"cancel {id_of(deploy)}", by="engineer")

    world.jenkins.faults.clear()

    chat.ends(deploy)
    assert world.kubernetes.image("trunk", "pay") == before
    assert "cancelled" in deploy.shown
    assert "The build had ended. pay/trunk is back on" in deploy.shown


def test_a_job_that_is_stopped_before_it_rolled_out_left_nothing(chat: Chat, stage: Stage) -> None:
    world = stage.world
    before = world.kubernetes.image("trunk", "pay")
    deploy = chat.says("deploy pay to trunk", by="engineer")
    eventually(lambda: world.jenkins.builds("team/pay-release"), "the build to start")

    chat.says(f"cancel {id_of(deploy)}", by="engineer")

    chat.ends(deploy)
    assert "Build #1 was stopped. pay/trunk was not touched." in deploy.shown
    assert world.jenkins.builds("team/pay-release")[0].result == "ABORTED"
    assert world.kubernetes.image("trunk", "pay") == before


def test_the_stop_button_asks_first_and_works(chat: Chat, world: World) -> None:
    deploy = chat.says("deploy web to trunk", by="engineer")
    eventually(lambda: "Stop" in deploy.buttons, "the button")
    assert "confirm" in deploy.buttons["Stop"]

    chat.taps(deploy, "Stop", by="engineer")

    chat.ends(deploy)
    assert "cancelled" in deploy.shown


def test_cancelling_twice_or_too_late_changes_nothing(chat: Chat, world: World) -> None:
    deploy = chat.ends(chat.says("deploy web to trunk", by="engineer"))

    answer = chat.says(f"cancel {id_of(deploy)}", by="engineer")

    assert "has ended already: done" in answer.shown


def test_only_those_who_may_deploy_there_may_cancel(chat: Chat, world: World) -> None:
    deploy = chat.says("deploy web to product", by="ops")

    answer = chat.says(f"cancel {id_of(deploy)}", by="engineer")

    assert answer.only_for == "U0ENGINEER"
    assert "product needs role ops" in answer.shown
    chat.ends(deploy)
    assert "is live on web/product" in deploy.shown


def test_an_unknown_operation_is_said_to_be_unknown(chat: Chat, world: World) -> None:
    answer = chat.says("cancel zzz9", by="engineer")

    assert "There is no operation `zzz9`" in answer.shown
