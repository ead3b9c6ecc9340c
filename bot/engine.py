"""Operation id -> advance it: replay, act, record, suspend. Called by RQ workers with nothing but the id."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from dataclasses import replace

from redis.exceptions import RedisError

from bot.backends import Backends
from bot.catalogue import Catalogue
from bot.command import Change, Command, Query
from bot.faults import Failed, Refused, Unavailable
from bot.ledger import Lease, Ledger, Lost
from bot.lifecycle import State
from bot.operation import Operation, Outcome
from bot.policy import Policy, Refusal
from bot.ports import Directory
from bot.story import Story, Suspended

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 3.0


class Engine:
    def __init__(
        self, ledger: Ledger, catalogue: Catalogue, policy: Policy, directory: Directory, backends: Backends
    ) -> None:
        self._ledger = ledger
        self._catalogue = catalogue
        self._policy = policy
        self._directory = directory
        self._backends = backends

    def advance(self, operation_id: str) -> None:
        """Bring an operation as far as it goes now. Two callers at once: the second leaves word and goes."""
        again = True
        while again:
            lease = self._ledger.lease(operation_id)
            if lease is None:
                return
            try:
                with Heartbeat(self._ledger, lease):
                    self._advance(operation_id, lease)
            except Lost:
                log.warning("lost operation=%s: another worker has it", operation_id)
            finally:
                again = self._ledger.release(lease)

    def _advance(self, operation_id: str, lease: Lease) -> None:
        operation = self._ledger.get(operation_id)
        if operation is None or operation.final:
            return
        command = self._catalogue.command(operation.text)
        if operation.state is State.QUEUED:
            refusal = self._refusal(operation, command)
            if refusal:
                self._finish(operation, lease, State.FAILED, Outcome(refusal))
                return
            started = replace(operation, state=State.RUNNING)
            operation = self._ledger.write(operation, started, lease, _announced(operation))
        self._run(operation, command, lease)

    def _run(self, operation: Operation, command: Command, lease: Lease) -> None:
        patience = self._backends.settings.limits.unavailable_minutes * 60
        story = Story(operation, lease, self._ledger, patience)
        try:
            state, outcome = State.SUCCEEDED, self._outcome(operation, command, story)
        except Suspended:
            return
        except (Lost, RedisError):  # nothing can be recorded now: whoever looks next goes on from the record
            raise
        except Failed as end:
            state, outcome = State.FAILED, Outcome(end.reason, end.excerpt, end.events, end.link)
        except Refused as end:
            state, outcome = State.FAILED, Outcome(f"{end.message} {end.hint}".strip())
        except Unavailable as end:
            state, outcome = (
                State.FAILED,
                Outcome(f"{end.system} {end.reason}. Please try again in a minute."),
            )
        except Exception:  # a fault of ours: the person gets an answer, the log gets the trace
            reference = secrets.token_hex(4)
            log.exception("fault reference=%s operation=%s", reference, operation.id)
            words = "Sorry, Shipmate itself failed here."
            state, outcome = State.FAILED, Outcome(words, reference=reference)
        self._finish(story.operation, lease, state, outcome)

    def _outcome(self, operation: Operation, command: Command, story: Story) -> Outcome:
        if isinstance(command, Change):
            return command.run(story, self._backends)
        assert isinstance(command, Query), command
        reply = command.answer(operation.actor, self._backends)
        return Outcome(reply.summary, reply=reply.to_dict())

    def _refusal(self, operation: Operation, command: Command) -> str:
        """Permission is checked again at the act: it may have been taken away since the door."""
        actor = self._directory.person(operation.actor.id, operation.actor.team)
        project, environment = getattr(command, "project", None), getattr(command, "environment", None)
        verdict = self._policy.may(actor, command.verb, project, environment)
        return verdict.message if isinstance(verdict, Refusal) else ""

    def _finish(self, operation: Operation, lease: Lease, state: State, outcome: Outcome) -> None:
        ended = replace(operation, state=state, outcome=outcome, waiting=None, finished=time.time())
        self._ledger.write(operation, ended, lease, announce=True)
        log.info("operation=%s verb=%s state=%s", operation.id, operation.verb, state)


def _announced(operation: Operation) -> bool:
    """A change has a message from its beginning; a query only has its answer."""
    return operation.kind == "change"


class Heartbeat:
    """Keeps a lease while its holder works, from a thread of its own."""

    def __init__(self, ledger: Ledger, lease: Lease) -> None:
        self._ledger = ledger
        self._lease = lease
        self._timer: threading.Timer | None = None

    def __enter__(self) -> None:
        self._schedule()

    def __exit__(self, *_: object) -> None:
        if self._timer:
            self._timer.cancel()

    def _schedule(self) -> None:
        self._timer = threading.Timer(HEARTBEAT_SECONDS, self._beat)
        self._timer.daemon = True
        self._timer.start()

    def _beat(self) -> None:
        if self._ledger.heartbeat(self._lease):
            self._schedule()
