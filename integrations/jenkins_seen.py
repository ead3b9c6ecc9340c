"""What a look at a queue item or a build shows, in the words of `bot.ports.Seen`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.language import _
from bot.ports import Seen
from integrations.jenkins_builds import parameters, revision

COUNTDOWN = re.compile(r"\.? Expires in [^.]*(\.\d+[^.]*)?|\s*\(ETA:[^)]*\)")


def in_queue(item: Mapping[str, Any]) -> Seen:
    return Seen(done=False, progress=_queue_words(item.get("why")))


def _queue_words(why: str | None) -> str:
    """Without Jenkins' countdowns: "Expires in 3.2 sec" and "(ETA: 2 min 1 sec)" would be news at every look."""
    lasting = COUNTDOWN.sub("", why or "").strip(" .")
    return _("in Jenkins' queue: {why}", why=lasting) if lasting else _("in Jenkins' queue")


def started_as(build: Mapping[str, Any]) -> Seen:
    return Seen(done=True, value={"number": build["number"], "url": build["url"]})


def in_progress(number: int, stage: str = "", build: Mapping[str, Any] | None = None) -> Seen:
    """Jenkins' own estimate is in milliseconds; -1: it has none."""
    usual = max(0, (build or {}).get("estimatedDuration") or 0) / 1000
    if stage:
        return Seen(
            done=False, progress=_("build #{number}: {stage}", number=number, stage=stage), usual=usual
        )
    return Seen(done=False, progress=_("build #{number} is running", number=number), usual=usual)


def built_value(build: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": build["number"],
        "url": build["url"],
        "revision": revision(build),
        "parameters": parameters(build),
    }
