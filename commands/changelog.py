"""What changed between two images: the commits of every build between the ones that made them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.backends import Backends
from bot.changelogs import Changelogs
from bot.faults import Failed, Refused, Unavailable
from bot.language import _, counted
from bot.ports import Built, Commit
from bot.settings import Target
from bot.story import Story
from commands.builds import MOST_BUILDS, between, line_of, maker, of_line
from commands.rolling import tag


@dataclass(frozen=True)
class Log:
    """From one build of a line to another; `back`: the second is the older one."""

    older: Built
    newer: Built
    commits: tuple[Commit, ...]
    """Newest first."""
    back: bool = False


class Unknown(Exception):
    """Why nobody can say what changed, in a sentence for people."""


def known_builds(target: Target, on: Backends) -> list[Built]:
    """Of the target's job, newest first."""
    job = on.settings.job(target.project, target.environment)
    return on.builder(job.jenkins).builds(job.path, MOST_BUILDS)


def made(target: Target, image: str, builds: list[Built], on: Backends) -> Built:
    """The build that made `image`. Raises Unknown."""
    found = maker(target, image, builds, on)
    if found is None:
        raise Unknown(
            _("Which build made {image}, Jenkins does not know, or not any more.", image=tag(image))
        )
    return found


def log_between(target: Target, first: Built, last: Built, builds: list[Built], on: Backends) -> Log:
    """Raises Unknown for builds of two lines: what one holds and the other does not, no build says."""
    job, lines = on.settings.job(target.project, target.environment), on.settings.lines(target.project)
    line, other = (line_of(job, built.parameters, lines) for built in (first, last))
    if line != other:
        raise Unknown(
            _(
                "Build #{first} is of {line}, build #{last} of {other}: Jenkins compares builds of one line "
                "only.",
                first=first.number,
                line=line,
                last=last.number,
                other=other,
            )
        )
    older, newer = sorted((first, last), key=lambda built: built.number)
    commits = between(of_line(builds, line, job, lines), older.number, newer.number)
    return Log(older, newer, tuple(commits), back=first.number > last.number)


def count_since(
    story: Story, on: Backends, project: str, environment: str, image: str, number: int
) -> int | None:
    """How many changes build `number` brings to what runs, told in the message; None: nobody knows.

    A system that cannot say holds nothing up.
    """

    def count() -> int | None:
        target = on.settings.target(project, environment)
        try:
            builds = known_builds(target, on)
            last = next((built for built in builds if built.number == number), None)
            if last is None:
                return None
            log = log_between(target, made(target, image, builds, on), last, builds, on)
        except (Unknown, Unavailable, Failed, Refused):
            return None
        kept = Changelogs(on.ledger.redis)
        kept.keep(story.operation.id, number, last.url, log.commits, log.back)
        return -len(log.commits) if log.back else len(log.commits)

    def told(found: int | None) -> str:
        if found is None:
            return ""
        if found < 0:
            return counted(
                "takes back {n} change of {image}",
                "takes back {n} changes of {image}",
                -found,
                image=f"`{tag(image)}`",
            )
        return counted(
            "{n} change since {image}", "{n} changes since {image}", found, image=f"`{tag(image)}`"
        )

    found: int | None = story.step("changes", count, tell=told)
    return found
