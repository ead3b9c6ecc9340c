"""Who asks: people, whom a chat system knows, and hooks, whom the configuration knows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace

from bot.faults import Refused
from bot.language import _, speaking, spoken
from bot.ports import HOOK, Directory, Person


def nothing_chosen(_user_id: str) -> str:
    return ""


class Actors:
    """A `bot.ports.Directory` that knows hooks too. `team`: the workspace that they act for.

    Here it is decided in which language somebody is spoken to: the one that they chose (`chosen`, by user id;
    empty: none), else that of their chat, else the shop's own.
    """

    def __init__(
        self,
        people: Directory,
        hooks: Collection[str],
        team: str,
        chosen: Callable[[str], str] = nothing_chosen,
    ) -> None:
        self._people = people
        self._hooks = hooks
        self._team = team
        self._chosen = chosen

    def person(self, user_id: str, team: str = "") -> Person:
        """Raises Refused for a hook that is not configured any more, and what the directory raises."""
        if not user_id.startswith(HOOK):
            person = self._people.person(user_id, team)
            return replace(person, language=self._chosen(user_id) or person.language)
        name = user_id.removeprefix(HOOK)
        if name not in self._hooks:
            raise Refused(_("There is no hook {name} in shipmate.yaml any more.", name=name))
        return Person(user_id, _("the {name} hook", name=name), team=self._team)


@contextmanager
def reading(directory: Directory, user_id: str, team: str = "") -> Iterator[None]:
    """Within it texts come out in that person's language; who is not known does not change it."""
    try:
        language = directory.person(user_id, team).language
    except Exception:  # noqa: BLE001  # what asks next who they are tells what is wrong
        language = spoken()
    with speaking(language):
        yield
