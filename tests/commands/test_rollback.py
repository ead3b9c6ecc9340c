"""rollback, through chat, against the sandbox's Kubernetes."""

from __future__ import annotations

import json
import re

import pytest

from commands.candidates import short
from commands.past import numbered
from sandbox.chat import Chat, eventually
from sandbox.stage import Stage
from sandbox.world import World
from tests.commands.test_cancel import id_of
from tests.commands.test_dry_run import set_with_kubectl
from tests.trouble.support import set_image

GOOD = "harbor.shop.example/web/web:releases-r1798-40"


def test_a_crashing_deploy_is_rolled_back_from_its_message(chat: Chat, world: World) -> None:
    crashed = chat.ends(chat.says("deploy web to product at r667", by="ops"))

    said = chat.ends(chat.taps(crashed, "Roll back", by="oncall"))

    assert world.kubernetes.image("product", "web") == GOOD
    assert world.kubernetes.deployment("product", "web")["status"]["availableReplicas"] == 3
    assert "web/product is back on releases-r1798-40 (was releases-r667-1)" in said.text
    assert "3 replicas" in said.text
    assert len(said.replies) == 1


# -- which one


def test_without_a_version_the_images_that_ran_well_are_offered(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    chat.ends(chat.says("deploy web to trunk at r667", by="engineer"))

    offered = chat.says("rollback web in trunk", by="engineer")

    assert "*web/trunk* is on `trunk-r667-2`" in offered.shown
    assert list(offered.buttons) == ["trunk-r1839-1", "releases-r1798-40"], "not the one that crashes"
    assert re.search(r"`trunk-r1839-1` · \d+ s ago \(.+\) · <@U0ENGINEER>", offered.shown)
    assert "<@U0ENGINEER>" in offered.shown
    assert "`releases-r1798-40` · " in offered.shown
    assert "outside Shipmate" in offered.shown
    confirm = offered.buttons["trunk-r1839-1"]["confirm"]["text"]["text"]
    assert confirm.startswith("web/trunk: from `trunk-r667-2` back to `trunk-r1839-1` (")
    patched = len(world.kubernetes.patches)

    chat.ends(chat.taps(offered, "releases-r1798-40", by="engineer"))

    assert world.kubernetes.image("trunk", "web") == GOOD
    assert len(world.kubernetes.patches) == patched + 1, "to ask changes nothing"


def test_who_may_not_roll_back_is_not_asked_which(chat: Chat) -> None:
    answer = chat.says("rollback web in product", by="engineer")

    assert answer.only_for == "U0ENGINEER"
    assert "product needs role oncall" in answer.shown


def test_where_there_is_nothing_to_go_back_to_it_says_so(chat: Chat) -> None:
    answer = chat.says("rollback web in hidden", by="oncall")

    assert "There is no earlier image of web/hidden to go back to." in answer.shown
    assert not answer.buttons


def test_an_image_that_is_gone_is_shown_and_not_offered(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    chat.ends(chat.says("deploy web to trunk", by="engineer"))
    stage.thread.call(stage.world.images.remove, GOOD)

    offered = chat.says("rollback web in trunk", by="engineer")

    assert list(offered.buttons) == ["trunk-r1839-1"]
    assert "outside Shipmate · no longer in the registry" in offered.shown


def test_previous_passes_over_what_the_registry_has_lost(chat: Chat, stage: Stage, world: World) -> None:
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    chat.ends(chat.says("deploy web to trunk", by="engineer"))
    lost = "harbor.shop.example/web/web:trunk-r1839-1"
    stage.thread.call(stage.world.images.remove, lost)

    said = chat.ends(chat.says("rollback web in trunk to previous", by="engineer"))

    assert world.kubernetes.image("trunk", "web") == GOOD
    assert "trunk-r1839-1 ran well later, but is no longer in the registry" in said.shown


def test_what_else_changed_between_the_two_revisions_is_told(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to trunk", by="engineer"))
    set_with_kubectl(
        stage,
        "trunk",
        {
            "env": [{"name": "PASSWORD", "value": "s3cret"}],
            "resources": {"limits": {"memory": "1Gi"}},
            "command": ["java", "-jar", "shop.jar"],
        },
    )

    said = chat.ends(chat.says("rollback web in trunk to revision 1", by="engineer"))

    assert "configuration stays as it is; since revision 1 it has changed:" in said.shown
    assert "added: environment variable PASSWORD" in said.shown
    assert "memory limit 256Mi → 1Gi" in said.shown
    assert "command of the image → java -jar shop.jar" in said.shown
    assert "s3cret" not in said.text


def test_a_rollback_under_way_is_not_what_a_question_ends(chat: Chat, stage: Stage) -> None:
    deploy = chat.says("deploy web to product", by="ops")

    offered = chat.says("rollback web in product", by="oncall")

    assert f"`{id_of(deploy)}` (deploy web to product) is under way: a rollback ends it." in offered.shown
    chat.ends(deploy)
    assert "is live on web/product" in deploy.shown


def test_back_to_a_named_image_a_numbered_revision_and_a_revision_of_the_code(
    chat: Chat, world: World
) -> None:
    chat.ends(chat.says("deploy web to dev at r1839", by="engineer"))
    newer = world.kubernetes.image("dev", "web")

    chat.ends(chat.says("rollback web in dev to revision 1", by="engineer"))
    assert world.kubernetes.image("dev", "web") == GOOD
    back = chat.says(f"rollback web in dev to {newer.split(':')[1]}", by="engineer")
    eventually(lambda: "Go on" in back.buttons, "a question: it was rolled back from")
    chat.taps(back, "Go on", by="engineer")
    chat.ends(back)
    assert world.kubernetes.image("dev", "web") == newer

    chat.ends(chat.says("rollback web in dev to 1798", by="engineer"))
    assert world.kubernetes.image("dev", "web") == GOOD


def test_a_number_that_fits_several_images_is_a_question(chat: Chat, world: World) -> None:
    for _ in range(2):
        chat.ends(chat.says("deploy web to dev at r1839", by="engineer"))

    said = chat.ends(chat.says("rollback web in dev to r1839", by="engineer"))

    assert "r1839 fits 2 images of web/dev. Which one?" in said.shown
    chat.ends(chat.taps(said, "dev-r1839-1", by="engineer"))
    assert world.kubernetes.image("dev", "web").endswith(":dev-r1839-1")


@pytest.mark.parametrize("version", ["9.9.9", "revision 99", "1", "4711"])
def test_what_never_ran_is_not_gone_back_to(chat: Chat, world: World, version: str) -> None:
    said = chat.ends(chat.says(f"rollback web in trunk to {version}", by="engineer"))

    assert f"web/trunk never ran {version}." in said.text
    assert not world.kubernetes.patches


def test_a_number_is_a_whole_revision_or_build() -> None:
    images = ["web:trunk-r1841-42", "web:trunk-r18417-1", "web:1841", "web:4f1841a"]

    assert numbered("1841", images) == ["web:trunk-r1841-42", "web:1841"]
    assert numbered("42", images) == ["web:trunk-r1841-42"]


def test_labels_are_whole_on_a_phone_and_differ() -> None:
    labels = short(["3.2.0", "feature-new-basket-r1841-42", "feature-new-basket-r1841-43"])

    assert labels[0] == "3.2.0"
    assert labels[1].endswith("-r1841-42")
    assert labels[2].endswith("-r1841-43")
    assert max(map(len, labels)) <= 24


# -- what was rolled back from


def test_a_second_rollback_does_not_bring_the_bad_image_back(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to dev", by="engineer"))
    chat.ends(chat.says("rollback web in dev to previous", by="engineer"))

    said = chat.ends(chat.says("rollback web in dev to previous", by="engineer"))

    assert "There is no earlier image of web/dev to go back to." in said.text
    assert world.kubernetes.image("dev", "web") == GOOD
    asked = chat.says("rollback web in dev", by="engineer")
    assert not asked.buttons
    assert "is marked bad: engineer rolled back from it" in asked.shown


def test_deploying_what_was_rolled_back_from_asks_first(chat: Chat, world: World) -> None:
    crashed = chat.ends(chat.says("deploy web to trunk at r667", by="engineer"))
    chat.ends(chat.taps(crashed, "Roll back", by="engineer"))
    triggers = len(world.jenkins.triggers)

    said = chat.says("deploy web to trunk at r667", by="engineer")

    eventually(lambda: "Go on" in said.buttons, "a question")
    assert "asks you" in said.shown
    assert "`trunk-r667-1` is marked bad: engineer rolled back from it" in said.shown
    assert "It had failed: 1 pod in CrashLoopBackOff" in said.shown
    assert "This is the same revision, 667." in said.shown
    assert len(world.jenkins.triggers) == triggers, "it stopped before it built"
    refused = chat.says(f"proceed {id_of(said)}", by="oncall")
    assert "may not deploy web" in refused.shown

    chat.taps(said, "Stop", by="engineer")

    chat.ends(said)
    assert "cancelled" in said.shown
    assert "web/trunk was not touched" in said.shown
    assert len(world.jenkins.triggers) == triggers


def test_what_somebody_else_set_is_not_said_to_have_run_well(chat: Chat, stage: Stage) -> None:
    """A broken image that kubectl set, and what was there set again: the cluster does not keep how it ran."""
    world = stage.world
    chat.ends(chat.says("deploy web to trunk at r1835", by="engineer"))
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    good = world.kubernetes.image("trunk", "web")
    broken = "harbor.shop.example/web/web:by-hand-7"
    world.images.push(broken, "crashes")
    set_image(world, "web", "trunk", broken)
    eventually(lambda: broken in str(world.kubernetes.replica_sets("trunk", "web")), "its revision")
    set_image(world, "web", "trunk", good)
    eventually(lambda: world.kubernetes.image("trunk", "web") == good, "the image from before")

    offered = chat.says("rollback web in trunk", by="engineer")
    said = chat.ends(chat.says("rollback web in trunk to previous", by="engineer"))

    well, unknown = offered.shown.split("How well it ran with these is not known:")
    assert "by-hand-7" in unknown
    assert "trunk-r1835-1" in well
    assert "web/trunk is back on trunk-r1835-1" in said.shown
    assert "by-hand-7 ran later, but was set outside Shipmate: how well it did is not known" in said.shown


def test_who_answers_go_on_is_not_asked_again(chat: Chat, world: World) -> None:
    crashed = chat.ends(chat.says("deploy web to trunk at r667", by="engineer"))
    chat.ends(chat.taps(crashed, "Roll back", by="engineer"))
    said = chat.says("deploy web to trunk at r667", by="qa")
    eventually(lambda: "Go on" in said.buttons, "a question")

    chat.taps(said, "Go on", by="engineer")

    chat.ends(said)
    assert "<@U0ENGINEER> said to go on" in said.shown
    assert "CrashLoopBackOff" in said.shown
    assert world.kubernetes.image("trunk", "web").endswith(":trunk-r667-2")


def test_what_ran_well_after_all_is_not_asked_about_again(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    chat.ends(chat.says("rollback web in trunk to releases-r1798-40", by="engineer"))
    said = chat.says("deploy web to trunk at r1839", by="engineer")
    eventually(lambda: "Go on" in said.buttons, "a question")
    chat.taps(said, "Go on", by="engineer")
    chat.ends(said)

    again = chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))

    assert "trunk-r1839-3 is live on web/trunk" in again.shown
    assert "marked bad" not in again.shown


def test_a_question_that_nobody_answers_ends_by_itself(chat: Chat, stage: Stage) -> None:
    crashed = chat.ends(chat.says("deploy web to trunk at r667", by="engineer"))
    chat.ends(chat.taps(crashed, "Roll back", by="engineer"))
    said = chat.says("deploy web to trunk at r667", by="engineer")
    eventually(lambda: "Go on" in said.buttons, "a question")

    time_is_up(stage, id_of(said))

    chat.ends(said)
    assert "cancelled" in said.shown
    assert "Nobody answered in time. No build was started. web/trunk was not touched." in said.shown
    assert not stage.redis.exists("shipmate:reserved")


def time_is_up(stage: Stage, operation_id: str) -> None:
    """Ten minutes later, as far as the question is concerned."""
    key = f"shipmate:op:{operation_id}"
    plain = json.loads(stage.redis.hget(key, "data") or "")
    plain["stuck"]["until"] = 1
    stage.redis.hset(key, "data", json.dumps(plain))
    stage.redis.zadd("shipmate:due", {operation_id: 0}, xx=True)


def test_a_rollback_does_not_wait_for_an_answer(chat: Chat, world: World) -> None:
    crashed = chat.ends(chat.says("deploy web to trunk at r667", by="engineer"))
    chat.ends(chat.taps(crashed, "Roll back", by="engineer"))
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    asking = chat.says("deploy web to trunk at r667", by="engineer")
    eventually(lambda: "Go on" in asking.buttons, "a question")

    rollback = chat.ends(chat.says("rollback web in trunk to releases-r1798-40", by="engineer"))

    chat.ends(asking)
    assert "cancelled" in asking.shown
    assert "is back on releases-r1798-40" in rollback.shown


# -- other ways


def test_a_project_that_its_own_job_rolls_out_can_be_rolled_back(chat: Chat, world: World) -> None:
    before = world.kubernetes.image("dev", "pay")
    chat.ends(chat.says("deploy pay to dev", by="engineer"))

    patched = len(world.kubernetes.patches)
    said = chat.ends(chat.says("rollback pay in dev to previous", by="engineer"))

    assert world.kubernetes.image("dev", "pay") == before
    (build,) = world.jenkins.builds("team/pay-rollback")
    assert build.parameters["IMAGE_NAME"] == before
    assert id_of(said) in build.parameters["SHIPMATE_OPERATION"]
    assert all(patch.agent != "shipmate" for patch in list(world.kubernetes.patches)[patched:])


def test_what_somebody_sets_before_a_job_overwrites_it_is_asked_about(chat: Chat, stage: Stage) -> None:
    world = stage.world
    chat.ends(chat.says("deploy pay to dev", by="engineer"))
    newer = world.kubernetes.image("dev", "pay")
    chat.ends(chat.says("rollback pay in dev to previous", by="engineer"))
    said = chat.says(f"rollback pay in dev to {newer.split(':')[1]}", by="engineer")
    eventually(lambda: "marked bad" in said.shown, "the first question")
    set_image(world, "pay", "dev", "harbor.shop.example/pay/pay:by-hand-7")

    chat.taps(said, "Go on", by="engineer")
    eventually(lambda: "pay:by-hand-7 now, not" in said.shown, "the second question")
    before = len(world.jenkins.builds("team/pay-rollback"))
    chat.taps(said, "Go on", by="engineer")
    chat.ends(said)

    assert before == 1, "it stopped before the job"
    assert "(was by-hand-7)" in said.shown
    assert world.kubernetes.image("dev", "pay") == newer


def test_a_rollback_by_a_job_that_is_cancelled_is_put_back(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy pay to dev", by="engineer"))
    newer = stage.world.kubernetes.image("dev", "pay")
    said = chat.says("rollback pay in dev to previous", by="engineer")
    eventually(lambda: stage.world.jenkins.builds("team/pay-rollback"), "the job to start")

    chat.says(f"cancel {id_of(said)}", by="engineer")

    chat.ends(said)
    assert "cancelled" in said.shown
    assert stage.world.kubernetes.image("dev", "pay") == newer


def test_from_a_phone(chat: Chat, stage: Stage) -> None:
    """Curly quotes, a capital letter, a no-break space, a full stop; production is asked for by an alias."""
    said = chat.ends(chat.says("\u201cRollback\u00a0web in Prod to previous\u201d.", by="oncall"))

    assert "rollback web in product to previous" in said.text
    assert "There is no earlier image of web/product" in said.text


# -- from the message of a failed deployment


def test_the_dialog_tells_from_to_age_and_what_else(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to product at r667", by="ops"))
    set_with_kubectl(stage, "product", {"resources": {"limits": {"memory": "1Gi"}}})
    crashed = chat.ends(chat.says("deploy web to product at r667", by="ops"))

    button = crashed.buttons["Roll back"]

    assert button["value"] == "rollback web in product to releases-r1798-40 replacing releases-r667-2"
    asked = button["confirm"]["text"]["text"]
    assert asked.startswith("web/product: from `releases-r667-2` back to `releases-r1798-40` (")
    assert "older). 3 replicas, as now." in asked
    assert "Configuration stays; changed since then: memory limit 256Mi → 1Gi" in asked
    assert len(asked) <= 300
    assert list(crashed.buttons) == ["Roll back", "Logs"]


def test_if_the_world_has_moved_since_it_asks(chat: Chat, world: World) -> None:
    crashed = chat.ends(chat.says("deploy web to trunk at r667", by="engineer"))
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))

    said = chat.taps(crashed, "Roll back", by="engineer")

    eventually(lambda: "Go on" in said.buttons, "a question")
    assert (
        "web/trunk runs `trunk-r1839-2` by now, not `trunk-r667-1`. Go back to `releases-r1798-40` all the same?"
        in said.shown
    )
    chat.taps(said, "Stop", by="engineer")
    chat.ends(said)
    assert world.kubernetes.image("trunk", "web").endswith("trunk-r1839-2")


def test_a_notification_of_the_failure_tells_what_to_do(chat: Chat) -> None:
    crashed = chat.ends(chat.says("deploy web to product at r667", by="ops"))

    [last] = crashed.replies

    assert last.message.text.startswith("FAILED web/product: crash loop, 3 of 3 up. Tap to roll back\n")


def test_a_rollback_that_fails_offers_to_choose_another_image(chat: Chat) -> None:
    chat.ends(chat.says("deploy web to trunk at r667", by="engineer"))
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    failed = chat.ends(chat.says("rollback web in trunk to trunk-r667-1", by="engineer"))

    assert list(failed.buttons) == ["Roll back", "Logs"]
    assert list(chat.taps(failed, "Roll back", by="engineer").buttons) == [
        "trunk-r1839-2",
        "releases-r1798-40",
    ]
