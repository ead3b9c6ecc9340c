"""Where only a person can say how to go on: which build is ours, what to do with a silent system."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from bot.ledger import Ledger, Lost
from bot.operation import Operation
from sandbox.chat import Chat, Said, eventually
from sandbox.jenkins.shop import SHIPMATE
from sandbox.server import Fault
from sandbox.stage import SAMPLE, Stage, staged
from tests.commands.test_cancel import GOOD, id_of
from tests.conftest import PACE, open_shop, settle

JOB = "legacy/old-build"
"""Declares LINE and REVISION, but no parameter that names the operation."""
OLD = f"""
projects:
  old:
    source: svn
    build:
      job: {JOB}
      image: {{template: "harbor.shop.example/web/web:{{line}}-r{{revision}}-{{build}}"}}
    environments: {{dev: {{name: web, container: web}}}}
"""


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("stuck")
    config = folder / "shipmate.yaml"
    text = SAMPLE.read_text().replace("\nprojects:\n", OLD)
    config.write_text(text.replace("unavailable_minutes: 15", "unavailable_minutes: 1"))
    with staged(folder, PACE, config=config) as stage:
        yield stage


@pytest.fixture
def stage(old: Stage) -> Stage:
    open_shop(old)
    return old


@pytest.fixture
def chat(stage: Stage) -> Chat:
    return stage.chat


def the_answer_is_lost(stage: Stage) -> None:
    """Jenkins takes the trigger, nobody hears of it, and then it tells nothing at all."""
    stage.world.jenkins.faults.set(Fault("reset", when="after", match="buildWithParameters", times=1))
    stage.world.jenkins.faults.set(Fault("error", match="GET /(job|queue|computer)", status=503))


def somebody_builds(stage: Stage, revision: str = "HEAD") -> None:
    """The same with the same account: by a script, say."""
    jenkins = stage.world.jenkins
    count = len(jenkins.builds(JOB))
    given = {"LINE": "dev", "REVISION": revision}
    project = jenkins.controller.projects[JOB]
    stage.thread.call(jenkins.controller.schedule, project, given, SHIPMATE.cause, 0)
    eventually(lambda: len(jenkins.builds(JOB)) > count, "another build")


def look_now(stage: Stage, said: Said) -> None:
    """Rather than after the pause between two tries."""
    stage.redis.zadd("shipmate:due", {id_of(said): 0}, xx=True)


def stuck_over_builds(chat: Chat, stage: Stage) -> Said:
    """A deploy that cannot say which of builds 1 and 2 is its own."""
    the_answer_is_lost(stage)
    said = chat.says("deploy old to dev", by="engineer")
    eventually(lambda: stage.world.jenkins.builds(JOB), "the build that nobody heard of")
    somebody_builds(stage)
    stage.world.jenkins.faults.clear()
    look_now(stage, said)
    eventually(lambda: "Adopt #1" in said.buttons, "a question")
    return said


def rewrite(stage: Stage, said: Said, change: Callable[[Operation], Operation]) -> None:
    """Change what is recorded, and have it looked at now."""
    ledger = Ledger(stage.redis)
    while True:
        before = ledger.get(id_of(said))
        assert before is not None
        try:
            ledger.write(before, change(before), lease=None, announce=False, due=time.time())
        except Lost:
            continue  # a worker was quicker
        return


# -- a job that does not say whose a build is


def test_the_only_build_that_can_be_ours_is_ours(chat: Chat, stage: Stage) -> None:
    somebody_builds(stage, revision="r1839")
    the_answer_is_lost(stage)
    said = chat.says("deploy old to dev", by="engineer")
    eventually(lambda: len(stage.world.jenkins.builds(JOB)) == 2, "the build that nobody heard of")
    stage.world.jenkins.faults.clear()
    look_now(stage, said)

    chat.ends(said)

    assert "is live on old/dev" in said.shown
    assert len(stage.world.jenkins.triggers) == 2, "somebody's, and ours once"
    assert stage.world.kubernetes.image("dev", "web") == stage.world.jenkins.builds(JOB)[1].image


def test_a_build_of_another_operation_is_not_ours(chat: Chat, stage: Stage) -> None:
    """It was asked for a moment ago with the same words; ours was never heard of in Jenkins."""
    chat.ends(chat.says("deploy old to dev", by="engineer"))
    stage.world.jenkins.faults.set(Fault("refuse", match="buildWithParameters", times=1))

    said = chat.ends(chat.says("deploy old to dev", by="engineer"))

    assert "is live on old/dev" in said.shown
    assert [build.number for build in stage.world.jenkins.builds(JOB)] == [1, 2]
    assert stage.world.kubernetes.image("dev", "web") == stage.world.jenkins.builds(JOB)[1].image


def test_a_build_from_before_ours_was_asked_for_is_not_ours(chat: Chat, stage: Stage) -> None:
    """With the same account and the same words, by somebody else, seconds earlier."""
    somebody_builds(stage)
    eventually(lambda: stage.world.jenkins.builds(JOB)[0].ended, "the end of somebody's build")
    began = stage.world.jenkins.builds(JOB)[0].created
    eventually(lambda: time.time() > began + 2, "the next second but one, as Jenkins tells no less")
    stage.world.jenkins.faults.set(Fault("refuse", match="buildWithParameters", times=1))

    said = chat.ends(chat.says("deploy old to dev", by="engineer"))

    assert "is live on old/dev" in said.shown
    assert stage.world.kubernetes.image("dev", "web") == stage.world.jenkins.builds(JOB)[1].image


def test_several_builds_that_can_be_ours_are_a_question(chat: Chat, stage: Stage) -> None:
    said = stuck_over_builds(chat, stage)

    assert "needs a person" in said.shown
    assert f"Several builds of {JOB} may be this operation's own" in said.shown
    assert set(said.buttons) == {"Adopt #1", "Adopt #2", "Trigger again", "Give up"}
    assert stage.redis.hget("shipmate:reserved", "old/dev") == id_of(said)
    refused = chat.says(f"adopt {id_of(said)} build 7", by="engineer")
    assert "Build 7 is not one of those" in refused.shown
    others = [chat.taps(said, label, by="oncall").shown for label in said.buttons]
    assert all("needs role" in answer for answer in others), "only those who may deploy there may decide"
    assert len(stage.world.jenkins.triggers) == 2

    chat.taps(said, "Give up", by="engineer")

    chat.ends(said)
    assert "Given up by engineer" in said.shown
    assert "Nothing was undone" in said.shown
    assert stage.world.kubernetes.image("dev", "web") == GOOD
    assert not stage.redis.exists("shipmate:reserved")


def test_the_build_that_a_person_names_is_adopted(chat: Chat, stage: Stage) -> None:
    said = stuck_over_builds(chat, stage)

    chat.taps(said, "Adopt #2", by="engineer")

    chat.ends(said)
    assert "is live on old/dev" in said.shown
    assert stage.world.kubernetes.image("dev", "web") == stage.world.jenkins.builds(JOB)[1].image
    assert len(stage.world.jenkins.triggers) == 2


def test_a_person_may_have_it_triggered_again(chat: Chat, stage: Stage) -> None:
    said = stuck_over_builds(chat, stage)

    chat.taps(said, "Trigger again", by="engineer")

    chat.ends(said)
    assert "is live on old/dev" in said.shown
    assert stage.world.kubernetes.image("dev", "web") == stage.world.jenkins.builds(JOB)[2].image
    assert len(stage.world.jenkins.triggers) == 3


def test_cancelling_asks_which_build_to_stop_and_then_ends(chat: Chat, stage: Stage) -> None:
    said = stuck_over_builds(chat, stage)
    chat.says(f"cancel {id_of(said)}", by="engineer")
    eventually(lambda: "None of them" in said.buttons, "the question, which build to stop")

    chat.taps(said, "Adopt #2", by="engineer")

    chat.ends(said, within=10)
    assert "cancelled" in said.shown
    assert "The build had ended." in said.shown


# -- a version that does not know the steps


def test_steps_of_another_version_are_not_guessed_at(chat: Chat, stage: Stage) -> None:
    stage.world.jenkins.faults.set(Fault("error", match="buildWithParameters", status=503))
    said = chat.says("deploy web to dev", by="engineer")
    eventually(lambda: "Still trying" in said.shown, "the story to begin")

    rewrite(stage, said, lambda operation: replace(operation, story=99))

    eventually(lambda: "Give up" in said.buttons, "a question")
    assert "This version of Shipmate does not know how to go on" in said.shown
    assert "A person must decide" in said.shown
    assert stage.world.jenkins.triggers == []
    chat.taps(said, "Give up", by="engineer")
    chat.ends(said)
    assert not stage.redis.exists("shipmate:reserved")


def test_what_another_version_queued_ends_without_a_start(chat: Chat, stage: Stage) -> None:
    stage.world.jenkins.faults.set(Fault("slow", match="buildWithParameters", seconds=1, times=1))
    first = chat.says("deploy web to dev", by="engineer")
    second = chat.says("deploy web to dev at r1839", by="engineer")

    rewrite(stage, second, lambda operation: replace(operation, story=99))

    chat.ends(first)
    chat.ends(second)
    assert "refused" in second.shown
    assert "Nothing was started" in second.shown
    assert len(stage.world.jenkins.triggers) == 1


# -- a system that does not answer


def silent_for_long(operation: Operation) -> Operation:
    assert operation.waiting is not None
    return replace(operation, waiting=replace(operation.waiting, troubled_since=time.time() - 61))


def test_a_system_that_stays_silent_is_a_question_and_trying_again_goes_on(chat: Chat, stage: Stage) -> None:
    stage.world.jenkins.faults.set(Fault("error", match="buildWithParameters", status=503))
    said = chat.says("deploy web to dev", by="engineer")
    eventually(lambda: "Jenkins answered 503, since" in said.shown, "that Jenkins does not answer")
    assert "Still trying" in said.shown

    rewrite(stage, said, silent_for_long)

    eventually(lambda: "Try again" in said.buttons, "a question")
    assert "Jenkins answered 503, for 1 min. A person must decide" in said.shown
    assert "Give up" in said.buttons
    stage.world.jenkins.faults.clear()
    chat.taps(said, "Try again", by="engineer")
    chat.ends(said)
    assert "is live on web/dev" in said.shown
    assert len(stage.world.jenkins.triggers) == 1


def test_a_system_that_answers_again_in_time_is_no_failure(chat: Chat, stage: Stage) -> None:
    stage.world.kubernetes.faults.set(Fault("refuse", match="PATCH", times=1))

    said = chat.ends(chat.says("scale web in dev to 3", by="ops"))

    assert "3 of 3 replicas ready" in said.shown
    settle(stage)


def test_a_system_that_falls_silent_while_it_works_for_us_is_told_of(chat: Chat, stage: Stage) -> None:
    said = chat.says("deploy web to dev", by="engineer")
    eventually(lambda: stage.world.jenkins.builds("web-build"), "the build")

    stage.world.jenkins.faults.set(Fault("error", status=503))

    eventually(lambda: "Jenkins answered 503, since" in said.shown, "that Jenkins does not answer", within=20)
    stage.world.jenkins.faults.clear()
    chat.ends(said)
    assert "is live on web/dev" in said.shown


def test_a_cluster_that_cannot_be_watched_is_told_of(chat: Chat, stage: Stage) -> None:
    stage.world.kubernetes.faults.set(Fault("error", match="GET .*/deployments$", status=503))

    said = chat.says("scale web in hidden to 5", by="ops")

    eventually(lambda: "Kubernetes (main) answered 503, since" in said.shown, "that it cannot be watched")
    stage.world.kubernetes.faults.clear()
    chat.ends(said)
    assert "5 of 5 replicas ready" in said.shown
