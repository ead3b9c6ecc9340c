"""The whole shop, once a session: real Redis, the sandbox's servers, the bot's own processes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from sandbox.chat import Chat, eventually
from sandbox.stage import Stage, staged
from sandbox.world import World
from tests.surface.witness import Witness

PACE = 0.05
witness = Witness()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-goldens", action="store_true", help="write what is said now (make golden)")
    parser.addoption("--screenshots", action="store_true", help="take the pictures of docs/images")


def pytest_configure() -> None:
    World.opened.append(witness.watch)


@pytest.fixture(autouse=True)
def within_limits() -> Iterator[None]:
    """Whatever the bot shows during any test is within Slack's documented limits."""
    yield
    witness.check()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """On CI a skipped test is a failure: it would hide a part that is missing."""
    if os.environ.get("CI") == "true" and report.skipped:
        report.outcome = "failed"


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("stage"), PACE) as stage:
        yield stage


@pytest.fixture
def stage(running: Stage) -> Stage:
    open_shop(running)
    return running


@pytest.fixture
def chat(stage: Stage) -> Chat:
    return stage.chat


@pytest.fixture
def world(stage: Stage) -> World:
    return stage.world


def open_shop(stage: Stage) -> None:
    """The shop as it opens in the morning: nothing asked, nothing broken."""
    settle(stage)
    stage.thread.call(stage.world.reset)
    forget(stage)


def settle(stage: Stage) -> None:
    """Wait until no operation is under way and everything has been said."""
    redis = stage.redis
    busy = ("shipmate:active:change", "shipmate:active:query", "shipmate:outbox")
    eventually(lambda: not redis.exists(*busy), "everything that was asked for to end")


def forget(stage: Stage) -> None:
    """Empty the bot's memory, except for who leads the watchers."""
    redis = stage.redis
    keys = [key for key in redis.scan_iter("shipmate:*") if key != "shipmate:watcher"]
    if keys:
        redis.delete(*keys)
