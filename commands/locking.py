"""What the commands about locks share: which lock is meant, how long one may last, and the way it is shown."""

from __future__ import annotations

import time

from bot.backends import Backends
from bot.faults import Refused
from bot.grammar import Duration, Environment, Moment, Past, Project
from bot.language import _
from bot.locks import Kind, Lock
from bot.mrkdwn import inert
from bot.ports import Person
from bot.words import at_moment, commas, duration

DAY = 86_400


def subject(project: Project | None, environment: Environment, on: Backends) -> str:
    """`web/trunk`, or `trunk` for all of it. Raises NoSuchTarget."""
    if project is None:
        return str(environment)
    on.settings.target(project, environment)
    return f"{project}/{environment}"


def end(length: Duration | None, until: Moment | None, asker: Person, otherwise: float, most: float) -> float:
    """Epoch seconds at which a hold ends: after `otherwise` seconds when nothing was said.

    Raises Refused when it is in the past, or more than `most` seconds ahead.
    """
    now = time.time()
    if length is not None and until is not None:
        raise Refused(_("Either `for` so long or `until` a time, not both. Nothing was changed."))
    try:
        at = until.at(now, asker.tz) if until is not None else now + (length or otherwise)
    except Past:
        raise Refused(_("{time} has gone by. Nothing was changed.", time=until)) from None
    return within(at, most)


def within(at: float, most: float) -> float:
    """Raises Refused when `at` is more than `most` seconds ahead."""
    if at > time.time() + most + 1:
        raise Refused(
            _(
                "{time} is too far ahead: it may last {length} from now on at most. Nothing was changed.",
                time=at_moment(at),
                length=duration(most),
            )
        )
    return at


def held(kind: Kind, about: str, on: Backends) -> Lock | None:
    """The lock of that subject that stands; or that this very request, delivered again, has ended."""
    lock = on.locks.kept(f"{kind}:{about}")
    if lock is None:
        return None
    ours = bool(on.request) and lock.request == on.request
    return lock if ours or lock.until > time.time() else None


def must_hold(project: Project | None, environment: Environment | None, asker: Person, on: Backends) -> Lock:
    """The asker's own lock: the one named, or their only one. Raises Refused."""
    if environment is None:
        mine = [lock for lock in on.locks.standing(time.time()) if _is_mine(lock, asker)]
        fitting = [lock for lock in mine if project is None or lock.subject.startswith(f"{project}/")]
        if len(fitting) == 1:
            return fitting[0]
        if not fitting:
            raise Refused(_("You hold no lock."))
        which = commas(f"`{lock.words}`" for lock in fitting)
        raise Refused(_("You hold several locks: {locks}. Say which one.", locks=which))
    about = subject(project, environment, on)
    lock = held("lock", about, on)
    if lock is None:
        raise Refused(not_locked(about), see_locks())
    if lock.owner != asker.id:
        raise Refused(
            _("{held} Only they may do that.", held=lock.said()),
            _("`{command}` asks them.", command=f"ask {lock.words}"),
        )
    return lock


def changed(before: Lock | None, lock: Lock) -> list[str]:
    """What is another one now, of a lock that was one's own already; nothing of a new one."""
    if before is None or before.request == lock.request:
        return []
    lines = []
    if before.until != lock.until:
        lines.append(
            _(
                "You hold it already. It ends {until} now, not {before} as before.",
                until=at_moment(lock.until),
                before=at_moment(before.until),
            )
        )
    if before.reason != lock.reason:
        was = inert(before.reason)
        lines.append(_("Its reason was: {reason}.", reason=was) if was else _("It had no reason before."))
    return lines or [_("You hold it already: nothing has changed.")]


def not_locked(about: str) -> str:
    return _("{subject} is not locked.", subject=about)


def see_locks() -> str:
    """What to do next, after a refusal."""
    return _("`locks` shows what is held.")


def _is_mine(lock: Lock, asker: Person) -> bool:
    return lock.kind == "lock" and lock.owner == asker.id
