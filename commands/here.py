"""here: what the channel stands for, so that commands in it need less typing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.backends import Backends
from bot.command import Control
from bot.faults import Refused
from bot.grammar import Environment, Project, write
from bot.language import _
from bot.ports import Person
from bot.reply import Button, Reply, says


@dataclass(frozen=True)
class HereIs(Control):
    """Let a channel stand for a project, or for a target: commands there need not name it."""

    usage = "here [<project>] [in <environment>] [--nothing]"
    examples = ("here is web/trunk", "here is web", "here", "here --nothing")
    aliases = ("here is",)

    project: Project | None = None
    environment: Environment | None = None
    nothing: bool = False

    def answer(self, asker: Person, on: Backends) -> Reply:  # noqa: ARG002  # every command is asked by somebody
        if not self.nothing and self.project is None and self.environment is None:
            return _told(on.here.of(on.channel))
        if not on.channel.startswith(("C", "G")):
            raise Refused(_("Only a channel can stand for something."), _("Say it in the channel."))
        on.here.set(on.channel, "" if self.nothing else self._stand(on))
        if self.nothing:
            return says(_("This channel stands for nothing any more."), private=False)
        return _told(on.here.of(on.channel))

    def _stand(self, on: Backends) -> str:
        """Raises Refused, and NoSuchTarget for a target that there is not."""
        if self.project is None:
            raise Refused(
                _("A channel stands for a project first."),
                _("For example `{command}`.", command=self._example(on)),
            )
        if self.environment is None:
            return self.project
        on.settings.target(self.project, self.environment)
        if on.settings.environments[self.environment].protected:
            raise Refused(
                _(
                    "{environment} must be named every time: no channel stands for it.",
                    environment=self.environment,
                ),
                _("You can say `here is {project}`.", project=self.project),
            )
        return f"{self.project}/{self.environment}"

    def _example(self, on: Backends) -> str:
        """One that is not refused."""
        free = [name for name, own in on.settings.environments.items() if not own.protected]
        place = self.environment if self.environment in free else next(iter(free), "")
        project = Project(next(iter(on.settings.projects), "web"))
        return write(replace(self, project=project, environment=Environment(place) if place else None))


def _told(stand: str) -> Reply:
    if not stand:
        return says(_("This channel stands for nothing: every command names its project and environment."))
    undo = Button(_("Undo"), "here --nothing")
    said = _("This channel stands for *{stand}*: commands here need not name it.", stand=stand)
    return says(said, undo, private=False)
