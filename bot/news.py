"""News: what comes to somebody directly without their having asked for it then, and when it may come.

Told are whoever asked for a change and wants messages about theirs, and whoever follows its project.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from bot.actors import reading
from bot.faults import Refused
from bot.language import _
from bot.operation import Operation
from bot.ports import HOOK, Directory
from bot.preferences import ON, Preferences, Quiet
from bot.reply import Context, Reply
from bot.views import showing

if TYPE_CHECKING:
    from bot.chat import Posted
    from bot.outbox import Outbox
    from bot.policy import Policy

ENDED = "end:"
"""Before the id of an operation: what stands in somebody's line when it has ended."""


class News:
    """Methods raise RedisError, and Unavailable where nobody knows who somebody is."""

    def __init__(
        self, preferences: Preferences, directory: Directory, policy: Policy, outbox: Outbox
    ) -> None:
        self._preferences = preferences
        self._directory = directory
        self._policy = policy
        self._outbox = outbox

    def ended(self, operation: Operation, posted: Posted) -> None:
        """Put it in line for everybody who is to be told; done again it tells nobody again."""
        for user in sorted(self._readers(operation, posted)):
            self._outbox.news(user, ENDED + operation.id)

    def reading(self, user: str) -> AbstractContextManager[None]:
        """Within it texts come out in that person's language."""
        return reading(self._directory, user)

    def may_read(self, user: str, operation: Operation) -> bool:
        """Asked when it is told: rights may have been taken since they began to follow."""
        if user == operation.actor.id:
            return True
        project = operation.target.partition("/")[0]
        try:
            return self._policy.may(self._directory.person(user), "status", project, None).allowed
        except Refused:
            return False

    def waits(self, user: str, now: float) -> float:
        """Epoch seconds until which news for somebody waits; 0: it need not."""
        hours = self._preferences.of(user).quiet
        if not hours:
            return 0.0
        try:
            zone = self._directory.person(user).tz
        except Refused:
            zone = ""
        return Quiet(hours).ends(now, zone)

    def _readers(self, operation: Operation, posted: Posted) -> set[str]:
        asked, project = operation.actor.id, operation.target.partition("/")[0]
        followers = self._preferences.followers(project) if operation.steps and project else frozenset()
        wanted = self._preferences.of(asked).messages == ON or asked in followers
        if not wanted or asked.startswith(HOOK) or posted.channel.startswith("D"):
            return set(followers - {asked})
        return {*followers, asked}


def told(operation: Operation, posted: Posted | None) -> Reply:
    """The message as it stands, with where its thread is.

    https://docs.slack.dev/interactivity/deep-linking: a message's own address.
    """
    shown = showing(operation)
    if posted is None:
        return shown
    where = f"<https://slack.com/archives/{posted.channel}/p{posted.ts.replace('.', '')}|"
    link = _("{link}The message and its thread{end}", link=where, end=">")
    return Reply(shown.summary, (*shown.blocks, Context(link)))
