"""changes: the commits between what runs and what would run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Query
from bot.faults import Refused
from bot.grammar.values import Environment, Project
from bot.language import _, counted
from bot.mrkdwn import inert, link, marked
from bot.ports import Built, Commit, Person
from bot.reply import Block, Button, Buttons, Reply, Text, says
from bot.settings import Target
from bot.tickets import with_tickets
from commands.builds import of_line, same
from commands.changelog import Log, Unknown, known_builds, log_between, made
from commands.rolling import tag

SHOWN = 20


@dataclass(frozen=True)
class Changes(Query):
    """Show the commits between what runs and what would run."""

    reads = True
    usage = "changes <project> in <environment> [from <source>]"
    examples = ("changes web in trunk", "changes web from hidden to product")

    project: Project
    environment: Environment
    source: Environment | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        target = on.settings.target(self.project, self.environment)
        builds = known_builds(target, on)
        runs = on.cluster(target.cluster).image(target.place)
        try:
            if self.source is None:
                last = _latest(target, builds, on)
                whence = _("the latest build of {line}", line=target.line)
            else:
                image = self._elsewhere(asker, on)
                if same(image, runs):
                    words = _(
                        "{source} and {environment} run the same image, {image}.",
                        source=self.source,
                        environment=self.environment,
                        image=f"`{inert(tag(image))}`",
                    )
                    return says(words, private=False)
                last = made(target, image, builds, on)
                whence = f"{self.source}, `{inert(tag(image))}`"
            log = log_between(target, made(target, runs, builds, on), last, builds, on)
        except Unknown as unknown:
            words = _(
                ":warning: {target} runs {image}. {why}",
                target=f"*{target}*",
                image=f"`{inert(tag(runs))}`",
                why=marked(str(unknown)),
            )
            return says(words, private=False)
        return self._reply(log, tag(runs), whence, asker, on)

    def _elsewhere(self, asker: Person, on: Backends) -> str:
        assert self.source is not None
        if (self.project, self.source) not in on.policy.visible(asker, self.verb):
            raise Refused(_("You may not see what runs in {environment}.", environment=self.source))
        other = on.settings.target(self.project, self.source)
        return on.cluster(other.cluster).image(other.place)

    def _reply(self, log: Log, runs: str, whence: str, asker: Person, on: Backends) -> Reply:
        said = _summary(log, whence)
        head = _(
            "{target} runs {image}: {changes} ({older} to {newer})",
            target=f"*{self.target}*",
            image=f"`{inert(runs)}`",
            changes=said,
            older=_number(log.older),
            newer=_number(log.newer),
        )
        lines = [*commit_lines(log.commits, on, SHOWN), *([f":warning: {log.caveat}"] if log.lost else [])]
        blocks: tuple[Block, ...] = (Text("\n".join([head, *lines])), *self._button(log, asker, on))
        return Reply(f"{self.target}: {said}", blocks)

    def _button(self, log: Log, asker: Person, on: Backends) -> tuple[Buttons, ...]:
        """What runs elsewhere is promoted rather than deployed: only a build of the line itself is offered."""
        may = on.policy.may(asker, "deploy", self.project, self.environment).allowed
        if self.source is not None or log.back or log.newer == log.older or not may:
            return ()
        text = f"deploy {self.project} to {self.environment} build {log.newer.number}"
        label = _("Deploy to {environment}", environment=self.environment)
        return (Buttons((Button(label, text, confirm=on.catalogue.question(text)),)),)


def _summary(log: Log, whence: str) -> str:
    if not log.commits:
        return _("*no change* between it and {whence}", whence=whence)
    if log.back:
        return counted(
            "*{n} change* would be taken back by {whence}",
            "*{n} changes* would be taken back by {whence}",
            len(log.commits),
            whence=whence,
        )
    return counted("*{n} change* in {whence}", "*{n} changes* in {whence}", len(log.commits), whence=whence)


def _latest(target: Target, builds: list[Built], on: Backends) -> Built:
    """The latest build of the target's line that ended well. Raises Unknown."""
    job = on.settings.job(target.project, target.environment)
    of_it = of_line(builds, target.line, job, on.settings.lines(target.project))
    found = next((built for built in of_it if built.ended_well), None)
    if found is None:
        raise Unknown(
            _(
                "Jenkins knows no good build of {line}. `{command}` makes one.",
                line=target.line,
                command=f"build {target.project} {target.line}",
            )
        )
    return found


def commit_lines(commits: Sequence[Commit], on: Backends, most: int) -> list[str]:
    """One line each, tickets as links; the rest as a number."""
    lines = [
        f"• `{inert(_short(commit.id))}` {with_tickets(commit.message, on.settings.tickets)} · {inert(commit.author)}"
        for commit in commits[:most]
    ]
    left = len(commits) - most
    return [*lines, _("and {n} more", n=left)] if left > 0 else lines


def _short(commit: str) -> str:
    return commit if commit.startswith("r") else commit[:7]


def _number(built: Built) -> str:
    return _("build {build}", build=link(built.url, f"#{built.number}"))
