"""What a process writes into its own log passes the same door."""

from __future__ import annotations

import logging

from bot.redact import redact


class RedactingFormatter(logging.Formatter):
    """Tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record)).text
