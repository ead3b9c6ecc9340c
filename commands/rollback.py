"""rollback: back to an image that ran well before. Without saying which, it is a question."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.backends import Backends
from bot.command import Command
from bot.faults import Refused
from bot.grammar import write
from bot.grammar.values import Environment, Project, Version
from bot.language import N_, _, counted
from bot.mrkdwn import inert
from bot.operation import Outcome
from bot.ports import Place
from bot.settings import Settings
from bot.story import Story
from bot.words import commas, sentences
from commands import building, by_job
from commands.candidates import NO_EARLIER, OFFERED, Candidates, short
from commands.consequences import consequences, runs_already
from commands.dry_run import Forecast, Foretold
from commands.effect import compare_later
from commands.naming import Replaced
from commands.past import CHOSEN, Past, bad_words, confirm_bad, numbered, past_of
from commands.presence import look, must_be_kept, no_longer_kept, pushed_again
from commands.rolling import (
    BEFORE,
    ROLLOUT,
    SETS,
    cause_of,
    follow,
    must_replace,
    named,
    put_back,
    set_image,
    tag,
    waits,
    where,
)


@dataclass(frozen=True)
class Rollback(Foretold):
    """Put the previous good image back, or the one you name; without one, choose from those that ran well."""

    usage = "rollback <project> in <environment> [to <version>] [replacing <was>] [--dry-run]"
    examples = (
        "rollback web in product",
        "rollback web in product to previous",
        "rollback web in product to 1841",
        "rollback web in trunk to revision 12",
    )
    aliases = ("undo", "revert", "roll back")
    form = ("project", "environment", "version")
    goes_first = True
    passes = frozenset({"lock", "freeze"})
    story = 2

    project: Project
    environment: Environment
    version: Version | None = None
    was: Replaced | None = None
    """What runs as far as the person knows; if something else does, it asks."""

    def resolved(self) -> Command:
        return super().resolved() if self.version is not None else Candidates(self)

    def plan(self, settings: Settings) -> dict[str, Any]:
        target = settings.target(self.project, self.environment)
        plan = {"cluster": target.cluster, "place": asdict(target.place)}
        return (
            {**plan, **by_job.planned(settings, target)} if settings.projects[self.project].rollback else plan
        )

    def run(self, story: Story, on: Backends) -> Outcome:
        cluster, place = where(story, on)

        def choose() -> str:
            past = past_of(on, self.target, cluster, place)
            chosen = self._choose(current, past, story.operation.id, on)
            runs = chosen == current == cluster.images(place)
            if runs and not past.ended_by(story.operation.id):
                again = pushed_again(on, cluster.workload(place), chosen)
                raise runs_already(self.target, place, past, chosen, self._revision, again)
            return chosen

        def compare() -> dict[str, Any]:
            now, past = cluster.workload(place), past_of(on, self.target, cluster, place)
            must_replace(now, self.target)
            more = consequences(now, past, current, image, self._revision)
            return {"lines": [*self._passed_over(past, current, image, on), *more], "paused": now.paused}

        current = story.step(BEFORE, lambda: cluster.image(place))
        image = story.step(
            CHOSEN["rollback"],
            choose,
            tell=lambda chosen: _(
                "from {before} back to {image}",
                before=f"`{inert(tag(current))}`",
                image=f"`{inert(tag(chosen))}`",
            ),
        )
        compared = story.step("compared", compare, tell=lambda found: inert("\n".join(found["lines"])))
        self._ask_if_moved(story, current, image)
        must_be_kept(story, on, image)
        confirm_bad(story, on, image)
        if "job" in story.plan:
            current = by_job.still_runs(story, cluster, place, current, image)
            story.step(building.GOES_BACK, lambda: {"image": image, "tag": tag(image)})
            building.built(story, on)
            generation = story.step(ROLLOUT, lambda: by_job.set_by_job(cluster, place, image))
        else:
            generation = set_image(story, cluster, place, image)
        if compared["paused"]:
            generation = story.effect(
                "resumed", lambda: cluster.resume(place, cause_of(story), story.operation.id)
            )
        reached = follow(
            story, cluster, place, generation, image, on.settings.limits.rollout_minutes * 60, on
        )
        compare_later(story, on)
        names = {"target": self.target, "image": tag(image), "before": tag(current)}
        back = _("{target} is back on {image} (was {before}).", **names)
        return Outcome(sentences(back, reached.caveat), image=image, unproven=reached.none)

    def _ask_if_moved(self, story: Story, current: str, image: str) -> None:
        """The button that was tapped told of another image than the one that runs by now."""
        if self.was is None or tag(current) in (self.was, tag(image)):
            return
        question = _(
            "{target} runs `{current}` by now, not `{was}`. Go back to `{image}` all the same?",
            target=self.target,
            current=tag(current),
            was=self.was,
            image=tag(image),
        )
        story.ask("goes back although it has changed", question)

    def abort(self, story: Story, on: Backends) -> str:
        cluster, place = where(story, on)
        if "job" in story.plan:
            return by_job.undo_job(story, cluster, place, on)
        return put_back(story, cluster, place, on, story.result(CHOSEN["rollback"]))

    def foretell(self, on: Backends) -> Forecast:
        plan = self.plan(on.settings)
        cluster, place = on.cluster(plan["cluster"]), Place(**plan["place"])
        now, past = cluster.workload(place), past_of(on, self.target, cluster, place)
        current = now.image
        image = self._choose(current, past, "", on)
        holder = on.ledger.holder(self.target)
        ends = holder is not None and holder.verb in CHOSEN  # which is a change
        if image == current == cluster.images(place) and not ends:
            again = pushed_again(on, now, image)
            raise runs_already(self.target, place, past, image, self._revision, again)
        must_replace(now, self.target)
        if look(on, image) == "gone":
            raise no_longer_kept(self.target, image)
        bad = bad_words(on, self.target, image)
        sets = SETS if "job" not in plan else by_job.LETS
        return Forecast(
            (
                *([_("ask you first: {why}", why=bad)] if bad else ()),
                _(sets, **named(plan), before=current, image=image, job=plan.get("job", "")),
                *([_("let the rollouts of {target} go on", target=self.target)] if now.paused else ()),
                *waits(now.wanted, on),
            ),
            (
                *self._passed_over(past, current, image, on),
                *consequences(now, past, current, image, self._revision),
            ),
        )

    def _choose(self, current: str, past: Past, operation_id: str, on: Backends) -> str:
        assert self.version is not None
        if self.version == "previous":
            good = [past.restored(operation_id), *(earlier.image for earlier in past.good(current))]
            known = [image for image in good if image]
            found = [next((image for image in known if look(on, image) != "gone"), "".join(known[:1]))]
        elif self._revision is not None:
            found = [r.image for r in past.revisions if r.number == self._revision]
        else:
            known = past.known()
            found = [image for image in known if tag(image) == self.version]
            found = found or (numbered(self.version.number, known) if self.version.number else [])
        match list(filter(None, found)):
            case [image]:
                return image
            case []:
                raise self._nothing(past, current)
            case several:
                raise self._several(several)

    def _passed_over(self, past: Past, current: str, image: str, on: Backends) -> list[str]:
        """Images that ran later than the one that `previous` has become, and why it is none of them: the registry
        lost them, or nobody knows how they did."""
        if self.version != "previous":
            return []
        good = [earlier.image for earlier in past.good(current)]
        later = good[: good.index(image)] if image in good else []
        lost = (earlier for earlier in later if look(on, earlier) == "gone")
        lost_words = N_("{image} ran well later, but is no longer in the registry")
        unsure_words = N_("{image} ran later, but was set outside Shipmate: how well it did is not known")
        since = next((earlier.since for earlier in past.good(current) if earlier.image == image), math.inf)
        unsure = (earlier.image for earlier in past.unproven(current) if earlier.since > since)
        return [
            *(_(lost_words, image=tag(earlier)) for earlier in lost),
            *(_(unsure_words, image=tag(earlier)) for earlier in unsure),
        ]

    def _nothing(self, past: Past, current: str) -> Refused:
        if self.version == "previous":
            unproven = [earlier.image for earlier in past.unproven(current)]
            return (
                self._unproven(unproven)
                if unproven
                else Refused(_(NO_EARLIER, target=self.target), _("See `status` for what runs now."))
            )
        tags = commas(f"`{tag(image)}`" for image in past.known() if image != current)
        names = {"target": self.target, "version": self.version}
        there = f"{self.project} in {self.environment}"
        if not tags:
            nothing_else = _("{target} never ran {version}. It ran nothing else.", **names)
            return Refused(nothing_else, offers=((_("Status"), f"status {there}"),))
        others = (_("Choose another"), f"rollback {there}")
        return Refused(
            _("{target} never ran {version}. It ran: {images}.", images=tags, **names), offers=(others,)
        )

    def _unproven(self, images: list[str]) -> Refused:
        words = N_("What ran before on {target} was set outside Shipmate: how well it did is not known.")
        return Refused(_(words, target=self.target), _("Which one?"), self._offers(images))

    def _several(self, images: list[str]) -> Refused:
        names = {"version": self.version, "target": self.target}
        words = counted(
            "{version} fits {n} image of {target}.",
            "{version} fits {n} images of {target}.",
            len(images),
            **names,
        )
        return Refused(words, _("Which one?"), self._offers(images))

    def _offers(self, images: list[str]) -> tuple[tuple[str, str], ...]:
        """Labels and commands, latest first."""
        latest = images[:OFFERED]
        return tuple(zip(short([tag(image) for image in latest]), map(self.to, latest), strict=True))

    @property
    def _revision(self) -> int | None:
        """The revision that was named, if one was: its image may have had others since."""
        return self.version.revision if self.version is not None else None

    def to(self, image: str, current: str = "") -> str:
        """`current`: what runs as far as the person is told; then it asks if that has changed."""
        was = Replaced(tag(current)) if current else self.was
        return write(replace(self, version=Version(tag(image)), was=was))
