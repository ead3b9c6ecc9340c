"""scale, through chat, against the sandbox's Kubernetes."""

from __future__ import annotations

import pytest

from sandbox.chat import Chat
from sandbox.world import World


def replicas(world: World, environment: str, project: str) -> tuple[int, int]:
    """(wanted, available)."""
    found = world.kubernetes.deployment(environment, project)
    return found["spec"]["replicas"], found["status"].get("availableReplicas", 0)


def test_up_and_down_again(chat: Chat, world: World) -> None:
    up = chat.ends(chat.says("scale web in product to 6", by="oncall"))
    assert replicas(world, "product", "web") == (6, 6)
    assert "web/product has 6 of 6 replicas ready (was 3)" in up.text

    down = chat.ends(chat.says("scale web in product to 1", by="oncall"))
    assert replicas(world, "product", "web") == (1, 1)
    assert "web/product has 1 of 1 replicas ready (was 6)" in down.text
    assert len(down.replies) == 1


@pytest.mark.parametrize("count", ["-1", "1000000000", "six", "2.5", "1e3", "99999999999999999999"])
def test_what_is_no_number_of_replicas_is_answered_with_what_is(chat: Chat, world: World, count: str) -> None:
    said = chat.says(f"scale web in product to {count}", by="oncall")

    assert said.only_for == "U0ONCALL"
    assert "whole number" in said.text
    assert count in said.text
    assert not world.kubernetes.patches


@pytest.mark.parametrize(("count", "example"), [("0", "to 1"), ("21", "to 20"), ("10000", "to 20")])
def test_outside_its_bounds_the_nearest_bound_is_offered(
    chat: Chat, world: World, count: str, example: str
) -> None:
    said = chat.says(f"scale web in product to {count}", by="oncall")

    assert said.only_for == "U0ONCALL"
    assert f"web/product takes 1 to 20 replicas, not {count}." in said.text
    assert f"scale web in product {example}" in said.text
    assert not world.kubernetes.patches


def test_a_quota_that_forbids_more_pods_is_named(chat: Chat, world: World) -> None:
    said = chat.ends(chat.says("scale web in dev to 18", by="ops"))

    assert "the cluster refuses new pods: quota pods is used up" in said.text
    assert "17 of 18 pods" in said.text


def test_the_same_number_again_changes_nothing(chat: Chat, world: World) -> None:
    said = chat.ends(chat.says("scale web in trunk to 3", by="ops"))

    assert "web/trunk has 3 of 3 replicas ready (was 3)" in said.text
    assert not any(patch.changed for patch in world.kubernetes.patches)
