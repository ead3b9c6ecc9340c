"""Operation id -> advance it: replay, act, record, suspend. Called by RQ workers with nothing but the id."""

from __future__ import annotations

import logging
import secrets
import time
from dataclasses import replace

from redis.exceptions import RedisError

from bot.approvals import approval_for, moved, noted
from bot.backends import Backends
from bot.catalogue import Catalogue, UnknownSteps
from bot.command import Change, Command, Query
from bot.faults import Failed, NeedsPerson, Refused, Unavailable
from bot.heartbeat import Heart
from bot.language import N_, _, speaking
from bot.ledger import Lease, Ledger, Lost
from bot.lifecycle import State
from bot.locks import Lock
from bot.operation import COMMIT, NOBODY, PART_OF, STARTS, UNLOCKED, Operation, Outcome, Stuck
from bot.policy import Policy
from bot.ports import Directory, Person
from bot.problems import ways_out
from bot.refusals import Member, Refusal
from bot.shown import plainly
from bot.story import Story, Suspended
from bot.words import sentences

log = logging.getLogger(__name__)

NOTHING_STARTED = N_("Nothing was started.")
START_AGAIN = 2.0
"""Seconds before the next try to start what nobody can say the permission of."""
NOTE_AGAIN = 10.0
"""The same, to note what an approval is asked over."""
NEVER = 4e9
"""Epoch seconds of a `due` that does not come: a person must act first."""


