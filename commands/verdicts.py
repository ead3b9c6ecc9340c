"""pass and fail: QA's word on the image that runs in an environment."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Query
from bot.faults import Refused
from bot.grammar import Environment, Project, Text, write
from bot.language import N_, _
from bot.mrkdwn import inert
from bot.ports import Person
from bot.reply import Button, Reply, says
from bot.trials import Verdict
from bot.words import with_reason
from commands.promote import Promote
from commands.rolling import tag
from commands.tested import Tested, running, short


@dataclass(frozen=True)
class Pass(Query):
    """Say that the image which runs there is good: it may be promoted."""

    usage = "pass <project> in <environment> [because <reason...>]"
    examples = ("pass web in hidden", "pass web in hidden because regression 3.2 is green")

    project: Project
    environment: Environment
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
    found = running(on.settings.target(word.project, word.environment), on)
    verdict = Verdict(isinstance(word, Pass), asker.id, time.time(), word.reason or "")
    on.trials.judge(word.target, found.digest, verdict)
    return found


def _said(words: str, word: Pass | Fail, asker: Person, found: Tested) -> str:
    said = _(
        words,
        who=f"<@{asker.id}>",
        image=f"`{inert(tag(found.image))}`",
        digest=short(found.digest),
        target=word.target,
    )
    return with_reason(said, inert(word.reason or ""))
