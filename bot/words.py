"""Small words that many messages share."""

from __future__ import annotations

import time

from bot.language import _


def duration(seconds: float) -> str:
    """`45 s`, `3 min`, `2 h 5 min`, `4 d`: as short as it can be read aloud."""
    if seconds < 90:
        return f"{max(0, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return f"{round(hours / 24)} d"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def size(count: int) -> str:
    """Bytes as registries show them: `118 MB`."""
    return f"{count / 1_000_000:.0f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1000))} kB"


def plural(count: int, word: str) -> str:
    """`1 change`, `9 changes`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def with_reason(sentence: str, reason: str) -> str:
    """A sentence and, if there is one, why; `sentence` has no full stop yet, `reason` is ready to be shown."""
    if not reason:
        return _("{sentence}.", sentence=sentence)
    return _("{sentence}: {reason}.", sentence=sentence, reason=reason.rstrip("."))


def at_time(at: float) -> str:
    """`14:05` in the reader's own zone, as Slack draws it; UTC where it cannot. `at`: epoch seconds."""
    return f"<!date^{int(at)}^{{time}}|{time.strftime('%H:%M UTC', time.gmtime(at))}>"


def at_moment(at: float) -> str:
    """Like `at_time`, with its day."""
    fallback = time.strftime("%d %b %H:%M UTC", time.gmtime(at))
    return f"<!date^{int(at)}^{{date_short_pretty}} at {{time}}|{fallback}>"
