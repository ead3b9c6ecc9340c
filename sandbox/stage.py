"""Everything at once, headless: Redis, the shop and the bot's processes. For the demo and the tests."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from sandbox.chat import Chat, eventually
from sandbox.crew import Crew
from sandbox.redis import RedisServer
from sandbox.world import World, WorldThread

SAMPLE = Path(__file__).parent / "shipmate.yaml"


@dataclass
class Stage:
    """The shop, the crew that works on it, and the people who talk to it."""

    thread: WorldThread
    redis_server: RedisServer
    crew: Crew
    chat: Chat
    variables: dict[str, str]

    @property
    def world(self) -> World:
        return self.thread.world

    @property
    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.redis_server.url, decode_responses=True)


@contextmanager
def staged(
    folder: Path,
    pace: float,
    crew: tuple[str, ...] = ("bot", "worker", "watcher"),
    config: Path = SAMPLE,
    world: World | None = None,
) -> Iterator[Stage]:
    """Started, with the bot listening; all of it is stopped at the end. Data and logs go to `folder`.

    `world`: another shop than the sample one, with a pace of its own.
    """
    with ExitStack() as stack:
        server = RedisServer(folder / "redis", free_port())
        server.start()
        stack.callback(server.stop)
        thread = WorldThread(world or World(pace))
        thread.start()
        stack.callback(thread.stop)
        variables = {
            **thread.world.variables(),
            "REDIS_URL": server.url,
            "SHIPMATE_CONFIG": str(config),
            "PORT": str(free_port()),
        }
        team = Crew(variables, folder / "logs")
        stack.callback(team.stop)
        team.start(*crew)
        stage = Stage(thread, server, team, Chat(thread), variables)
        eventually(lambda: _listening(stage), "the crew at work")
        yield stage


def _listening(stage: Stage) -> bool:
    """The bot is connected to Slack, a worker has registered, a watcher leads."""
    stage.crew.check()
    connected = bool(stage.world.slack.sockets.sockets) if "bot" in stage.crew.running else True
    worker = bool(stage.redis.scard("rq:workers")) if "worker" in stage.crew.running else True
    watcher = bool(stage.redis.exists("shipmate:watcher")) if "watcher" in stage.crew.running else True
    return connected and worker and watcher


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
