"""A failing build's console is read by its ends, however long it is, and explained with its stage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from urllib3 import HTTPResponse

from bot.ports import Seen
from integrations.jenkins import Jenkins
from integrations.jenkins_console import END_BYTES, START_BYTES
from sandbox.jenkins.log import Repeated
from tests.sandbox.jenkins_support import AUTH, Running, eventually, left, running, trigger

MEGABYTES = 200
LINE = "[INFO] Downloading from nexus: https://nexus.shop.example/repository/maven-public/org/a/a-1.0.jar 12%"
CAUSE = "[ERROR] /ws/src/main/java/com/shop/Cart.java:[31,17] cannot find symbol"
CONSOLE = (
    "an early word: é",
    Repeated(LINE, MEGABYTES * 1_000_000 // (len(LINE) + 1)),
    CAUSE,
    "[INFO] BUILD FAILURE",
)


@pytest.fixture(scope="module")
def up() -> Iterator[Running]:
    with running() as up:
        yield up


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Bytes of bodies that came in, as the HTTP library hands them out."""
    sizes: list[int] = []
    original = HTTPResponse.stream

    def counting(self: HTTPResponse, *args: Any, **more: Any) -> Iterator[bytes]:
        for chunk in original(self, *args, **more):
            sizes.append(len(chunk))
            yield chunk

    monkeypatch.setattr(HTTPResponse, "stream", counting)
    return sizes


def failed(up: Running, job: str, path: str, console: tuple[str, ...]) -> Seen:
    up.call(lambda: up.server.fail_next(job, console))
    item = left(up, trigger(up, f"/job/{path}/buildWithParameters", LINE="trunk", delay="0"))
    jenkins = Jenkins("main", up.server.url, *AUTH)
    number = item["executable"]["number"]
    return eventually(lambda: seen if (seen := jenkins.look(jenkins.building(job, number))).done else None)


def test_a_console_of_200_mb_is_read_by_its_ends(up: Running, received: list[int]) -> None:
    seen = failed(up, "web-build", "web-build", CONSOLE)

    assert CAUSE in seen.excerpt
    assert END_BYTES < sum(received) <= START_BYTES + END_BYTES + 200_000
    assert up.call(lambda: up.server.builds("web-build")[-1].log().size) > MEGABYTES * 990_000


def test_a_failure_names_its_stage_and_how_long_it_took(up: Running) -> None:
    seen = failed(up, "team/api-build", "team/job/api-build", (CAUSE,))

    assert " failed in stage Compile after " in seen.failure
    assert CAUSE in seen.excerpt


@pytest.mark.parametrize("size", [0, 999, 1_000_000, 1_250_000, 1_250_001, 3_000_000])
def test_a_console_of_any_size_keeps_its_last_lines(up: Running, size: int) -> None:
    seen = failed(up, "web-build", "web-build", (Repeated("é" * 50, size // 101), "fatal: no such ref"))

    assert "fatal: no such ref" in seen.excerpt
