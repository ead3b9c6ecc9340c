"""build: have Jenkins build a line, and deploy nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.backends import Backends
from bot.command import Change
from bot.faults import Refused
from bot.grammar.values import Line, Project, Ref
from bot.operation import Outcome
from bot.settings import Settings
from bot.story import Story
from bot.words import plural
from commands import building
from commands.changelog import count_since
from commands.presence import must_be_pushed
from commands.rolling import BEFORE, tag


@dataclass(frozen=True)
class Build(Change):
    """Build a line of a project, without deploying it."""

    usage = "build <project> <line> [at <ref>]"
    examples = ("build web trunk", "build web trunk at r1841")

    project: Project
    line: Line
    ref: Ref | None = None

    @property
    def target(self) -> str:
        """It touches no environment, so it reserves none: nobody waits for a build of somebody else's."""
        return str(self.project)

    def plan(self, settings: Settings) -> dict[str, Any]:
        if settings.projects[self.project].rolls_out == "jenkins":
            raise Refused(
                f"The job of {self.project} rolls out what it builds: it cannot build alone.",
                f"Type `deploy {self.project} to` and an environment.",
            )
        environment = _environment(settings, self.project, self.line)
        plan = building.planned(settings, self.project, environment, self.ref)
        return {**plan, "environment": environment, "shows": [building.shown(plan)]}

    def run(self, story: Story, on: Backends) -> Outcome:
        plan, environment = story.plan, story.plan["environment"]
        jenkins = on.builder(plan["jenkins"])
        target = on.settings.target(self.project, environment)

        built = building.built(story, on)
        image = building.image(story, jenkins, built)
        must_be_pushed(story, on, image, built["number"])
        running = story.step(BEFORE, lambda: on.cluster(target.cluster).image(target.place))
        count = count_since(story, on, self.project, environment, running, built["number"])
        since = f": {plural(count, 'change')} since what runs in {environment}" if count is not None else ""
        command = f"deploy {self.project} to {environment} build {built['number']}"
        return Outcome(
            f"Build {built['number']} of {self.line} ready{since}. Image {tag(image)}. Nothing was deployed.",
            build=built["number"],
            offers=((f"Deploy to {environment}", command),),
        )

    def abort(self, story: Story, on: Backends) -> str:
        return building.stop_build(story, on)


def _environment(settings: Settings, project: str, line: str) -> str:
    """The first that takes the line. Raises Refused when the project has no such line."""
    for name, environment in settings.targets():
        if name == project and settings.target(name, environment).line == line:
            return environment
    known = ", ".join(settings.lines(project))
    raise Refused(f"{project} has no line {line}. It has {known}.")
