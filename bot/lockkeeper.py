"""What happens around a lock: it is taken, asked for, extended, given up, and ends by itself; who is told.

Telling comes before the lock is gone, with a key that says it once: whoever dies in between is succeeded by
the request that is delivered again, or by the next look.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

from bot.faults import Refused
from bot.jobs import Jobs
from bot.ledger import Ledger, Lost
from bot.lifecycle import State
from bot.locks import Lock, Locks, Wish
from bot.mrkdwn import inert
from bot.operation import STARTS, UNLOCKED, Operation
from bot.outbox import Outbox
from bot.reply import Button, says
from bot.words import at_moment

QUICKER = ("Somebody else was quicker.", "See `locks` for how things stand.")


class LockKeeper:
    """`remind`: seconds before its end at which the owner of a lock is reminded."""

    def __init__(self, locks: Locks, ledger: Ledger, jobs: Jobs, outbox: Outbox, remind: float) -> None:
        self._locks = locks
        self._ledger = ledger
        self._jobs = jobs
        self._outbox = outbox
        self._remind = remind

    def take(self, lock: Lock) -> Lock:
        """Take it, or write one's own anew. Raises Refused when somebody else has it."""
        while True:
            before = self._locks.kept(lock.name)
            if before is not None and before.until <= lock.since:
                self._end(before, _over(before))
                continue
            if before is not None and before.owner != lock.owner:
                raise Refused(f"{before.said()} Nothing was changed.", f"`ask {before.words}` asks for it.")
            if before is not None and before.request == lock.request:
                return before
            after = replace(lock, since=before.since, wishes=before.wishes) if before else lock
            if self._write(before, after):
                return after

    def change(self, before: Lock, after: Lock) -> None:
        """Raises Refused when it has changed meanwhile."""
        if before.request != after.request and not self._write(before, after):
            raise Refused(*QUICKER)

    def release(self, lock: Lock, by: str, reason: str) -> None:
        """Give it up before its time; `by`: a user id. Whoever else is concerned is told."""
        why = f": {inert(reason)}" if reason else "."
        words = (
            f":unlock: <@{by}> has {'unlocked' if lock.kind == 'lock' else 'unfrozen'} {lock.subject}{why}"
        )
        if by != lock.owner:
            held = f"{words}\nYou held it until {at_moment(lock.until)}."
            self._outbox.tell(lock.owner, says(held), self._key(lock, "forced", by))
        self._end(lock, words)

    def ask(self, lock: Lock, wish: Wish) -> None:
        """Tell the owner, once, that somebody waits for it; and remember whom to tell how it went."""
        others = tuple(other for other in lock.wishes if other.user != wish.user)
        if wish not in lock.wishes and not self._write(lock, replace(lock, wishes=(*others, wish))):
            raise Refused(*QUICKER)
        undo = "unlock" if lock.kind == "lock" else "unfreeze"
        words = (
            f":bell: <@{wish.user}> asks for {lock.subject}, which you hold until {at_moment(lock.until)}."
        )
        if wish.text:
            words += f"\nThey want: `{inert(wish.text)}`"
        free = Button("Unlock", f"{undo} {lock.words}", "primary")
        reply = says(words, free, Button("Not yet", f"keep {lock.words}"))
        self._outbox.tell(lock.owner, reply, self._key(lock, "ask", wish.user, wish.text))

    def keep(self, lock: Lock, reason: str, request: str) -> None:
        """Tell those who asked that it stays; they are told again when it ends."""
        why = f": {inert(reason)}" if reason else "."
        until = at_moment(lock.until)
        words = f":lock: Not yet. <@{lock.owner}> needs {lock.subject} until {until}{why}"
        for wish in lock.wishes:
            self._outbox.tell(wish.user, says(words), self._key(lock, "keep", wish.user, request))

    def passed(self, operation: Operation, locks: Iterable[Lock]) -> None:
        """Tell the owners that a change goes through their lock."""
        for lock in locks:
            if lock.owner and lock.owner != operation.actor.id:
                words = (
                    f":rewind: <@{operation.actor.id}> changes {operation.target}, which you hold: "
                    f"`{inert(operation.text)}` (`{operation.id}`). A rollback passes every lock; yours stands."
                )
                self._outbox.tell(lock.owner, says(words), self._key(lock, "passed", operation.id))

    def look_after(self, now: float) -> None:
        """Remind owners, and end what has come to its end. May be done by several processes at once."""
        for lock in self._locks.due(now):
            if lock.until <= now:
                self._end(lock, _over(lock))
                continue
            words = f":alarm_clock: Your {lock.kind} on {lock.subject} ends {at_moment(lock.until)}."
            undo = "unlock" if lock.kind == "lock" else "unfreeze"
            reply = says(words, *self._longer(lock), Button("Unlock now", f"{undo} {lock.words}"))
            self._outbox.tell(lock.owner, reply, self._key(lock, "remind", f"{lock.until:.0f}"))
            self._locks.write(lock, lock, lock.until)

    def _longer(self, lock: Lock) -> tuple[Button, ...]:
        return (Button("Extend by 1 h", f"extend {lock.words} by 1h"),) if lock.kind == "lock" else ()

    def _write(self, before: Lock | None, after: Lock) -> bool:
        """With a reminder before its end; of a short lock, when half of it is over."""
        left = after.until - time.time()
        return self._locks.write(before, after, after.until - min(self._remind, left / 2))

    def _end(self, lock: Lock, words: str) -> None:
        """Those who asked are told in these words, also who asked this very moment; then it is gone."""
        self._tell_wishers(lock, words)
        while not self._locks.write(lock, None):
            now = self._locks.kept(lock.name)
            if now is None or now.since != lock.since:
                return  # somebody else has ended it
            lock = now
            self._tell_wishers(lock, words)
        self._wake(lock)

    def _tell_wishers(self, lock: Lock, words: str) -> None:
        for wish in lock.wishes:
            again = (Button(wish.text, wish.text),) if wish.is_command else ()
            self._outbox.tell(wish.user, says(words, *again), self._key(lock, "end", wish.user))

    def _wake(self, lock: Lock) -> None:
        """Changes that wait for it are looked at now; each finds out whether another one holds it back."""
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


def _over(lock: Lock) -> str:
    return f":unlock: The {lock.kind} on {lock.subject} has ended."
