"""What happens around a lock: it is taken, asked for, extended, given up, and ends by itself; who is told.

Telling comes before the lock is gone, with a key that says it once: whoever dies in between is succeeded by
the request that is delivered again, or by the next look.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

from bot.actors import reading
from bot.faults import Refused
from bot.jobs import Jobs
from bot.language import N_, _
from bot.ledger import Ledger, Lost
from bot.lifecycle import State
from bot.locks import Lock, Locks, Wish
from bot.mrkdwn import inert
from bot.operation import STARTS, UNLOCKED, Operation
from bot.outbox import Outbox
from bot.ports import Directory
from bot.reply import Button, Reply, says
from bot.words import at_moment, with_reason

REMEMBER_SECONDS = 600
"""A lock that was given up is kept so long: the same request again is answered as before."""
SUCCEED_SECONDS = 5
"""Whoever died while giving one up is succeeded after that."""


class LockKeeper:
    """`remind`: seconds before its end at which the owner of a lock is reminded."""

    def __init__(
        self,
        locks: Locks,
        ledger: Ledger,
        jobs: Jobs,
        outbox: Outbox,
        directory: Directory,
        remind: float,
    ) -> None:
        self._locks = locks
        self._ledger = ledger
        self._jobs = jobs
        self._outbox = outbox
        self._directory = directory
        self._remind = remind

    def take(self, lock: Lock, *, at_least: bool = False) -> Lock:
        """Take it, or write one's own anew; a reason that is not said anew stays as it was. `at_least`: nobody
        said an end, so one's own does not end sooner than before. Raises Refused when somebody else has it."""
        while True:
            before = self._locks.kept(lock.name)
            if before is not None and before.until <= lock.since:
                self._end(before, _over(before))
                continue
            if before is not None and before.owner != lock.owner:
                raise Refused(
                    _("{held} Nothing was changed.", held=before.said()),
                    _("`{command}` asks for it.", command=f"ask {before.words}"),
                )
            if before is not None and before.request == lock.request:
                return before
            after = _anew(before, lock, at_least=at_least) if before else lock
            if self._write(before, after):
                self._wake(after)
                return after

    def change(self, before: Lock, after: Lock) -> None:
        """Raises Refused when it has changed meanwhile."""
        if before.request != after.request and not self._write(before, after):
            raise _quicker()
        self._wake(after)

    def release(self, lock: Lock, by: str, reason: str, request: str) -> None:
        """Give it up before its time; `by`: a user id. Whoever else is concerned is told.

        The same `request` may come again, to the lock as it is kept then: what was missed is done.
        """
        words = released(lock, by, reason)
        if by != lock.owner:
            held = _("{ended}\nYou held it until {until}.", ended=words, until=at_moment(lock.until))
            self._tell(lock.owner, says(held), self._key(lock, "forced", by))
        over = self._over_now(lock, request)
        if over is not None:
            self._tell_wishers(over, words)
            self._wake(over)
            self._locks.write(over, replace(over, wishes=()), time.time() + REMEMBER_SECONDS)

    def _over_now(self, lock: Lock, request: str) -> Lock | None:
        """It holds nothing back from now on; None: it is another one by now. Should we die over the rest, it is
        looked after like a lock whose end has come."""
        while lock.until > time.time():
            now = time.time()
            over = replace(lock, until=now, request=request)
            if self._locks.write(lock, over, now + SUCCEED_SECONDS):
                return over
            kept = self._locks.kept(lock.name)
            if kept is None or kept.since != lock.since:
                return None
            lock = kept
        return lock

    def ask(self, lock: Lock, wish: Wish) -> None:
        """Tell the owner, once, that somebody waits for it; and remember whom to tell how it went."""
        others = tuple(other for other in lock.wishes if other.user != wish.user)
        if wish not in lock.wishes and not self._write(lock, replace(lock, wishes=(*others, wish))):
            raise _quicker()
        words = _(
            ":bell: {who} asks for {subject}, which you hold until {until}.",
            who=f"<@{wish.user}>",
            subject=lock.subject,
            until=at_moment(lock.until),
        )
        if wish.text:
            words = _("{asked}\nThey want: `{text}`", asked=words, text=inert(wish.text))
        reply = says(words, _ends(lock, "primary"), Button(_("Not yet"), f"keep {lock.words}"))
        self._tell(lock.owner, reply, self._key(lock, "ask", wish.user, wish.text), at_once=True)

    def keep(self, lock: Lock, reason: str, request: str) -> None:
        """Tell those who asked that it stays; they are told again when it ends."""
        needed = _(
            ":lock: Not yet. {who} needs {subject} until {until}",
            who=f"<@{lock.owner}>",
            subject=lock.subject,
            until=at_moment(lock.until),
        )
        words = with_reason(needed, inert(reason))
        for wish in lock.wishes:
            self._tell(wish.user, says(words), self._key(lock, "keep", wish.user, request), at_once=True)

    def passed(self, operation: Operation, locks: Iterable[Lock]) -> None:
        """Tell the owners that a change goes through their lock."""
        for lock in locks:
            if lock.owner and lock.owner != operation.actor.id:
                words = _(
                    ":rewind: {who} changes {target}, which you hold: `{text}` (`{id}`). "
                    "A rollback passes every lock; yours stands.",
                    who=f"<@{operation.actor.id}>",
                    target=operation.target,
                    text=inert(operation.text),
                    id=operation.id,
                )
                self._tell(lock.owner, says(words), self._key(lock, "passed", operation.id))

    def look_after(self, now: float) -> None:
        """Remind owners, and end what has come to its end. May be done by several processes at once."""
        for lock in self._locks.due(now):
            if lock.until <= now:
                self._end(lock, _over(lock))
                continue
            soon = (
                N_(":alarm_clock: Your lock on {subject} ends {until}.")
                if lock.kind == "lock"
                else N_(":alarm_clock: Your freeze of {subject} ends {until}.")
            )
            words = _(soon, subject=lock.subject, until=at_moment(lock.until))
            reply = says(words, *_longer(lock), _ends(lock))
            self._tell(lock.owner, reply, self._key(lock, "remind", f"{lock.until:.0f}"))
            self._locks.write(lock, lock, lock.until)

    def _write(self, before: Lock | None, after: Lock) -> bool:
        """With a reminder before its end; of a short lock, when half of it is over."""
        left = after.until - time.time()
        return self._locks.write(before, after, after.until - min(self._remind, left / 2))

    def _end(self, lock: Lock, words: str) -> None:
        """Of a lock whose end has come. Those who asked are told in these words, also who asked this very moment,
        and what waits is woken; then it is gone."""
        self._tell_wishers(lock, words)
        self._wake(lock)
        while not self._locks.write(lock, None):
            now = self._locks.kept(lock.name)
            if now is None or now.since != lock.since or now.until > lock.until:
                return  # somebody else has ended it, or its owner was just in time to extend it
            lock = now
            self._tell_wishers(lock, words)

    def _tell_wishers(self, lock: Lock, words: str) -> None:
        for wish in lock.wishes:
            again = (Button(wish.text, wish.text),) if wish.is_command else ()
            self._tell(wish.user, says(words, *again), self._key(lock, "end", wish.user), at_once=True)

    def _tell(self, user: str, reply: Reply, key: str, at_once: bool = False) -> None:
        """Directly and once, in their own language."""
        with reading(self._directory, user):
            self._outbox.tell(user, reply.anew(), key, at_once)

    def _wake(self, lock: Lock) -> None:
        """Changes that wait for it are looked at now; each finds out what holds it back still, and until when."""
        for operation in self._ledger.active():
            if operation.state is not State.SCHEDULED or UNLOCKED not in operation.plan:
                continue
            if lock.covers(operation.target):
                now = time.time()
                due = replace(operation, plan={**operation.plan, STARTS: now})
                try:
                    self._ledger.write(operation, due, lease=None, announce=False, due=now)
                except Lost:
                    continue  # whoever wrote it has looked at the locks, or ended it
                self._jobs.wake(operation.id)

    @staticmethod
    def _key(lock: Lock, *parts: str) -> str:
        return ":".join((lock.name, f"{lock.since:.3f}", *parts))


