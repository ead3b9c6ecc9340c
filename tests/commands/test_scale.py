"""scale and bounds, through chat, against the sandbox's Kubernetes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from bot.ledger import Ledger
from bot.operation import STARTS
from sandbox.chat import Chat, Said, eventually
from sandbox.kubernetes.nodes import SIZE, Size
from sandbox.kubernetes.resources import AUTOSCALERS, PODS
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World
from tests.commands.test_cancel import id_of
from tests.trouble.support import kubectl


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


def test_a_paused_rollout_does_not_hold_up_a_scaling(chat: Chat, world: World) -> None:
    chat.ends(chat.says("pause web in product", by="oncall"))

    said = chat.ends(chat.says("scale web in product to 4", by="oncall"))

    assert "web/product has 4 of 4 replicas ready (was 3)" in said.text
    assert world.kubernetes.deployment("product", "web")["spec"]["paused"]


def test_by_so_many_more_or_fewer(chat: Chat, world: World) -> None:
    chat.ends(chat.says("scale web in product by +2", by="oncall"))
    assert replicas(world, "product", "web") == (5, 5)

    said = chat.ends(chat.says("scale web product by -1", by="oncall"))
    assert replicas(world, "product", "web") == (4, 4)
    assert "scale web in product by -1" in said.shown


def test_without_a_number_near_ones_are_offered(chat: Chat, world: World) -> None:
    offered = chat.says("scale web in product", by="oncall")

    assert "of 3 replicas ready; it takes 1 to 20. How many?" in offered.shown
    assert list(offered.buttons) == ["4", "5", "6", "2"]
    assert not world.kubernetes.patches
    chat.ends(chat.taps(offered, "6", by="oncall"))
    assert replicas(world, "product", "web") == (6, 6)


@pytest.mark.parametrize("count", ["-1", "1000000000", "lots", "2.5", "1e3", "99999999999999999999"])
def test_what_is_no_number_of_replicas_is_answered_with_what_is(chat: Chat, world: World, count: str) -> None:
    said = chat.says(f"scale web in product to {count}", by="oncall")

    assert said.only_for == "U0ONCALL"
    assert "whole number" in said.text
    assert count in said.text
    assert not world.kubernetes.patches


@pytest.mark.parametrize("step", ["0", "+0", "a few", "1.5"])
def test_what_is_no_difference_is_answered_with_what_is(chat: Chat, world: World, step: str) -> None:
    said = chat.says(f"scale web in product by {step}", by="oncall")

    assert "a number with its sign, such as +2 or -1" in said.text
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


def test_a_difference_keeps_within_the_bounds_too(chat: Chat, world: World) -> None:
    said = chat.ends(chat.says("scale web in product by -3", by="oncall"))

    assert "web/product takes 1 to 20 replicas, not 0." in said.text
    assert not world.kubernetes.patches


def test_a_quota_that_is_too_small_is_told_with_what_fits(chat: Chat, world: World) -> None:
    said = chat.ends(chat.says("scale web in dev to 18", by="ops"))

    assert "Only 17 of 18 replicas of web/dev fit: quota of dev leaves room for 17 pods" in said.shown
    assert not world.kubernetes.patches

    chat.ends(chat.taps(said, "Scale to 17", by="ops"))
    assert replicas(world, "dev", "web") == (17, 17)


def test_nodes_that_are_too_small_are_told_with_what_fits(chat: Chat, stage: Stage, world: World) -> None:
    """Three nodes with room for 16 pods of 64 MiB each, on which the shop's 36 are, spread as it came about."""
    eventually(lambda: placed(world).total() == 36, "every pod on a node")
    fits = 3 + sum(max(0, 16 - count) for count in placed(world).values())
    stage.thread.call(world.kubernetes.resize_nodes, Size(memory="1Gi"))

    said = chat.ends(chat.says("scale web in trunk to 20", by="ops"))
    changed = list(world.kubernetes.patches)
    chat.ends(chat.taps(said, f"Scale to {fits}", by="ops"))
    stage.thread.call(world.kubernetes.resize_nodes, SIZE)

    room = f"the nodes have room for {fits} pods (memory)"
    assert f"Only {fits} of 20 replicas of web/trunk fit: {room}." in said.shown
    assert "It has 3. Nothing was changed." in said.shown
    assert not changed
    assert replicas(world, "trunk", "web") == (fits, fits)


