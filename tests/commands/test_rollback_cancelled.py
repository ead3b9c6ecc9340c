"""A rollback that somebody stops, by mistake or not: the way back stays open."""

from __future__ import annotations

from sandbox.chat import Chat, eventually
from sandbox.server import Fault
from sandbox.stage import Stage
from tests.commands.test_cancel import id_of

GOOD = "harbor.shop.example/web/web:releases-r1798-40"


def test_a_rollback_that_was_cancelled_under_way_can_be_asked_for_again(chat: Chat, stage: Stage) -> None:
    crashed = chat.ends(chat.says("deploy web to product at r667", by="ops"))
    kubernetes = stage.world.kubernetes
    stage.thread.call(kubernetes.faults.set, Fault("slow", match="PATCH", seconds=1, times=1))
    stopped = chat.taps(crashed, "Roll back", by="oncall")
    eventually(lambda: not kubernetes.faults.active, "the rollback to be under way")
    chat.says(f"cancel {id_of(stopped)}", by="oncall")
    chat.ends(stopped)
    offered = chat.taps(stopped, "Roll back", by="oncall")

    back = chat.ends(chat.taps(offered, "releases-r1798-40", by="oncall"))

    assert "Cancelled: web/product is back on releases-r667-1, which is not healthy." in stopped.shown
    assert "web/product is back on releases-r1798-40" in back.shown
    assert kubernetes.image("product", "web") == GOOD


def test_a_button_whose_rollback_was_cancelled_can_be_used_again(chat: Chat, stage: Stage) -> None:
    crashed = chat.ends(chat.says("deploy web to product at r667", by="ops"))
    stopped = chat.taps(crashed, "Roll back", by="oncall")
    chat.says(f"cancel {id_of(stopped)}", by="oncall")
    chat.ends(stopped)

    used = chat.taps(crashed, "Roll back", by="oncall")
    back = chat.ends(chat.taps(used, "Run it again", by="oncall"))

    assert used.only_for == "U0ONCALL"
    assert "has ended" in used.shown
    assert "releases-r1798-40" in back.shown
    assert stage.world.kubernetes.image("product", "web") == GOOD
