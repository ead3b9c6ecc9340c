"""follow, unfollow: a direct message when a change of a project has ended, whoever asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Control, Scope
from bot.grammar import Project
from bot.language import _
from bot.ports import Person
from bot.reply import Button, Reply, says


@dataclass(frozen=True)
class Follow(Control):
    """Be told directly when a change of a project has ended, whoever asked for it."""

    usage = "follow <project>"
    examples = ("follow web",)
    aliases = ("settings follow",)

    project: Project

    @property
    def scope(self) -> Scope:
        """Whoever may see a project may follow it."""
        return Scope("status", self.project, None)

    def answer(self, asker: Person, on: Backends) -> Reply:
        on.preferences.follow(asker.id, self.project)
        on.homes.chosen(asker.id)
        words = _(
            "You follow *{project}*: you get a message when a change there has ended.", project=self.project
        )
        return says(words, Button(_("Unfollow"), f"unfollow {self.project}"))


@dataclass(frozen=True)
class Unfollow(Control):
    """Be told no more of a project's changes."""

    usage = "unfollow <project>"
    examples = ("unfollow web",)
    aliases = ("settings unfollow",)

    project: Project

    def answer(self, asker: Person, on: Backends) -> Reply:
        on.preferences.follow(asker.id, self.project, wanted=False)
        on.homes.chosen(asker.id)
        words = _("You follow *{project}* no more.", project=self.project)
        return says(words, Button(_("Follow again"), f"follow {self.project}"))
