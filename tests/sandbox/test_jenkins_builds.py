"""The sandbox Jenkins' builds, on the wire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from sandbox.jenkins import Failure, Rule, shop
from tests.sandbox.jenkins_support import PACE, Running, eventually, left, running, trigger


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running() as up:
        yield up


@pytest.fixture
def up(shared: Running) -> Running:
    shared.call(shared.server.reset)
    return shared


def test_the_console_grows_and_says_when_there_is_more(up: Running) -> None:
    left(up, trigger(up, LINE="dev", delay="0"))
    path = "/job/web-build/1/logText/progressiveText"

    text, start, steps = "", 0, 0
    while True:
        answer = up.get(path, params={"start": start})
        text += answer.text
        steps += answer.text != ""
        start = int(answer.headers["X-Text-Size"])
        if "X-More-Data" not in answer.headers:
            break

    assert steps > 2
    assert text == up.get("/job/web-build/1/consoleText").text
    assert up.get(path, params={"start": start + 1}).text == text


def test_a_job_that_releases_by_itself() -> None:
    released: list[tuple[str, Mapping[str, str]]] = []

    async def release(image: str, parameters: Mapping[str, str]) -> None:
        if parameters["ENVIRONMENT"] == "hidden":
            raise RuntimeError('deployments.apps "pay" not found')
        released.append((image, parameters))

    with running(shop.jobs(on_release=release)) as up:
        path = "/job/team/job/pay-release"
        trigger(up, f"{path}/buildWithParameters", ENVIRONMENT="product", delay="0")
        trigger(up, f"{path}/buildWithParameters", ENVIRONMENT="hidden", delay="0")
        results = [
            eventually(lambda n=n: up.server.builds("team/pay-release")[n].result)  # type: ignore[misc]
            for n in (0, 1)
        ]
        console = up.get(f"{path}/2/consoleText").text

    assert results == ["SUCCESS", "FAILURE"]
    assert [(i, p["ENVIRONMENT"]) for i, p in released] == [
        (up.server.builds("team/pay-release")[0].image, "product")
    ]
    assert 'ERROR: deployments.apps "pay" not found\nFinished: FAILURE\n' in console


def test_permalinks_colours_and_estimates(up: Running) -> None:
    up.call(lambda: up.server.fail_next("web-build"))
    for line in ("dev", "trunk", "releases"):
        item = trigger(up, LINE=line, delay="0")
        eventually(lambda: up.json("/job/web-build/lastBuild/api/json")["result"])
        left(up, item)

    job = up.json(
        "/job/web-build/api/json?tree=color,nextBuildNumber,lastFailedBuild[number],firstBuild[number]"
    )
    good = up.json("/job/web-build/lastSuccessfulBuild/api/json?tree=number,estimatedDuration,duration")

    assert job["color"] == "blue"
    assert (job["nextBuildNumber"], job["lastFailedBuild"]["number"], job["firstBuild"]["number"]) == (
        4,
        1,
        1,
    )
    assert good["number"] == 3
    assert good["estimatedDuration"] >= 8 * PACE * 1000


def test_changes_are_those_since_the_build_before(up: Running) -> None:
    for revision in ("r1836", "HEAD", "HEAD"):
        left(up, trigger(up, LINE="trunk", REVISION=revision, delay="0"))
    changes = [
        [int(c["commitId"]) for c in up.json(f"/job/web-build/{n}/api/json")["changeSet"]["items"]]
        for n in (1, 2, 3)
    ]

    assert changes[2] == []
    assert changes[1] == sorted(changes[1])
    assert changes[1][-1] == 1841
    assert all(revision > 1836 for revision in changes[1])


def test_executors_show_everything_that_runs_in_one_query() -> None:
    wanted = "currentExecutable[url,number,queueId,timestamp,estimatedDuration]"
    tree = f"computer[executors[{wanted}],oneOffExecutors[{wanted}]]"
    with running(pace=2.0) as up:
        left(up, trigger(up, LINE="dev", delay="0"))
        left(up, trigger(up, "/job/team/job/api-build/buildWithParameters", LINE="dev", delay="0"))

        computer = up.json(f"/computer/api/json?tree={tree}")["computer"][0]

    busy = [e["currentExecutable"] for e in computer["executors"] if e["currentExecutable"]]
    one_off = [e["currentExecutable"] for e in computer["oneOffExecutors"]]
    assert [e["queueId"] for e in busy if e["_class"] == "hudson.model.FreeStyleBuild"] == [1]
    assert [e["_class"].rpartition("$")[2] for e in busy if "queueId" not in e] == ["PlaceholderExecutable"]
    assert [e["url"] for e in one_off] == [f"{up.server.url}/job/team/job/api-build/1/"]


def test_a_malformed_tree_is_an_error_page(up: Running) -> None:
    answer = up.get("/api/json", params={"tree": "jobs["})

    assert answer.status_code == 500
    assert "Malformed tree expression" in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/job/team/", "/job/web-build/", "/job/web-build/1/", "/job/web-build/1/console"]
)
def test_people_can_follow_the_links(up: Running, path: str) -> None:
    left(up, trigger(up, LINE="<b>", delay="0"))

    page = up.get(path)

    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert "<b>" not in page.text


def test_reset_forgets_everything(up: Running) -> None:
    left(up, trigger(up, LINE="dev", delay="0"))
    trigger(up, LINE="trunk", delay="0")

    up.call(up.server.reset)

    assert (up.server.builds("web-build"), up.server.triggers) == ((), [])
    assert up.json("/queue/api/json")["items"] == []
    assert left(up, trigger(up, LINE="dev", delay="0"))["executable"]["number"] == 1


def test_an_unstable_build_goes_on_to_its_image() -> None:
    tests = Failure("Test", ('[ERROR] expected: <{"total": 3}> but was: <{"total": 4}>',), "UNSTABLE")
    api = shop.jobs()[1]
    flaky = replace(api, script=replace(api.script, rules=(Rule("LINE", "dev", failure=tests),)))
    with running((flaky,)) as up:
        left(up, trigger(up, "/job/team/job/api-build/buildWithParameters", LINE="dev", delay="0"))
        path = "/job/team/job/api-build/1"
        result = eventually(lambda: up.json(f"{path}/api/json")["result"])
        stages = up.json(f"{path}/wfapi/describe")["stages"]
        console = up.get(f"{path}/consoleText").text

    assert result == "UNSTABLE"
    assert [s["name"] for s in stages if s["status"] == "UNSTABLE"] == ["Test"]
    assert 'but was: <{"total": 4}>' in console
    assert up.server.images.find(up.server.builds("team/api-build")[0].image) is not None