def placed(world: World) -> Counter[str]:
    """How many pods are on each node."""
    pods = world.kubernetes.store.all(PODS)
    return Counter(pod["spec"]["nodeName"] for pod in pods if pod["spec"].get("nodeName"))


def test_the_same_number_again_changes_nothing(chat: Chat, world: World) -> None:
    said = chat.ends(chat.says("scale web in trunk to 3", by="ops"))

    assert "web/trunk has 3 of 3 replicas ready (was 3)" in said.text
    assert not any(patch.changed for patch in world.kubernetes.patches)


# -- for a while


def for_two_hours(chat: Chat) -> tuple[Said, Said]:
    """A scaling, and the message of what puts it back."""
    said = chat.ends(chat.says("scale web in product to 6 for 2h", by="oncall"))
    return said, put_back_by(chat, said)


def put_back_by(chat: Chat, said: Said) -> Said:
    found = re.search(r"In 2 h it is put back to 3 \(`(\w{4})`\)", said.shown)
    assert found, said.shown
    return next(other for other in chat.said() if f"`{found[1]}` · asked by" in other.shown)


def now_it_is_time(stage: Stage, said: Said) -> None:
    """Two hours later, as far as the operation is concerned."""
    ledger = Ledger(stage.redis)
    before = ledger.get(id_of(said))
    assert before is not None
    ledger.write(before, replace(before, plan={**before.plan, STARTS: 1}), None, announce=False, due=1)


def test_for_a_while_it_is_put_back_at_the_end(chat: Chat, stage: Stage) -> None:
    _, later = for_two_hours(chat)
    assert "scale web in product to 3 from 6" in later.shown
    assert "scheduled" in later.shown
    assert replicas(stage.world, "product", "web") == (6, 6)

    now_it_is_time(stage, later)

    chat.ends(later)
    assert "web/product has 3 of 3 replicas ready (was 6)" in later.shown
    assert replicas(stage.world, "product", "web") == (3, 3)


def test_a_second_while_takes_over_what_the_first_was_to_put_back(chat: Chat, stage: Stage) -> None:
    _, first = for_two_hours(chat)

    longer = chat.ends(chat.says("scale web in product to 8 for 2h", by="oncall"))
    second = put_back_by(chat, longer)

    chat.ends(first)
    assert f"That takes the place of `{id_of(first)}`." in longer.shown
    assert "cancelled" in first.shown
    now_it_is_time(stage, second)
    chat.ends(second)
    assert "web/product has 3 of 3 replicas ready (was 8)" in second.shown
    assert replicas(stage.world, "product", "web") == (3, 3)


def test_a_lock_that_was_taken_meanwhile_is_waited_for(chat: Chat, stage: Stage) -> None:
    _, later = for_two_hours(chat)
    chat.says("lock web in product for 1h because load test", by="ops")

    now_it_is_time(stage, later)
    eventually(lambda: "unlock" in later.shown, "that it waits")
    during = replicas(stage.world, "product", "web")
    chat.says("unlock web in product", by="ops")
    chat.ends(later)

    assert during == (6, 6)
    assert "web/product has 3 of 3 replicas ready (was 6)" in later.shown


def test_who_changed_it_since_is_asked_about(chat: Chat, stage: Stage) -> None:
    _, later = for_two_hours(chat)
    chat.ends(chat.says("scale web in product to 8", by="ops"))

    now_it_is_time(stage, later)

    eventually(lambda: "Go on" in later.buttons, "a question")
    assert "The number of replicas of Deployment product/web is 8 now, not 6" in later.shown
    assert replicas(stage.world, "product", "web")[0] == 8
    chat.taps(later, "Stop", by="oncall")
    chat.ends(later)
    assert "web/product has 8 replicas, as before." in later.shown
    assert replicas(stage.world, "product", "web")[0] == 8


