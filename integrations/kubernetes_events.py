"""Warning events of a cluster -> a few lines, grouped over pods. Pure functions over JSON."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.language import _, counted
from integrations.kubernetes_api import Object
from integrations.kubernetes_causes import refused_words, short, unschedulable
from integrations.kubernetes_states import PROBES

_NAMES = (
    re.compile(r" in pod \S+"),
    re.compile(r"\bpod=\S+"),
    re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
)
"""What names one pod: whole phrases first, as they hold the others."""
_RUNTIME = (
    (re.compile(r"rpc error: code = \w+ desc = "), ""),
    (re.compile(r'failed to (?:pull and unpack|resolve) (?:image|reference) "[^"]*": '), ""),
)
"""What a container runtime says before it comes to the point."""


def event_lines(events: Iterable[Object], most: int = 5) -> tuple[str, ...]:
    """Warnings grouped over pods, most pods first: `3 pods: FailedScheduling: Insufficient memory (x6)`."""
    about: dict[str, set[str]] = {}
    times: Counter[str] = Counter()
    for event in events:
        words = _event_words(event)
        about.setdefault(words, set()).add(event["involvedObject"]["name"])
        times[words] += event.get("count") or (event.get("series") or {}).get("count") or 1
    ordered = sorted(about, key=lambda words: (-len(about[words]), -times[words]))
    return tuple(_event_line(words, about[words], times[words]) for words in ordered[:most])


def _event_words(event: Object) -> str:
    reason, message = event.get("reason", ""), event.get("message", "").strip()
    if reason == "FailedScheduling":
        return unschedulable(message)
    if reason == "FailedCreate":
        return _("{what}: {why}", what=reason, why=refused_words(message.partition("error: ")[2] or message))
    for name in (*_names(message), event["involvedObject"]["name"]):
        message = message.replace(name, "")
    for pattern, words in (*PROBES, *_RUNTIME):
        message = pattern.sub(words, message)
    return f"{reason}: {short(message)}"


def _names(message: str) -> Iterator[str]:
    for pattern in _NAMES:
        yield from pattern.findall(message)


def _event_line(words: str, names: set[str], times: int) -> str:
    if len(names) > 1:
        words = _("{pods}: {words}", pods=counted("{n} pod", "{n} pods", len(names)), words=words)
    return _("{what} (x{times})", what=words, times=times) if times > len(names) else words
