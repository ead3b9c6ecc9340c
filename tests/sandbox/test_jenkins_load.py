"""The sandbox Jenkins under load."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

import aiohttp

from tests.sandbox.jenkins_support import AUTH, TRIGGER, Running, eventually, running


def results_of(up: Running) -> list[str | None]:
    return [build.result for build in up.server.builds("web-build")]


async def _trigger_many(url: str, count: int) -> list[int]:
    async with aiohttp.ClientSession(headers={"Authorization": aiohttp.encode_basic_auth(*AUTH)}) as session:

        async def one(number: int) -> int:
            parameters = {"LINE": "dev", "SHIPMATE_OPERATION": f"op{number}"}
            async with session.post(f"{url}{TRIGGER}", params=parameters) as answer:
                return answer.status

        return await asyncio.gather(*(one(number) for number in range(count)))


def test_two_hundred_triggers_at_once_queue_for_four_executors() -> None:
    with running(pace=0.004) as up:
        began = time.monotonic()
        statuses = asyncio.run(_trigger_many(up.server.url, 200))
        took = time.monotonic() - began
        results = eventually(lambda: r if None not in (r := results_of(up)) and len(r) == 200 else None, 30)

    assert Counter(statuses) == {201: 200}
    assert Counter(results) == {"SUCCESS": 200}
    assert took < 20
    assert len({t.queue_id for t in up.server.triggers}) == 200


def test_a_thousand_builds_in_flight_stay_quick_to_ask_about() -> None:
    with running(pace=5.0, executors=1000, quiet_period=0) as up:
        asyncio.run(_trigger_many(up.server.url, 1000))
        eventually(lambda: len([b for b in up.server.builds("web-build") if b.building]) == 1000)
        began = time.monotonic()
        tree = "computer[executors[currentExecutable[url,number,queueId,timestamp]]]"
        computer = up.json(f"/computer/api/json?tree={tree}")["computer"][0]
        took = time.monotonic() - began

    assert len({e["currentExecutable"]["number"] for e in computer["executors"]}) == 1000
    assert took < 5
