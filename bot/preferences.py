"""What people chose for themselves: language, mails, direct messages, quiet hours, the projects they follow.

Keys: `preferences:<user>` hash of the fields of `Chosen`, and `mail:<project>`; `followers:<project>` set of
user ids. What is not there was not chosen: the person's Slack, or the configuration, decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Self

from bot.grammar import Typed, shape
from bot.grammar.times import zone_of
from bot.language import N_
from bot.ledger import PREFIX

if TYPE_CHECKING:
    from redis import Redis

ON, OFF = "on", "off"

_CLOCK = "[0-9]{1,2}(?::[0-9]{2})?"


class Quiet(Typed, str):
    """Hours of every day in which no news come: `22:00-07:00`, or `off`."""

    expected, example = N_("hours such as 22:00-07:00, or off"), "22:00-07:00"
    phrase = shape(f"{_CLOCK} ?- ?{_CLOCK}|off")

    @classmethod
    def read(cls, text: str) -> Self:
        if text.lower() == OFF:
            return cls(OFF)
        said = re.fullmatch(f"({_CLOCK}) ?- ?({_CLOCK})", text)
        try:
            first, last = (_clock(clock) for clock in said.groups()) if said else ("", "")
        except ValueError:
            first = last = ""
        if first == last:
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(f"{first}-{last}")

    def ends(self, now: float, zone: str) -> float:
        """Epoch seconds at which the quiet hours end that `now` lies in; 0: it lies in none.

        `zone`: the IANA name of the person's own. A time that a change of clocks leaves out is as much later.
        """
        if self == OFF:
            return 0.0
        first, last = (time.fromisoformat(clock) for clock in self.split("-"))
        here = zone_of(zone)
        today = datetime.fromtimestamp(now, here).date()
        for day in (today - timedelta(1), today):
            begins = datetime.combine(day, first, here)
            ends = datetime.combine(day + timedelta(last <= first), last, here)
            if begins.timestamp() <= now < ends.timestamp():
                return ends.timestamp()
        return 0.0


def _clock(text: str) -> str:
    hour, _colon, minute = text.partition(":")
    return f"{time(int(hour), int(minute or 0)):%H:%M}"


@dataclass(frozen=True)
class Chosen:
    """By one person. Empty where nothing was chosen; on or off, except where said otherwise."""

    language: str = ""
    """As `bot.language` names it."""
    mail: str = ""
    messages: str = ""
    quiet: str = ""
    """As `Quiet` writes it."""
    mails: Mapping[str, str] = field(default_factory=dict)
    """By project; counts before `mail`."""
    follows: tuple[str, ...] = ()
    """Projects, in the order of their names."""

    def mail_of(self, project: str, otherwise: bool) -> bool:
        """Whether they want a mail when a change of theirs there has ended."""
        said = self.mails.get(project) or self.mail
        return said == ON if said else otherwise


@dataclass(frozen=True)
class Preferences:
    """Methods raise RedisError."""

    redis: Redis

    def of(self, user: str) -> Chosen:
        stored: Any = self.redis.hgetall(_key(user))
        plain = {name: stored[name] for name in ("language", "mail", "messages", "quiet") if name in stored}
        mails = {name.removeprefix("mail:"): said for name, said in stored.items() if name[:5] == "mail:"}
        follows = sorted(name.removeprefix("follow:") for name in stored if name[:7] == "follow:")
        return Chosen(**plain, mails=mails, follows=tuple(follows))

    def language(self, user: str) -> str:
        """Empty: none was chosen."""
        said: Any = self.redis.hget(_key(user), "language")
        return said or ""

    def choose(self, user: str, **values: str) -> None:
        """Fields of `Chosen`, by name; an empty value takes the choice back."""
        self._write(user, values)

    def choose_mail(self, user: str, value: str, project: str | None = None) -> None:
        """For every project without a choice of its own; or for one."""
        self._write(user, {f"mail:{project}" if project else "mail": value})

    def follow(self, user: str, project: str, wanted: bool = True) -> None:
        """Both sides are written together: what is shown is what is told."""
        pipe: Any = self.redis.pipeline(transaction=True)
        if wanted:
            pipe.hset(_key(user), f"follow:{project}", ON)
            pipe.sadd(_followers(project), user)
        else:
            pipe.hdel(_key(user), f"follow:{project}")
            pipe.srem(_followers(project), user)
        pipe.execute()

    def followers(self, project: str) -> frozenset[str]:
        found: Any = self.redis.smembers(_followers(project))
        return frozenset(found)

    def _write(self, user: str, values: Mapping[str, str]) -> None:
        pipe: Any = self.redis.pipeline(transaction=True)
        for name, value in values.items():
            pipe.hset(_key(user), name, value) if value else pipe.hdel(_key(user), name)
        pipe.execute()


def _key(user: str) -> str:
    return f"{PREFIX}preferences:{user}"


def _followers(project: str) -> str:
    return f"{PREFIX}followers:{project}"
