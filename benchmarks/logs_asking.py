"""The process that asks, for benchmarks/logs.py: prints a JSON object of what it measured."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

from elasticsearch import Elasticsearch

from benchmarks.logs_questions import HUNGRY, QUESTIONS
from bot.app import App
from bot.backends import Backends
from bot.environment import Environment
from bot.ports import LogQuery, Person
from commands import logs_kinds
from commands.logs import Logs
from integrations import elasticsearch_query as bodies
from integrations.log_fields import ECS
from sandbox.world import API_KEY

ASKER = Person("U0OPS", "ops", tz="Europe/Berlin")
TOP = "logs web in product top since 1d"


class Asking:
    """What a worker has loaded, and the official client beside it."""

    def __init__(self) -> None:
        self.app = App(Environment.read(os.environ))
        self.backends: Backends = self.app.backends
        assert self.app.engine
        self.client = Elasticsearch(self.app.settings.elasticsearch["main"].urls[0], api_key=API_KEY)

    def command(self, text: str) -> Logs:
        found = self.app.catalogue.command(text)
        assert isinstance(found, Logs)
        return found

    def query(self, command: Logs) -> LogQuery:
        return command.asked(datetime.now(UTC), self.backends).query


def times(rounds: int) -> dict[str, object]:
    """Milliseconds of each way to ask each question."""
    asking = Asking()
    return {text: _in_turns(_ways(asking, asking.command(text)), rounds) for text in QUESTIONS}


def _ways(asking: Asking, command: Logs) -> Mapping[str, Callable[[], object]]:
    client = asking.client

    def plain() -> object:
        """The same lines, as anybody would search for them."""
        query = asking.query(command)
        where = bodies.matching(query, ECS, 10)["query"]
        newest = [{ECS.time: {"order": "desc"}}]
        return client.search(index=query.index, query=where, sort=newest, size=query.limit)

    def own() -> object:
        """What an answer asks for, in one request."""
        now, query = datetime.now(UTC), asking.query(command)
        asked = [
            bodies.lines(query, ECS, 10),
            bodies.newest(query, ECS, 1),
            bodies.before(query, ECS, 1, now),
        ]
        if not command.level:
            asked.append(bodies.errors(query, ECS, 1))
        return client.msearch(searches=bodies.several([(query.index, body) for body in asked]))

    return {
        "plain": plain,
        "own request": own,
        "answer": lambda: command.answer(ASKER, asking.backends),
    }


def _in_turns(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, dict[str, float]]:
    """Percentiles of each in ms, asked one after the other so that all see the same machine."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 2):
        for name, do in ways.items():
            began = time.perf_counter()
            do()
            took[name].append((time.perf_counter() - began) * 1000)
    return {name: _percentiles(found[2:]) for name, found in took.items()}


def _percentiles(found: list[float]) -> dict[str, float]:
    in_order = sorted(found)
    return {
        f"p{share}": in_order[min(len(in_order) - 1, len(in_order) * share // 100)]
        for share in (10, 50, 90, 99)
    }


def kinds(rounds: int) -> dict[str, float]:
    """How long the kinds of a day's errors take, and the searches for when each was seen first."""
    asking = Asking()
    command = asking.command(TOP)
    store = asking.backends.logs("main")
    now = datetime.now(UTC)
    query = asking.query(command)
    found = [kind.text for kind in store.signatures(replace(query, level="error"), 100, now).all]
    words = list(islice(cycle(found), logs_kinds.LOOKED_UP))
    back = replace(query, since=now - timedelta(days=7), level="error")
    took = _in_turns(
        {
            "answer": lambda: command.answer(ASKER, asking.backends),
            f"the first of each of {len(words)} kinds, which is the most": lambda: store.first_seen(
                back, words
            ),
        },
        max(3, rounds // 20),
    )
    return {name: found["p50"] for name, found in took.items()}


def memory(_rounds: int) -> dict[str, float]:
    """The most megabytes that the process had after each question."""
    asking = Asking()
    found = {}
    for text in HUNGRY:
        for _ in range(3):
            asking.command(text).answer(ASKER, asking.backends)
        found[text] = _peak_megabytes()
    return found


def _peak_megabytes() -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    print(json.dumps({"times": times, "kinds": kinds, "memory": memory}[sys.argv[1]](int(sys.argv[2]))))  # noqa: T201
