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
from bot.mrkdwn import inert
from bot.operation import Outcome
from bot.ports import Person, Place
from bot.reply import Block, Button, Buttons, Context, Reply, Text
from bot.settings import Settings, Target
from bot.settings.release import Promotion
from bot.shown import plainly
from bot.story import Story
from bot.trials import Verdict, objection
from bot.words import duration, plural
from commands.changelog import Unknown, known_builds, log_between, made
from commands.changes import commit_lines
from commands.past import CHOSEN, confirm_bad, confirm_outside
from commands.rolling import BEFORE, follow, must_roll, put_back, set_image, tag, where
from commands.tested import Tested, must_be_unmoved, running, short, trial_of

SHOWN = 10


class Digest(Typed, str):
    """`releases-r1840-3@sha256:...`: a tag to be read, and the digest that decides."""

    expected = "an image as its button names it, such as 3.2.0@sha256: and 64 digits"
    example = "3.2.0@sha256:" + "0" * 64

    @classmethod
    def read(cls, text: str) -> Digest:
        if not re.fullmatch(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}@)?sha256:[0-9a-f]{64}", text):
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(text)

    @property
    def digest(self) -> str:
        return self.rpartition("@")[2]


@dataclass(frozen=True)
class Promote(Later):
    """Bring the image that was tested in the environment before to the next one, exactly as it is."""

    usage = "promote <project> to <environment> [image <image>] [at <time>] [--when-unlocked]"
    examples = ("promote web to product", "promote web to product at 22:00")
    form = ("project", "environment", "time", "when_unlocked")

    project: Project
    environment: Environment
    image: Digest | None = None

    def resolved(self) -> Command:
        return super().resolved() if self.image is not None else Proposal(self)

    def rule(self, settings: Settings) -> Promotion:
        """Raises Refused where nothing is promoted."""
        rule = settings.environments[self.environment].promotion
        if rule is None:
            raise Refused(
                f"Nothing is promoted to {self.environment}: shipmate.yaml has no `promotion` for it.",
                f"`deploy {self.project} to {self.environment}` builds and deploys.",
            )
        if (self.project, rule.after) not in settings.targets():
            raise Refused(f"{self.project} does not run in {rule.after}, where it would be tested.")
        return rule

    def plan(self, settings: Settings) -> dict[str, Any]:
        assert self.image is not None
        rule, target = self.rule(settings), settings.target(self.project, self.environment)
        shows = [
            f"sets {self.image} in {self.target}",
            f"if it ran healthy in {self.project}/{rule.after} and nobody has failed it since",
        ]
        return {"cluster": target.cluster, "place": asdict(target.place), "shows": shows}

    def live(self, plan: dict[str, Any], on: Backends) -> str:
        return on.cluster(plan["cluster"]).image(Place(**plan["place"]))

    def run(self, story: Story, on: Backends) -> Outcome:
        cluster, place = where(story, on)
        rule = self.rule(on.settings)

        def check() -> str:
            return self._tested(story.operation.actor, rule, on)

        before = story.step(BEFORE, lambda: cluster.image(place))
        image = story.step(CHOSEN["promote"], check, tell=lambda found: f"`{inert(tag(found))}` as tested")
        story.step("may roll", lambda: must_roll(cluster, place, self.target))
        confirm_bad(story, on, image)
        confirm_outside(story, on, cluster, place, before)
        generation = set_image(story, cluster, place, image)
        follow(story, cluster, place, generation, image, on.settings.limits.rollout_minutes * 60, on)
        was = f"It ran {tag(before)} before." if before != image else "It ran that already."
        words = f"{tag(image)} is live on {self.target}, the same image that ran in {rule.after}. {was}"
        return Outcome(words, image=image)

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
            raise Refused(f"{self.image}: {reason} Nothing was changed.")
        must_be_unmoved(trial.image, trial.digest, rule.after, on)
        return pinned(trial.image, trial.digest)


def pinned(image: str, digest: str) -> str:
    """`image` with its tag for people, and the digest, which decides what is pulled."""
    name = ImageName.parse(image)
    return f"{name.place}:{name.tag}@{digest}" if name.tag else f"{name.place}@{digest}"


@dataclass(frozen=True)
class Proposal(StandIn):
    """What would be promoted: the image, who passed it, what it brings; a button where it may go."""

    def answer(self, asker: Person, on: Backends) -> Reply:  # noqa: ARG002  # every query is asked by somebody
        asked = cast(Promote, self.asked)
        rule, target = asked.rule(on.settings), on.settings.target(asked.project, asked.environment)
        source = on.settings.target(asked.project, rule.after)
        found = running(source, on)
        must_be_unmoved(found.image, found.digest, rule.after, on)
        verdict = on.trials.verdict(str(source), found.digest)
        reason = objection(found.trial, verdict, rule, asked.project)
        head = f"*{asked.project}: {rule.after} to {asked.environment}*"
        lines = [head, *self._facts(found, verdict, source, target, on)]
        blocks: list[Block] = [Text("\n".join(lines)), Text("\n".join(_changes(found.image, target, on)))]
        if reason:
            blocks.append(Text(f":no_entry_sign: *Not yet.* {reason}"))
            return Reply(f"{asked.target}: not yet", tuple(blocks))
        exact = replace(asked, image=Digest(f"{tag(found.image)}@{found.digest}"))
        blocks += self._ways(exact, on)
        return Reply(f"{asked.target}: {tag(found.image)} is ready", tuple(blocks))

    def _facts(
        self, found: Tested, verdict: Verdict | None, source: Target, target: Target, on: Backends
    ) -> list[str]:
        now = on.cluster(target.cluster).image(target.place)
        ran = duration(time.time() - found.trial.since)
        lines = [
            f"`{inert(tag(found.image))}` ({short(found.digest)}), healthy in {source.environment} for {ran}",
            f":ballot_box_with_check: {verdict.said()}" if verdict else "Nobody has said `pass` or `fail`.",
            f"Replaces `{inert(tag(now))}`" if now != found.image else "The same image runs there already.",
        ]
        locks = [lock for lock in on.locks.standing(time.time()) if lock.covers(str(target))]
        return lines + [f":lock: {lock.said()}" for lock in locks]

    def _ways(self, exact: Promote, on: Backends) -> list[Block]:
        approval = approval_for(exact, on.settings, on.policy)
        words = (
            f"Needs {plural(approval['count'], 'approval')} by role {approval['role']} ({approval['who']})."
            if approval
            else "Needs no approval."
        )
        text = write(exact)
        when = f" at {exact.time}" if exact.time else ""
        question = f"Promote {exact.project} to {exact.environment}{when}?"
        return [Context(words), Buttons((Button("Promote", text, "primary", question),))]


def _changes(image: str, target: Target, on: Backends) -> list[str]:
    """What it brings to what runs there; a Jenkins that cannot say holds nothing up."""
    try:
        builds = known_builds(target, on)
        runs = on.cluster(target.cluster).image(target.place)
        log = log_between(target, made(target, runs, builds, on), made(target, image, builds, on), builds, on)
    except (Unknown, Unavailable, Failed, Refused) as unknown:
        return [f"_What it brings is not known: {inert(str(unknown))}_"]
    count = plural(len(log.commits), "change")
    head = f"It takes back {count}:" if log.back else f"It brings {count}:"
    return [head, *commit_lines(log.commits, on, SHOWN)]
