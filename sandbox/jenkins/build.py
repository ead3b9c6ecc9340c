"""One build. What it shows at any moment is computed from the clock, so a running build costs one timer."""

from __future__ import annotations

import bisect
import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from sandbox.jenkins.history import Checkout, checkout_console
from sandbox.jenkins.job import Failure, Result, Rule, Stage
from sandbox.jenkins.log import Log, Repeated

if TYPE_CHECKING:
    from sandbox.jenkins.project import Project

StageStatus = Literal["IN_PROGRESS", "SUCCESS", "UNSTABLE", "FAILED", "ABORTED"]
FAILED_STAGE: Mapping[Result, StageStatus] = {
    "SUCCESS": "SUCCESS",
    "UNSTABLE": "UNSTABLE",
    "FAILURE": "FAILED",
    "ABORTED": "ABORTED",
}


def fill(template: str, values: Mapping[str, str]) -> str:
    """`template` with each `{NAME}` replaced; other braces stay, for consoles hold those too."""
    return re.sub(r"\{([A-Z_]+)\}", lambda found: values.get(found[1], found[0]), template)


@dataclass(frozen=True)
class Cause:
    """The user who asked for a build."""

    user_id: str
    user_name: str


@dataclass(frozen=True)
class Span:
    """One stage on the clock: seconds after the build began to work."""

    stage: Stage
    begin: float
    end: float


@dataclass(frozen=True)
class StageView:
    """A stage as seen at some moment; times in epoch seconds, and seconds."""

    name: str
    status: StageStatus
    begin: float
    duration: float


