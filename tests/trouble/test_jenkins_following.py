"""A Jenkins in trouble while builds run: the message stays true, and one broken build holds up no other."""

from __future__ import annotations

from sandbox.chat import Chat, Said, eventually
from sandbox.jenkins import shop
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World
from tests.trouble.support import broken, followed


def building(chat: Chat, stage: Stage, words: str) -> Said:
    """An operation that waits for its build to end."""
    said = chat.says(words, by="engineer")
    followed(stage, "building")
    return said


def test_a_jenkins_that_goes_away_during_a_build_is_told_and_waited_for(
    chat: Chat, stage: Stage, world: World
) -> None:
    said = building(chat, stage, "deploy web to trunk")

    broken(stage, "jenkins", Fault("refuse"))
    eventually(lambda: "Jenkins cannot be reached" in said.text, "word of the trouble", 20)
    assert "Still trying" in said.text
    stage.thread.call(world.jenkins.faults.clear)

    assert "is live on web/trunk" in chat.ends(said).text
    assert len(world.jenkins.triggers) == 1


def test_a_build_that_was_deleted_is_told_and_holds_up_no_other(
    chat: Chat, stage: Stage, world: World
) -> None:
    deleted = building(chat, stage, "deploy web to trunk")
    others = [chat.says(f"deploy {name} to trunk", by="engineer") for name in ("api", "shop")]

    broken(stage, "jenkins", Fault("error", match="/web-build/1/", status=404))

    assert all("is live on" in chat.ends(other, within=20).text for other in others)
    assert "has no job/web-build/1" in chat.ends(deleted, within=20).text


def test_a_failed_build_is_told_though_its_console_may_not_be_read(
    chat: Chat, stage: Stage, world: World
) -> None:
    stage.thread.call(world.jenkins.fail_next, "web-build")
    broken(stage, "jenkins", Fault("error", match="progressiveText", status=403))

    said = chat.ends(building(chat, stage, "deploy web to trunk"), within=20)

    assert "Build #1 failed" in said.text
    assert not world.kubernetes.patches


def test_a_missing_artifact_is_told_and_nothing_is_rolled_out(chat: Chat, stage: Stage, world: World) -> None:
    broken(stage, "jenkins", Fault("error", match="artifact/image.txt", status=404))

    said = chat.ends(chat.says("deploy api to trunk", by="engineer"))

    assert "artifact image.txt of team/api-build #1" in said.text
    assert not world.kubernetes.patches


def test_what_a_build_prints_can_call_nobody_and_shows_no_secret(
    chat: Chat, stage: Stage, world: World
) -> None:
    console = (
        "[ERROR] @channel <!here> <@U0OPS> see",
        "``` *end*",
        "password=hunter2 & <https://evil.example|ok>",
    )
    stage.thread.call(world.jenkins.fail_next, "web-build", console)

    said = chat.ends(chat.says("deploy web to trunk", by="engineer"))

    assert "@channel" not in said.text
    assert "<!here>" not in said.text
    assert "<@U0OPS>" not in said.text
    assert "<https://evil" not in said.text
    assert "hunter2" not in said.text
    assert "password=‹hidden›" in said.text
    assert said.text.count("```") == 2


def test_what_shipmate_holds_itself_is_hidden_by_its_value_and_counted(
    chat: Chat, stage: Stage, world: World
) -> None:
    console = (
        f"[ERROR] called by {shop.SHIPMATE.token}",
        "[ERROR] mobile 13812345678",
        "[ERROR] pwd: hunter2",
    )
    stage.thread.call(world.jenkins.fail_next, "web-build", console)

    said = chat.ends(chat.says("deploy web to trunk", by="engineer"))

    assert not any(secret in said.text for secret in (shop.SHIPMATE.token, "13812345678", "hunter2"))
    assert "3 values hidden" in said.text
