"""How often a deploy goes to Redis and back before Jenkins is triggered: the same on every machine."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import mean
from typing import Any

from redis import Redis
from redis.connection import Connection

from benchmarks import watching
from benchmarks.results import Result
from benchmarks.shop import BigShop, configure, targets
from bot.app import App
from bot.dispatcher import Request
from bot.environment import Environment
from bot.operation import Origin
from sandbox.slack.records import TEAM
from sandbox.stage import staged

PROJECTS = 5


class Counted(Connection):
    """A pipeline is one trip: what counts is how often somebody waits for Redis."""

    trips = 0

    def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        Counted.trips += 1
        super().send_packed_command(command, check_health)  # type: ignore[no-untyped-call]


def measure() -> list[Result]:
    """The door and the engine run in this process; RQ's own trips around a job are not counted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shop = BigShop(PROJECTS, pace=1.0)
        with staged(folder, 0, (), configure(folder, PROJECTS), shop) as stage:
            app = App(Environment.read(stage.variables))
            url = stage.redis_server.url
            app.redis = Redis.from_url(url, decode_responses=True, connection_class=Counted)
            app.queue_redis = Redis.from_url(url, connection_class=Counted)
            channel = stage.world.slack.slack.channel(watching.CHANNEL).id
            counted = [_deploy(app, channel, *target) for target in targets(PROJECTS)]
    doors, jobs = zip(*counted[1:], strict=True)  # the first one also makes the connections
    return [
        Result("redis round trips of a deploy, event to ack", mean(doors), ""),
        Result("redis round trips of a deploy, its first job", mean(jobs), ""),
    ]


def _deploy(app: App, channel: str, project: str, environment: str) -> tuple[int, int]:
    """At the door; in the job that triggers the build and then waits for it."""
    begun = Counted.trips
    origin = Origin(channel, key=f"{channel}:{project}/{environment}")
    app.dispatcher.handle(Request(f"deploy {project} to {environment}", "U0OPS", TEAM, origin))
    door = Counted.trips - begun
    operation = app.ledger.holder(f"{project}/{environment}")
    assert operation is not None, "it was not opened"
    begun = Counted.trips
    app.engine.advance(operation.id)
    return door, Counted.trips - begun
