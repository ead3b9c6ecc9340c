"""One running change a target: the line, leaving it, rollback going first."""

from __future__ import annotations

from sandbox.chat import Chat, eventually
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World

GOOD = "harbor.shop.example/web/web:releases-r1798-40"


def test_the_second_deploy_waits_in_line_and_then_runs(chat: Chat, world: World) -> None:
    first = chat.says("deploy web to trunk", by="engineer")

    second = chat.says("deploy web to trunk", by="qa")

    assert "Next in line behind" in second.shown
    assert "<@U0ENGINEER>" in second.shown
    assert "Leave the line" in second.buttons
    chat.ends(first)
    chat.ends(second)
    assert "is live on web/trunk" in second.shown
    assert len(world.jenkins.triggers) == 2


def test_leaving_the_line_starts_nothing(chat: Chat, world: World) -> None:
    world.jenkins.faults.set(Fault("slow", match="buildWithParameters", seconds=3, times=1))
    first = chat.says("deploy web to trunk", by="engineer")
    second = chat.says("deploy web to trunk", by="qa")
    third = chat.says("deploy web to trunk", by="ops")
    assert "Number 2 in line" in third.shown

    answer = chat.taps(second, "Leave the line", by="qa")

    assert "is cancelled. Nothing was started" in answer.shown
    eventually(lambda: "Next in line" in third.shown, "the third to move up")
    for said in (first, second, third):
        chat.ends(said)
    assert len(world.jenkins.triggers) == 2


def test_different_targets_run_side_by_side(chat: Chat, world: World) -> None:
    said = [chat.says(f"deploy {project} to dev", by="engineer") for project in ("web", "api", "shop")]

    for one in said:
        chat.ends(one)

    assert all("is live on" in one.shown for one in said)
    assert len(world.jenkins.triggers) == 3


def test_a_rollback_ends_the_deploy_under_way_and_goes_back_no_further(chat: Chat, stage: Stage) -> None:
    deploy = chat.says("deploy web to product at r667", by="ops")
    eventually(lambda: "r667" in stage.world.kubernetes.image("product", "web"), "the rollout to begin")

    rollback = chat.says("rollback web in product to previous", by="oncall")

    chat.ends(rollback)
    chat.ends(deploy)
    assert stage.world.kubernetes.image("product", "web") == GOOD
    assert len(stage.world.jenkins.triggers) == 1


def test_a_rollback_passes_those_who_wait(chat: Chat, stage: Stage) -> None:
    deploy = chat.says("deploy web to product", by="ops")
    waiting = chat.says("deploy web to product at r1839", by="ops")

    rollback = chat.says("rollback web in product to previous", by="oncall")

    chat.ends(rollback)
    chat.ends(deploy)
    chat.ends(waiting)
    assert "cancelled" in deploy.shown
    finals = {said.message.ts: float(said.replies[-1].message.ts) for said in (rollback, waiting)}
    assert finals[rollback.message.ts] < finals[waiting.message.ts]