class Engine:
    def __init__(
        self, ledger: Ledger, catalogue: Catalogue, policy: Policy, directory: Directory, backends: Backends
    ) -> None:
        self._ledger = ledger
        self._catalogue = catalogue
        self._policy = policy
        self._directory = directory
        self._backends = backends
        self._heart = Heart(ledger)

    def advance(self, operation_id: str) -> None:
        """Bring an operation as far as it goes now. Two callers at once: the second leaves word and goes."""
        again = True
        while again:
            lease = self._ledger.lease(operation_id)
            if lease is None:
                return
            try:
                with self._heart.beating(lease):
                    self._advance(operation_id, lease)
            except Lost:
                log.warning("lost operation=%s: another process wrote it", operation_id)
            finally:
                again = self._ledger.release(lease)

    def _advance(self, operation_id: str, lease: Lease) -> None:
        operation = self._ledger.get(operation_id)
        if operation is None or operation.final:
            return
        with speaking(operation.actor.language):  # to whoever asked; what is kept can be said anew to others
            self._act(operation.anew(), lease)

    def _act(self, operation: Operation, lease: Lease) -> None:
        match operation.state:
            case State.SCHEDULED if time.time() >= operation.plan[STARTS]:
                self._its_time_has_come(operation, lease)
            case State.AWAITING_APPROVAL:
                self._await_approval(operation, lease)
            case State.ASKING:
                self._unanswered(operation, lease)
            case State.QUEUED if self._ledger.has_target(operation):
                self._start(operation, lease)
            case State.RUNNING | State.ABORTING:
                self._go_on(operation, lease)

    def _await_approval(self, operation: Operation, lease: Lease) -> None:
        """Note what runs there and what is known of it: whoever approves counts on that. In the end it expires."""
        approval = operation.plan["approval"]
        if time.time() >= approval["until"]:
            words = _(
                "Nobody approved it within {minutes} min. Nothing was started.", minutes=approval["minutes"]
            )
            self._finish(operation, lease, State.EXPIRED, Outcome(words))
            return
        if "live" in approval:
            return
        try:
            command = self._command(operation)
            now = noted(command, operation.plan, self._on(operation)) if isinstance(command, Change) else {}
        except (UnknownSteps, Unavailable, Refused, Failed) as trouble:
            log.warning("operation=%s: what runs there is not known: %s", operation.id, trouble)
            due = min(approval["until"], time.time() + NOTE_AGAIN)
            self._ledger.write(operation, operation, lease, announce=False, due=due)
            return
        known = replace(operation, plan={**operation.plan, "approval": {**approval, "live": "", **now}})
        self._ledger.write(operation, known, lease, announce=True, due=approval["until"])

    def _unanswered(self, operation: Operation, lease: Lease) -> None:
        """Whoever does not answer in time means no."""
        assert operation.stuck is not None
        if time.time() >= operation.stuck.until:
            ending = replace(operation, state=State.ABORTING, stopped_by=NOBODY, stuck=None)
            self._go_on(self._ledger.write(operation, ending, lease, announce=True), lease)

    def _its_time_has_come(self, operation: Operation, lease: Lease) -> None:
        """It is planned anew and takes its place, or asks for its approvals, as if it were asked for now."""
        if self._waits_for_unlock(operation, lease):
            return
        command = self._allowed(operation, lease)
        if isinstance(command, Query):
            self._start(
                self._ledger.write(operation, replace(operation, state=State.QUEUED), lease, False), lease
            )
        if not isinstance(command, Change):
            return
        settings = self._backends.settings
        kept = {key: operation.plan[key] for key in (STARTS, PART_OF, "approval") if key in operation.plan}
        try:
            plan = {**command.plan(settings), **kept}
        except Refused as refusal:
            self._finish(operation, lease, State.REFUSED, Outcome(refusal.words, offers=refusal.offers))
            return
        if operation.approvals:
            plan = operation.plan  # what was approved is what runs
        asks = PART_OF not in plan and not operation.approvals
        approval = approval_for(command, settings, self._policy) if asks else {}
        if approval:
            asking = replace(operation, state=State.AWAITING_APPROVAL, plan={**plan, "approval": approval})
            self._ledger.write(operation, asking, lease, announce=True, due=approval["until"])
            return
        queued = replace(operation, state=State.QUEUED, plan=plan)
        queued = self._ledger.write(operation, queued, lease, announce=True)
        if self._ledger.has_target(queued):
            self._start(queued, lease)

    def _waits_for_unlock(self, operation: Operation, lease: Lease) -> bool:
        """Whether a lock still holds back what is to start when none does; it looks again at its end."""
        waits = UNLOCKED in operation.plan or PART_OF in operation.plan
        held = self._held(operation) if waits else ()
        if held:
            later = replace(operation, plan={**operation.plan, STARTS: held[0].until, UNLOCKED: True})
            self._ledger.write(operation, later, lease, announce=True, due=held[0].until)
        return bool(held)

    def _held(self, operation: Operation) -> tuple[Lock, ...]:
        """Locks that hold it back; what nobody understands any more is not held, as it is refused."""
        try:
            command = self._command(operation)
        except UnknownSteps:
            return ()
        if not isinstance(command, Change):
            return ()
        by_hand = operation.origin.source != "hook"
        return self._backends.locks.holding_back(command, operation.actor.id if by_hand else "")

    def _start(self, operation: Operation, lease: Lease) -> None:
        if self._gives_way(operation, lease):
            return
        command = self._allowed(operation, lease)
        if command is not None:
            self._tell_passed(operation, command)
            started = replace(operation, state=State.RUNNING)
            self._tell(started, command, lease)  # the first write of its story takes the new state along

    def _gives_way(self, operation: Operation, lease: Lease) -> bool:
        """What a commit asked for never fails over a lock that was taken while it waited: it is offered instead."""
        held = self._held(operation) if COMMIT in operation.plan else ()
        if held:
            self._backends.offers.instead(operation, held[0])
            plain = plainly(lambda user: self._name(Member("user", user)), operation.actor.tz)
            words = _("{held} It is offered instead of being deployed by itself.", held=held[0].said(plain))
            self._finish(operation, lease, State.CANCELLED, Outcome(words))
        return bool(held)

    def _allowed(self, operation: Operation, lease: Lease) -> Command | None:
        """The command, if it may start now; else the operation has ended, or is looked at again soon."""
        offers: tuple[tuple[str, str], ...] = ()
        try:
            command = self._command(operation)
            refusal = self._refusal(operation, command) or self._moved(operation, command)
        except UnknownSteps as unknown:
            refusal = sentences(str(unknown), _(NOTHING_STARTED))
        except (Refused, Failed) as trouble:
            refusal = sentences(str(trouble), _(NOTHING_STARTED))
            offers = trouble.offers if isinstance(trouble, Refused) else ()
        except Unavailable as trouble:
            log.warning("operation=%s: %s", operation.id, trouble)
            self._ledger.write(operation, operation, lease, announce=False, due=time.time() + START_AGAIN)
            return None
        if not refusal:
            return command
        self._finish(operation, lease, State.REFUSED, Outcome(refusal, offers=offers))
        return None

    def _go_on(self, operation: Operation, lease: Lease) -> None:
        try:
            command = self._command(operation)
        except UnknownSteps as unknown:
            self._stick(operation, lease, NeedsPerson(str(unknown)))
            return
        self._tell(operation, command, lease)

    def _tell(self, operation: Operation, command: Command, lease: Lease) -> None:
        """Run the story, or the story of undoing it, until it ends or waits."""
        patience = self._backends.settings.limits.unavailable_minutes * 60
        story = Story(operation, lease, self._ledger, patience)
        try:
            state, outcome = self._outcome(story, command)
        except Suspended:
            return
        except (Lost, RedisError):  # nothing can be recorded now: whoever looks next goes on from the record
            raise
        except NeedsPerson as question:
            self._stick(story.operation, lease, question)
            return
        except Failed as end:
            state, outcome = State.FAILED, _failed(end)
        except Refused as end:
            state = State.FAILED if story.acted or story.operation.state is State.ABORTING else State.REFUSED
            outcome = Outcome(end.words, offers=end.offers)
        except Unavailable as end:
            state, outcome = (
                State.FAILED,
                Outcome(
                    _(
                        "{system} {reason}. Please try again in a minute.",
                        system=end.system,
                        reason=end.reason,
                    )
                ),
            )
        except Exception:  # a fault of ours: the person gets an answer, the log gets the trace
            reference = secrets.token_hex(4)
            log.exception("fault reference=%s operation=%s", reference, operation.id)
            words = _("Sorry, Shipmate itself failed here.")
            state, outcome = State.FAILED, Outcome(words, reference=reference)
        self._finish(story.operation, lease, state, outcome)

    def _outcome(self, story: Story, command: Command) -> tuple[State, Outcome]:
        on = self._on(story.operation)
        if isinstance(command, Change):
            if story.operation.state is State.ABORTING:
                why = _("Nobody answered in time.") if story.operation.stopped_by == NOBODY else ""
                return State.CANCELLED, Outcome(sentences(why, command.abort(story, on)))
            return State.SUCCEEDED, command.run(story, on)
        assert isinstance(command, Query), command
        reply = command.run(story, on)
        stopped = story.operation.state is State.ABORTING
        return State.CANCELLED if stopped else State.SUCCEEDED, Outcome(reply.summary, reply=reply.to_dict())

    def _on(self, operation: Operation) -> Backends:
        """The systems, asked in the name of whoever asked for the operation."""
        return replace(self._backends, person=operation.actor)

    def _command(self, operation: Operation) -> Command:
        """Raises UnknownSteps for what another version of Shipmate recorded and this one cannot replay."""
        command = self._catalogue.command(operation.text)
        same = command.story == operation.story if isinstance(command, Change) else True
        if command.kind != operation.kind or not same:
            raise UnknownSteps(operation.text)
        return command

    def _refusal(self, operation: Operation, command: Command) -> str:
        """Permission is checked again at the act: it may have been taken away since the door."""
        actor = self._directory.person(operation.actor.id, operation.actor.team)
        verdict = self._policy.may_any(actor, command.scopes(self._backends.settings))
        if isinstance(verdict, Refusal):
            return verdict.text(self._name)
        self._must_be_free(operation, command, actor)
        return ""

    def _must_be_free(self, operation: Operation, command: Command, actor: Person) -> None:
        """A lock may have been taken since the door. Raises Refused."""
        held = self._held(operation)
        if held and isinstance(command, Change):
            plain = plainly(lambda user: self._name(Member("user", user)), actor.tz)
            raise Refused(held[0].said(plain), offers=ways_out(held, command, operation.actor.id))

    def _tell_passed(self, operation: Operation, command: Command) -> None:
        """Whoever holds a lock that a rollback goes through hears of it."""
        if isinstance(command, Change) and command.goes_first:
            standing = self._backends.locks.standing(time.time())
            over = [lock for lock in standing if lock.covers(operation.target)]
            self._backends.lockkeeper.passed(operation, over)

    def _moved(self, operation: Operation, command: Command) -> str:
        """An approval is for what was shown; what runs there may have changed since, by whomever."""
        approval = operation.plan.get("approval", {})
        if operation.state is not State.QUEUED or not approval.get("live") or not isinstance(command, Change):
            return ""
        return moved(approval, command.live(operation.plan, self._on(operation)))

    def _name(self, member: Member) -> str:
        """Plain words: what becomes of an operation is shown without markup."""
        return f"@{self._directory.person(member.id).name}" if member.kind == "user" else member.id

    def _stick(self, operation: Operation, lease: Lease, question: NeedsPerson) -> None:
        stuck = Stuck(question.problem, question.step, question.builds)
        after = replace(operation, state=State.STUCK, stuck=stuck, waiting=None)
        self._ledger.write(operation, after, lease, announce=True, due=NEVER)
        log.warning("stuck operation=%s: %s", operation.id, question.problem)

    def _finish(self, operation: Operation, lease: Lease, state: State, outcome: Outcome) -> None:
        ended = replace(operation, state=state, outcome=outcome, waiting=None, finished=time.time())
        self._ledger.write(operation, ended.slim(), lease, announce=True)
        log.info("operation=%s verb=%s state=%s", operation.id, operation.verb, state)


def _failed(end: Failed) -> Outcome:
    return Outcome(
        end.reason,
        brief=end.brief,
        back=end.back,
        excerpt=end.excerpt,
        events=end.events,
        link=end.link,
        errors=end.errors,
    )
