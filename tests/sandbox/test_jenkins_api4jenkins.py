"""The sandbox Jenkins through api4jenkins, unchanged: a client that the bot does not use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from api4jenkins import Jenkins
from api4jenkins.exceptions import AuthenticationError

from sandbox.jenkins import shop
from tests.sandbox.jenkins_support import AUTH, Running, eventually, running


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running() as up:
        yield up


@pytest.fixture
def up(shared: Running) -> Running:
    shared.call(shared.server.reset)
    return shared


@pytest.fixture
def slow() -> Iterator[Any]:
    """A client of a server whose builds last long enough to be looked at."""
    with running(pace=2.0, quiet_period=0) as up:
        yield Jenkins(up.server.url, auth=AUTH)


@pytest.fixture
def client(up: Running) -> Any:
    return Jenkins(up.server.url, auth=AUTH)


def test_a_build_from_queue_to_artifacts(client: Any) -> None:
    item = client.build_job("team/api-build", LINE="dev", SHIPMATE_OPERATION="k7f3")
    build = eventually(item.get_build)
    eventually(lambda: not build.building)

    assert build.result == "SUCCESS"
    assert {p.name: p.value for p in build.get_parameters()}["LINE"] == "dev"
    assert build.get_causes()[0]["userId"] == "shipmate"
    assert list(build.console_text())[-1] == "Finished: SUCCESS"
    assert [artifact.name for artifact in build.artifacts] == ["image.txt", "api.war.sha256"]
    assert build.project.full_name == "team/api-build"
    assert client.get_job("team/api-build").get_last_successful_build() == build


def test_progressive_output_ends_with_the_build(client: Any) -> None:
    build = eventually(client.build_job("web-build", LINE="dev").get_build)

    assert list(build.progressive_output())[-1] == "Finished: SUCCESS"


def test_jobs_folders_nodes_and_queue(client: Any) -> None:
    waiting = client.build_job("shop-build", LINE="dev", delay="60")

    assert {job.full_name for job in client.iter(depth=1)} >= {"web-build", "team", "team/pay-release"}
    assert [node.display_name for node in client.nodes] == ["Built-In Node"]
    assert [item.id for item in client.queue] == [waiting.id]
    assert waiting.get_job().full_name == "shop-build"
    assert client.version == "2.479.3"


def test_cancel_stop_describe_disable(slow: Any) -> None:
    waiting = slow.build_job("shop-build", LINE="dev", delay="60")
    build = eventually(slow.build_job("web-build", LINE="dev").get_build)
    job = slow.get_job("shop-build")

    waiting.cancel()
    build.stop()
    build.set_description("stopped by a test")
    job.disable()

    assert waiting.api_json()["cancelled"] is True
    assert (build.result, build.description) == ("ABORTED", "stopped by a test")
    assert job.buildable is False
    job.enable()
    assert job.buildable is True


def test_running_builds_are_found_through_the_executors(slow: Any) -> None:
    items = [slow.build_job(name, LINE="dev") for name in ("web-build", "team/api-build")]
    builds = [eventually(item.get_build) for item in items]

    assert {build.url for build in slow.nodes.iter_builds()} == {build.url for build in builds}


def test_refusals(up: Running) -> None:
    with pytest.raises(AuthenticationError):
        Jenkins(up.server.url, auth=("shipmate", "wrong")).get_job("web-build")
    reader = Jenkins(up.server.url, auth=(shop.READER.name, shop.READER.token))
    with pytest.raises(PermissionError):
        reader.build_job("web-build", LINE="dev")
