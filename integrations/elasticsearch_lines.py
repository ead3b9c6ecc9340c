"""What Elasticsearch answers -> log lines. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.ports import LogLine
from integrations.log_fields import Fields

LONGEST_MESSAGE, LONGEST_WORD = 32_000, 253
"""Characters of a message, and of a level or a pod's name: programs write lines of megabytes."""
NEVER, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


def line_of(hit: Mapping[str, Any], fields: Fields) -> LogLine:
    """The first of several values; all of a message. Without a time it is of the beginning of time."""
    values = hit.get("fields", {})
    at = _time(values[fields.time][0]) if fields.time in values else NEVER
    message = _text("\n".join(map(str, values.get(fields.message, ()))), LONGEST_MESSAGE)
    return LogLine(at.astimezone(UTC), _word(values, fields.level), _word(values, fields.pod), message)


def _time(text: str) -> datetime:
    """Elasticsearch knows years of five digits, which a clock in microseconds comes to; we do not."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return LAST if text.startswith("+") else NEVER


def _word(values: Mapping[str, Any], names: Sequence[str]) -> str:
    for name in names:
        if name in values:
            return " ".join(_text(str(values[name][0]), LONGEST_WORD).split())
    return ""


def _text(found: str, most: int) -> str:
    """What can be sent on as UTF-8: JSON can hold halves of characters. `most`: characters of it."""
    if len(found) > most:
        found = f"{found[:most]}…"
    return found if found.isascii() else found.encode(errors="replace").decode()
