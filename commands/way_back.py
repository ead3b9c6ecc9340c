"""The rollback that makes sense now, with what it would change: worked out when a failure is told, not when a
button is tapped, as the door calls no system."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bot.backends import Backends
from bot.faults import Failed, Refused, Unavailable, WayBack
from bot.grammar import write
from bot.grammar.values import Environment, Project, Version
from bot.language import _, counted
from bot.mrkdwn import inert
from bot.ports import Cluster, Place, Workload
from bot.story import Story
from bot.words import duration
from commands.past import Earlier, Past, past_of
from commands.presence import look
from commands.rollback import Replaced, Rollback
from commands.rolling import tag

ROOM = 300
"""Characters of a confirmation dialog's text (docs.slack.dev: confirmation dialog object)."""
MOST_TAG = 40


@contextmanager
def with_way_back(story: Story, on: Backends, cluster: Cluster, place: Place) -> Iterator[None]:
    """Whatever fails within knows what a rollback would do. Nothing of it is reason to tell the failure later."""
    try:
        yield
    except Failed as end:
        try:
            end.back = way_back(story.operation.target, cluster, place, on)
        except (Refused, Unavailable, Failed):
            end.back = None
        raise


def way_back(target: str, cluster: Cluster, place: Place, on: Backends) -> WayBack | None:
    """None: nothing that ran well before is left. Raises what the cluster raises."""
    now, past = cluster.workload(place), past_of(on, target, cluster, place)
    kept = (earlier for earlier in past.good(now.image) if look(on, earlier.image) != "gone")
    earlier = next(kept, None)
    if earlier is None:
        return None
    project, environment = target.split("/")
    command = Rollback(
        Project(project),
        Environment(environment),
        Version(tag(earlier.image)),
        Replaced(tag(now.image)),
    )
    return WayBack(write(command), _question(target, now, past, earlier))


def _question(target: str, now: Workload, past: Past, earlier: Earlier) -> str:
    """From, to, how old that is, and what else: within ROOM, whatever the names are."""
    said = _(
        "{target}: from `{current}` back to `{image}` ({age} older). {replicas}",
        target=target,
        current=_short(tag(now.image)),
        image=_short(tag(earlier.image)),
        age=duration(time.time() - earlier.since),
        replicas=counted("{n} replica, as now.", "{n} replicas, as now.", now.wanted),
    )
    differs = past.differs(now.image, earlier.image)
    if differs is None:
        return said
    if not differs:
        return _("{said} Configuration is the same.", said=said)
    for shown in range(len(differs), -1, -1):
        whole = _with(said, differs, shown)
        if len(whole) <= ROOM:
            return whole
    return said


def _with(said: str, differs: Sequence[str], shown: int) -> str:
    what = "; ".join((*map(inert, differs[:shown]), *["…"] * (shown < len(differs))))
    return _("{said} Configuration stays; changed since then: {what}", said=said, what=what)


def _short(name: str) -> str:
    """Both ends of a long tag."""
    half = MOST_TAG // 2
    return inert(name if len(name) <= MOST_TAG else f"{name[: half - 1]}…{name[-half:]}")
