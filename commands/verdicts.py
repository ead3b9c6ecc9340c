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
from bot.trials import Verdict
from bot.words import with_reason
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

    def names(self, found: Tested) -> bool:
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

    def answer(self, asker: Person, on: Backends) -> Reply:
        found = _judge(self, asker, on)
        buttons = [
            Button(
                _("Promote to {environment}", environment=name),
                write(Promote(self.project, Environment(name))),
            )
            for name, environment in on.settings.environments.items()
            if environment.promotion and environment.promotion.after == self.environment
            if (self.project, name) in on.settings.targets()
        ]
        words = N_(":white_check_mark: {who} passed {image} ({digest}) in {target}")
        return says(_said(words, self, asker, found), *buttons, private=False)


@dataclass(frozen=True)
class Fail(Query):
    """Say that the image which runs there is bad: it is not promoted."""

    usage = "fail <project> in <environment> because <reason...>"
    examples = ("fail web in hidden because the basket is empty",)

    project: Project
    environment: Environment
    reason: Text

    def answer(self, asker: Person, on: Backends) -> Reply:
        found = _judge(self, asker, on)
        words = N_(":x: {who} failed {image} ({digest}) in {target}")
        return says(_said(words, self, asker, found), private=False)


def _judge(word: Pass | Fail, asker: Person, on: Backends) -> Tested:
    """Raises Refused while something changes there: nobody can have tested what comes.
    Also while it runs another image than the one that was named: a card may be older than what runs."""
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
    found = running(on.settings.target(word.project, word.environment), on)
    if isinstance(word, Pass) and word.image is not None and not word.image.names(found):
        raise Refused(
            _(
                "{target} runs {now} ({digest}) by now, not {image}. Nothing was recorded.",
                target=word.target,
                now=f"`{inert(tag(found.image))}`",
                digest=short(found.digest),
                image=f"`{inert(_named(word.image))}`",
            ),
            _(
                "Test what runs there, then say `{command}`.",
                command=write(replace(word, image=None, reason=None)),
            ),
        )
    verdict = Verdict(isinstance(word, Pass), asker.id, time.time(), word.reason or "")
    on.trials.judge(word.target, found.digest, verdict)
    return found


def _named(image: Judged) -> str:
    """Short enough for a phone."""
    name, at, digest = image.rpartition("@")
    if not digest.startswith("sha256:"):
        return image
    return f"{name} ({short(digest)})" if at else short(digest)


def _said(words: str, word: Pass | Fail, asker: Person, found: Tested) -> str:
    said = _(
        words,
        who=f"<@{asker.id}>",
        image=f"`{inert(tag(found.image))}`",
        digest=short(found.digest),
        target=word.target,
    )
    return with_reason(said, inert(word.reason or ""))
