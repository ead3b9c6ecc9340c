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
from typing import Any, cast

from redis.exceptions import RedisError

from bot.approvals import approval_for
from bot.backends import Backends
from bot.catalogue import Catalogue
from bot.command import Change, Command, Control, Later
from bot.faults import Refused, Unavailable
from bot.foreground import Foreground
from bot.grammar import Parsed
from bot.jobs import Jobs
from bot.language import N_, _, speaking
from bot.ledger import REMEMBER_REQUESTS_SECONDS, Ledger
from bot.lifecycle import State
from bot.operation import COMMIT, STARTS, Operation, Origin
from bot.outbox import Outbox
from bot.policy import Policy
from bot.ports import Commit, Directory, Person
from bot.problems import explain_locks, explain_problem, explain_refusal
from bot.refusals import Refusal
from bot.reply import Button, Reply, says
from bot.settings import NoSuchTarget
from bot.spoken import in_words
from bot.timing import must_be_clear, starts, still_held
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
    shown: float = 0
    """For a button: when its message was posted, in epoch seconds; 0: not known."""
    commit: Commit | None = None
    """For a hook: what it is about."""
    language: str = ""
    """What the screen at hand can show, where that is known; empty: the person's own."""


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
        foreground: Foreground,
    ) -> None:
        self._foreground = foreground
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
        with self._foreground.request():
            return self._answer(request)

    def _answer(self, request: Request) -> Reply | None:
        try:
            actor = self._directory.person(request.user_id, request.team)
        except Exception as trouble:  # noqa: BLE001  # told in the shop's own language: theirs is not known
            return self._bad_news(trouble, request)
        actor = replace(actor, language=request.language or actor.language)
        with speaking(actor.language):
            try:
                return self._decide(request, actor)
            except Exception as trouble:  # noqa: BLE001  # the person gets an answer, whatever happened
                return self._bad_news(trouble, request)

    def _bad_news(self, trouble: Exception, request: Request) -> Reply:
        match trouble:
            case Refused():
                offers = (
                    Button(label, text, confirm=self._catalogue.question(text))
                    for label, text in trouble.offers
                )
                return says(f":no_entry_sign: {trouble.words}", *offers)
            case NoSuchTarget():
                return says(f":no_entry_sign: {trouble}")
            case Unavailable():
                return says(
                    _(
                        ":warning: {system} {reason}. Nothing was started; please try again.",
                        system=trouble.system,
                        reason=trouble.reason,
                    )
                )
            case RedisError():
                log.warning("redis does not answer: refused %s", request.origin.key)
                return says(
                    _(
                        ":warning: Shipmate's own memory (Redis) does not answer. Nothing was started; "
                        "please try again in a minute."
                    )
                )
        reference = secrets.token_hex(4)  # a fault of ours: the log gets the trace
        log.error("fault reference=%s", reference, exc_info=trouble)
        return says(
            _(
                ":warning: Sorry, Shipmate itself failed here. Nothing was started. "
                "Tell operations this reference: `{reference}`.",
                reference=reference,
            )
        )

    def _decide(self, request: Request, actor: Person) -> Reply | None:
        refusal = self._policy.may(actor, "help", None, None)
        if isinstance(refusal, Refusal):
            return explain_refusal(refusal)
        where = self._backends.here.defaults(request.origin.channel)
        parsed = self._catalogue.parse(request.text, where)
        if not isinstance(parsed, Parsed):
            return explain_problem(
                parsed, lambda text: self._permitted(actor, text), self._catalogue.question
            )
        command = cast(Command, parsed.command)
        verdict = self._policy.may_any(actor, command.scopes(self._backends.settings))
        if isinstance(verdict, Refusal):
            return explain_refusal(verdict)
        if isinstance(command, Control):
            key = request.tap or request.origin.key
            return command.answer(actor, replace(self._backends, request=key, channel=request.origin.channel))
        if isinstance(command, Change):
            _must_be_fresh(request)
        return self._open(request, actor, command)

    def _permitted(self, actor: Person, text: str) -> bool:
        """Whether it makes sense to offer a command to this person."""
        parsed = self._catalogue.parse(text)
        if not isinstance(parsed, Parsed):
            return True
        command, settings = cast(Command, parsed.command), self._backends.settings
        named, environment = self._catalogue.named(command.scope.verb), command.scope.environment
        if named is not None and environment and not named.reaches(environment, settings):
            return False
        return self._policy.may_any(actor, command.scopes(settings)).allowed

    def _open(self, request: Request, actor: Person, command: Command) -> Reply | None:
        change = command if isinstance(command, Change) else None
        timing: dict[str, Any] = {}
        if change is not None:
            by = "" if request.origin.source == "hook" else actor.id  # of a commit no lock is its own
            locks = self._backends.locks.holding_back(change, by)
            timing = starts(change, actor.tz, locks, self._backends.settings.limits)
            must_be_clear(timing, self._backends.locks, change, by)
            if still_held(locks, timing) and not self._ledger.known(request.tap or request.origin.key):
                return explain_locks(locks, change, actor.id)
            command = change = change.at_once() if isinstance(change, Later) else change
        operation = self._operation(request, actor, command, timing)
        opened = self._ledger.open(
            operation,
            announce=change is not None,
            first=change is not None and change.goes_first,
            due=_due(operation),
        )
        if opened.result == "again" or opened.operation is None:
            self._once_more(opened.operation, request, change)
            return _again(opened.operation) if request.tap else None  # a redelivery needs no second answer
        log.info("operation=%s actor=%s text=%s", opened.operation.id, actor.id, operation.text)
        if opened.holder:
            self._behind(opened.operation, opened.holder, request, change)
        elif operation.state is not State.SCHEDULED:
            self._jobs.wake(opened.operation.id, _queue(operation))
        return None

    def _operation(
        self, request: Request, actor: Person, command: Command, timing: dict[str, Any]
    ) -> Operation:
        """The operation to record: its plan is resolved here, once."""
        plan: dict[str, Any] = {}
        state, key = State.QUEUED, request.origin.key
        if isinstance(command, Change):
            plan = {**command.plan(self._backends.settings), **timing}
            if request.commit is not None:
                plan[COMMIT] = request.commit.to_plain()
            state = State.SCHEDULED if timing else state
            key = request.tap or key
            approval = approval_for(command, self._backends.settings, self._policy)
            if approval:
                plan["approval"] = approval
                state = State.AWAITING_APPROVAL
        return Operation(
            id="",
            verb=command.scope.verb,
            text=self._catalogue.text(command),
            kind=command.kind,
            actor=actor,
            origin=replace(request.origin, key=key),
            target=command.target,
            plan=plan,
            state=state,
            story=command.story if isinstance(command, Change) else 1,
            lane=command.lane if isinstance(command, Change) else "",
        )

    def _once_more(self, known: Operation | None, request: Request, change: Change | None) -> None:
        """A redelivery may be of a request whose bot died between opening it and making way for it."""
        place = self._ledger.place(known) if known is not None else None
        if known is not None and place is not None:
            self._behind(known, place.holder.id, request, change)

    def _behind(self, operation: Operation, holder_id: str, request: Request, change: Change | None) -> None:
        """The target is taken: end what runs there, or replace what waits, where the rules say so."""
        if change is not None and change.goes_first:
            holder = self._ledger.get(holder_id)
            if holder is not None and (holder.verb != operation.verb or holder.state is State.ASKING):
                self._stop(holder_id, operation.id)
        elif request.origin.source == "hook":
            for other in self._ledger.get_all(self._ledger.line(operation.reserves)):
                if other and other.id != operation.id and other.origin.source == "hook":
                    self._stop(other.id, operation.id)

    def _stop(self, operation_id: str, by: str) -> None:
        stopped = self._ledger.stop(operation_id, by)
        if stopped is not None and not stopped.final:
            self._jobs.wake(operation_id, "urgent")


