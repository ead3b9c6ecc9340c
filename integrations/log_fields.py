"""How log documents name their fields, and which words programs use for a level. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Fields:
    """The fields of a log document: all but `message` are matched whole (keyword or date fields)."""

    time: str
    level: str
    pod: str
    message: str


ECS = Fields("@timestamp", "log.level", "kubernetes.pod.name", "message")
"""Elastic Common Schema, as filebeat and the Elastic Agent write it."""
LOGSTASH = Fields("@timestamp", "level", "host", "message")
"""What Logstash's usual grok filters make: `%{LOGLEVEL:level}` beside the host that sent the line."""
RSYSLOG = Fields("@timestamp", "severity", "host", "message")
"""The JSON template of rsyslog's omelasticsearch documentation."""

PRESETS = {"ecs": ECS, "logstash": LOGSTASH, "rsyslog": RSYSLOG}

SEVERITIES: tuple[tuple[str, ...], ...] = (
    ("trace", "finest"),
    ("debug", "fine", "verbose"),
    ("info", "information", "informational"),
    ("notice",),
    ("warn", "warning"),
    ("error", "err", "severe"),
    ("critical", "crit"),
    ("alert",),
    ("fatal", "emergency", "emerg", "panic"),
)
"""Mild to grave; each with the words of syslog (RFC 5424), log4j, java.util.logging and Python."""


def at_least(level: str) -> list[str]:
    """The words for `level` and everything worse, each in lower, upper and capitalised form.

    A level outside the table (a program's own) means just itself.
    """
    wanted = level.strip().lower()
    rank = next((at for at, words in enumerate(SEVERITIES) if wanted in words), None)
    words = [wanted] if rank is None else [word for group in SEVERITIES[rank:] for word in group]
    return [form for word in words for form in (word, word.upper(), word.capitalize())]


_WORD = re.compile(r"[\w.]{3,}")


def part_of_word(text: str) -> str | None:
    """`text` when it may stand inside a longer word, as `NullPointerException` in a full class name.

    A phrase finds whole words only, and a dotted name is indexed as one word.
    """
    return text if _WORD.fullmatch(text) else None


def moment(at: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond: how Elasticsearch and Kibana take a time."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
