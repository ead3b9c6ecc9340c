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
from commands.builds import MOST_BUILDS, line_of, maker, of_line
from commands.lineage import Lineage, is_older
from commands.rolling import tag


@dataclass(frozen=True)
class Log:
    """From one build of a line to another; `back`: the second is the older one."""

    older: Built
    newer: Built
    commits: tuple[Commit, ...]
    """Newest first."""
    back: bool = False
    lost: int = 0
    """Builds in between that Jenkins no longer has: their commits are missing."""

    @property
    def caveat(self) -> str:
        """A sentence about them; empty when there are none."""
        return (
            counted(
                "Jenkins no longer has {n} build in between: changes that came with it are missing here.",
                "Jenkins no longer has {n} builds in between: changes that came with them are missing here.",
                self.lost,
            )
            if self.lost
            else ""
        )


class Unknown(Exception):
    """Why nobody can say what changed, in a sentence for people."""


class Older(Unknown):
    """It takes something back, though nobody knows all of it."""


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
    """Which of two builds holds more, their revisions say: a later one may be of older code. A tag of Subversion,
    whose revisions are those of the whole repository, is compared by the line of its environment, from which it
    was cut. Raises Unknown where Jenkins does not know all that lies between them."""
    job, lines = on.settings.job(target.project, target.environment), on.settings.lines(target.project)
    line, other = (line_of(job, built.parameters, lines) for built in (first, last))
    by_number = on.settings.projects[target.project].source == "svn"
    if line != other and not (by_number and {line, other} - set(lines)):
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
    of = line if line == other else next((known for known in (line, other) if known in lines), target.line)
    lineage = Lineage.of(of_line(builds, of, job, lines), by_number=by_number)
    here, there = lineage.place(first), lineage.place(last)
    if first.number == last.number:
        return Log(first, last, ())
    if here is None or there is None:
        raise _unknown(first, last, by_number=by_number)
    older, newer = (first, last) if here <= there else (last, first)
    return Log(older, newer, lineage.between(here, there), there < here, _lost(first, last, builds))


def _lost(first: Built, last: Built, builds: list[Built]) -> int:
    """How many numbers between two builds no build of the job has any more; each may have been of this line."""
    between = range(min(first.number, last.number), max(first.number, last.number))
    return len(set(between[1:]) - {built.number for built in builds})


def _unknown(first: Built, last: Built, *, by_number: bool) -> Unknown:
    """That something is taken back is said also where nobody knows what."""
    if by_number and is_older(last, first):
        return Older(
            _(
                "It is older code, {older} after {newer}: it takes back what came between, and Jenkins does not "
                "know all of that.",
                older=f"r{last.revision}",
                newer=f"r{first.revision}",
            )
        )
    return Unknown(
        _(
            "Jenkins does not know, or not any more, all that lies between build #{first} and build #{last}.",
            first=first.number,
            last=last.number,
        )
    )


def count_since(
    story: Story, on: Backends, project: str, environment: str, image: str, number: int
) -> int | None:
    """How many changes build `number` brings to what runs, told in the message; None: nobody knows.

    A system that cannot say holds nothing up.
    """

    why: list[str] = []

    def count() -> int | None:
        target = on.settings.target(project, environment)
        try:
            builds = known_builds(target, on)
            last = next((built for built in builds if built.number == number), None)
            if last is None:
                return None
            log = log_between(target, made(target, image, builds, on), last, builds, on)
            if log.caveat:
                raise Unknown(log.caveat)  # a number that is too low would be believed
        except (Unknown, Unavailable, Failed, Refused) as unknown:
            why.extend([str(unknown)] if isinstance(unknown, Older) else [])
            return None
        kept = Changelogs(on.ledger.redis)
        kept.keep(story.operation.id, number, last.url, log.commits, log.back)
        return -len(log.commits) if log.back else len(log.commits)

    def told(found: int | None) -> str:
        if found is None:
            return why[0] if why else ""
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
