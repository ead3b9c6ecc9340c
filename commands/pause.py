"""pause and resume: hold a rollout where it is, and let it go on. Beside what runs there, or before it begins."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bot.backends import Backends
from bot.command import Change
from bot.grammar.values import Environment, Project
from bot.operation import Outcome
from bot.settings import Settings
from bot.story import Story
from commands.rolling import follow, where

SET, WAS = "set", "was paused"
"""Undoing puts back only what the command itself has changed: somebody else's pause stays."""


@dataclass(frozen=True)
class Pause(Change):
    """Hold the rollout of a target where it is; new images wait."""

    usage = "pause <project> in <environment>"
    examples = ("pause web in product",)
    story = 2
    passes = frozenset({"freeze"})  # `resume` does not: it may let a new image out
    lane = "rollout"

    project: Project
    environment: Environment

    def plan(self, settings: Settings) -> dict[str, Any]:
        return _plan(self, settings)

    def run(self, story: Story, on: Backends) -> Outcome:
        cluster, place = where(story, on)
        story.step(WAS, lambda: cluster.workload(place).paused)
        story.effect(SET, lambda: cluster.pause(place, story.operation.id))
        words = f"`resume {self.project} in {self.environment}`"
        return Outcome(f"Rollouts of {self.target} are paused. {words} lets them go on.")

    def abort(self, story: Story, on: Backends) -> str:
        if not story.began(SET):
            return f"{self.target} was not touched."
        if story.result(WAS):
            return f"Rollouts of {self.target} were paused before, and stay so."
        cluster, place = where(story, on)
        story.effect("put back", lambda: cluster.resume(place, story.operation.id))
        return f"Rollouts of {self.target} go on again."


@dataclass(frozen=True)
class Resume(Change):
    """Let a paused rollout go on."""

    usage = "resume <project> in <environment>"
    examples = ("resume web in product",)
    aliases = ("unpause",)
    story = 2
    lane = "rollout"

    project: Project
    environment: Environment

    def plan(self, settings: Settings) -> dict[str, Any]:
        return _plan(self, settings)

    def run(self, story: Story, on: Backends) -> Outcome:
        cluster, place = where(story, on)
        story.step(WAS, lambda: cluster.workload(place).paused)
        image = story.step("image", lambda: cluster.image(place))
        generation = story.effect(SET, lambda: cluster.resume(place, story.operation.id))
        ready = follow(story, cluster, place, generation, image, on.settings.limits.rollout_minutes * 60, on)
        return Outcome(f"Rollouts of {self.target} go on; {ready} of {ready} pods are healthy.")

    def abort(self, story: Story, on: Backends) -> str:
        if not story.began(SET):
            return f"{self.target} was not touched."
        if not story.result(WAS):
            return f"Rollouts of {self.target} were not paused, and go on."
        cluster, place = where(story, on)
        story.effect("put back", lambda: cluster.pause(place, story.operation.id))
        return f"Rollouts of {self.target} are paused again."


def _plan(command: Pause | Resume, settings: Settings) -> dict[str, Any]:
    target = settings.target(command.project, command.environment)
    return {"cluster": target.cluster, "place": asdict(target.place)}
