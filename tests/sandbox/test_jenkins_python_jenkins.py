"""The sandbox Jenkins through python-jenkins, unchanged: what the bot's adapter uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jenkins
import pytest

from sandbox.jenkins import shop
from tests.sandbox.jenkins_support import AUTH, Running, eventually, running

TRUNK = {"LINE": "trunk", "SHIPMATE_OPERATION": "k7f3"}


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running() as up:
        yield up


@pytest.fixture
def up(shared: Running) -> Running:
    shared.call(shared.server.reset)
    return shared


@pytest.fixture
def client(up: Running) -> Any:
    return up.client()


@pytest.fixture
def slow() -> Iterator[Any]:
    """A client of a server whose builds last long enough to be looked at."""
    with running(pace=2.0, quiet_period=0) as up:
        yield up.client()


def build_number(client: Any, queue_id: int) -> int:
    item = eventually(lambda: found if "executable" in (found := client.get_queue_item(queue_id)) else None)
    return int(item["executable"]["number"])


def finished(client: Any, job: str, number: int) -> Any:
    return eventually(lambda: b if (b := client.get_build_info(job, number))["result"] else None)


def test_a_build_from_trigger_to_pushed_image(up: Running, client: Any) -> None:
    queue_id = client.build_job("web-build", TRUNK)
    number = build_number(client, queue_id)
    build = finished(client, "web-build", number)

    assert (build["result"], build["building"], build["queueId"]) == ("SUCCESS", False, queue_id)
    assert build["changeSet"]["kind"] == "svn"
    assert build["changeSet"]["revisions"][0]["revision"] == 1841
    assert {"commitId", "author", "msg", "timestamp", "affectedPaths"} <= build["changeSet"]["items"][
        0
    ].keys()
    assert up.server.images.find(f"harbor.shop.example/web/web:trunk-r1841-{number}") is not None
    console = client.get_build_console_output("web-build", number)
    assert "At revision 1841\n" in console
    assert f"docker push harbor.shop.example/web/web:trunk-r1841-{number}\n" in console
    assert console.endswith("Finished: SUCCESS\n")


def test_undeclared_parameters_are_dropped_and_defaults_filled_in(client: Any) -> None:
    queue_id = client.build_job("legacy/old-build", {"SHIPMATE_OPERATION": "k7f3", "LINE": "dev"})
    build = finished(client, "legacy/old-build", build_number(client, queue_id))

    assert parameters(build) == {"LINE": "dev", "REVISION": "HEAD"}


def parameters(thing: Any) -> dict[str, str]:
    action = next(a for a in thing["actions"] if a.get("_class") == "hudson.model.ParametersAction")
    return {p["name"]: p["value"] for p in action["parameters"]}


def test_a_pipeline_shows_its_stages_while_it_runs_and_archives_the_image(up: Running, client: Any) -> None:
    number = build_number(client, client.build_job("team/api-build", TRUNK))
    running_stage = eventually(
        lambda: next(
            (
                s
                for s in client.get_build_stages("team/api-build", number)["stages"]
                if s["status"] == "IN_PROGRESS"
            ),
            None,
        )
    )
    build = finished(client, "team/api-build", number)
    stages = client.get_build_stages("team/api-build", number)

    assert running_stage["startTimeMillis"] >= build["timestamp"]
    assert [s["name"] for s in stages["stages"]] == [
        "Checkout",
        "Compile",
        "Test",
        "Package",
        "Image",
        "Push",
    ]
    assert {s["status"] for s in stages["stages"]} == {"SUCCESS"}
    assert [a["relativePath"] for a in build["artifacts"]] == ["image.txt", "target/api.war.sha256"]
    image = client.get_build_artifact_as_bytes("team/api-build", number, "image.txt").decode().strip()
    assert up.server.images.find(image) is not None
    assert build["changeSets"][0]["kind"] == "git"
    built = next(a for a in build["actions"] if "lastBuiltRevision" in a)["lastBuiltRevision"]
    assert image.rpartition(":")[2] == f"{built['SHA1'][:7]}-{number}"


def test_freestyle_builds_have_no_stages(client: Any) -> None:
    number = build_number(client, client.build_job("web-build", TRUNK))

    assert client.get_build_stages("web-build", number) is None


def test_a_build_that_was_told_to_fail(up: Running, client: Any) -> None:
    up.call(lambda: up.server.fail_next("team/api-build"))

    number = build_number(client, client.build_job("team/api-build", TRUNK | {"LINE": "releases"}))
    build = finished(client, "team/api-build", number)

    assert (build["result"], build["artifacts"]) == ("FAILURE", [])
    console = client.get_build_console_output("team/api-build", number)
    assert "[ERROR] COMPILATION ERROR : \n" in console
    stages = client.get_build_stages("team/api-build", number)["stages"]
    assert [(s["name"], s["status"]) for s in stages] == [("Checkout", "SUCCESS"), ("Compile", "FAILED")]
    assert up.server.images.find(up.server.builds("team/api-build")[-1].image) is None


@pytest.mark.parametrize(
    ("revision", "said"), [("r666", "BUILD FAILURE"), ("nonsense", "Syntax error in revision")]
)
def test_revisions_that_do_not_build(client: Any, revision: str, said: str) -> None:
    number = build_number(client, client.build_job("web-build", TRUNK | {"REVISION": revision}))

    assert finished(client, "web-build", number)["result"] == "FAILURE"
    assert said in client.get_build_console_output("web-build", number)


def test_a_revision_whose_image_crashes(up: Running, client: Any) -> None:
    number = build_number(client, client.build_job("web-build", TRUNK | {"REVISION": "r667"}))
    finished(client, "web-build", number)

    image = up.server.images.find(f"harbor.shop.example/web/web:trunk-r667-{number}")
    assert image is not None
    assert image.behaviour == "crashes"
    assert any("FileNotFoundException" in line for line in image.log)


def test_stopping_a_build_aborts_it(slow: Any) -> None:
    number = build_number(slow, slow.build_job("web-build", TRUNK))

    slow.stop_build("web-build", number)

    assert finished(slow, "web-build", number)["result"] == "ABORTED"
    assert slow.get_build_console_output("web-build", number).endswith(
        "Aborted by Shipmate\nFinished: ABORTED\n"
    )


def test_cancelling_a_queued_build(client: Any) -> None:
    queue_id = client.build_job("web-build", TRUNK | {"delay": "60sec"})

    client.cancel_queue(queue_id)

    item = client.get_queue_item(queue_id)
    assert (item["_class"], item["cancelled"]) == ("hudson.model.Queue$LeftItem", True)
    assert client.get_queue_info() == []


def test_jobs_in_folders_are_listed(client: Any) -> None:
    names = {job["fullname"] for job in client.get_all_jobs()}

    assert {"web-build", "team", "team/api-build", "team/pay-release", "legacy/old-build"} <= names
    assert client.job_exists("team/api-build")
    assert not client.job_exists("team/nothing")


def test_running_builds_and_whoami(slow: Any) -> None:
    number = build_number(slow, slow.build_job("web-build", TRUNK))

    assert slow.get_running_builds()[0]["number"] == number
    assert slow.get_whoami()["id"] == "shipmate"
    assert slow.get_version().startswith("2.4")


def test_an_unknown_build_and_an_unknown_queue_item(client: Any) -> None:
    with pytest.raises(jenkins.JenkinsException, match="does not exist"):
        client.get_build_info("web-build", 99)
    with pytest.raises(jenkins.JenkinsException, match="does not exist"):
        client.get_queue_item(99)


def test_a_wrong_token_and_a_missing_permission(up: Running) -> None:
    wrong = jenkins.Jenkins(up.server.url, AUTH[0], "wrong", timeout=10)
    reader = jenkins.Jenkins(up.server.url, shop.READER.name, shop.READER.token, timeout=10)

    with pytest.raises(jenkins.JenkinsException, match=r"\[401\]"):
        wrong.get_job_info("web-build")
    with pytest.raises(jenkins.JenkinsException, match="Job/Build permission"):
        reader.build_job("web-build", TRUNK)
    assert up.server.triggers == []


def test_a_password_works_with_the_crumb_the_client_fetches(up: Running) -> None:
    client = jenkins.Jenkins(up.server.url, shop.SHIPMATE.name, shop.SHIPMATE.password, timeout=10)

    assert client.build_job("web-build", TRUNK) == 1
