"""Points in time as the API writes them, and ages as kubectl's tables print them."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def stamp(ahead: float = 0.0) -> str:
    """Now, in whole seconds of UTC (RFC 3339), `ahead` seconds later."""
    return datetime.fromtimestamp(time.time() + ahead, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def nano(at: float) -> str:
    """`at` (epoch seconds) with nanoseconds, as a kubelet stamps log lines."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


def epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def age(since: str | None) -> str:
    """Age as `duration.HumanDuration` of k8s.io/apimachinery prints it: two units at most."""
    if not since:
        return "<unknown>"
    seconds = max(0, int(time.time() - epoch(since)))
    if seconds < 120:
        return f"{seconds}s"
    minutes, days = seconds // 60, seconds // 86400
    if minutes < 10:
        return _two(minutes, "m", seconds % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if minutes < 480:
        return _two(minutes // 60, "h", minutes % 60, "m")
    if days < 2:
        return f"{minutes // 60}h"
    return _two(days, "d", minutes // 60 % 24, "h") if days < 8 else f"{days}d"


def _two(big: int, unit: str, small: int, small_unit: str) -> str:
    return f"{big}{unit}{small}{small_unit}" if small else f"{big}{unit}"
