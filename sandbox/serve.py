"""The sandbox shop as a process of its own: `python -m sandbox.serve '{"pace": 1.0, "ports": {...}}'`.

Prints one line of JSON when it is ready: {"variables": {...}, "page": "http://..."} or {"error": "..."};
then serves until SIGTERM, SIGINT or the end of its standard input (its parent is gone).
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import threading
from typing import Any

from sandbox.jenkins import past as jenkins_past
from sandbox.kubernetes import past
from sandbox.world import World


async def serve(options: dict[str, Any]) -> int:
    world = World(options.get("pace", 1.0), options.get("ports", {}), options.get("seed_logs", True))
    try:
        await world.start()
        await past.remember(world.kubernetes)
        jenkins_past.remember(world.jenkins)
    except OSError as error:
        _say({"error": error.strerror or str(error)})
        return 1
    _say({"variables": world.variables(), "page": world.page.url})
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    threading.Thread(target=_await_parent, args=(loop, stop), daemon=True).start()
    await stop.wait()
    await world.stop()
    return 0


def _await_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    sys.stdin.read()
    loop.call_soon_threadsafe(stop.set)


def _say(facts: dict[str, Any]) -> None:
    print(json.dumps(facts), flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(asyncio.run(serve(json.loads(sys.argv[1]) if len(sys.argv) > 1 else {})))
