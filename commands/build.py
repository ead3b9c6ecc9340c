"""build: have Jenkins build a line, and deploy nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.backends import Backends
from bot.command import Change, Scope
from bot.faults import Refused
from bot.grammar.values import Line, Project, Ref
from bot.language import N_, _, counted
from bot.operation import Outcome
from bot.settings import Settings
from bot.story import Story
from bot.words import commas
from commands import building
from commands.changelog import count_since
from commands.presence import must_be_pushed
from commands.rolling import BEFORE, tag

SINCE = N_(
    "Build {build} of {line} ready: {changes} since what runs in {environment}. Image {image}. "
    "Nothing was deployed."
)
BACK = N_(
    "Build {build} of {line} ready: it takes back {changes} of what runs in {environment}. Image {image}. "
    "Nothing was deployed."
)


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

    def scopes(self, settings: Settings) -> tuple[Scope, ...]:
        """Whoever may build in an environment may build the line that is deployed to it."""
        where = _environments(settings, self.project, self.line)
        return tuple(Scope(self.verb, self.project, name) for name in where) or (self.scope,)

    def plan(self, settings: Settings) -> dict[str, Any]:
        if settings.projects[self.project].rolls_out == "jenkins":
            raise Refused(
                _(
                    "The job of {project} rolls out what it builds: it cannot build alone.",
                    project=self.project,
                ),
                _("Type `{command}` and an environment.", command=f"deploy {self.project} to"),
            )
        environment = self._environment(settings)
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
        ready: dict[str, Any] = {"build": built["number"], "line": self.line, "image": tag(image)}
        if count is None:
            words = _("Build {build} of {line} ready. Image {image}. Nothing was deployed.", **ready)
        else:
            changes = counted("{n} change", "{n} changes", abs(count))
            words = _(SINCE if count >= 0 else BACK, changes=changes, environment=environment, **ready)
        command = f"deploy {self.project} to {environment} build {built['number']}"
        label = _("Deploy to {environment}", environment=environment)
        return Outcome(words, build=built["number"], offers=((label, command),))

    def abort(self, story: Story, on: Backends) -> str:
        return building.stop_build(story, on)

    def _environment(self, settings: Settings) -> str:
        """The first that takes the line. Raises Refused when the project has no such line."""
        where = _environments(settings, self.project, self.line)
        if where:
            return where[0]
        known = commas(settings.lines(self.project))
        raise Refused(
            _(
                "{project} has no line {line}. It has {known}.",
                project=self.project,
                line=self.line,
                known=known,
            )
        )


def _environments(settings: Settings, project: str, line: str) -> list[str]:
    """Those that take the line, in the order in which changes travel."""
    return [
        environment
        for name, environment in settings.targets()
        if name == project and settings.target(name, environment).line == line
    ]
