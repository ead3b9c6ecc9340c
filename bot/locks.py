"""Locks: a person's hold on a target or an environment, with a reason and an end. The rules, and their writer.

A lock binds everybody but its owner. A freeze binds everybody, and is of a whole environment; it is declared,
or comes back every week by configuration. What a change passes is the change's own (`Change.passes`).

Keys: `locks` hash name -> lock; `locks:due` sorted set name -> epoch seconds when somebody must look after it;
`locks:past` sorted set of locks that ended, by when.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from bot.grammar.times import zone_of
from bot.language import _
from bot.ledger import PREFIX, Ledger
from bot.settings.release import Freeze, week_time
from bot.shown import IN_CHAT, Shown
from bot.words import with_reason

if TYPE_CHECKING:
    from bot.command import Change

Kind = Literal["lock", "freeze"]


@dataclass(frozen=True)
class Wish:
    """Somebody who asked for a lock to end, and what for."""

    user: str
    text: str = ""
    is_command: bool = False
    """Whether `text` is what they would type then."""


@dataclass(frozen=True)
class Lock:
    kind: Kind
    subject: str
    """`web/trunk`, or `trunk`: all of the environment."""
    owner: str
    """User id; empty: nobody, it comes back every week."""
    reason: str
    since: float
    until: float
    """Epoch seconds; from then on it holds nothing back."""
    wishes: tuple[Wish, ...] = ()
    request: str = ""
    """The request that wrote it last: the same again changes nothing more."""

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.subject}"

    @property
    def words(self) -> str:
        """As commands write its subject: `web in trunk`, `trunk`."""
        project, _, environment = self.subject.rpartition("/")
        return f"{project} in {environment}" if project else environment

    def covers(self, target: str) -> bool:
        return self.subject in (target, target.partition("/")[2])

    def binds(self, actor_id: str) -> bool:
        return self.kind == "freeze" or self.owner != actor_id

    def said(self, shown: Shown = IN_CHAT) -> str:
        """Who, why, since when, until when: one sentence."""
        said: dict[str, str] = {
            "subject": self.subject,
            "since": shown.when(self.since),
            "until": shown.when(self.until),
        }
        if self.kind == "lock":
            held = _(
                "{subject} is locked by {who} since {since} until {until}", who=shown.who(self.owner), **said
            )
        elif self.owner:
            held = _(
                "{subject} is frozen by {who} since {since} until {until}", who=shown.who(self.owner), **said
            )
        else:
            held = _("{subject} is frozen since {since} until {until}", **said)
        return with_reason(held, shown.text(self.reason))

    def to_json(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Lock:
        plain = json.loads(text)
        return cls(**{**plain, "wishes": tuple(Wish(**wish) for wish in plain["wishes"])})


def holding_back(
    locks: Iterable[Lock], target: str, actor_id: str, passes: Collection[Kind] = ()
) -> tuple[Lock, ...]:
    """The locks that keep this person from changing `target`, the one that lasts longest first.

    `passes`: kinds that the change may pass. An empty `actor_id` stands for what nobody asked for by hand.
    """
    held = (
        lock for lock in locks if lock.covers(target) and lock.kind not in passes and lock.binds(actor_id)
    )
    return tuple(sorted(held, key=lambda lock: lock.until, reverse=True))


def window(freeze: Freeze, environment: str, now: float) -> Lock | None:
    """The freeze of the week that is on at `now`, if it is. Clocks that change meanwhile move its end along."""
    zone = zone_of(freeze.zone)
    (first, starts), (last, ends) = week_time(freeze.starts), week_time(freeze.ends)
    today = datetime.fromtimestamp(now, zone).date()
    days = ((last, ends) < (first, starts)) * 7 + last - first
    for weeks in (0, 1):
        day = today - timedelta((today.weekday() - first) % 7 + weeks * 7)
        since = datetime.combine(day, starts, zone).timestamp()
        until = datetime.combine(day + timedelta(days), ends, zone).timestamp()
        if since <= now < until:
            return Lock("freeze", environment, "", freeze.because, since, until)
    return None


def windows(freezes: Mapping[str, Iterable[Freeze]], now: float) -> list[Lock]:
    """Every freeze of the week that is on; `freezes` by environment."""
    found = (window(freeze, name, now) for name, those in freezes.items() for freeze in those)
    return [lock for lock in found if lock is not None]


class Locks:
    """The locks of Redis, beside the freezes of the week. `changed` is told of each that was written."""

    def __init__(
        self,
        ledger: Ledger,
        freezes: Mapping[str, Iterable[Freeze]],
        changed: Callable[[Lock], None] = lambda _lock: None,
    ) -> None:
        self._changed = changed
        self._redis: Any = ledger.redis
        self._swap = ledger.script("lock")
        self._freezes = freezes

    def standing(self, now: float) -> list[Lock]:
        """Every lock that holds something back now, in the order of their ends."""
        kept = map(Lock.from_json, self._redis.hvals(PREFIX + "locks"))
        alive = [lock for lock in kept if lock.until > now]
        return sorted([*alive, *windows(self._freezes, now)], key=lambda lock: lock.until)

    def holding_back(self, change: Change, actor_id: str, at: float = 0.0) -> tuple[Lock, ...]:
        """Those that keep this person from this change now, or as far as is known by then, the longest first."""
        standing = self.standing(at or time.time())
        return holding_back(standing, change.target, actor_id, change.passes) if change.target else ()

    def kept(self, name: str) -> Lock | None:
        """The lock of that name, whether or not its end has come."""
        stored = self._redis.hget(PREFIX + "locks", name)
        return Lock.from_json(stored) if stored else None

    def write(self, before: Lock | None, after: Lock | None, due: float = 0.0) -> bool:
        """Replace one by the other, unless somebody else was quicker. `due`: when to look after it."""
        one = after or before
        if one is None:
            return True
        kept = (lock.to_json() if lock else "" for lock in (before, after))
        written = bool(self._swap(args=(one.name, *kept, due)))
        if written:
            self._changed(one)
        return written

    def ended(self, since: float, now: float) -> list[Lock]:
        """Those that ended after `since`; `until` says when."""
        past = self._redis.zrevrangebyscore(PREFIX + "locks:past", "+inf", since)
        kept = self._redis.hvals(PREFIX + "locks")
        return [lock for lock in map(Lock.from_json, [*past, *kept]) if since <= lock.until <= now]

    def due(self, now: float) -> list[Lock]:
        """Those that somebody must look after now: the owner is to be reminded, or the end has come."""
        names = self._redis.zrangebyscore(PREFIX + "locks:due", "-inf", now)
        found = (self.kept(name) for name in names)
        return [lock for lock in found if lock is not None]
