"""The process that asks, for benchmarks/logs.py: prints a JSON object of what it measured."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from elasticsearch import Elasticsearch

from bot.app import App
from bot.environment import Environment
from bot.ports import Person
from commands.logs import Logs
from integrations import elasticsearch_query as bodies
from integrations.log_fields import ECS
from sandbox.world import API_KEY

QUESTIONS = (
    "logs web in product since 1d",
    "logs web in product since 1d level error",
    'logs web in product since 1d level error grep "timed out" limit 200',
)
"""Over all documents there are."""
NEAR = "logs web in product"
"""Over those of the last 15 minutes."""
LONG = "logs web in product since 6h limit 10000"
ASKER = Person("U0OPS", "ops", tz="Europe/Berlin")


def main(rounds: int) -> None:
    app = App(Environment.read(os.environ))
    backends, _engine = app.backends, app.engine  # what a worker has loaded
    client = Elasticsearch(app.settings.elasticsearch["main"].urls[0], api_key=API_KEY)
    figures: dict[str, float] = {}
    for text in (*QUESTIONS, NEAR):
        command = app.catalogue.command(text)
        assert isinstance(command, Logs)

        def bare(command: Logs = command) -> object:
            """What the answer asks for, in one request: the lines, the errors before, the newest line."""
            now = datetime.now(UTC)
            query = command.asked(now, backends).query
            asked = (
                bodies.lines(query, ECS, 10),
                bodies.before(query, ECS, 10, now),
                bodies.newest(query, ECS, 10),
            )
            searches = [part for body in asked for part in ({"index": query.index}, body)]
            return client.msearch(searches=searches)

        def only_lines(command: Logs = command) -> object:
            query = command.asked(datetime.now(UTC), backends).query
            body = {k: v for k, v in bodies.lines(query, ECS, 10).items() if k not in ("aggs", "_source")}
            return client.search(index=query.index, source=False, **body)

        def whole(command: Logs = command) -> object:
            return command.answer(ASKER, backends)

        plain, answered, least = _in_turns((bare, whole, only_lines), rounds)
        figures[text] = answered / plain
        figures[f"bare {text}"] = plain * 1000
        figures[f"only {text}"] = (answered - least) * 1000
    long = app.catalogue.command(LONG)
    assert isinstance(long, Logs)
    for _ in range(3):
        long.answer(ASKER, backends)
    figures["megabytes"] = _peak_megabytes()
    print(json.dumps(figures))  # noqa: T201


def _in_turns(all_of: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Median seconds of each, asked one after the other so that all see the same machine."""
    took: list[list[float]] = [[] for _ in all_of]
    for _ in range(rounds + 2):
        for do, times in zip(all_of, took, strict=True):
            began = time.perf_counter()
            do()
            times.append(time.perf_counter() - began)
    return [median(times[2:]) for times in took]


def _peak_megabytes() -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    main(int(sys.argv[1]))
