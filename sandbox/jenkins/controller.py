"""Jenkins' controller: takes triggers, hands queue items to executors, runs builds and ends them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from sandbox.images import Images
from sandbox.jenkins.build import Build, Cause, fill
from sandbox.jenkins.history import check_out, checkout_error
from sandbox.jenkins.job import Failure, Job, Result
from sandbox.jenkins.project import Project
from sandbox.jenkins.queue import Item, Queue, Timers

Spawn = Callable[[Awaitable[None]], asyncio.Task[None]]


@dataclass(frozen=True)
class Trigger:
    """One accepted request for a build; `at` in seconds of `time.monotonic()`."""

    at: float
    job: str
    parameters: Mapping[str, str]
    queue_id: int
    merged: bool


class Controller:
    """All of one Jenkins' state. Everything here runs in the server's event loop and never waits."""

    def __init__(
        self,
        jobs: Iterable[Job],
        images: Images,
        executors: int,
        timers: Timers,
        root: Callable[[], str],
        spawn: Spawn,
    ) -> None:
        self.projects = {job.full_name: Project(job, root) for job in jobs}
        self.queue = Queue(timers, self._due)
        self.executors: list[Build | None] = [None] * executors
        self.flyweight: list[Build] = []
        """Running pipelines: they have a "one-off executor" besides the executor that works for them."""
        self.triggers: list[Trigger] = []
        self._images = images
        self._timers = timers
        self._spawn = spawn
        self._ends: dict[Build, asyncio.TimerHandle] = {}
        self._releases: dict[Build, asyncio.Task[None]] = {}

    def schedule(
        self, project: Project, given: Mapping[str, str], cause: Cause, quiet: float
    ) -> tuple[Item, bool]:
        """Ask for a build; True: merged with one that waits already. Undeclared parameters are dropped."""
        declared = {p.name: given.get(p.name, p.default) for p in project.job.parameters}
        item, merged = self.queue.schedule(project, declared, cause, quiet)
        self.triggers.append(Trigger(time.monotonic(), project.job.full_name, declared, item.id, merged))
        return item, merged

    def cancel(self, item: Item, by: str) -> bool:
        """Take an item out of the queue; False: it has left already."""
        if item.state == "left":
            return False
        if item.part_of is not None:
            self.stop(item.part_of, by)
            return True
        self.queue.leave(item, None)
        return True

    def stop(self, build: Build, by: str) -> None:
        """Abort a build; nothing happens to one that has ended."""
        if not build.building:
            return
        if end := self._ends.pop(build, None):
            self._timers.stop(end)
        if release := self._releases.pop(build, None):
            release.cancel()
        self._finish(build, "ABORTED", f"Aborted by {by}")

    def _due(self, item: Item) -> None:
        """Its quiet period is over."""
        if not item.project.job.concurrent and item.project.running:
            self.queue.block(item)
        elif item.project.job.kind == "pipeline":
            build = self._create(item)
            self.flyweight.append(build)
            self.queue.want_executor(build)
            self._dispatch()
        else:
            self.queue.make_buildable(item)
            self._dispatch()

    def _dispatch(self) -> None:
        """Give free executors to the items that have waited longest."""
        while None in self.executors and (item := self.queue.next_buildable()) is not None:
            if item.part_of is None:
                build = self._create(item)
            else:
                build = item.part_of
                self.queue.leave(item, build)
            self.executors[self.executors.index(None)] = build
            self._work(build)

    def _create(self, item: Item) -> Build:
        project = item.project
        values = {p.name: p.default for p in project.job.parameters} | item.parameters
        found = check_out(project.job, values, project.last_checkout(values.get("LINE") or "trunk"))
        failure = project.failures.popleft() if project.failures else None
        build = Build(
            project,
            project.next_number,
            item.id,
            item.parameters,
            item.causes,
            found,
            failure,
            self._timers.pace,
        )
        build.failure = failure or _failure(build)
        project.builds.append(build)
        self.queue.leave(item, build)
        return build

    def _work(self, build: Build) -> None:
        self._ends[build] = self._timers.after(build.work(), partial(self._script_ended, build))

    def _script_ended(self, build: Build) -> None:
        del self._ends[build]
        if build.outcome == "FAILURE":
            self._finish(build, "FAILURE", *self._last_words(build))
            return
        script = build.project.job.script
        values = build.values
        build.artifacts = {path: fill(content, values) for path, content in script.artifacts.items()}
        rule = build.rule()
        if build.image and (rule is None or rule.pushes):
            self._images.push(build.image, rule.behaviour if rule else "runs", rule.log if rule else ())
        if script.on_release is None:
            self._finish(build, build.outcome)
        else:
            self._releases[build] = self._spawn(self._release(build, script.on_release(build.image, values)))

    async def _release(self, build: Build, release: Awaitable[None]) -> None:
        try:
            await release
        except Exception as error:  # noqa: BLE001  whatever deploying raises is a failing build, not our fault
            del self._releases[build]
            self._finish(build, "FAILURE", f"ERROR: {error}")
        else:
            del self._releases[build]
            self._finish(build, build.outcome)

    def _last_words(self, build: Build) -> tuple[str, ...]:
        if build.project.job.kind == "pipeline":
            return ("ERROR: script returned exit code 1",)
        return ("Build step 'Execute shell' marked build as failure",)

    def _finish(self, build: Build, result: Result, *lines: str) -> None:
        build.finish(result, *lines)
        if build in self.flyweight:
            self.flyweight.remove(build)
        if build in self.executors:
            self.executors[self.executors.index(build)] = None
        if build.working_since is None:
            self.queue.leave(next(item for item in self.queue if item.part_of is build), None)
        if not build.project.job.concurrent and (blocked := self.queue.blocked(build.project)) is not None:
            self._due(blocked)
        self._dispatch()

    def abandon(self) -> None:
        """Stop releasing; for a controller that is thrown away, whose timers have been stopped."""
        for release in self._releases.values():
            release.cancel()

    def fail_next(self, name: str, failure: Failure) -> None:
        """The next build of that job fails so. Raises KeyError (unknown job), ValueError (unknown stage)."""
        project = self.projects[name]
        stages = [stage.name for stage in project.job.script.stages]
        if failure.stage not in stages:
            raise ValueError(f"{name} has no stage {failure.stage!r}; it has {', '.join(stages)}")
        project.failures.append(failure)


def _failure(build: Build) -> Failure | None:
    """Why this build will fail: it asks for no revision at all, or a rule of its script says so."""
    script = build.project.job.script
    if error := checkout_error(build.checkout):
        return Failure(script.stages[0].name, error)
    rule = build.rule()
    return rule.failure if rule else None
