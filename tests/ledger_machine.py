"""What may happen to the ledger, in any order, beside a model in plain Python of what it must then hold."""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from redis import Redis

from bot.ledger import PREFIX, Lease, Ledger, Lost
from bot.lifecycle import FINAL, MOVES, IllegalMove, State
from bot.operation import NOBODY, Operation, Step, Stuck, Waiting
from bot.ports import Seen, Topic
from tests.ledger_support import change, ended, kept, unbroken

TARGETS = ("web/dev", "web/trunk")
"""Few, so that changes meet."""
UNDER_WAY = (State.RUNNING, State.ABORTING)
LIVE = tuple(state for state in State if state not in FINAL)
NEVER = 4e9
picks = st.integers(0, 30)
"""Which of those that fit: counted from the oldest, again from the start after the last."""


def when(*states: State) -> Callable[[Any], Any]:
    """The rule needs an operation in one of these states."""
    return precondition(lambda machine: machine.ids(*states))


class LedgerMachine(RuleBasedStateMachine):
    def __init__(self, redis: Redis) -> None:
        super().__init__()
        redis.flushdb()
        self.redis: Any = redis
        self.turns: list[str] = []
        self.ledger = Ledger(redis, on_turn=self.turns.append)
        self.known: dict[str, Operation] = {}
        self.past: list[Operation] = []
        """Every value that was replaced since."""
        self.reserved: dict[str, str] = {}
        self.lines: defaultdict[str, list[str]] = defaultdict(list)
        self.first: set[str] = set()
        self.leases: dict[str, Lease] = {}
        self.dead: list[tuple[Operation, Lease]] = []
        """Workers that are taken for dead, with what they had in their hands."""
        self.left_word: set[str] = set()
        self.keys = itertools.count()

    def ids(self, *states: State) -> list[str]:
        return [i for i, operation in self.known.items() if operation.state in states]

    def pick(self, number: int, *states: State) -> Operation:
        fitting = self.ids(*states)
        return self.known[fitting[number % len(fitting)]]

    @rule(place=st.sampled_from(TARGETS), first=st.booleans())
    def open(self, place: str, first: bool) -> None:
        self._open(place, State.QUEUED, first)

    @rule(place=st.sampled_from(TARGETS))
    def open_awaiting_approval(self, place: str) -> None:
        self._open(place, State.AWAITING_APPROVAL)

    @rule(place=st.sampled_from(TARGETS))
    def open_scheduled(self, place: str) -> None:
        self._open(place, State.SCHEDULED)

    def _open(self, target: str, state: State, first: bool = False) -> None:
        operation = change(target, f"request-{next(self.keys)}", state=state)
        opened = self.ledger.open(operation, announce=True, first=first)
        assert opened.result == "opened"
        assert opened.operation is not None
        self.known[opened.operation.id] = opened.operation
        assert opened.holder == (self.reserved.get(target, "") if state is State.QUEUED else "")
        if state is State.QUEUED:
            self._take_place(opened.operation, first)

    def _take_place(self, operation: Operation, first: bool = False) -> None:
        if operation.target not in self.reserved:
            self.reserved[operation.target] = operation.id
            return
        line = self.lines[operation.target]
        if first:
            self.first.add(operation.id)
        ahead = sum(i in self.first for i in line) if first else len(line)
        line.insert(ahead, operation.id)

    @when(*State)
    @rule(number=picks)
    def redeliver(self, number: int) -> None:
        """Slack brings a request again, whatever became of it."""
        known = self.pick(number, *State)

        opened = self.ledger.open(change(known.target, known.origin.key), announce=True)

        assert opened.result == "again"
        assert opened.operation == known

    # -- a worker's moves, under its lease

    @when(State.QUEUED)
    @rule(number=picks)
    def start(self, number: int) -> None:
        """Only whose turn it is, as the engine asks before."""
        operation = self.pick(number, State.QUEUED)
        mine = self.ledger.has_target(operation)
        assert mine == (self.reserved[operation.target] == operation.id)
        if mine:
            self._work(operation, state=State.RUNNING)

    @when(*UNDER_WAY)
    @rule(number=picks, topic=st.sampled_from(["building", "rollout"]))
    def wait(self, number: int, topic: str) -> None:
        waiting = Waiting(topic, 0, 0, topic=str(Topic("jenkins", "main", topic, ("web-build", "42"))))
        self._work(self.pick(number, *UNDER_WAY), due=time.time() + 600, waiting=waiting)

    @when(*UNDER_WAY)
    @rule(number=picks, system=st.sampled_from(["Jenkins", "Kubernetes (main)"]))
    def a_system_is_silent(self, number: int, system: str) -> None:
        waiting = Waiting("build requested", 0, 0, system=system, trouble=f"{system} cannot be reached")
        self._work(self.pick(number, *UNDER_WAY), due=NEVER, pause=2, waiting=waiting)

    @when(*UNDER_WAY)
    @rule(number=picks, well=st.booleans())
    def finish(self, number: int, well: bool) -> None:
        operation = self.pick(number, *UNDER_WAY)
        good = State.SUCCEEDED if operation.state is State.RUNNING else State.CANCELLED
        self._work(operation, **ended(good if well else State.FAILED))

    @when(*UNDER_WAY)
    @rule(number=picks)
    def stick(self, number: int) -> None:
        stuck = Stuck("Several builds may be its own.", "build requested", (41, 42))
        self._work(self.pick(number, *UNDER_WAY), due=NEVER, state=State.STUCK, stuck=stuck, waiting=None)

    @when(State.RUNNING)
    @rule(number=picks)
    def ask(self, number: int) -> None:
        stuck = Stuck("It is marked bad.", "asked whether", until=time.time() + 600)
        operation = self.pick(number, State.RUNNING)
        self._work(operation, due=stuck.until, state=State.ASKING, stuck=stuck, waiting=None)

    @when(State.ASKING)
    @rule(number=picks)
    def nobody_answers(self, number: int) -> None:
        fields: dict[str, Any] = {"state": State.ABORTING, "stopped_by": NOBODY, "stuck": None}
        self._work(self.pick(number, State.ASKING), **fields)

    @when(State.SCHEDULED)
    @rule(number=picks, approved=st.booleans())
    def the_time_comes(self, number: int, approved: bool) -> None:
        operation = self.pick(number, State.SCHEDULED)
        self._work(operation, state=State.QUEUED if approved else State.AWAITING_APPROVAL)
        if approved:
            self._take_place(operation)

    @when(State.AWAITING_APPROVAL)
    @rule(number=picks)
    def expire(self, number: int) -> None:
        self._work(self.pick(number, State.AWAITING_APPROVAL), **ended(State.EXPIRED))

    def _work(self, operation: Operation, due: float | None = None, pause: float = 0, **fields: Any) -> None:
        if operation.id not in self.leases:
            self._lease(operation.id)
        self._write(operation, self.leases[operation.id], due, pause, **fields)

    # -- people's moves, which hold no lease

    @when(State.AWAITING_APPROVAL)
    @rule(number=picks)
    def approve(self, number: int) -> None:
        operation = self.pick(number, State.AWAITING_APPROVAL)
        self._write(operation, None, state=State.QUEUED, approvals=("U0ONCALL",))
        self._take_place(operation)

    @when(State.AWAITING_APPROVAL)
    @rule(number=picks)
    def approve_beforehand(self, number: int) -> None:
        """It still waits for its time."""
        operation = self.pick(number, State.AWAITING_APPROVAL)
        self._write(operation, None, time.time() + 600, state=State.SCHEDULED, approvals=("U0ONCALL",))

    @when(State.AWAITING_APPROVAL)
    @rule(number=picks)
    def deny(self, number: int) -> None:
        self._write(self.pick(number, State.AWAITING_APPROVAL), None, **ended(State.DENIED))

    @when(State.ASKING)
    @rule(number=picks)
    def proceed(self, number: int) -> None:
        operation = self.pick(number, State.ASKING).with_step(Step("asked whether", 1, 2))
        self._write(operation, None, time.time(), state=State.RUNNING, stuck=None)

    @when(State.STUCK)
    @rule(number=picks)
    def retry(self, number: int) -> None:
        operation = self.pick(number, State.STUCK)
        state = State.ABORTING if operation.stopped_by else State.RUNNING
        self._write(operation, None, time.time(), state=state, stuck=None)

    @when(State.STUCK)
    @rule(number=picks)
    def give_up(self, number: int) -> None:
        self._write(self.pick(number, State.STUCK), None, **ended(State.FAILED))

    @when(*State)
    @rule(number=picks)
    def stop(self, number: int) -> None:
        before = self.pick(number, *State)

        after = self.ledger.stop(before.id, "U0OPS")
        self.turns[:] = [turn for turn in self.turns if turn not in self.silent(before)]

        assert after is not None
        if before.final or before.state is State.ABORTING:
            assert after == before
            return
        nothing_begun = before.state in (State.SCHEDULED, State.QUEUED, State.AWAITING_APPROVAL)
        assert after.state is (State.CANCELLED if nothing_begun else State.ABORTING)
        self._note(before, after)

    def _write(
        self,
        before: Operation,
        lease: Lease | None,
        due: float | None = None,
        pause: float = 0,
        **fields: Any,
    ) -> None:
        after = replace(before, **fields)
        others = {i for i in self.silent(before) if i != before.id} if _gets_on(before, after) else set()
        written = self.ledger.write(before, after, lease, True, due, pause)
        may_try = {turn for turn in self.turns if turn in others}
        assert len(may_try) == min(2, len(others)), "each that gets on lets two more try"
        self.turns[:] = [turn for turn in self.turns if turn not in may_try]
        self._note(before, written)

    def silent(self, operation: Operation) -> set[str]:
        """Those that wait for the same system."""
        system = operation.waiting.system if operation.waiting else ""
        waiting = {i: o.waiting.system for i, o in self.known.items() if o.waiting and not o.final}
        return {i for i in waiting if system and waiting[i] == system}

    def _note(self, before: Operation, after: Operation) -> None:
        assert after.version == before.version + 1
        self.past.append(before)
        self.known[after.id] = after
        if after.final:
            self._leave_place(after)

    def _leave_place(self, operation: Operation) -> None:
        line = self.lines[operation.target]
        if operation.id in line:
            line.remove(operation.id)
        elif self.reserved.get(operation.target) == operation.id:
            del self.reserved[operation.target]
            if line:
                self.reserved[operation.target] = line.pop(0)
                assert self.turns.pop() == self.reserved[operation.target]
        assert not self.turns, "nobody else is told that it is their turn"

    # -- what should not happen, and does

    @when(*LIVE)
    @rule(number=picks)
    def crash(self, number: int) -> None:
        """The lease ends without its holder, which may only be slow."""
        operation = self.pick(number, *LIVE)
        if operation.id not in self.leases:
            self._lease(operation.id)
        self.dead.append((operation, self.leases.pop(operation.id)))
        self.redis.delete(PREFIX + "lease:" + operation.id)

    @precondition(lambda machine: machine.dead)
    @rule(number=picks)
    def a_dead_worker_writes(self, number: int) -> None:
        operation, lease = self.dead[number % len(self.dead)]

        with pytest.raises(Lost):
            self.ledger.write(operation, replace(operation, waiting=None), lease, announce=True)

        assert not self.ledger.heartbeat(lease)
        assert not self.ledger.release(lease)

    @precondition(lambda machine: machine.past)
    @rule(number=picks)
    def write_from_an_old_version(self, number: int) -> None:
        old = self.past[-1 - number % len(self.past)]

        with pytest.raises(Lost):
            self.ledger.write(old, replace(old, stopped_by="U0LATE"), lease=None, announce=True)

    @when(*State)
    @rule(number=picks, state=st.sampled_from(State))
    def move_against_the_table(self, number: int, state: State) -> None:
        operation = self.pick(number, *State)
        if state in MOVES[operation.state] or (state is operation.state and not operation.final):
            return
        with pytest.raises(IllegalMove):
            self.ledger.write(operation, replace(operation, state=state), lease=None, announce=True)

    @when(*State)
    @rule(number=picks)
    def lease_or_leave_word(self, number: int) -> None:
        operation = self.pick(number, *State)
        if operation.id not in self.leases:
            self._lease(operation.id)
            return
        assert self.ledger.lease(operation.id) is None
        self.left_word.add(operation.id)

    def _lease(self, operation_id: str) -> None:
        lease = self.ledger.lease(operation_id)
        assert lease is not None
        self.leases[operation_id] = lease
        self.left_word.discard(operation_id)

    @precondition(lambda machine: machine.leases)
    @rule(number=picks)
    def release(self, number: int) -> None:
        operation_id = list(self.leases)[number % len(self.leases)]
        assert self.ledger.heartbeat(self.leases[operation_id])
        word = self.ledger.release(self.leases.pop(operation_id))
        if operation_id in self.ids(*LIVE):  # what has ended need not be looked at again
            assert word == (operation_id in self.left_word)
        self.left_word.discard(operation_id)

    @when(*State)
    @rule(number=picks, seen=st.sampled_from(["#42 is running", "2 of 3 ready"]))
    def tell(self, number: int, seen: str) -> None:
        """News reach only who waits for them."""
        operation = self.pick(number, *State)
        topic = Topic("jenkins", "main", "building", ("web-build", "42"))
        waits = operation.waiting is not None and operation.waiting.topic == str(topic)
        before = self.ledger.news(operation.id, topic)

        news = self.ledger.tell(operation.id, topic, Seen(False, seen))

        assert news == (waits and before != Seen(False, seen))
        assert self.ledger.news(operation.id, topic) == (Seen(False, seen) if waits else None)

    @rule(most=st.integers(0, 3))
    def forget(self, most: int) -> None:
        done = sorted((o.finished or 0, i) for i, o in self.known.items() if o.final)
        old = [operation_id for _, operation_id in done[: max(0, len(done) - most)]]

        assert self.ledger.forget(before=0, most=most) == len(old)

        for operation_id in old:
            del self.known[operation_id]
            self.left_word.discard(operation_id)

    @invariant()
    def nothing_is_broken(self) -> None:
        now = kept(self.redis)
        assert now.operations == self.known
        assert now.reserved == self.reserved
        assert now.lines == {target: line for target, line in self.lines.items() if line}
        unbroken(now, self.first)


def _gets_on(before: Operation, after: Operation) -> bool:
    """Whether an operation no longer waits for the system that did not answer it."""
    was = before.waiting.system if before.waiting else ""
    now = after.waiting.system if after.waiting and not after.final else ""
    return was != now
