"""The sandbox Jenkins' queue, on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sandbox.jenkins import shop
from tests.sandbox.jenkins_support import Running, eventually, left, running, trigger


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running() as up:
        yield up


@pytest.fixture
def up(shared: Running) -> Running:
    shared.call(shared.server.reset)
    return shared


def test_identical_queued_builds_are_one(up: Running) -> None:
    first = trigger(up, LINE="dev", delay="30")
    twin = trigger(up, LINE="dev", delay="30")
    other = trigger(up, LINE="trunk", delay="30")

    assert first == twin != other
    assert [t.merged for t in up.server.triggers] == [False, True, False]
    causes = next(a for a in up.json(f"{first}api/json")["actions"] if "causes" in a)["causes"]
    assert len(causes) == 2
    assert len(up.json("/queue/api/json")["items"]) == 2


def test_a_build_that_left_the_queue_is_not_merged_with(up: Running) -> None:
    left(up, trigger(up, LINE="dev"))

    trigger(up, LINE="dev")

    assert [t.merged for t in up.server.triggers] == [False, False]


def test_the_shorter_quiet_period_wins(up: Running) -> None:
    item = trigger(up, LINE="dev", delay="600")

    trigger(up, LINE="dev", delay="0")

    assert left(up, item)["executable"]["number"] == 1


def test_states_of_an_item_and_why() -> None:
    with running(executors=0, quiet_period=20) as up:
        item = trigger(up, LINE="trunk")

        waiting = up.json(f"{item}api/json")
        buildable = eventually(lambda: i if (i := up.json(f"{item}api/json"))["buildable"] else None)

    assert waiting["_class"].endswith("$WaitingItem")
    assert waiting["why"].startswith("In the quiet period. Expires in ")
    assert waiting["params"].startswith("\nLINE=trunk\nREVISION=HEAD")
    assert buildable["_class"].endswith("$BuildableItem")
    assert buildable["why"] == "Waiting for next available executor"


def test_an_item_that_left_names_its_build(up: Running) -> None:
    gone = left(up, trigger(up, LINE="dev", delay="0"))

    assert gone["_class"].endswith("$LeftItem")
    assert gone["executable"] == {
        "_class": "hudson.model.FreeStyleBuild",
        "number": 1,
        "url": f"{up.server.url}/job/web-build/1/",
    }
    assert (gone["why"], gone["cancelled"]) == (None, False)


def test_a_job_that_must_not_run_twice_blocks() -> None:
    alone = replace(shop.jobs()[0], concurrent=False)
    with running((alone,), pace=2.0) as up:
        left(up, trigger(up, LINE="dev", delay="0"))
        second = trigger(up, LINE="trunk", delay="0")

        blocked = eventually(lambda: i if (i := up.json(f"{second}api/json"))["blocked"] else None)
        up.post("/job/web-build/1/stop")
        gone = left(up, second)

    assert blocked["why"].startswith("Build #1 is already in progress")
    assert gone["executable"]["number"] == 2


def test_a_pipeline_waits_for_its_executor_inside_its_build() -> None:
    with running(executors=1, pace=2.0) as up:
        left(up, trigger(up, LINE="dev", delay="0"))
        item = trigger(up, "/job/team/job/api-build/buildWithParameters", LINE="dev", delay="0")

        number = left(up, item)["executable"]["number"]
        placeholder = up.json("/queue/api/json")["items"][0]
        build = up.json(f"/job/team/job/api-build/{number}/api/json")

        assert placeholder["task"]["_class"].endswith("PlaceholderTask")
        assert build["building"] is True
        assert up.json(f"/job/team/job/api-build/{number}/wfapi/describe")["stages"] == []
        up.post("/job/web-build/1/stop")
        path = f"/job/team/job/api-build/{number}/wfapi/describe"
        assert eventually(lambda: up.json(path)["stages"])[0]["name"] == "Checkout"


def test_items_are_forgotten_but_builds_keep_their_queue_id() -> None:
    with running(pace=0.002) as up:
        item = trigger(up, LINE="dev", delay="0")
        left(up, item)

        eventually(lambda: up.get(f"{item}api/json").status_code == 404)

        build = up.json("/job/web-build/lastBuild/api/json?tree=queueId")
        assert build["queueId"] == int(item.rstrip("/").rpartition("/")[2])


def test_answers_of_cancel_item(up: Running) -> None:
    waiting = trigger(up, LINE="dev", delay="60").rstrip("/").rpartition("/")[2]
    reader = (shop.READER.name, shop.READER.token)

    answers = [
        up.post("/queue/cancelItem", params={"id": waiting}, auth=reader).status_code,
        up.post("/queue/cancelItem", params={"id": waiting}).status_code,
        up.post("/queue/cancelItem", params={"id": waiting}).status_code,
        up.post("/queue/cancelItem", params={"id": "77"}).status_code,
    ]

    assert answers == [422, 204, 500, 404]
