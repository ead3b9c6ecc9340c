"""What a process writes into its own log passes the same door, and is English whoever was spoken to."""

from __future__ import annotations

import logging

from bot.language import ENGLISH, Told, anew, speaking
from bot.redact import redact


class RedactingFormatter(logging.Formatter):
    """Tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        if isinstance(record.args, tuple):
            record.args = tuple(map(_in_english, record.args))
        return redact(super().format(record)).text


def _in_english(argument: object) -> object:
    """Texts, and what exceptions say, whose text is Chinese where a Chinese reader was to get it."""
    if not isinstance(argument, (Told, Exception)):
        return argument
    with speaking(ENGLISH):
        return anew(str(argument))