def _anew(before: Lock, lock: Lock, *, at_least: bool) -> Lock:
    until = max(before.until, lock.until) if at_least else lock.until
    kept = replace(before, until=until, request=lock.request)
    return replace(kept, reason=lock.reason) if lock.reason else kept


def released(lock: Lock, by: str, reason: str) -> str:
    """Who ended it before its time, and why."""
    done = (
        N_(":unlock: {who} has unlocked {subject}")
        if lock.kind == "lock"
        else N_(":sunny: {who} has unfrozen {subject}")
    )
    return with_reason(_(done, who=f"<@{by}>", subject=lock.subject), inert(reason))


def _quicker() -> Refused:
    return Refused(_("Somebody else was quicker."), _("See `locks` for how things stand."))


def _over(lock: Lock) -> str:
    if lock.kind == "lock":
        return _(":unlock: The lock on {subject} has ended.", subject=lock.subject)
    return _(":sunny: The freeze of {subject} has ended.", subject=lock.subject)


def _ends(lock: Lock, style: str = "") -> Button:
    if lock.kind == "lock":
        return Button(_("Unlock"), f"unlock {lock.words}", style)
    return Button(_("Unfreeze"), f"unfreeze {lock.words}", style)


def _longer(lock: Lock) -> tuple[Button, ...]:
    return (Button(_("Extend by 1 h"), f"extend {lock.words} by 1h"),) if lock.kind == "lock" else ()
