"""pass and fail: QA's word on the image that runs in an environment."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace

from bot.backends import Backends
from bot.command import Query
from bot.faults import Refused
from bot.grammar import Environment, Project, Text, Typed, write
from bot.language import N_, _
from bot.mrkdwn import inert
from bot.ports import Person
from bot.reply import Button, Reply, says
from bot.settings import Settings
from bot.trials import Trial, Verdict
from bot.words import listed, with_reason
from commands.promote import Promote
from commands.rolling import tag
from commands.tested import Tested, running, short


class Judged(Typed, str):
    """`releases-r1840-3`, its digest, or both as `tag@sha256:...`: then the digest decides."""

    expected = N_("an image tag such as 3.2.0, or a digest: sha256: and 64 digits")
    example = "3.2.0"

    @classmethod
    def read(cls, text: str) -> Judged:
        if not re.fullmatch(
            r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}@)?sha256:[0-9a-f]{64}|[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}",
            text,
        ):
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(text)

    def names(self, found: Tested | Trial) -> bool:
        return self.rpartition("@")[2] == found.digest if "sha256:" in self else self == tag(found.image)


@dataclass(frozen=True)
class Pass(Query):
    """Say that the image which runs there is good: it may be promoted."""

    usage = "pass <project> in <environment> [image <image>] [because <reason...>]"
    examples = ("pass web in hidden", "pass web in hidden because regression 3.2 is green")

    project: Project
    environment: Environment
    image: Judged | None = None
    reason: Text | None = None

    @classmethod
    def reaches(cls, environment: str, settings: Settings) -> bool:
        return is_tested(environment, settings)

    def answer(self, asker: Person, on: Backends) -> Reply:
        found = _running(self, on)
        if self.image is not None and not self.image.names(found):
            raise _other(self, self.image, found)
        on.trials.judge(self.target, found.digest, Verdict(True, asker.id, time.time(), self.reason or ""))
        buttons = [
            Button(
                _("Promote to {environment}", environment=name),
                write(Promote(self.project, Environment(name))),
            )
            for name in _next(self, on)
        ]
        words = N_(":white_check_mark: {who} passed {image} ({digest}) in {target}")
        return says(_said(words, self, asker, found), *buttons, private=False)


@dataclass(frozen=True)
class Fail(Query):
    """Say that the image which runs there, or one that ran there, is bad: it is not promoted."""

    usage = "fail <project> in <environment> [image <image>] because <reason...>"
    examples = (
        "fail web in hidden because the basket is empty",
        "fail web in hidden image releases-r1840-3 because it leaks",
    )

    project: Project
    environment: Environment
    reason: Text
    image: Judged | None = None

    @classmethod
    def reaches(cls, environment: str, settings: Settings) -> bool:
        return is_tested(environment, settings)

    def answer(self, asker: Person, on: Backends) -> Reply:
        found = self._meant(on)
        on.trials.judge(self.target, found.digest, Verdict(False, asker.id, time.time(), self.reason))
        words = N_(":x: {who} failed {image} ({digest}) in {target}")
        return says("\n".join([_said(words, self, asker, found), *self._blocks(found, on)]), private=False)

    def _meant(self, on: Backends) -> Tested | Trial:
        """What runs there; of a named image also one that ran there: it may be on its way already."""
        if self.image is None:
            return _running(self, on)
        known = [trial for trial in on.trials.trials(self.target) if self.image.names(trial)]
        if len(known) > 1:
            raise Refused(
                _(
                    "{image} named several images in {target}. Nothing was recorded.",
                    image=f"`{inert(_named(self.image))}`",
                    target=self.target,
                ),
                _("Name the digest: {digests}.", digests=", ".join(f"`{trial.digest}`" for trial in known)),
            )
        if known:
            return known[0]
        found = _running(self, on)
        if not self.image.names(found):
            raise _other(self, self.image, found)
        return found

    def _blocks(self, found: Tested | Trial, on: Backends) -> list[str]:
        """Where it does not come any more, and what is held back that was on its way."""
        names = _next(self, on)
        if not names:
            return [
                _("Nothing is promoted from {environment}: it is only noted.", environment=self.environment)
            ]
        lines = [
            _(
                "It is not promoted to {environments} until somebody passes it.",
                environments=listed(names),
            )
        ]
        for operation in on.ledger.active():
            if operation.verb == "promote" and found.digest in operation.text and not operation.final:
                held = N_("`{id}` for {target}, asked by {who}, is refused when its turn comes.")
                who = f"<@{operation.actor.id}>"
                lines.append(_(held, id=operation.id, target=operation.target, who=who))
        return lines


def is_tested(environment: str, settings: Settings) -> bool:
    """Whether an image goes on from there to somewhere else."""
    rules = (other.promotion for other in settings.environments.values())
    return any(rule is not None and rule.after == environment for rule in rules)


def _next(word: Pass | Fail, on: Backends) -> list[str]:
    """The environments to which it may be promoted from there."""
    return [
        name
        for name, environment in on.settings.environments.items()
        if environment.promotion and environment.promotion.after == word.environment
        if (word.project, name) in on.settings.targets()
    ]


def _running(word: Pass | Fail, on: Backends) -> Tested:
    """Raises Refused while something changes there: nobody can have tested what comes."""
    holder = on.ledger.holder(word.target)
    if holder is not None:
        raise Refused(
            _(
                "`{id}` ({text}) is under way: what runs in {target} is about to change.",
                id=holder.id,
                text=holder.text,
                target=word.target,
            ),
            _("Say it again when that has ended."),
        )
    return running(on.settings.target(word.project, word.environment), on)


def _other(word: Pass | Fail, image: Judged, found: Tested) -> Refused:
    """It runs another image than the one that was named: a card may be older than what runs."""
    return Refused(
        _(
            "{target} runs {now} ({digest}) by now, not {image}. Nothing was recorded.",
            target=word.target,
            now=f"`{inert(tag(found.image))}`",
            digest=short(found.digest),
            image=f"`{inert(_named(image))}`",
        ),
        _(
            "Test what runs there, then say `{command}`.",
            command=write(replace(word, image=None, reason=None)),
        )
        if isinstance(word, Pass)
        else _("See `images` for what ran where."),
    )


def _named(image: Judged) -> str:
    """Short enough for a phone."""
    name, at, digest = image.rpartition("@")
    if not digest.startswith("sha256:"):
        return image
    return f"{name} ({short(digest)})" if at else short(digest)


def _said(words: str, word: Pass | Fail, asker: Person, found: Tested | Trial) -> str:
    said = _(
        words,
        who=f"<@{asker.id}>",
        image=f"`{inert(tag(found.image))}`",
        digest=short(found.digest),
        target=word.target,
    )
    return with_reason(said, inert(word.reason or ""))
