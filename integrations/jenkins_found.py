"""Which of the builds that Jenkins knows is ours, where nobody heard whether it was asked for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.faults import NeedsPerson
from bot.language import _
from integrations.jenkins_builds import parameters as _parameters


def declared(job: Mapping[str, Any]) -> set[str]:
    """Names of the parameters that a job declares; others are dropped by Jenkins (SECURITY-170)."""
    holders = [*(job.get("property") or ()), *(job.get("actions") or ())]
    return {p["name"] for holder in holders if holder for p in holder.get("parameterDefinitions") or ()}


def item_id(thing: Mapping[str, Any]) -> int:
    """Of a queue item or of a build."""
    return int(thing["queueId"] if "queueId" in thing else thing["id"])


def may_be(
    thing: Mapping[str, Any], parameters: Mapping[str, str], key: str, user: str | None, earliest: float
) -> bool:
    """Asked for by us, not before `earliest` on Jenkins' clock, with the parameters that the job declares."""
    began = thing.get("timestamp") or thing.get("inQueueSince") or 0
    causes = [cause for action in thing.get("actions", ()) if action for cause in action.get("causes", ())]
    carried = _parameters(thing)
    same = all(parameters.get(name, value) == value for name, value in carried.items() if name != key)
    return began >= earliest * 1000 and same and any(c.get("userId") == user for c in causes)


def only(job: str, candidates: list[Mapping[str, Any]]) -> int | None:
    if len(candidates) <= 1:
        return item_id(candidates[0]) if candidates else None
    numbers = tuple(int(build["number"]) for build in candidates if "number" in build)
    raise NeedsPerson(
        _("Several builds of {job} may be this operation's own, and the job does not say which.", job=job),
        "build requested",  # not said: the step
        numbers,
    )
