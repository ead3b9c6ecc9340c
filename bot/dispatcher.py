"""The one door: request -> reply or operation.

Typed text, slash command, mention, direct message and button all become a `Request` and pass the same
parse, policy and ledger. Nothing here calls a system that ships; it runs before Slack's acknowledgement.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

from redis.exceptions import RedisError

from bot.backends import Backends
from bot.catalogue import Catalogue
from bot.command import Change, Command, Control
from bot.faults import Refused, Unavailable
from bot.grammar import Parsed
from bot.jobs import Jobs
from bot.ledger import Ledger
from bot.operation import Operation, Origin
from bot.outbox import Outbox
from bot.policy import Policy, Refusal
from bot.ports import Directory, Person
from bot.problems import explain_problem, explain_refusal
from bot.reply import Button, Reply, says
from bot.settings import NoSuchTarget
from bot.words import duration

log = logging.getLogger(__name__)

Directly = Callable[[Origin, Reply, str], None]


@dataclass(frozen=True)
class Request:
    text: str
    user_id: str
    team: str
    origin: Origin
    tap: str = ""
    """For a button: names the button itself, so that tapping it twice is one change."""


class Dispatcher:
    """`directly` posts a reply without Redis: the last resort when Redis is down."""

    def __init__(
        self,
        catalogue: Catalogue,
        policy: Policy,
        directory: Directory,
        ledger: Ledger,
        jobs: Jobs,
        outbox: Outbox,
        backends: Backends,
        directly: Directly,
    ) -> None:
        self._catalogue = catalogue
        self._policy = policy
        self._directory = directory
        self._ledger = ledger
        self._jobs = jobs
        self._outbox = outbox
        self._backends = backends
        self._directly = directly

    def handle(self, request: Request) -> None:
        """Decide, and put the reply, if any, in line for the channel."""
        reply = self.decide(request)
        if reply is None:
            return
        try:
            self._outbox.say(request.origin, request.user_id, reply)
        except RedisError:
            self._directly(request.origin, reply, request.user_id)

    def decide(self, request: Request) -> Reply | None:
        """The reply, or None when an operation was opened whose message tells the rest. Never raises."""
        try:
            return self._decide(request)
        except Refused as refusal:
            return says(f":no_entry_sign: {refusal.message} {refusal.hint}".strip())
        except NoSuchTarget as unknown:
            return says(f":no_entry_sign: {unknown}")
        except Unavailable as trouble:
            return says(
                f":warning: {trouble.system} {trouble.reason}. Nothing was started; please try again."
            )
        except RedisError:
            log.warning("redis does not answer: refused %s", request.origin.key)
            return says(
                ":warning: Shipmate's own memory (Redis) does not answer. Nothing was started; "
                "please try again in a minute."
            )
        except Exception:  # a fault of ours: the person gets an answer, the log gets the trace
            reference = secrets.token_hex(4)
            log.exception("fault reference=%s", reference)
            return says(
                ":warning: Sorry, Shipmate itself failed here. Nothing was started. "
                f"Tell operations this reference: `{reference}`."
            )

    def _decide(self, request: Request) -> Reply | None:
        actor = self._directory.person(request.user_id, request.team)
        refusal = self._policy.may(actor, "help", None, None)
        if isinstance(refusal, Refusal):
            return explain_refusal(refusal)
        parsed = self._catalogue.parse(request.text)
        if not isinstance(parsed, Parsed):
            return explain_problem(parsed, self._catalogue.question)
        command = cast(Command, parsed.command)
        project, environment = getattr(command, "project", None), getattr(command, "environment", None)
        verdict = self._policy.may(actor, command.verb, project, environment)
        if isinstance(verdict, Refusal):
            return explain_refusal(verdict)
        if isinstance(command, Control):
            return command.answer(actor, self._backends)
        return self._open(request, actor, command)

    def _open(self, request: Request, actor: Person, command: Command) -> Reply | None:
        is_change = isinstance(command, Change)
        plan = command.plan(self._backends.settings) if isinstance(command, Change) else {}
        key = request.tap if is_change and request.tap else request.origin.key
        operation = Operation(
            id="",
            verb=command.verb,
            text=self._catalogue.text(command),
            kind=command.kind,
            actor=actor,
            origin=replace(request.origin, key=key),
            target=command.target,
            plan=plan,
        )
        opened = self._ledger.open(operation, announce=is_change)
        if opened.result == "opened" and opened.operation is not None:
            self._jobs.wake(opened.operation.id, _queue(operation))
            log.info("operation=%s actor=%s text=%s", opened.operation.id, actor.id, operation.text)
            return None
        if opened.result == "busy":
            return _busy(opened.operation, command.target)
        return _again(opened.operation) if request.tap else None  # a redelivery needs no second answer


def _queue(operation: Operation) -> str:
    if operation.kind == "query":
        return "queries"
    return "urgent" if operation.verb == "rollback" else "changes"


def _busy(holder: Operation | None, target: str) -> Reply:
    if holder is None:
        return says(f":no_entry_sign: {target} was busy a moment ago. Please try again.")
    age = duration(time.time() - holder.opened)
    project, environment = target.split("/")
    look = Button("Status", f"status {project} in {environment}")
    return says(
        f":no_entry_sign: {target} is busy: `{holder.id}` (`{holder.text}`) by <@{holder.actor.id}>, "
        f"for {age} now. Nothing was started; try again when it has ended.",
        look,
    )


def _again(known: Operation | None) -> Reply:
    if known is None:
        return says("That was asked for already.")
    state = "has ended" if known.final else "is running"
    return says(
        f"That button was used already: `{known.id}` (`{known.text}`) by <@{known.actor.id}> {state}. "
        f"To run it again, type it."
    )
