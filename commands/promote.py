"""promote: the image that was tested, exactly as it is, to the next environment. Without saying which, it is a
question: what is it, what does it bring, may it go?"""

from __future__ import annotations

import re
import time
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from bot.approvals import approval_for
from bot.backends import Backends
from bot.command import Command, Later, StandIn
from bot.faults import Failed, Refused, Unavailable
from bot.grammar import Environment, Project, Typed, write
from bot.images import ImageName
from bot.language import N_, _, counted
from bot.mrkdwn import inert
from bot.operation import Outcome
from bot.ports import Person, Place
from bot.reply import Block, Button, Buttons, Context, Reply, Text
from bot.settings import Settings, Target
from bot.settings.release import Promotion
from bot.shown import plainly
from bot.story import Story
from bot.trials import Verdict, objection
from bot.words import duration, sentences
from commands.changelog import Unknown, known_builds, log_between, made
from commands.changes import commit_lines
from commands.effect import compare_later
from commands.past import CHOSEN, confirm_bad, confirm_outside
from commands.rolling import BEFORE, MAY_ROLL, follow, must_roll, put_back, set_image, tag, where
from commands.tested import Tested, must_be_unmoved, running, short, trial_of
from commands.way_back import with_way_back

SHOWN = 10
LIVE = N_("{image} is live on {target}, the same image that ran in {environment}. It ran {before} before.")
SAME = N_("{image} is live on {target}, the same image that ran in {environment}. It ran that already.")


class Digest(Typed, str):
    """`releases-r1840-3@sha256:...`: a tag to be read, and the digest that decides."""

    expected = N_("an image as its button names it, such as 3.2.0@sha256: and 64 digits")
    example = "3.2.0@sha256:" + "0" * 64

    @classmethod
    def read(cls, text: str) -> Digest:
        if not re.fullmatch(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}@)?sha256:[0-9a-f]{64}", text):
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(text)

    @property
    def digest(self) -> str:
        return self.rpartition("@")[2]

    @property
    def shown(self) -> str:
        """The tag, and as much of the digest as fits a phone."""
        return f"{self.rpartition('@')[0]} ({short(self.digest)})".lstrip()