def test_an_autoscaler_that_somebody_made_since_is_told_of(chat: Chat, stage: Stage) -> None:
    _, later = for_two_hours(chat)
    (pay,) = stage.world.kubernetes.store.all(AUTOSCALERS, "product")
    target = pay["spec"]["scaleTargetRef"] | {"name": "web"}
    made = {"metadata": {"name": "web", "namespace": "product"}}
    made |= {"spec": pay["spec"] | {"scaleTargetRef": target}}
    stage.thread.call(stage.world.kubernetes.create, AUTOSCALERS, made)

    now_it_is_time(stage, later)

    chat.ends(later)
    assert "The autoscaler web decides how many replicas web/product has: 3 to 8" in later.shown
    assert "At most 3" in later.buttons


def test_a_scaling_for_a_while_that_is_cancelled_leaves_nothing_scheduled(chat: Chat, stage: Stage) -> None:
    nobody_watches = Fault("refuse", match="GET /apis/apps/v1/namespaces/product/deployments$")
    stage.thread.call(stage.world.kubernetes.faults.set, nobody_watches)
    said = chat.says("scale web in product to 6 for 2h", by="oncall")
    later = eventually(
        lambda: next((s for s in chat.said() if "from 6" in s.shown), None), "what puts it back"
    )
    assert later is not None

    chat.says(f"cancel {id_of(said)}", by="oncall")

    chat.ends(said)
    chat.ends(later)
    assert "web/product is set back to 3 replicas." in said.shown
    assert not stage.redis.smembers("shipmate:active:change")


# -- an autoscaler


def bounds(stage: Stage) -> tuple[int, int]:
    (found,) = stage.world.kubernetes.store.all(AUTOSCALERS, "product")
    return found["spec"]["minReplicas"], found["spec"]["maxReplicas"]


def test_what_an_autoscaler_owns_is_not_scaled_and_its_bounds_are_offered(chat: Chat, stage: Stage) -> None:
    low, high = bounds(stage)

    said = chat.ends(chat.says(f"scale pay in product to {high + 2}", by="oncall"))

    assert f"decides how many replicas pay/product has: {low} to {high}" in said.shown
    assert not stage.world.kubernetes.patches
    assert list(said.buttons) == [f"{how} {high + 2}" for how in ("At least", "At most", "Exactly")]

    chat.ends(chat.taps(said, f"At most {high + 2}", by="oncall"))
    assert bounds(stage) == (low, high + 2)


def test_at_0_an_autoscaler_is_off_and_scale_starts_it(chat: Chat, stage: Stage) -> None:
    low, high = bounds(stage)
    kubectl(stage.world, "PATCH", "product/deployments/pay", {"spec": {"replicas": 0}})

    status = chat.says("status pay in product", by="ops").shown
    offered = chat.says("scale pay in product", by="ops")
    moved = chat.ends(chat.says("bounds pay in product from 2 to 6", by="ops"))
    started = chat.ends(chat.says("scale pay in product to 4", by="ops"))

    assert "nothing of it runs: it is scaled to 0; `scale pay in product` changes that" in status
    assert f"Autoscaler: {low} to {high} replicas, off while there are 0" in status
    assert list(offered.buttons) == [f"{low}"]
    assert "The autoscaler pay is off while there are 0." in moved.shown
    assert list(moved.buttons) == ["Scale to 2"]
    assert "(was 0). From here on the autoscaler pay decides: 2 to 6." in started.shown
    assert replicas(stage.world, "product", "pay")[0] >= 2


def test_bounds_are_set_and_told(chat: Chat, stage: Stage) -> None:
    low, high = bounds(stage)

    said = chat.ends(chat.says("bounds pay in product from 3 to 12", by="oncall"))

    assert f"keeps 3 to 12 replicas (was {low} to {high})" in said.shown
    assert bounds(stage) == (3, 12)


@pytest.mark.parametrize("pair", ["from 0 to 3", "from 5 to 3", "from 3 to 21"])
def test_bounds_outside_those_of_the_configuration_are_refused(chat: Chat, stage: Stage, pair: str) -> None:
    said = chat.says(f"bounds pay in product {pair}", by="oncall")

    assert "may have 1 to 20 replicas" in said.text
    assert not stage.world.kubernetes.patches


def test_where_there_is_no_autoscaler_there_are_no_bounds(chat: Chat, stage: Stage) -> None:
    said = chat.ends(chat.says("bounds web in product from 3 to 12", by="oncall"))

    assert "No autoscaler owns web/product." in said.shown
