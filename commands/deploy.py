"""deploy: build a line, put the image into an environment, follow it until it is healthy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bot.backends import Backends
from bot.command import Later
from bot.faults import Refused
from bot.grammar.values import Environment, Project, Ref
from bot.language import _
from bot.operation import Outcome
from bot.ports import Place
from bot.settings import Settings
from bot.story import Story
from bot.words import sentences
from commands import building, by_job
from commands.building import BuildNumber
from commands.changelog import count_since
from commands.dry_run import Forecast, Foretold
from commands.effect import compare_later
from commands.past import CODE, bad_words, confirm_bad, confirm_outside, outside_words
from commands.presence import exact, must_be_pushed
from commands.rolling import (
    BEFORE,
    MAY_ROLL,
    ROLLOUT,
    SETS,
    follow,
    health,
    must_roll,
    named,
    nothing_runs,
    put_back,
    set_image,
    tag,
    waits,
    where,
)
from commands.way_back import with_way_back


@dataclass(frozen=True)
class Deploy(Later, Foretold):
    """Build a project's line, or take a build, and roll it out to one environment."""

    usage = "deploy <project> to <environment> [at <ref>] [build <build>] [at <time>] [--when-unlocked] [--dry-run]"
    examples = (
        "deploy web to trunk",
        "deploy web to dev at r1841",
        "deploy web to hidden at tag 3.2.0",
        "deploy web to trunk build 512",
        "deploy web to product at 22:00",
    )
    aliases = ("ship", "release")
    form = ("project", "environment", "ref", "build", "time", "when_unlocked")

    project: Project
    environment: Environment
    ref: Ref | None = None
    build: BuildNumber | None = None

    def plan(self, settings: Settings) -> dict[str, Any]:
        target = settings.target(self.project, self.environment)
        if self.ref and self.build:
            raise Refused(
                _(
                    "Build #{build} holds the revision it was built from: name the build or a revision.",
                    build=int(self.build),
                )
            )
        plan = {
            **building.planned(settings, self.project, self.environment, self.ref),
            "cluster": target.cluster,
            "place": asdict(target.place),
            "rolls_out": settings.projects[self.project].rolls_out,
        }
        what = building.shown(plan)
        if self.build:
            plan |= {"existing": int(self.build), "rolls_out": "shipmate"}
            what = _(
                "takes build #{build} of {job}, and builds nothing", build=int(self.build), job=plan["job"]
            )
        return {**plan, "shows": [what, _("sets its image in {target}", target=self.target)]}

    def live(self, plan: dict[str, Any], on: Backends) -> str:
        return on.cluster(plan["cluster"]).image(Place(**plan["place"]))

    def run(self, story: Story, on: Backends) -> Outcome:
        plan, limits = story.plan, on.settings.limits
        jenkins, (cluster, place) = on.builder(plan["jenkins"]), where(story, on)

        if self.ref is not None:
            confirm_bad(story, on, code=self.ref.name.removeprefix("r"))
        before = story.step(BEFORE, lambda: cluster.image(place))
        if plan["rolls_out"] == "shipmate":
            story.step(MAY_ROLL, lambda: must_roll(cluster.workload(place), self.target))
            confirm_outside(story, on, cluster, place, before)
        else:
            story.step(MAY_ROLL, lambda: health(cluster.workload(place)))
            by_job.still_runs(story, cluster, place, before, "")
        built = building.built(story, on)
        by_us = plan["rolls_out"] == "shipmate"  # a job sets the name that it knows

        def named_exactly(image: str) -> str:
            return exact(on, cluster.workload(place), image) if by_us else image

        image = building.image(story, jenkins, built, named_exactly)
        must_be_pushed(story, on, image, built["number"])
        code = story.step(CODE, lambda: built["revision"])
        confirm_bad(story, on, image, code)
        if plan["rolls_out"] == "jenkins":
            generation = story.step(ROLLOUT, lambda: by_job.set_by_job(cluster, place, image))
        else:
            generation = set_image(story, cluster, place, image)
        with with_way_back(story, on, cluster, place):
            reached = follow(story, cluster, place, generation, image, limits.rollout_minutes * 60, on)
        count_since(story, on, self.project, self.environment, before, built["number"])
        if on.settings.environments[self.environment].protected:
            compare_later(story, on)
        was = _("It ran {image} before.", image=tag(before)) if before != image else _("It ran that already.")
        if before != image and tag(before) == tag(image):
            was = _("It ran another image of the same tag before.")
        live = _("{image} is live on {target}.", image=tag(image), target=self.target)
        if reached.none:
            live = _("{image} is set on {target}.", image=tag(image), target=self.target)
        said = sentences(live, was, reached.caveat)
        return Outcome(said, image=image, unproven=reached.none, build=built["number"])

    def foretell(self, on: Backends) -> Forecast:
        plan = self.plan(on.settings)
        cluster, place = on.cluster(plan["cluster"]), Place(**plan["place"])
        now, lets_job = cluster.workload(place), plan["rolls_out"] == "jenkins"
        if not lets_job:
            must_roll(now, self.target)
        code = self.ref.name.removeprefix("r") if self.ref else ""
        asks = [bad_words(on, self.target, code=code)]
        if not lets_job:
            asks.append(outside_words(on, self.target, now.image, now))
        image = building.image_foretold(plan)
        return Forecast(
            (
                *(_("ask you first: {why}", why=why) for why in asks if why),
                *building.foretold(plan),
                _("wait at most {minutes} min for the build", minutes=on.settings.limits.build_minutes),
                _(by_job.EXPECTS if lets_job else SETS, **named(plan), before=now.image, image=image),
                *waits(now.wanted, on),
            ),
            nothing_runs(now),
        )

    def abort(self, story: Story, on: Backends) -> str:
        cluster, place = where(story, on)
        if story.plan["rolls_out"] == "jenkins":
            return by_job.undo_job(story, cluster, place, on)
        build = building.stop_build(story, on)
        return sentences(build, put_back(story, cluster, place, on, story.result("image")))
