"""How grave a line of log is, by the words that programs use for it. Pure."""

from __future__ import annotations

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
ERROR = "error"
_RANKS = {word: rank for rank, group in enumerate(SEVERITIES) for word in group}


def at_least(level: str) -> list[str]:
    """The words for `level` and everything worse, each in lower, upper and capitalised form.

    A level outside the table (a program's own) means just itself.
    """
    wanted = level.strip().lower()
    rank = rank_of(wanted)
    words = [wanted] if rank < 0 else [word for group in SEVERITIES[rank:] for word in group]
    return [form for word in words for form in (word, word.upper(), word.capitalize())]


def is_grave(level: str | None) -> bool:
    """Whether `level` means errors or worse, and nothing else."""
    return rank_of(level or "") >= _RANKS[ERROR]


def rank_of(level: str) -> int:
    """The graver the more; -1: no word of these."""
    return _RANKS.get(level.strip().lower(), -1)
