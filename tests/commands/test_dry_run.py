"""--dry-run, and what else stops before it acts: somebody was at work with other tools."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
import urllib3

from bot.ledger import Ledger
from sandbox.chat import Chat, eventually
from sandbox.stage import Stage
from sandbox.world import World
from tests.commands.test_cancel import id_of

GOOD = "harbor.shop.example/web/web:releases-r1798-40"
OTHER = "harbor.shop.example/web/web:trunk-r1839-1"


def test_a_dry_run_of_a_deploy_is_its_exact_plan(chat: Chat, stage: Stage) -> None:
    said = chat.says("deploy web to trunk at r1839 --dry-run", by="engineer")

    assert "*deploy web to trunk at r1839* would" in said.shown
    assert "build web-build on Jenkins main with LINE=trunk, REVISION=r1839" in said.shown
    assert "of container web of Deployment trunk/web in cluster main from " + GOOD in said.shown
    assert "web:trunk-r…-…" in said.shown
    assert "until 3 pods are healthy" in said.shown
    assert "Nothing was changed." in said.shown
    assert not stage.world.jenkins.triggers
    assert not stage.world.kubernetes.patches
    assert not stage.redis.exists("shipmate:reserved")

    chat.ends(chat.taps(said, "Do it", by="engineer"))

    assert stage.world.kubernetes.image("trunk", "web") == OTHER


def test_a_dry_run_of_a_rollback_goes_to_what_ran_well_and_not_to_what_failed(
    chat: Chat, world: World
) -> None:
    for revision in ("r676", "r677"):
        chat.ends(chat.says(f"deploy web to trunk at {revision}", by="engineer"))

    said = chat.says("rollback web in trunk to previous --dry-run", by="engineer")

    assert f"trunk-r677-2 to {GOOD}" in said.shown


def test_facts_stand_above_the_acts_and_only_acts_have_numbers(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    set_with_kubectl(stage, "trunk", {"env": [{"name": "MODE", "value": "fast"}]})
    drift = "added: environment variable MODE"

    def foretold() -> str:
        return chat.says("rollback web in trunk to previous --dry-run", by="engineer").shown

    said = eventually(lambda: text if drift in (text := foretold()) else "", "the revision")

    assert re.sub(r"web:\S+", "…", said).splitlines()[:8] == [
        "• 3 replicas",
        "• configuration stays as it is; since revision 1 it has changed:",
        "• added: environment variable MODE",
        "*rollback web in trunk to previous* would",
        "1. set the image of container web of Deployment trunk/web in cluster main from "
        "harbor.shop.example/web/… to harbor.shop.example/web/…",
        "2. wait at most 10 min until 3 pods are healthy",
        "Do it",
        "Nothing was changed. What others do meanwhile may change this.",
    ]


def test_what_nobody_knows_before_the_build_is_left_open(chat: Chat) -> None:
    said = chat.says("deploy pay to trunk --dry-run", by="engineer")

    assert re.search(r"to harbor\.shop\.example/pay/pay:trunk-…-…$", said.shown, re.MULTILINE)
    assert "{" not in said.shown


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("deploy web to trunk", "Rollouts of web/trunk are paused"),
        ("restart web in trunk", "Rollouts of web/trunk are paused"),
        ("rollback web in trunk to 9.9.9", "web/trunk never ran 9.9.9"),
        ("scale web in trunk by +40", "web/trunk takes 1 to 20 replicas, not 43."),
    ],
)
def test_what_would_be_refused_is_not_offered(chat: Chat, world: World, text: str, why: str) -> None:
    chat.ends(chat.says("pause web in trunk", by="engineer"))

    said = chat.says(f"{text} --dry-run", by="ops")

    assert f"`{text}` would be refused: {why}" in said.shown
    assert "Do it" not in said.buttons


def test_a_question_that_comes_first_is_foretold(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    chat.ends(chat.says("rollback web in trunk to previous", by="engineer"))

    marked = chat.says("deploy web to trunk at r1839 --dry-run", by="engineer")
    somebody_sets(stage, "trunk", OTHER)
    outside = chat.says("deploy web to trunk --dry-run", by="engineer")

    assert "1. ask you first: ˋtrunk-r1839-1ˋ is marked bad" in marked.shown.replace("`", "ˋ")
    told = "1. ask you first: web/trunk runs ˋtrunk-r1839-1ˋ, which was set outside Shipmate"
    assert told in outside.shown.replace("`", "ˋ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rollback web in trunk to previous", f"in cluster main from {OTHER} to {GOOD}"),
        ("rollback web in trunk to 1798", f"in cluster main from {OTHER} to {GOOD}"),
        ("scale web in trunk by +2", "set Deployment trunk/web in cluster main from 3 to 5 replicas"),
        ("scale web in trunk to 5 for 2h", "put 3 back after 2 h, unless somebody changed it"),
        ("restart web in trunk", "replace the 3 pods of Deployment trunk/web in cluster main"),
        ("bounds pay in product from 3 to 12", "to 3 to 12"),
    ],
)
def test_a_dry_run_changes_nothing(chat: Chat, world: World, text: str, told: str) -> None:
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    before = len(world.kubernetes.patches)

    said = chat.says(f"{text} --dry-run", by="ops")

    assert f"*{text}* would" in said.shown
    assert told in said.shown
    assert len(world.kubernetes.patches) == before


def test_a_dry_run_needs_the_same_permission(chat: Chat) -> None:
    said = chat.says("deploy web to product --dry-run", by="engineer")

    assert said.only_for == "U0ENGINEER"
    assert "product needs role ops" in said.shown


def test_a_dry_run_says_why_it_would_be_refused(chat: Chat) -> None:
    said = chat.says("scale web in dev to 18 --dry-run", by="ops")

    assert "Only 17 of 18 replicas of web/dev fit" in said.shown


def somebody_sets(stage: Stage, environment: str, image: str) -> None:
    set_with_kubectl(stage, environment, {"image": image})


def set_with_kubectl(stage: Stage, environment: str, container: dict[str, Any]) -> None:
    """As somebody who does not ask Shipmate would."""
    body = {"spec": {"template": {"spec": {"containers": [{"name": "web", **container}]}}}}
    answer = urllib3.request(
        "PATCH",
        f"{stage.variables['KUBERNETES_URL']}/apis/apps/v1/namespaces/{environment}/deployments/web",
        json=body,
        headers={
            "Authorization": f"Bearer {stage.variables['KUBERNETES_TOKEN']}",
            "Content-Type": "application/strategic-merge-patch+json",
        },
    )
    assert answer.status == 200


def test_a_question_after_a_long_build_is_told_once_more_in_the_thread(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    somebody_sets(stage, "trunk", GOOD)
    said = chat.says("deploy web to trunk", by="engineer")
    eventually(lambda: "Go on" in said.buttons, "a question")
    ledger = Ledger(stage.redis)

    for _ in range(2):
        asking = ledger.get(id_of(said))
        assert asking is not None
        assert asking.stuck is not None
        long_ago = replace(asking, opened=asking.stuck.since - 60)
        ledger.write(asking, long_ago, None, announce=True, due=asking.stuck.until)
    eventually(lambda: said.replies, "the question, where it notifies")

    assert "<@U0ENGINEER>" in said.replies[0].shown
    chat.mutters(f"@shipmate proceed {id_of(said)}", by="engineer")
    chat.ends(said)
    assert len(said.replies) == 2, "the question and the end"


def test_what_was_set_with_other_tools_is_asked_about_before_it_is_replaced(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    somebody_sets(stage, "trunk", GOOD)
    triggers = len(stage.world.jenkins.triggers)

    said = chat.says("deploy web to trunk", by="engineer")

    eventually(lambda: "Go on" in said.buttons, "a question")
    assert "runs `releases-r1798-40`, which was set outside Shipmate" in said.shown
    assert "it left `trunk-r1839-1` there" in said.shown
    assert len(stage.world.jenkins.triggers) == triggers
    chat.taps(said, "Go on", by="engineer")
    chat.ends(said)
    assert "is live on web/trunk" in said.shown


def test_what_is_set_with_other_tools_meanwhile_is_asked_about_and_left_on_stop(
    chat: Chat, stage: Stage
) -> None:
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    said = chat.says("deploy web to trunk", by="engineer")
    eventually(lambda: len(stage.world.jenkins.builds("web-build")) == 2, "the build to start")
    somebody_sets(stage, "trunk", GOOD)
    patches = len(stage.world.kubernetes.patches)

    eventually(lambda: "Go on" in said.buttons, "a question")
    assert "releases-r1798-40 now, not " in said.shown
    assert len(stage.world.kubernetes.patches) == patches, "it stopped before it patched"
    chat.taps(said, "Stop", by="engineer")

    chat.ends(said)
    assert "Somebody else set releases-r1798-40 on web/trunk: it was left so." in said.shown
    assert stage.world.kubernetes.image("trunk", "web") == GOOD


def test_a_lock_in_the_way_is_foretold_in_plain_words(chat: Chat) -> None:
    chat.says("lock web in trunk for 2h because regression", by="qa")

    said = chat.says("deploy web to trunk --dry-run", by="engineer")

    assert "`deploy web to trunk` would be refused: web/trunk is locked by @\u2060qa since " in said.shown
    assert list(said.buttons) == ["Ask the owner", "Queue after unlock"]
    assert "&lt;" not in said.shown


def test_what_waits_for_a_lock_is_foretold_and_can_be_done(chat: Chat) -> None:
    chat.says("lock web in trunk for 1h because regression", by="qa")

    refused = chat.says("scale web in trunk to 4 --dry-run", by="ops")
    waits = chat.says("scale web in trunk to 4 --when-unlocked --dry-run", by="ops")
    later = chat.says("scale web in trunk to 4 in 2h --dry-run", by="ops")

    assert "would be refused" in refused.shown
    assert "1. wait until it is unlocked, 1 h at most" in waits.shown
    assert "Do it" in waits.buttons
    assert "1. wait for 2 h" in later.shown
    assert "Do it" in later.buttons
