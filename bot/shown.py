"""People, times and reasons as a sentence shows them: in chat's markup, or in plain words for a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.grammar.times import zone_of
from bot.mrkdwn import inert
from bot.words import at_moment, at_moment_in


@dataclass(frozen=True)
class Shown:
    who: Callable[[str], str]
    """Of a user id."""
    when: Callable[[float], str]
    """Of epoch seconds."""
    text: Callable[[str], str]
    """Of what a person wrote."""


IN_CHAT = Shown(lambda user: f"<@{user}>", at_moment, inert)


def plainly(who: Callable[[str], str], zone: str) -> Shown:
    """Without markup, with times as clocks in `zone` show them."""
    here = zone_of(zone)
    return Shown(who, lambda at: at_moment_in(datetime.fromtimestamp(at, here)), str)
