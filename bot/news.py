"""News: what comes to somebody directly without their having asked for it then, and when it may come.

Told are whoever asked for a change and wants messages about theirs, and whoever follows its project.
"""

from __future__ import annotations

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
    from bot.outbox import Outbox, Posted
    from bot.policy import Policy


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
            with reading(self._directory, user):
                self._outbox.tell(user, _told(operation.anew(), posted), f"{operation.id}:end:{user}")

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
        found = {user for user in followers - {asked} if self._may_see(user, project)}
        wanted = self._preferences.of(asked).messages == ON or asked in followers
        if wanted and not asked.startswith(HOOK) and not posted.channel.startswith("D"):
            found.add(asked)
        return found

    def _may_see(self, user: str, project: str) -> bool:
        """Asked again each time: rights may have been taken since they began to follow."""
        try:
            return self._policy.may(self._directory.person(user), "status", project, None).allowed
        except Refused:
            return False


def _told(operation: Operation, posted: Posted) -> Reply:
    """The message as it stands, with where its thread is.

    https://docs.slack.dev/interactivity/deep-linking: a message's own address.
    """
    shown = showing(operation)
    where = f"<https://slack.com/archives/{posted.channel}/p{posted.ts.replace('.', '')}|"
    link = _("{link}The message and its thread{end}", link=where, end=">")
    return Reply(shown.summary, (*shown.blocks, Context(link)))
