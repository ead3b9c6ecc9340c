"""An operation: one durable piece of work that somebody asked for, and what happened to it so far."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

from bot.faults import WayBack
from bot.language import Told, retold, speaking
from bot.lifecycle import FINAL, State
from bot.ports import Person, Seen

_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_DIGITS = "23456789"


MOST_BYTES = 2_500
"""A finished change keeps to 4 KB of Redis, with its keys, five indexes and its message's place: Redis takes
2,560 bytes for so much text, and some 1,400 for the rest."""

KEPT_LINES = 8
"""Of an excerpt at least, where there is something else to leave out."""


def new_id() -> str:
    """Four characters that people can read aloud and type: a letter first, at least one digit, no 0/o/1/l."""
    tail = [secrets.choice(_LETTERS + _DIGITS) for _ in range(2)] + [secrets.choice(_DIGITS)]
    secrets.SystemRandom().shuffle(tail)
    return secrets.choice(_LETTERS) + "".join(tail)


@dataclass(frozen=True)
class Origin:
    """Where a request came from, and so where its answer goes."""

    channel: str
    thread: str = ""
    """`ts` of the message whose thread the conversation is in; empty: the channel itself."""
    source: str = "mention"
    """mention, direct, news, slash, button, modal, shortcut, home, hook or console."""
    key: str = ""
    """Names the request: the same key twice is one operation (Slack delivers events again)."""
    back: str = ""
    """Where `channel` is a view on somebody's screen: the channel in which what is done there is answered."""
    under: str = ""
    """Id of the operation in whose message's thread it is answered; empty: it says itself where."""


@dataclass(frozen=True)
class Step:
    """One recorded piece. Without `ended` it was begun, and nobody knows how it ended."""

    name: str
    began: float
    ended: float | None = None
    result: Any = None
    told: str = ""
    """What the message says of it, in mrkdwn; empty: nothing."""

    @property
    def says_nothing(self) -> bool:
        """Of no use once the operation is over: it found nothing, and nothing was told of it."""
        found = self.result is not None and self.result is not True and self.result != ""
        return self.ended is not None and not self.told and not found

    def brief(self) -> Step:
        """Without the details of a build and the like; an image or a number stays."""
        return replace(self, result=None) if isinstance(self.result, dict) else self


@dataclass(frozen=True)
class Waiting:
    """What a suspended operation waits for: a topic, or a system that does not answer."""

    step: str
    since: float
    until: float
    """Epoch seconds: the deadline of the step."""
    topic: str = ""
    system: str = ""
    """Set while a call of our own is to be repeated: who did not answer it."""
    progress: str = ""
    usual: float = 0
    """Seconds that the system itself expects it to take; 0: it does not say."""
    excerpt: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    """The log and the cluster's warnings about what is wrong so far."""
    trouble: str = ""
    """Set while a system does not answer: "Jenkins did not answer in time"."""
    troubled_since: float = 0
    attempts: int = 0


STARTS, PART_OF = "starts", "part of"  # not said: keys of a record
"""In the plan of a scheduled operation: when it is to start (epoch seconds), and the id of the operation whose
story asked for it, if one did."""
UNLOCKED = "unlocked"
"""In the plan of a scheduled operation that starts as soon as no lock holds it back; STARTS is when to look."""
COMMIT = "commit"
"""In the plan of what a hook asked for: the commit, as `bot.ports.Commit` has it."""
NOBODY = "nobody"
"""In `Operation.stopped_by`: a question was not answered in time."""


@dataclass(frozen=True)
class Stuck:
    """What a person must decide."""

    problem: str
    step: str = ""
    builds: tuple[int, ...] = ()
    """Builds that may be the operation's own."""
    until: float = 0
    """Epoch seconds: whoever does not answer before then means no; 0: there is no hurry."""
    since: float = field(default_factory=time.time)
    """Epoch seconds."""


@dataclass(frozen=True)
class Outcome:
    """How it ended, for the message."""

    summary: str
    brief: str = ""
    """Why, in the few words that a notification has room for; empty: the summary begins well enough."""
    back: WayBack | None = None
    """What a rollback would do that makes sense now, as it was known when it ended."""
    excerpt: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    link: str = ""
    reference: str = ""
    """Set for a fault of ours; the same words are in the log."""
    image: str = ""
    """The image the target runs since; empty when the operation did not choose one."""
    unproven: bool = False
    """Whether no pod has run `image` yet: it is set where nothing runs."""
    build: int = 0
    """Number of the build that made `image`, where one did; 0 otherwise."""
    errors: tuple[str, ...] = ()
    """Kinds of errors that the target's log has only since the change began."""
    reply: dict[str, Any] | None = None
    """The answer of a query, as a neutral reply."""
    offers: tuple[tuple[str, str], ...] = ()
    """What to do instead: what a button shows, and the command that it stands for."""


