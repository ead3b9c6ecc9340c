"""Small words that many messages share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bot.language import DAY, LOCALES, MOMENT, PATTERNS, Told, _, spoken


def duration(seconds: float) -> str:
    """`45 s`, `1 min 21 s`, `3 min`, `1 h`, `2 h 5 min`, `1 d 6 h`, `4 d`: as short as it can be read aloud."""
    if seconds < 59.5:
        return _("{n} s", n=max(0, round(seconds)))
    if seconds < 120 and (rest := round(seconds) - 60):
        return _("{n} min {rest} s", n=1, rest=rest) if rest < 60 else _("{n} min", n=2)
    minutes = round(seconds / 60)
    if minutes < 60:
        return _("{n} min", n=minutes)
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return _("{n} d", n=round(hours / 24))
    if hours >= 24:
        return _("{n} d {rest} h", n=1, rest=hours - 24) if hours > 24 else _("{n} d", n=1)
    return _("{n} h {rest} min", n=hours, rest=rest) if rest else _("{n} h", n=hours)


def age(seconds: float) -> str:
    """Like `duration`, of what nobody needs to know to the second: `1 min` at least."""
    return duration(max(60, round(seconds / 60) * 60))


def size(count: int) -> str:
    """Bytes as registries show them: `118 MB`."""
    return f"{count / 1_000_000:.0f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1000))} kB"


def together(texts: Iterable[str], between: str = "") -> str:
    """As one text, of which each part is still said in the reader's language. `between`: empty is `; `."""
    parts = {f"p{number}": text for number, text in enumerate(texts)}
    if len(parts) == 1:
        return parts["p0"]
    return Told.of("{and}".join(f"{{{name}}}" for name in parts), {"and": between or _("; "), **parts})


def with_reason(sentence: str, reason: str) -> str:
    """A sentence and, if there is one, why; `sentence` has no full stop yet, `reason` is ready to be shown."""
    if not reason:
        return _("{sentence}.", sentence=sentence)
    return _("{sentence}: {reason}.", sentence=sentence, reason=reason.rstrip("."))


def sentences(*said: str) -> str:
    """Whole sentences after each other; empty ones are left out."""
    first, *rest = [text for text in said if text] or [""]
    for text in rest:
        first = _("{sentence} {next}", sentence=first, next=text)
    return first


def commas(names: Iterable[str]) -> str:
    """`dev, trunk, hidden`."""
    return _(", ").join(names)


def listed(names: Sequence[str]) -> str:
    """`dev, trunk and hidden`."""
    *others, last = names
    return _("{others} and {last}", others=_(", ").join(others), last=last) if others else last


def any_of(names: Sequence[str]) -> str:
    """`dev, trunk or hidden`."""
    *others, last = names
    return _("{others} or {last}", others=_(", ").join(others), last=last) if others else last


def at_time(at: float) -> str:
    """`14:05` in the reader's own zone, as Slack draws it; UTC where it cannot. `at`: epoch seconds.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    return f"<!date^{int(at)}^{{time}}|{datetime.fromtimestamp(at, UTC):%H:%M UTC}>"


def at_moment(at: float) -> str:
    """Like `at_time`, with its day."""
    fallback = written(datetime.fromtimestamp(at, UTC), MOMENT)
    return _("<!date^{at}^{{date_short_pretty}} at {{time}}|{fallback}>", at=int(at), fallback=fallback)


def at_moment_in(at: datetime) -> str:
    """`Tue 24 Nov 14:05 CET`: for a text that nobody draws anew, by the zone of `at`."""
    return written(at, DAY)


def written(at: datetime, much: str) -> str:
    """With its zone. `much`: one of PATTERNS."""
    from babel.dates import format_datetime  # 20 ms, and most processes write no date

    language = spoken()
    return f"{format_datetime(at, PATTERNS[language][much], locale=LOCALES[language])} {at:%Z}"


def headline(command: str) -> str:
    """A command as people would type it: without what only a button adds, the image that it replaces and the
    digest of the one that it sets."""
    return re.sub(r" replacing \S+|@sha256:[0-9a-f]{64}", "", command)
