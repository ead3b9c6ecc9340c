"""Tickets named in commit messages, as links. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from bot.mrkdwn import inert, link
from bot.settings import Tickets, fill

LONGEST = 200
"""Characters of a message that are looked at and shown."""


def with_tickets(message: str, patterns: Iterable[Tickets]) -> str:
    """The first line of a commit message in mrkdwn, inert but for the links."""
    text = message.strip().split("\n", 1)[0]
    text = text[: LONGEST - 1] + "…" if len(text) > LONGEST else text
    parts, at = [], 0
    for start, end, url in sorted(_found(text, patterns)):
        if start >= at:
            parts += [inert(text[at:start]), link(url, text[start:end])]
            at = end
    return "".join([*parts, inert(text[at:])])


def _found(text: str, patterns: Iterable[Tickets]) -> Iterator[tuple[int, int, str]]:
    for tickets in patterns:
        for match in re.finditer(tickets.pattern, text):
            ticket = match[1] if match.re.groups else match[0]
            if ticket:
                yield match.start(), match.end(), fill(tickets.url, {"ticket": quote(ticket, safe="")})
