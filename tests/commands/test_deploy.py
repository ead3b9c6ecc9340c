"""deploy, through chat, against the sandbox's Jenkins and Kubernetes."""

from __future__ import annotations

from sandbox.chat import Chat
from sandbox.stage import Stage
from sandbox.world import World


def test_a_deploy_builds_once_rolls_out_and_says_so(chat: Chat, world: World) -> None:
    said = chat.ends(chat.says("deploy web to trunk", by="engineer"))

    (trigger,) = world.jenkins.triggers
    assert trigger.job == "web-build"
    assert trigger.parameters["LINE"] == "trunk"
    assert world.kubernetes.image("trunk", "web").startswith("harbor.shop.example/web/web:trunk-r")
    assert world.kubernetes.deployment("trunk", "web")["status"]["availableReplicas"] == 3
    assert "is live on web/trunk" in said.text
    assert len(said.replies) == 1


def test_the_ref_that_was_asked_for_is_built(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to dev at r1839", by="engineer"))

    assert world.jenkins.triggers[0].parameters["REVISION"] == "r1839"


def test_the_image_name_comes_from_an_artifact(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy api to dev", by="engineer"))

    assert world.kubernetes.image("dev", "api") == world.jenkins.builds("team/api-build")[0].image


def test_the_image_name_comes_from_a_build_parameter(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy shop to dev", by="engineer"))

    assert world.kubernetes.image("dev", "shop") == world.jenkins.builds("shop-build")[0].image


def test_a_job_that_rolls_out_itself_is_followed_and_not_patched_again(chat: Chat, world: World) -> None:
    said = chat.ends(chat.says("deploy pay to dev", by="engineer"))

    assert "is live on pay/dev" in said.text
    assert len(world.kubernetes.patches) == 1


def test_a_tag_that_was_pushed_again_is_another_image(chat: Chat, stage: Stage) -> None:
    world = stage.world
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    image = world.kubernetes.image("trunk", "web")
    same = chat.ends(chat.says("deploy web to trunk build 1", by="engineer"))
    unchanged = world.kubernetes.image("trunk", "web")
    digest = stage.thread.call(world.images.push, image, content="again").digest

    refused = chat.ends(chat.says("rollback web in trunk to trunk-r1839-1", by="engineer"))
    said = chat.ends(chat.says("deploy web to trunk build 1", by="engineer"))

    assert "It ran that already." in same.shown
    assert unchanged == image
    assert (
        "runs `trunk-r1839-1` already: nothing was changed. Its tag was pushed again since" in refused.shown
    )
    assert (
        f"image `trunk-r1839-1`, which was pushed again since it runs there: `{digest[7:19]}`" in said.shown
    )
    assert "trunk-r1839-1 is live on web/trunk. It ran another image of the same tag before." in said.shown
    assert world.kubernetes.image("trunk", "web") == f"{image}@{digest}"
    assert f"`trunk-r1839-1` (`{digest[7:19]}`)" in chat.says("status web in trunk", by="qa").shown
    assert "trunk-r1839-1" not in chat.says("rollback web in trunk", by="engineer").buttons


def test_a_failed_build_shows_the_console_and_changes_nothing(chat: Chat, stage: Stage) -> None:
    before = stage.world.kubernetes.image("dev", "web")
    stage.thread.call(stage.world.jenkins.fail_next, "web-build")

    said = chat.ends(chat.says("deploy web to dev", by="engineer"))

    assert "FAILED" in said.text
    assert "COMPILATION ERROR" in said.text
    assert stage.world.kubernetes.image("dev", "web") == before


def test_a_crashing_image_is_reported_with_its_reason_log_and_events(chat: Chat, world: World) -> None:
    said = chat.ends(chat.says("deploy web to trunk at r667", by="engineer"))

    assert "CrashLoopBackOff" in said.text
    assert "Caused by: java.io.FileNotFoundException" in said.text
    assert "Back-off restarting failed container" in said.text
    assert "Roll back" in said.buttons


def test_the_slash_command_and_the_direct_message_reach_the_same_door(chat: Chat, world: World) -> None:
    chat.ends(chat.slash("deploy web to dev", by="engineer"))
    chat.ends(chat.writes("deploy web to trunk", by="engineer"))

    assert [trigger.parameters["LINE"] for trigger in world.jenkins.triggers] == ["dev", "trunk"]
