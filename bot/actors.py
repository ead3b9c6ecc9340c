"""Who asks: people, whom a chat system knows, and hooks, whom the configuration knows."""

from __future__ import annotations

from collections.abc import Collection

from bot.faults import Refused
from bot.ports import HOOK, Directory, Person


class Actors:
    """A `bot.ports.Directory` that knows hooks too. `team`: the workspace that they act for."""

    def __init__(self, people: Directory, hooks: Collection[str], team: str) -> None:
        self._people = people
        self._hooks = hooks
        self._team = team

    def person(self, user_id: str, team: str = "") -> Person:
        """Raises Refused for a hook that is not configured any more, and what the directory raises."""
        if not user_id.startswith(HOOK):
            return self._people.person(user_id, team)
        name = user_id.removeprefix(HOOK)
        if name not in self._hooks:
            raise Refused(f"There is no hook {name} in shipmate.yaml any more.")
        return Person(user_id, f"the {name} hook", team=self._team)
