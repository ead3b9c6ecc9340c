"""The three kinds of bad news that a person can meet, and how a change ends badly."""

from __future__ import annotations

from dataclasses import dataclass

from bot.language import _
from bot.words import sentences


class Refused(Exception):
    """A person must change something first. Nothing was started."""

    def __init__(self, message: str, hint: str = "", offers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        """What to do or type instead; may be empty."""
        self.offers = offers
        """Buttons that do it: what each shows, and the command that it stands for."""

    @property
    def words(self) -> str:
        return sentences(self.message, self.hint)


class Forbidden(Refused):
    """A system does not let whoever asks do this (403), however often they ask."""


class Changed(Refused):
    """What a plan relied on is no longer so: somebody else was at work. Nothing was done.

    A command that can ask the person goes on with `found`; elsewhere it is a refusal.
    """

    def __init__(self, what: str, expected: str, found: str) -> None:
        super().__init__(
            _(
                "{what} is {found} now, not {expected}: somebody changed it meanwhile. Nothing was changed.",
                what=what,
                found=_brief(found),
                expected=_brief(expected),
            ),
            _("Look with `status`, then ask again."),
        )
        self.expected = expected
        self.found = found
        """In full: an image's whole name, a number in digits."""


class Unavailable(Exception):
    """A system does not answer as it should (refused, timed out, 5xx, 429): trying again later may help."""

    def __init__(self, system: str, reason: str) -> None:
        super().__init__(_("{system} {reason}", system=system, reason=reason))
        self.system = system
        self.reason = reason
        """One plain clause without secrets or addresses: "did not answer within 10 s"."""

    @property
    def words(self) -> str:
        """Without a full stop."""
        return str(self)


@dataclass(frozen=True)
class WayBack:
    """A rollback that makes sense, as it was known when it was offered: nothing is looked up at its button."""

    command: str
    """It names what it goes back to and what it replaces, so that it asks if that has changed meanwhile."""
    current: str
    """The tag of what it replaces."""
    image: str
    """The tag of what it goes back to."""
    older: float
    """By so many seconds."""
    replicas: int
    differs: tuple[str, ...] | None = ()
    """What has changed in the configuration since `image` ran, and stays; None: nobody knows."""


class Failed(Exception):
    """A change ended badly for good: trying the same again would not help."""

    def __init__(
        self,
        reason: str,
        excerpt: tuple[str, ...] = (),
        events: tuple[str, ...] = (),
        link: str = "",
        errors: tuple[str, ...] = (),
        brief: str = "",
        back: WayBack | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        """One sentence."""
        self.brief = brief
        """The same in the few words that a notification has room for; empty: it begins well enough."""
        self.back = back
        self.excerpt = excerpt
        """Log lines that explain it, oldest first."""
        self.events = events
        """Warnings of the cluster, oldest first."""
        self.link = link
        self.errors = errors
        """Kinds of errors that the target's log has only since the change began."""

    @property
    def words(self) -> str:
        return self.reason


class NeedsPerson(Exception):
    """Nobody but a person can say how to go on; the operation is stuck until somebody does."""

    def __init__(self, problem: str, step: str = "", builds: tuple[int, ...] = ()) -> None:
        super().__init__(problem)
        self.problem = problem
        """What is not known, in a sentence or two."""
        self.step = step
        """The step that hangs."""
        self.builds = builds
        """Numbers of the builds, one of which may be the operation's own."""


def _brief(name: str) -> str:
    """An image without its registry."""
    return name.rsplit("/", 1)[-1]
