"""What goes wrong: processes die, Redis dies, backends refuse, hang, break off and answer with errors."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field

from benchmarks.chaos.progress import Progress
from benchmarks.chaos.shop import NAMELESS
from sandbox.crew import Crew
from sandbox.jenkins.shop import SHIPMATE
from sandbox.redis import RedisServer
from sandbox.server import Fault, Server
from sandbox.world import WorldThread

CREW = ("bot", "web", "worker", "worker.2", "watcher")
"""Workers do not fork: there is no work-horse to be killed apart from its worker."""
STRANGERS_EVERY = 4.0
ORPHANS = Fault("reset", rate=0.25, match=f"{NAMELESS.rpartition('/')[2]}/buildWithParameters", when="after")
"""The job that names nobody builds for someone who does not hear of it."""
RATE = 0.13
"""Share of calls to each backend that go wrong; reads, which nothing can happen after, a little less."""
WRITES = "^(POST|PUT|PATCH) "
HANG_SECONDS = 2.0
"""Longer than the backends' time-out in `shop.py`."""
CLOSED_SECONDS = 1.0
CALM = 3.0
"""So many times fewer kills once the backends work: what one blow costs is measured then, not a series."""

BEFORE = (
    Fault("refuse"),
    Fault("hang", seconds=HANG_SECONDS),
    Fault("reset"),
    Fault("error", status=500),
    Fault("error", status=503),
    Fault("throttle", seconds=1),
)
"""Nothing was done."""
AFTER = (
    Fault("hang", match=WRITES, seconds=HANG_SECONDS, when="after"),
    Fault("reset", match=WRITES, when="after"),
    Fault("error", match=WRITES, status=502, when="after"),
    Fault("refuse", match=WRITES, when="after"),
)
"""It was done, and the answer was lost."""


def _rated(fault: Fault, rate: float, match: str) -> Fault:
    return Fault(fault.kind, rate, match or fault.match, None, fault.seconds, fault.status, fault.when)


@dataclass
class Accidents:
    """All choices come from `seed`; when exactly they take effect depends on the machine."""

    seed: int
    crew: Crew
    redis: RedisServer
    thread: WorldThread
    progress: Progress
    kills: int = 0
    redis_kills: int = 0
    closed: int = 0
    strangers: int = 0
    """Builds that somebody else asked for with our account, of the job that does not say whose a build is."""
    calls: int = 0
    quits: list[str] = field(default_factory=list)
    """Processes that ended by themselves and were started again, as a supervisor does."""
    _slower: float = 1.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _crew_lock: threading.Lock = field(default_factory=threading.Lock)

    # -- processes and Redis

    def start(self, redis_every: float) -> None:
        """Kill something about every second, and Redis every `redis_every` seconds."""
        loops = (
            (self._kill_processes, ()),
            (self._kill_redis, (redis_every,)),
            (self._supervise, ()),
            (self._build_by_hand, ()),
        )
        for target, arguments in loops:
            thread = threading.Thread(target=target, args=arguments, name=target.__name__)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """No more kills; everything runs when it returns."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _kill_processes(self) -> None:
        dice = random.Random(f"kills {self.seed}")
        while not self._stop.wait(dice.uniform(0.6, 1.4) * self._slower):
            name, pause = dice.choice(CREW), dice.uniform(0.05, 0.5)
            with self._crew_lock:
                under_way = self.progress.under_way(name)
                self.crew.kill(name)
                self.progress.struck(f"kill {name}", under_way)
                self.kills += 1
            self._stop.wait(pause)
            with self._crew_lock:
                self.crew.start(name)

    def _kill_redis(self, every: float) -> None:
        dice = random.Random(f"redis {self.seed}")
        while not self._stop.wait(dice.uniform(0.7, 1.3) * every * self._slower):
            under_way = self.progress.under_way("redis")
            self.redis.kill()
            self._stop.wait(dice.uniform(0.1, 1.5))
            self.redis.start()
            self.progress.struck("kill redis", under_way)
            self.kills += 1
            self.redis_kills += 1

    def _build_by_hand(self) -> None:
        dice = random.Random(f"strangers {self.seed}")
        controller = self.thread.world.jenkins.controller
        while not self._stop.wait(dice.uniform(0.5, 1.5) * STRANGERS_EVERY):
            given = {"LINE": dice.choice(("dev", "trunk", "releases")), "REVISION": "HEAD"}
            project = controller.projects[NAMELESS]
            self.thread.call(controller.schedule, project, given, SHIPMATE.cause, 0)
            self.strangers += 1

    def _supervise(self) -> None:
        while not self._stop.wait(0.5):
            with self._crew_lock:
                for name in [n for n, process in self.crew.running.items() if process.poll() is not None]:
                    self.quits.append(name)
                    self.crew.start(name)

    # -- backends

    def break_backends(self) -> None:
        """About one call in ten goes wrong, and now and then a port is closed for a second."""
        self.thread.call(self._set_faults)
        self._closing = threading.Thread(target=self._close_ports, name="ports")
        self._mended = threading.Event()
        self._closing.start()

    def mend_backends(self) -> None:
        self._mended.set()
        self._closing.join()
        self._slower = CALM
        under_way = self.progress.under_way("backends")
        for server in self._backends():
            self.thread.call(server.faults.clear)
            self.calls += len(server.calls)
        self.progress.struck("faults end", under_way)

    @property
    def faults(self) -> int:
        return sum(server.faults.hits for server in self._backends()) + self.closed

    def _backends(self) -> list[Server]:
        world = self.thread.world
        return [world.jenkins, world.kubernetes, world.slack]

    def _set_faults(self) -> None:
        for server in self._backends():
            server.faults.random = random.Random(f"faults {server.name} {self.seed}")
            match = "/api/" if server.name == "slack" else ""  # not the socket: its process is killed instead
            for fault in BEFORE:
                server.faults.set(_rated(fault, RATE * 0.6 / len(BEFORE), match))
            if server is self.thread.world.jenkins:
                server.faults.set(ORPHANS)
            for fault in AFTER:
                server.faults.set(_rated(fault, RATE * 0.4 / len(AFTER), match))

    def _close_ports(self) -> None:
        dice = random.Random(f"ports {self.seed}")
        while not self._mended.wait(dice.uniform(5, 10)):
            server = dice.choice(self._backends())
            self.thread.run(server.deafen())
            self.closed += 1
            time.sleep(CLOSED_SECONDS)
            self.thread.run(server.listen())