@dataclass(frozen=True)
class Promote(Later):
    """Bring the image that was tested in the environment before to the next one, exactly as it is."""

    usage = "promote <project> to <environment> [from <source>] [image <image>] [at <time>] [--when-unlocked]"
    examples = ("promote web to product", "promote web from hidden to product at 22:00")
    form = ("project", "environment", "time", "when_unlocked")

    project: Project
    environment: Environment
    source: Environment | None = None
    image: Digest | None = None

    def resolved(self) -> Command:
        return super().resolved() if self.image is not None else Proposal(self)

    @classmethod
    def reaches(cls, environment: str, settings: Settings) -> bool:
        return settings.environments[environment].promotion is not None

    def rule(self, settings: Settings) -> Promotion:
        """Raises Refused where nothing is promoted."""
        rule = settings.environments[self.environment].promotion
        if rule is None:
            raise Refused(
                _(
                    "Nothing is promoted to {environment}: shipmate.yaml has no `promotion` for it.",
                    environment=self.environment,
                ),
                _(
                    "`{command}` builds and deploys.",
                    command=f"deploy {self.project} to {self.environment}",
                ),
            )
        if self.source not in (None, rule.after):
            raise Refused(
                _(
                    "{project} is promoted to {environment} from {source} only.",
                    project=self.project,
                    environment=self.environment,
                    source=rule.after,
                )
            )
        if (self.project, rule.after) not in settings.targets():
            raise Refused(
                _(
                    "{project} does not run in {environment}, where it would be tested.",
                    project=self.project,
                    environment=rule.after,
                )
            )
        return rule

    def plan(self, settings: Settings) -> dict[str, Any]:
        assert self.image is not None
        rule, target = self.rule(settings), settings.target(self.project, self.environment)
        shows = [
            _("sets {image} in {target}", image=self.image.shown, target=self.target),
            _(
                "if it ran healthy in {target} and nobody has failed it since",
                target=f"{self.project}/{rule.after}",
            ),
        ]
        return {"cluster": target.cluster, "place": asdict(target.place), "shows": shows}

    def live(self, plan: dict[str, Any], on: Backends) -> str:
        return on.cluster(plan["cluster"]).image(Place(**plan["place"]))

    def context(self, plan: dict[str, Any], on: Backends) -> tuple[str, ...]:  # noqa: ARG002  # it is the image's
        """Who passed it, and what it brings."""
        assert self.image is not None
        rule, target = self.rule(on.settings), on.settings.target(self.project, self.environment)
        tested = f"{self.project}/{rule.after}", self.image.digest
        trial = on.trials.trial(*tested)
        return (
            _said_of_it(on.trials.verdict(*tested)),
            *(_changes(trial.image, target, on) if trial else ()),
        )

    def run(self, story: Story, on: Backends) -> Outcome:
        cluster, place = where(story, on)
        rule = self.rule(on.settings)

        def check() -> str:
            return self._tested(story.operation.actor, rule, on)

        before = story.step(BEFORE, lambda: cluster.image(place))
        ran = story.step("digest before", lambda: cluster.workload(place).digest)
        image = story.step(CHOSEN["promote"], check, tell=_as_tested)
        story.step(MAY_ROLL, lambda: must_roll(cluster.workload(place), self.target))
        confirm_bad(story, on, image)
        confirm_outside(story, on, cluster, place, before)
        generation = set_image(story, cluster, place, image)
        with with_way_back(story, on, cluster, place):
            minutes = on.settings.limits.rollout_minutes
            reached = follow(story, cluster, place, generation, image, minutes * 60, on)
        if on.settings.environments[self.environment].protected:
            compare_later(story, on)
        known = {"image": tag(image), "target": self.target, "environment": rule.after}
        same = before == image or ran == ImageName.parse(image).digest
        live = _(SAME, **known) if same else _(LIVE, before=tag(before), **known)
        if reached.none:
            live = _("{image} is set on {target}.", image=tag(image), target=self.target)
        return Outcome(sentences(live, reached.caveat), image=image, unproven=reached.none)

    def abort(self, story: Story, on: Backends) -> str:
        cluster, place = where(story, on)
        return put_back(story, cluster, place, on, story.result(CHOSEN["promote"]))

    def _tested(self, actor: Person, rule: Promotion, on: Backends) -> str:
        """The image to set, checked when it is about to be. Raises Refused."""
        assert self.image is not None
        source = on.settings.target(self.project, rule.after)
        trial = trial_of(source, self.image.digest, on)
        verdict = on.trials.verdict(str(source), self.image.digest)
        plain = plainly(lambda user: f"@{on.directory.person(user).name}", actor.tz)
        reason = objection(trial, verdict, rule, self.project, plain)
        if reason or trial is None:
            raise Refused(_("{image}: {why} Nothing was changed.", image=self.image.shown, why=reason))
        must_be_unmoved(trial.image, trial.digest, rule.after, on)
        return pinned(trial.image, trial.digest)


def _as_tested(image: str) -> str:
    return _("{image} as tested", image=f"`{inert(tag(image))}`")


def pinned(image: str, digest: str) -> str:
    """`image` with its tag for people, and the digest, which decides what is pulled."""
    return ImageName.parse(image).at(digest)


def _again(now: str, image: str) -> str:
    return f" ({_('the same tag, another image')})" if tag(now) == tag(image) else ""


