"""rollback, through chat, against the sandbox's Kubernetes."""

from __future__ import annotations

import pytest

from sandbox.chat import Chat
from sandbox.stage import Stage
from sandbox.world import World

GOOD = "harbor.shop.example/web/web:releases-r1798-40"


def test_a_crashing_deploy_is_rolled_back_from_its_message(chat: Chat, world: World) -> None:
    crashed = chat.ends(chat.says("deploy web to product at r667", by="ops"))

    said = chat.ends(chat.taps(crashed, "Roll back", by="oncall"))

    assert world.kubernetes.image("product", "web") == GOOD
    assert world.kubernetes.deployment("product", "web")["status"]["availableReplicas"] == 3
    assert "web/product is back on releases-r1798-40 (was releases-r667-1)" in said.text
    assert len(said.replies) == 1


def test_a_second_rollback_does_not_bring_the_bad_image_back(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to dev", by="engineer"))
    chat.ends(chat.says("rollback web in dev", by="engineer"))

    said = chat.ends(chat.says("rollback web in dev", by="engineer"))

    assert "There is no earlier image of web/dev to go back to." in said.text
    assert world.kubernetes.image("dev", "web") == GOOD


def test_back_to_a_named_image_and_to_a_numbered_revision(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to dev", by="engineer"))
    newer = world.kubernetes.image("dev", "web")

    chat.ends(chat.says("rollback web in dev to revision 1", by="engineer"))
    assert world.kubernetes.image("dev", "web") == GOOD

    chat.ends(chat.says(f"rollback web in dev to {newer.split(':')[1]}", by="engineer"))
    assert world.kubernetes.image("dev", "web") == newer


@pytest.mark.parametrize("version", ["9.9.9", "revision 99"])
def test_what_never_ran_is_not_gone_back_to(chat: Chat, world: World, version: str) -> None:
    said = chat.ends(chat.says(f"rollback web in trunk to {version}", by="engineer"))

    assert f"web/trunk never ran {version}." in said.text
    assert not world.kubernetes.patches


def test_a_project_that_its_own_job_rolls_out_can_be_rolled_back(chat: Chat, world: World) -> None:
    before = world.kubernetes.image("dev", "pay")
    chat.ends(chat.says("deploy pay to dev", by="engineer"))

    chat.ends(chat.says("rollback pay in dev", by="engineer"))

    assert world.kubernetes.image("dev", "pay") == before


def test_from_a_phone(chat: Chat, stage: Stage) -> None:
    """Curly quotes, a capital letter, a no-break space, a full stop; production is asked for by an alias."""
    said = chat.ends(chat.says("\u201cRollback\u00a0web in Prod\u201d.", by="oncall"))

    assert "rollback web in product" in said.text
    assert "There is no earlier image of web/product" in said.text