def _due(operation: Operation) -> float | None:
    """When somebody must look at what does not start at once."""
    if operation.state is State.AWAITING_APPROVAL:
        return float(operation.plan["approval"]["until"])
    return operation.plan.get(STARTS)


def _must_be_fresh(request: Request) -> None:
    """Raises Refused for a button from so long ago that nobody knows any more whether it was tapped already."""
    age = time.time() - request.shown
    if request.shown and age > REMEMBER_REQUESTS_SECONDS:
        raise Refused(
            _("That button is {age} old; what runs may be another story by now.", age=duration(age)),
            _("Type `{text}` if you still mean it.", text=request.text),
        )


def _queue(operation: Operation) -> str:
    if operation.verb == "rollback":
        return "urgent"
    return "queries" if operation.kind == "query" else "changes"


def _again(known: Operation | None) -> Reply:
    if known is None:
        return says(_("That was asked for already."))
    said = {"id": known.id, "text": in_words(known.text), "who": f"<@{known.actor.id}>"}
    if not known.final:
        words = N_("That button was used already: `{id}` (`{text}`) by {who} is running.")
        return says(_(words, **said))
    question = _("Run `{command}` again?", command=in_words(known.text))
    anew = Button(_("Run it again"), known.text, confirm=question)  # a button of its own, so it counts anew
    words = N_("That button was used already: `{id}` (`{text}`) by {who} has ended.")
    return says(_(words, **said), anew)
