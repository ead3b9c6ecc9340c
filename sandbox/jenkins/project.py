"""A job's state on the running server: its builds, whether it is disabled, how its next builds fail."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import mean
from urllib.parse import quote

from sandbox.jenkins.build import Build
from sandbox.jenkins.history import Checkout
from sandbox.jenkins.job import Failure, Job, Result

GOOD: frozenset[Result | None] = frozenset({"SUCCESS", "UNSTABLE"})
COLORS: dict[Result | None, str] = {
    None: "notbuilt",
    "SUCCESS": "blue",
    "UNSTABLE": "yellow",
    "FAILURE": "red",
    "ABORTED": "aborted",
}
PERMALINKS: dict[str, Callable[[Build], bool]] = {
    "lastBuild": lambda _: True,
    "lastCompletedBuild": lambda build: not build.building,
    "lastFailedBuild": lambda build: build.result == "FAILURE",
    "lastStableBuild": lambda build: build.result == "SUCCESS",
    "lastSuccessfulBuild": lambda build: build.result in GOOD,
    "lastUnstableBuild": lambda build: build.result == "UNSTABLE",
    "lastUnsuccessfulBuild": lambda build: not build.building and build.result != "SUCCESS",
}


@dataclass(eq=False)
class Project:
    """`root` gives the server's address, which ends in `/`. `builds` are oldest first."""

    job: Job
    root: Callable[[], str]
    builds: list[Build] = field(default_factory=list)
    queued: int = 0
    """How many of its builds wait in the queue."""
    disabled: bool = False
    failures: deque[Failure] = field(default_factory=deque)
    """How the next builds fail, one each."""

    @property
    def name(self) -> str:
        return self.job.full_name.rpartition("/")[2]

    @property
    def url(self) -> str:
        return self.root() + "".join(f"job/{quote(part)}/" for part in self.job.full_name.split("/"))

    @property
    def display_name(self) -> str:
        return self.job.full_name.replace("/", " » ")

    @property
    def next_number(self) -> int:
        return self.builds[-1].number + 1 if self.builds else 1

    @property
    def running(self) -> list[Build]:
        return [build for build in self.builds if build.building]

    @property
    def color(self) -> str:
        """Jenkins' ball: `blue`, `red_anime`, `disabled`."""
        last = self.permalink("lastCompletedBuild")
        color = "disabled" if self.disabled else COLORS[last.result if last else None]
        return f"{color}_anime" if self.builds and self.builds[-1].building else color

    def build(self, number: str) -> Build | None:
        """A build by number or permalink (`lastSuccessfulBuild`)."""
        if number in PERMALINKS:
            return self.permalink(number)
        return next((build for build in self.builds if build.number == int(number)), None)

    def permalink(self, name: str) -> Build | None:
        return next(filter(PERMALINKS[name], reversed(self.builds)), None)

    def last_checkout(self, line: str) -> Checkout | None:
        """What the newest build of that line checked out."""
        return next((b.checkout for b in reversed(self.builds) if b.checkout.line == line), None)

    def estimate(self) -> int:
        """Milliseconds: the mean of the last three good builds; -1: unknown (Job.getEstimatedDuration)."""
        good = [build for build in reversed(self.builds[-9:]) if build.result in GOOD][:3]
        return round(mean(build.duration for build in good) * 1000) if good else -1
