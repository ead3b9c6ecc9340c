"""Which stage a running build is in, at a cost that does not grow with what runs; and how long it may take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.faults import Refused, Unavailable
from integrations.jenkins import Jenkins
from integrations.jenkins_seen import in_progress
from integrations.jenkins_stages import MOST, Stages
from tests.sandbox.jenkins_support import AUTH, eventually, left, running, trigger

BUILDS = [f"job/web-build/{number}/" for number in range(1, 8)]


def asked_about(stages: Stages, builds: Sequence[str]) -> None:
    """As if the seconds between two looks had passed."""
    stages._next = 0.0
    stages.look(builds)


def test_a_few_are_asked_about_in_turn() -> None:
    asked: list[str] = []

    def describe(path: str) -> Sequence[dict[str, Any]]:
        asked.append(path)
        return [{"name": "Checkout", "status": "SUCCESS"}, {"name": "Compile", "status": "IN_PROGRESS"}]

    stages = Stages(describe)
    for _look in range(4):
        before = len(asked)
        asked_about(stages, BUILDS)
        assert len(asked) - before == MOST
    stages.look(BUILDS)

    assert len(asked) == 4 * MOST, "not again at once"
    assert set(asked) == set(BUILDS)
    assert {stages.of(path) for path in BUILDS} == {"Compile"}


def test_a_job_without_stages_is_asked_once() -> None:
    asked: list[str] = []

    def describe(path: str) -> Sequence[dict[str, Any]]:
        asked.append(path)
        raise Refused("Jenkins has no such page.")

    stages = Stages(describe)
    for _look in range(3):
        asked_about(stages, BUILDS[:1])

    assert asked == BUILDS[:1]
    assert stages.of(BUILDS[0]) == ""


def test_what_cannot_be_told_now_is_asked_again() -> None:
    answers: list[Any] = [Unavailable("Jenkins", "did not answer in time")]

    def describe(_path: str) -> Sequence[dict[str, Any]]:
        if answers:
            raise answers.pop()
        return [{"name": "Push", "status": "IN_PROGRESS"}]

    stages = Stages(describe)
    asked_about(stages, BUILDS[:1])
    assert stages.of(BUILDS[0]) == ""

    asked_about(stages, BUILDS[:1])
    assert stages.of(BUILDS[0]) == "Push"


def test_jenkins_own_estimate_is_in_seconds_and_may_be_unknown() -> None:
    assert in_progress(3, "Compile", {"estimatedDuration": 184_000}).usual == 184
    assert in_progress(3, "", {"estimatedDuration": -1}).usual == 0
    assert in_progress(3).progress == "build #3 is running"
    assert in_progress(3, "Compile").progress == "build #3: Compile"


def test_a_pipeline_tells_its_stage_while_it_runs() -> None:
    """Against the sandbox's Jenkins, whose stage view is that of the plugin."""
    with running(pace=1.0) as up:
        client = Jenkins("main", up.server.url, *AUTH)
        item = trigger(up, "/job/team/job/api-build/buildWithParameters", LINE="trunk", REVISION="HEAD")
        number = left(up, item)["executable"]["number"]
        topic, seen = client.building("team/api-build", number), []

        def told() -> bool:
            client._survey([topic], lambda _topic, news: seen.append(news))
            return ": " in seen[-1].progress

        eventually(told)

        assert seen[-1].progress.startswith(f"build #{number}: ")