@dataclass(eq=False)
class Build:
    """A build of `project`; times in epoch seconds. `work` starts it, `finish` ends it."""

    project: Project
    number: int
    queue_id: int
    parameters: dict[str, str]
    causes: list[Cause]
    checkout: Checkout
    failure: Failure | None
    pace: float
    created: float = field(default_factory=time.time)
    working_since: float | None = None
    """When it got its executor; None: not yet (pipelines wait for one inside their build)."""
    ended: float | None = None
    result: Result | None = None
    artifacts: dict[str, str] = field(default_factory=dict)
    description: str | None = None
    spans: tuple[Span, ...] = ()
    console: list[tuple[float, str]] = field(default_factory=list)
    """Lines with the epoch second at which each appears."""

    def __post_init__(self) -> None:
        self._print(self.created, *self._opening())

    @property
    def building(self) -> bool:
        return self.result is None

    @property
    def url(self) -> str:
        return f"{self.project.url}{self.number}/"

    @property
    def workspace(self) -> str:
        return f"/var/jenkins_home/workspace/{self.project.job.full_name}"

    @property
    def values(self) -> dict[str, str]:
        """What templates may use; see `Stage`."""
        job = self.project.job
        values = {p.name: p.default for p in job.parameters} | self.parameters
        values |= {
            "PROJECT": job.project,
            "LINE": self.checkout.line,
            "REVISION": self.checkout.label,
            "COMMIT": self.checkout.revision,
            "JOB_NAME": job.full_name,
            "BUILD_NUMBER": str(self.number),
            "BUILD_URL": self.url,
            "WORKSPACE": self.workspace,
        }
        image = fill(job.script.image, values)
        repository, _, tag = image.rpartition(":")
        digest = "sha256:" + hashlib.sha256(image.encode()).hexdigest()
        return values | {"IMAGE": image, "REPOSITORY": repository, "TAG": tag, "DIGEST": digest}

    @property
    def image(self) -> str:
        return self.values["IMAGE"]

    @property
    def outcome(self) -> Result:
        """What it will end as, if nobody stops it and its release succeeds."""
        return self.failure.result if self.failure else "SUCCESS"

    @property
    def duration(self) -> float:
        """Seconds; 0 while it runs, as in Jenkins."""
        return self.ended - self.created if self.ended else 0.0

    def rule(self) -> Rule | None:
        """The first rule of the script that this build matches."""
        values = self.values
        return next(
            (
                rule
                for rule in self.project.job.script.rules
                if rule.value in {values.get(rule.parameter), self.parameters.get(rule.parameter)}
            ),
            None,
        )

    def work(self) -> float:
        """Start on the script; returns the seconds at pace 1 that it will take, releasing apart."""
        self.working_since = time.time()
        self.spans = self._plan()
        pipeline = self.project.job.kind == "pipeline"
        if pipeline:
            self._print(self.working_since, f"Running on Jenkins in {self.workspace}", "[Pipeline] {")
        values = self.values
        for index, span in enumerate(self.spans):
            opening = checkout_console(self.checkout, self.workspace) if index == 0 else ()
            lines = [*opening, *(fill(line, values) for line in span.stage.console)]
            if self.failure and self.failure.stage == span.stage.name:
                lines += [
                    line if isinstance(line, Repeated) else fill(line, values)
                    for line in self.failure.console
                ]
            self._print_spread(span, _as_pipeline(span.stage.name, lines) if pipeline else lines)
        return sum(span.stage.seconds for span in self.spans)

    def finish(self, result: Result, *lines: str) -> None:
        """Freeze the build with this result; `lines` are the last words of its console before `Finished:`."""
        now = time.time()
        self.console = [line for line in self.console if line[0] <= now]
        self.result, self.ended = result, now
        closing = ("[Pipeline] }", "[Pipeline] // node", "[Pipeline] End of Pipeline")
        pipeline = self.project.job.kind == "pipeline"
        self._print(now, *(closing if pipeline else ()), *lines, f"Finished: {result}")

    def log(self) -> Log:
        """The console so far."""
        shown = bisect.bisect_right(self.console, time.time(), key=lambda line: line[0])
        return Log(line for _, line in self.console[:shown])

    def text(self) -> str:
        return self.log().text()

    def stages(self) -> list[StageView]:
        """The stages that have begun."""
        if self.working_since is None:
            return []
        now = self.ended or time.time()
        elapsed = now - self.working_since
        begun = [span for span in self.spans if span.begin <= elapsed]
        return [self._view(span, elapsed, last=span is begun[-1]) for span in begun]

    def _view(self, span: Span, elapsed: float, *, last: bool) -> StageView:
        assert self.working_since is not None
        status: StageStatus = "SUCCESS"
        if self.result is None:
            # The last stage lasts until the build ends: releasing takes as long as it takes.
            status = "IN_PROGRESS" if elapsed < span.end or span is self.spans[-1] else "SUCCESS"
        elif self.result == "UNSTABLE":
            status = "UNSTABLE" if self.failure and self.failure.stage == span.stage.name else "SUCCESS"
        elif last:
            status = FAILED_STAGE[self.result]
        until = elapsed if last else span.end
        return StageView(span.stage.name, status, self.working_since + span.begin, until - span.begin)

    def _plan(self) -> tuple[Span, ...]:
        spans = []
        begin = 0.0
        for stage in self.project.job.script.stages:
            end = begin + stage.seconds * self.pace
            spans.append(Span(stage, begin, end))
            begin = end
            if self.failure and self.failure.result == "FAILURE" and self.failure.stage == stage.name:
                break
        return tuple(spans)

    def _opening(self) -> tuple[str, ...]:
        started = tuple(f"Started by user {cause.user_name}" for cause in self.causes)
        if self.project.job.kind == "pipeline":
            return (*started, "[Pipeline] Start of Pipeline", "[Pipeline] node")
        return (*started, "Running as SYSTEM", f"Building in workspace {self.workspace}")

    def _print(self, at: float, *lines: str) -> None:
        self.console += [(at, line) for line in lines]

    def _print_spread(self, span: Span, lines: list[str]) -> None:
        assert self.working_since is not None
        step = (span.end - span.begin) / (len(lines) + 1)
        begin = self.working_since + span.begin
        self.console += [(begin + index * step, line) for index, line in enumerate(lines)]


def _as_pipeline(name: str, lines: list[str]) -> list[str]:
    return ["[Pipeline] stage", f"[Pipeline] {{ ({name})", *lines, "[Pipeline] }", "[Pipeline] // stage"]
