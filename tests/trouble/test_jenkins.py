"""A Jenkins in trouble while builds are asked for: one clear answer, and one build or none."""

from __future__ import annotations

from typing import Literal

import pytest

from sandbox.chat import Chat, eventually
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World
from tests.trouble.support import broken, untouched

TRIGGER = "POST .*buildWithParameters"


def test_a_refused_trigger_is_told_at_once_and_nothing_was_done(chat: Chat, stage: Stage) -> None:
    refusals = {
        "web": (401, "does not accept Shipmate's credentials (401)"),
        "api": (403, "no permission for job team/api-build (403)"),
        "shop": (404, "has no job shop-build"),
    }
    for project, (status, _) in refusals.items():
        broken(stage, "jenkins", Fault("error", match=f"POST .*{project}-build/buildWith", status=status))

    asked = {project: chat.says(f"deploy {project} to trunk", by="engineer") for project in refusals}

    for project, (_, words) in refusals.items():
        said = chat.ends(asked[project])
        assert words in said.text
        assert len(said.replies) == 1
    assert untouched(stage.world)


@pytest.mark.parametrize("kind", ["reset", "hang"])
def test_a_trigger_that_was_applied_though_its_answer_was_lost_is_one_build(
    chat: Chat, stage: Stage, kind: Literal["reset", "hang"]
) -> None:
    broken(stage, "jenkins", Fault(kind, match=TRIGGER, when="after", times=1))

    said = chat.ends(chat.says("deploy web to trunk", by="engineer"))

    assert "is live on web/trunk" in said.text
    assert len(stage.world.jenkins.triggers) == 1
    assert len(stage.world.jenkins.builds("web-build")) == 1


def test_a_lost_answer_of_a_job_whose_builds_cannot_be_found_again_is_no_second_build(
    chat: Chat, stage: Stage
) -> None:
    """This job does not declare the operation's parameter, so Jenkins dropped it: nothing may be guessed."""
    broken(stage, "jenkins", Fault("reset", match=TRIGGER, when="after", times=1))

    said = chat.says("deploy legacy to dev", by="engineer")

    words = ("SHIPMATE_OPERATION", "is live on", "needs a person")
    eventually(lambda: any(word in said.text for word in words), "an answer")
    assert len(stage.world.jenkins.triggers) <= 1


def test_a_jenkins_that_comes_back_is_asked_again(chat: Chat, stage: Stage) -> None:
    broken(stage, "jenkins", Fault("refuse"))
    said = chat.says("deploy web to trunk", by="engineer")
    eventually(lambda: "Still trying" in said.text, "word of the trouble")
    assert "Jenkins cannot be reached, since " in said.text
    assert not said.replies

    stage.thread.call(stage.world.jenkins.faults.clear)
    chat.ends(said)

    assert "is live on web/trunk" in said.text
    assert "Still trying" not in said.text
    assert len(stage.world.jenkins.triggers) == 1


def test_a_jenkins_that_hangs_for_a_while_is_asked_again(chat: Chat, stage: Stage) -> None:
    broken(stage, "jenkins", Fault("hang", match=TRIGGER, times=2))

    said = chat.says("deploy web to trunk", by="engineer")
    eventually(lambda: "Jenkins did not answer in time, since " in said.text, "word of the trouble")
    chat.ends(said)

    assert "is live on web/trunk" in said.text
    assert len(stage.world.jenkins.triggers) == 1


def test_a_job_that_is_switched_off_is_told_at_once(chat: Chat, stage: Stage) -> None:
    stage.thread.call(setattr, stage.world.jenkins.controller.projects["web-build"], "disabled", True)

    said = chat.ends(chat.says("deploy web to trunk", by="engineer"))

    assert "did not accept the request for job web-build" in said.text
    assert untouched(stage.world)


def test_builds_that_somebody_stops_in_jenkins_are_told(chat: Chat, stage: Stage, world: World) -> None:
    jenkins = world.jenkins
    running = chat.says("deploy web to dev", by="engineer")
    eventually(lambda: jenkins.builds("web-build"), "a build")
    queued = chat.says("deploy web to trunk", by="engineer")
    eventually(lambda: len(jenkins.triggers) == 2, "a queued build behind it")

    def stop_both() -> None:
        jenkins.controller.cancel(next(iter(jenkins.controller.queue)), "somebody")
        jenkins.controller.stop(jenkins.builds("web-build")[0], "somebody")

    stage.thread.call(stop_both)

    assert "Build #1 was stopped in Jenkins" in chat.ends(running).text
    assert "taken out of Jenkins' queue" in chat.ends(queued).text
    assert not world.kubernetes.patches
