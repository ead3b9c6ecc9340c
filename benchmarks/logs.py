"""`logs` over a million documents, against the bare query through the official client; and the worker's memory.

The sandbox's Elasticsearch runs in this process. A process of its own, which loads what a worker loads, asks
the same questions in turns: the bare request that an answer sends (lines, errors before, newest line), through
the official client; and the whole answer, with secrets hidden and lines drawn. What the answer takes beyond a
search for nothing but the lines is reported as well. The sandbox searches one thing after the other in Python;
Elasticsearch runs the parts of a request side by side. The bound is on every question: those over all million
documents, and the plain one over the last 15 minutes, where a millisecond of our own is most of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.results import Result
from sandbox.elasticsearch import ElasticsearchServer
from sandbox.elasticsearch.shop import VOICES, say
from sandbox.redis import RedisServer
from sandbox.stage import SAMPLE, free_port
from tests import sample

DOCUMENTS = 1_000_000
HOURS = 48
TEXTS = 20_000
"""Different messages: each of them is said fifty times."""
ROUNDS = 30


@dataclass
class Line:
    """One object, written again and again."""

    at: float = 0
    namespace: str = "product"
    pod: str = ""
    container: str = "web"
    labels: dict[str, str] = field(default_factory=lambda: {"app": "web"})
    level: str = "info"
    message: str = ""


def fill(server: ElasticsearchServer, count: int, now: float) -> None:
    """Documents of web in product, the newest right now."""
    chance = random.Random(7)
    voice = VOICES["web"]
    levels = chance.choices(("info", "warn", "error"), (90, 7, 3), k=TEXTS)
    texts = [(level, say(chance.choice(getattr(voice, level)), chance)) for level in levels]
    pods = [f"web-7f3c9d5b8-{letter}x2z1" for letter in "bcdf"]
    line = Line()
    for number in range(count):
        line.at = now - (count - number) * HOURS * 3600 / count
        line.level, line.message = texts[chance.randrange(TEXTS)]
        line.pod = pods[number & 3]
        server.write_log(line)


async def keep_fresh(server: ElasticsearchServer) -> None:
    """A line every few seconds: an answer that finds the newest a minute old looks at other targets as well."""
    while True:
        server.write_log(Line(at=time.time(), pod="web-7f3c9d5b8-bx2z1", message="GET /health 200 1 ms"))
        await asyncio.sleep(5)


@contextmanager
def served(count: int) -> Iterator[ElasticsearchServer]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> ElasticsearchServer:
        server = ElasticsearchServer(capacity=count + 1000)
        fill(server, count, time.time())
        await server.start()
        server.spawn(keep_fresh(server))
        return server

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(300)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


def asked(server: ElasticsearchServer, redis_url: str) -> dict[str, float]:
    """What the asking process measured."""
    variables = {
        **os.environ,
        **sample.ENV,
        "ELASTICSEARCH_URL": server.url,
        "REDIS_URL": redis_url,
        "SHIPMATE_CONFIG": str(SAMPLE),
        "SLACK_BOT_TOKEN": "xoxb-none",
        "SLACK_APP_TOKEN": "xapp-none",
    }
    command = [sys.executable, "-m", "benchmarks.logs_asking", str(ROUNDS)]
    done = subprocess.run(  # noqa: S603  # our own module
        command, env=variables, capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure() -> list[Result]:
    with tempfile.TemporaryDirectory() as folder, served(DOCUMENTS) as server:
        redis = RedisServer(Path(folder), free_port())
        redis.start()
        try:
            found = asked(server, redis.url)
        finally:
            redis.stop()
    results = [
        Result(f"`{name}`, answer / bare request", value, "x", 1.3)
        for name, value in found.items()
        if name.startswith("logs")
    ]
    results += [
        Result(f"`{name.removeprefix('only ')}`, answer beyond a search for the lines alone", value, "ms")
        for name, value in found.items()
        if name.startswith("only ")
    ]
    results += [
        Result(f"`{name.removeprefix('bare ')}`, bare request, median", value, "ms")
        for name, value in found.items()
        if name.startswith("bare ")
    ]
    return [*results, Result("worker that answers logs, most memory", found["megabytes"], "MB", 150)]