@dataclass(frozen=True)
class Operation:
    id: str
    verb: str
    text: str
    """The canonical command: what `bot.grammar` parses back to the same command."""
    kind: str
    """change or query."""
    actor: Person
    origin: Origin
    target: str = ""
    """`web/product`; empty for a query over several."""
    lane: str = ""
    """Set for what others may run beside on the same target: `rollout`, of which again one runs at a time."""
    plan: dict[str, Any] = field(default_factory=dict)
    state: State = State.QUEUED
    steps: tuple[Step, ...] = ()
    waiting: Waiting | None = None
    approvals: tuple[str, ...] = ()
    """Ids of the people who approved it so far."""
    stuck: Stuck | None = None
    """What a person must decide, while the state is `stuck` or `asking`."""
    stopped_by: str = ""
    """Who asked for it to end: a user id, the id of the rollback that goes first, or NOBODY."""
    story: int = 1
    """`Change.story` of the version of Shipmate that opened it."""
    outcome: Outcome | None = None
    opened: float = field(default_factory=time.time)
    finished: float | None = None
    version: int = 0

    @property
    def reserves(self) -> str:
        """The name of its reservation."""
        return f"{self.target}#{self.lane}" if self.lane else self.target

    @property
    def final(self) -> bool:
        return self.state in FINAL

    def step(self, name: str) -> Step | None:
        return next((step for step in self.steps if step.name == name), None)

    def without_step(self, name: str) -> Operation:
        return replace(self, steps=tuple(s for s in self.steps if s.name != name))

    def with_step(self, step: Step) -> Operation:
        others = tuple(s for s in self.steps if s.name != step.name)
        return replace(self, steps=(*others, step))

    def slim(self, most: int = MOST_BYTES) -> Operation:
        """The same in at most `most` bytes of JSON, as far as can be: what the end needs least goes first."""
        with speaking(self.actor.language):
            return self._slim(most)

    def _slim(self, most: int) -> Operation:
        operation = self
        for lose in (Operation._planless, Operation._brief, Operation._quiet, Operation._said):
            if operation._fits(most):
                return operation
            operation = lose(operation)
        while not operation._fits(most):
            smaller = operation._shorter()
            if smaller is None:
                break
            operation = smaller
        return operation

    def _fits(self, most: int) -> bool:
        """An answer is always told in full: it is not kept for long."""
        unended = self.outcome is None or self.outcome.reply is not None
        return unended or len(self.to_json().encode()) <= most

    def _planless(self) -> Operation:
        return replace(self, plan={})

    def _brief(self) -> Operation:
        return replace(self, steps=tuple(step.brief() for step in self.steps))

    def _quiet(self) -> Operation:
        return replace(self, steps=tuple(step for step in self.steps if not step.says_nothing))

    def _said(self) -> Operation:
        """Its texts as they are said now, without what they were made of."""
        return Operation.from_json(self.to_json(), _said)

    def _shorter(self) -> Operation | None:
        """With a line less of its excerpt, oldest first; None when there is nothing more to leave out.

        What is new in the log goes before the last lines of the excerpt, which say why it failed.
        """
        outcome = self.outcome
        if outcome is None:
            return None
        if outcome.errors and len(outcome.excerpt) <= KEPT_LINES:
            return replace(self, outcome=replace(outcome, errors=outcome.errors[:-1]))
        if outcome.excerpt and len(outcome.excerpt) >= len(outcome.events):
            return replace(self, outcome=replace(outcome, excerpt=outcome.excerpt[1:]))
        if outcome.events:
            return replace(self, outcome=replace(outcome, events=outcome.events[1:]))
        if len(outcome.summary) > 500:
            return replace(self, outcome=replace(outcome, summary=outcome.summary[:499] + "…"))
        return None

    def anew(self) -> Operation:
        """The same with its texts in the language spoken now: it speaks the one in which it was read."""
        return Operation.from_json(self.to_json())

    def to_json(self) -> str:
        """Without what is as by default."""
        return json.dumps(_plain(self), separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, read: Callable[[Any], Any] = retold) -> Operation:
        plain = json.loads(text, object_hook=read)
        readers: dict[str, Callable[[Any], Any]] = {
            "actor": lambda one: Person(**{**one, "groups": frozenset(one.get("groups", ()))}),
            "origin": lambda one: Origin(**one),
            "state": State,
            "steps": lambda them: tuple(Step(**one) for one in them),
            "approvals": tuple,
            "waiting": lambda one: one and _waiting(one),
            "stuck": lambda one: one and Stuck(**{**one, "builds": tuple(one.get("builds", ()))}),
            "outcome": lambda one: one and _outcome(one),
        }
        return cls(**{name: readers.get(name, _as_it_is)(value) for name, value in plain.items()})


def _plain(value: Any) -> Any:
    """As JSON has it; of a dataclass what differs from its defaults, which is what it is read back from."""
    if is_dataclass(value):
        pairs = ((field.name, getattr(value, field.name), field.default) for field in fields(value))
        return {name: _plain(held) for name, held, default in pairs if held != default}
    if isinstance(value, Told):
        return value.to_plain()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, dict):
        return {name: _plain(held) for name, held in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (tuple, list)) else value


def _said(kept: Any) -> Any:
    """A text in the language spoken now, for good: it forgets what it was made of."""
    said = retold(kept)
    return str.__str__(said) if isinstance(said, Told) else said  # its own __str__ keeps it as it is


def _as_it_is(value: Any) -> Any:
    return value


def _waiting(plain: dict[str, Any]) -> Waiting:
    return Waiting(**{**plain, **{name: tuple(plain.get(name, ())) for name in ("excerpt", "events")}})


def _outcome(plain: dict[str, Any]) -> Outcome:
    lines = {name: tuple(plain.get(name, ())) for name in ("excerpt", "events", "errors")}
    offers = tuple((label, text) for label, text in plain.get("offers", ()))
    back = plain.get("back")
    if back is not None:
        known = back.get("differs", ())
        back = WayBack(**{**back, "differs": known if known is None else tuple(known)})
    return Outcome(**{**plain, **lines, "offers": offers, "back": back})


def seen_to_json(seen: Seen) -> str:
    return json.dumps(_plain(seen), separators=(",", ":"), ensure_ascii=False)


def seen_from_json(text: str) -> Seen:
    """In the language spoken now."""
    plain = json.loads(text, object_hook=retold)
    lines = {name: tuple(plain.get(name, ())) for name in ("excerpt", "events")}
    return Seen(**{**plain, **lines})