@dataclass(frozen=True)
class Proposal(StandIn):
    """What would be promoted: the image, who passed it, what it brings; a button where it may go."""

    def answer(self, asker: Person, on: Backends) -> Reply:
        asked = cast(Promote, self.asked)
        rule, target = asked.rule(on.settings), on.settings.target(asked.project, asked.environment)
        source = on.settings.target(asked.project, rule.after)
        found = running(source, on)
        must_be_unmoved(found.image, found.digest, rule.after, on)
        verdict = on.trials.verdict(str(source), found.digest)
        reason = objection(found.trial, verdict, rule, asked.project)
        head = _(
            "*{project}: {source} to {environment}*",
            project=asked.project,
            source=rule.after,
            environment=asked.environment,
        )
        lines = [head, *self._facts(found, verdict, rule, target, on)]
        blocks: list[Block] = [Text("\n".join(lines)), Text("\n".join(_changes(found.image, target, on)))]
        if reason:
            blocks.append(Text(_(":no_entry_sign: *Not yet.* {why}", why=reason)))
            if rule.needs_pass and verdict is None:
                blocks += _verdict_of(asker, source, found, on)
            return Reply(_("{target}: not yet", target=asked.target), tuple(blocks), private=True)
        exact = replace(asked, image=Digest(f"{tag(found.image)}@{found.digest}"))
        blocks += self._ways(exact, on)
        ready = _("{target}: {image} is ready", target=asked.target, image=tag(found.image))
        return Reply(ready, tuple(blocks))

    def _facts(
        self, found: Tested, verdict: Verdict | None, rule: Promotion, target: Target, on: Backends
    ) -> list[str]:
        now = on.cluster(target.cluster).workload(target.place)
        ran = duration(time.time() - found.trial.since)
        healthy = _(
            "{image} ({digest}), healthy in {environment} for {length}",
            image=f"`{inert(tag(found.image))}`",
            digest=short(found.digest),
            environment=rule.after,
            length=ran,
        )
        lines = [
            healthy,
            *([_said_of_it(verdict)] if _may_be_said(verdict, rule) else ()),
            _("The same image runs there already.")
            if found.digest == now.digest
            else _("Replaces {image}", image=f"`{inert(tag(now.image))}`{_again(now.image, found.image)}"),
        ]
        locks = [lock for lock in on.locks.standing(time.time()) if lock.covers(str(target))]
        return lines + [f":lock: {lock.said()}" for lock in locks]

    def _ways(self, exact: Promote, on: Backends) -> list[Block]:
        approval = approval_for(exact, on.settings, on.policy)
        words = _("Needs no approval.")
        if approval:
            words = counted(
                "Needs {n} approval by role {role} ({who}).",
                "Needs {n} approvals by role {role} ({who}).",
                approval["count"],
                role=approval["role"],
                who=approval["who"],
            )
        there = {"project": exact.project, "environment": exact.environment}
        question = _("Promote {project} to {environment}?", **there)
        if exact.time:
            question = _("Promote {project} to {environment} at {time}?", time=exact.time, **there)
        return [Context(words), Buttons((Button(_("Promote"), write(exact), "primary", question),))]


def _may_be_said(verdict: Verdict | None, rule: Promotion) -> bool:
    """What else holds it back, the card says further below."""
    return not rule.needs_pass if verdict is None else verdict.passed


def _said_of_it(verdict: Verdict | None) -> str:
    if verdict is None:
        return _("Nobody has said `pass` or `fail`.")
    return f"{':ballot_box_with_check:' if verdict.passed else ':no_entry_sign:'} {verdict.said()}"


def _verdict_of(asker: Person, source: Target, found: Tested, on: Backends) -> list[Block]:
    """The way on for whoever may say that it is good; a `fail` needs words of its own. It names the image: by the
    time it is tapped another one may run there."""
    if not on.policy.may(asker, "pass", source.project, source.environment).allowed:
        return []
    label = _("Pass in {environment}", environment=source.environment)
    image = f"{tag(found.image)}@{found.digest}"
    text = f"pass {source.project} in {source.environment} image {image}"
    return [Buttons((Button(label, text, "primary"),))]


def _changes(image: str, target: Target, on: Backends) -> list[str]:
    """What it brings to what runs there; a Jenkins that cannot say holds nothing up."""
    try:
        builds = known_builds(target, on)
        runs = on.cluster(target.cluster).image(target.place)
        log = log_between(target, made(target, runs, builds, on), made(target, image, builds, on), builds, on)
    except (Unknown, Unavailable, Failed, Refused) as unknown:
        return [_("_What it brings is not known: {why}_", why=inert(str(unknown)))]
    count = len(log.commits)
    head = (
        counted("It takes back {n} change:", "It takes back {n} changes:", count)
        if log.back
        else counted("It brings {n} change:", "It brings {n} changes:", count)
    )
    return [head, *commit_lines(log.commits, on, SHOWN), *([log.caveat] if log.lost else [])]
