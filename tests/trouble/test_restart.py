"""SIGTERM, one process after another: a new version is rolled out under work, and nothing is lost."""

from __future__ import annotations

import subprocess

from bot.ledger import PREFIX
from sandbox.chat import Chat, eventually
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World
from tests.trouble.support import CREW, broken, followed, settle


def asked_to_stop(stage: Stage, name: str) -> int:
    """Its exit status."""
    process: subprocess.Popen[bytes] = stage.crew.running.pop(name)
    process.terminate()
    return process.wait(timeout=10)


def test_a_rolling_restart_loses_nothing(chat: Chat, stage: Stage, world: World) -> None:
    said = [chat.says(f"deploy {name} to trunk", by="engineer") for name in ("web", "api", "shop")]
    followed(stage, "building")

    for name in CREW:
        assert asked_to_stop(stage, name) == 0, name
        assert not list(stage.redis.scan_iter(f"{PREFIX}lease:*")) or name != "worker", (
            "its leases are given back"
        )
        stage.crew.start(name)

    for one in said:
        chat.ends(one, within=20)
    assert all("is live on" in one.shown for one in said)
    assert len(world.jenkins.triggers) == 3
    assert sum(patch.changed for patch in world.kubernetes.patches) == 3
    settle(stage, within=10)


def test_a_worker_that_is_asked_to_stop_in_the_middle_of_a_call_ends_it_first(
    chat: Chat, stage: Stage, world: World
) -> None:
    broken(stage, "jenkins", Fault("slow", match="web-build/buildWith", seconds=0.4, times=1))
    said = chat.says("deploy web to trunk", by="engineer")
    eventually(lambda: world.jenkins.faults.hits, "the call")

    assert asked_to_stop(stage, "worker") == 0

    assert len(world.jenkins.triggers) == 1
    assert not list(stage.redis.scan_iter(f"{PREFIX}lease:*"))
    stage.crew.start("worker")
    chat.ends(said, within=10)
    assert len(world.jenkins.triggers) == 1
