"""rollback on a target that is busy with something that sets no image."""

from __future__ import annotations

from sandbox.chat import Chat, eventually
from sandbox.server import Fault
from sandbox.stage import Stage

GOOD = "harbor.shop.example/web/web:releases-r1798-40"


def test_a_rollback_that_ends_a_scale_goes_back_to_the_image_before(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to dev", by="engineer"))
    stage.world.kubernetes.faults.set(Fault("slow", match="PATCH", seconds=1, times=1))
    scale = chat.says("scale web in dev to 3", by="ops")
    eventually(lambda: not stage.world.kubernetes.faults.active, "the scale to be under way")

    rollback = chat.ends(chat.says("rollback web in dev to previous", by="engineer"))

    chat.ends(scale)
    assert "cancelled" in scale.shown
    assert "is back on releases-r1798-40" in rollback.shown
    assert stage.world.kubernetes.image("dev", "web") == GOOD
