"""pause and resume: hold a rollout where it is, and let it go on. Beside what runs there, or before it begins."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bot.backends import Backends
from bot.command import Change
from bot.grammar.values import Environment, Project
from bot.language import N_, _
from bot.operation import Outcome
from bot.ports import Cluster, Place
from bot.settings import Settings
from bot.story import Story
from commands.rolling import cause_of, follow, untouched, where

SET, WAS = "set", "was paused"  # not said: names of steps
"""Undoing puts back only what the command itself has changed: somebody else's pause stays."""


@dataclass(frozen=True)
class Switch(Change):
    """Of the two commands each undoes the other."""

    story = 2
    lane = "rollout"

    project: Project
    environment: Environment

    def plan(self, settings: Settings) -> dict[str, Any]:
        target = settings.target(self.project, self.environment)
        return {"cluster": target.cluster, "place": asdict(target.place)}

    def switched(self, story: Story, cluster: Cluster, place: Place, paused: bool) -> int:
        """Set it once; returns the generation to follow."""
        act = cluster.pause if paused else cluster.resume
        story.step(WAS, lambda: cluster.workload(place).paused)
        return story.effect(SET, lambda: act(place, cause_of(story), story.operation.id))

    def put_back(self, story: Story, on: Backends, paused: bool, same: str, again: str) -> str:
        """Undo what made it `paused`. `same`, `again`: what is said where it was so before, and where it was not."""
        if not story.began(SET):
            return untouched(self.target)
        if story.result(WAS) == paused:
            return _(same, target=self.target)
        cluster, place = where(story, on)
        undo = cluster.resume if paused else cluster.pause
        story.effect("put back", lambda: undo(place, cause_of(story), story.operation.id))
        return _(again, target=self.target)


@dataclass(frozen=True)
class Pause(Switch):
    """Hold the rollout of a target where it is; new images wait."""

    usage = "pause <project> in <environment>"
    examples = ("pause web in product",)
    passes = frozenset({"freeze"})  # `resume` does not: it may let a new image out

    def run(self, story: Story, on: Backends) -> Outcome:
        self.switched(story, *where(story, on), paused=True)
        resume = f"`resume {self.project} in {self.environment}`"
        words = _(
            "Rollouts of {target} are paused. {resume} lets them go on.", target=self.target, resume=resume
        )
        return Outcome(words)

    def abort(self, story: Story, on: Backends) -> str:
        same = N_("Rollouts of {target} were paused before, and stay so.")
        return self.put_back(story, on, True, same, N_("Rollouts of {target} go on again."))


@dataclass(frozen=True)
class Resume(Switch):
    """Let a paused rollout go on."""

    usage = "resume <project> in <environment>"
    examples = ("resume web in product",)
    aliases = ("unpause",)

    def run(self, story: Story, on: Backends) -> Outcome:
        cluster, place = where(story, on)
        image = story.step("image", lambda: cluster.images(place))
        generation = self.switched(story, cluster, place, paused=False)
        reached = follow(
            story, cluster, place, generation, image, on.settings.limits.rollout_minutes * 60, on
        )
        words = N_("Rollouts of {target} go on; {ready} of {ready} pods are healthy.")
        return Outcome(_(words, target=self.target, ready=reached.ready))

    def abort(self, story: Story, on: Backends) -> str:
        same = N_("Rollouts of {target} were not paused, and go on.")
        return self.put_back(story, on, False, same, N_("Rollouts of {target} are paused again."))
