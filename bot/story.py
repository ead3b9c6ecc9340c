"""How a change tells its story: recorded steps, replayed after every wait and every crash.

`step` reads something once and records it; `effect` acts once; on replay both return the record. `until`
waits for something that takes time: the operation records what it waits for, the job ends, and the watcher
wakes it with what it saw.

Records are written when they matter: before an act, and when the job ends. What was only read can be read
again; an act whose result was lost is found again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from bot.command import Change, Query
from bot.faults import Failed, NeedsPerson, Unavailable
from bot.grammar import write
from bot.language import N_, _
from bot.ledger import Lease, Ledger
from bot.lifecycle import State
from bot.operation import PART_OF, STARTS, Operation, Outcome, Step, Stuck, Waiting
from bot.ports import Seen, Topic, Watched
from bot.reply import Reply
from bot.retrying import pause
from bot.words import sentences

if TYPE_CHECKING:
    from bot.backends import Backends


T = TypeVar("T")
LATE = N_("It did not come to an end within {minutes} min.")

ANSWER_SECONDS = 10 * 60
"""How long a question may hold its target."""


class Suspended(Exception):
    """The operation waits, recorded; its job ends here and is woken later."""


def nothing(_result: object) -> str:
    return ""


def _found_or_done(find: Callable[[], T | None], do: Callable[[], T]) -> Callable[[], T]:
    def find_or_do() -> T:
        found = find()
        return do() if found is None else found

    return find_or_do


class Story:
    def __init__(self, operation: Operation, lease: Lease, ledger: Ledger, patience: float) -> None:
        self.operation = operation
        self._lease = lease
        self._ledger = ledger
        self.acted = False  # whether something may have been changed
        self._unsaved = False  # whether the result of an act is in memory only
        self._patience = patience  # seconds a system may stay silent before a person must decide

    @property
    def plan(self) -> dict[str, Any]:
        return self.operation.plan

    def began(self, name: str) -> bool:
        """Whether an effect was at least attempted, in this life of the worker or an earlier one."""
        return self.operation.step(name) is not None

    def result(self, name: str) -> Any:
        """What a finished step returned, else None."""
        step = self.operation.step(name)
        return step.result if step is not None and step.ended is not None else None

    def step(self, name: str, do: Callable[[], T], tell: Callable[[T], str] = nothing) -> T:
        """Read something once. Results are plain JSON values; `tell` words them for the message, in mrkdwn."""
        return self._once(name, do, tell)

    def effect(
        self,
        name: str,
        do: Callable[[], T],
        find: Callable[[], T | None] | None = None,
        tell: Callable[[T], str] = nothing,
    ) -> T:
        """Act once: that it is about to happen is recorded first.

        After a crash or a lost answer `find` looks the effect up before `do` is repeated; without `find`,
        `do` is one that may be repeated.
        """
        record = self.operation.step(name)
        if record is None:
            self._write(self.operation.with_step(Step(name, time.time())))
            result = self._once(name, do, tell)  # what raises Refused has changed nothing
            self.acted = True
            return result
        self.acted = True
        return self._once(name, do if find is None else _found_or_done(find, do), tell)

    def _once(self, name: str, do: Callable[[], T], tell: Callable[[T], str]) -> T:
        record = self.operation.step(name)
        if record is not None and record.ended is not None:
            return record.result  # type: ignore[no-any-return]  # JSON in, JSON out
        self._save()
        began = record.began if record else time.time()
        try:
            result = do()
        except Unavailable as trouble:
            self._wait_for_system(self._waiting(name, self._patience), trouble)
        self._record(Step(name, began, time.time(), result, tell(result)))
        self._unsaved = record is not None
        return result

    def ask(self, name: str, question: str, within: float = ANSWER_SECONDS) -> None:
        """Go on only when a person says so (`proceed k7f3`); `question` is shown in their message.

        Whoever does not answer within so many seconds means no: the operation is then ended and undone, as
        it holds its target.
        """
        if self.operation.step(name) is None:
            until = time.time() + within
            stuck = Stuck(question, name, until=until)
            asking = replace(self.operation, state=State.ASKING, stuck=stuck, waiting=None)
            self._write(asking, due=until)
            raise Suspended

    def schedule(self, name: str, command: Change | Query, at: float, on: Backends) -> str:
        """Record another command of the same person, once, to start at `at` (epoch seconds); returns its id.

        A query is answered in the thread of this operation's message.
        """
        mine, change = self.operation, command if isinstance(command, Change) else None
        origin = replace(mine.origin, key=f"{mine.id}-{int(mine.opened)}:{name}")
        later = Operation(
            id="",
            verb=command.verb,
            text=write(command),
            kind=command.kind,
            actor=mine.actor,
            origin=origin if change else replace(origin, under=mine.id),
            target=command.target,
            plan={**(change.plan(on.settings) if change else {}), STARTS: at, PART_OF: mine.id},
            state=State.SCHEDULED,
            story=change.story if change else 1,
            lane=change.lane if change else "",
        )

        def opened() -> str:
            found = self._ledger.open(later, announce=change is not None, due=at).operation
            return found.id if found else ""

        return self.effect(name, opened)  # repeatable: the ledger knows the request's key

    def until(
        self,
        name: str,
        system: Watched,
        topic: Topic,
        within: float,
        tell: Callable[[Any], str] = nothing,
        late: str = LATE,
    ) -> Any:
        """Wait for `topic` to be done, at most `within` seconds; returns its value.

        `late`: a sentence with {minutes}, for when it is not. Raises Failed when it ended badly or not in time.
        """
        record = self.operation.step(name)
        if record is not None and record.ended is not None:
            return record.result
        waiting = self._waiting(name, within)
        seen = self._told(late, system, topic, waiting)
        if seen is None:
            self._suspend(replace(waiting, topic=str(topic), system=""))
        if not seen.done:
            self._suspend(self._still(waiting, topic, seen))
        if seen.failure:
            raise Failed(seen.failure, seen.excerpt, seen.events, brief=seen.brief)
        self._record(Step(name, waiting.since, time.time(), seen.value, tell(seen.value)))
        return seen.value

    def follow(
        self, name: str, topic: Topic, within: float, show: Callable[[Seen | None, bool], Reply]
    ) -> Reply:
        """Show something as it changes, for `within` seconds or until somebody stops it.

        `show` gets what the watcher saw last and whether this is the end; what it returns then is returned.
        """
        waiting = self._waiting(name, within)
        over = time.time() >= waiting.until or self.operation.state is State.ABORTING
        reply = show(self._ledger.news(self.operation.id, topic), over)
        if over:
            return reply
        so_far = Outcome(reply.summary, reply=reply.to_dict())
        after = replace(self.operation, waiting=replace(waiting, topic=str(topic)), outcome=so_far)
        self._write(after, announce=so_far != self.operation.outcome, due=waiting.until)
        raise Suspended

    def _told(self, late_words: str, system: Watched, topic: Topic, waiting: Waiting) -> Seen | None:
        """What the watcher saw, None before it has looked; at the deadline a look of our own."""
        late = time.time() >= waiting.until
        if not late:
            return self._ledger.news(self.operation.id, topic)
        try:
            seen = system.look(topic)
        except Unavailable as trouble:
            self._wait_for_system(waiting, trouble)
        if not seen.done:
            minutes = max(1, round((waiting.until - waiting.since) / 60))
            late_by = _(late_words, minutes=minutes)
            last = _("Last seen: {progress}.", progress=seen.progress) if seen.progress else ""
            raise Failed(sentences(late_by, last), seen.excerpt, seen.events)
        return seen

    def _still(self, waiting: Waiting, topic: Topic, seen: Seen) -> Waiting:
        """Raises NeedsPerson when the system has been silent for too long."""
        waiting = replace(waiting, topic=str(topic), system="", attempts=0)
        if not seen.trouble:
            known = seen.usual or waiting.usual
            waiting = replace(waiting, progress=seen.progress, usual=known, trouble="", troubled_since=0)
            return replace(waiting, excerpt=seen.excerpt, events=seen.events)
        since = waiting.troubled_since if waiting.trouble else time.time()
        self._patient(seen.trouble, since, waiting.step)
        return replace(waiting, trouble=seen.trouble, troubled_since=since)

    def _patient(self, trouble: str, since: float, step: str) -> None:
        silent = time.time() - since
        if silent >= self._patience:
            minutes = round(silent / 60)
            raise NeedsPerson(_("{trouble}, for {minutes} min.", trouble=trouble, minutes=minutes), step)

    def _waiting(self, name: str, within: float) -> Waiting:
        current = self.operation.waiting
        if current is not None and current.step == name:
            return current
        now = time.time()
        return Waiting(name, since=now, until=now + within)

    def _suspend(self, waiting: Waiting) -> NoReturn:
        changed = waiting != self.operation.waiting
        patience = waiting.troubled_since + self._patience if waiting.trouble else waiting.until
        due = min(patience, waiting.until)
        self._write(replace(self.operation, waiting=waiting), due=due, announce=changed)
        raise Suspended

    def _wait_for_system(self, waiting: Waiting, trouble: Unavailable) -> NoReturn:
        """Put the operation off and try again later; a person must decide when patience is at its end.

        Never a failure: nobody knows how the step ended.
        """
        since = waiting.troubled_since if waiting.trouble else time.time()
        words = trouble.words
        self._patient(words, since, waiting.step)
        tries = waiting.attempts + 1
        waiting = replace(
            waiting, topic="", system=trouble.system, trouble=words, troubled_since=since, attempts=tries
        )
        told = replace(waiting, attempts=0) != replace(self.operation.waiting or waiting, attempts=0)
        announce = told or self.operation.waiting is None
        after = replace(self.operation, waiting=waiting)
        self._write(after, announce, due=since + self._patience, pause=pause(tries))
        raise Suspended

    def _record(self, step: Step) -> None:
        """In memory: the next write takes it along."""
        self.operation = replace(self.operation.with_step(step), waiting=None)

    def _save(self) -> None:
        """Before anything that takes time: the result of an act is not to be lost meanwhile."""
        if self._unsaved:
            self._write(self.operation)

    def _write(
        self, after: Operation, announce: bool = True, due: float | None = None, pause: float = 0
    ) -> None:
        self.operation = self._ledger.write(self.operation, after, self._lease, announce, due, pause)
        self._unsaved = False
