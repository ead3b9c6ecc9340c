"""The rollback that makes sense now, with what it would change: worked out when a failure is told, not when a
button is tapped, as the door calls no system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.backends import Backends
from bot.faults import Failed, Refused, Unavailable, WayBack
from bot.grammar import write
from bot.grammar.values import Environment, Project, Version
from bot.ports import Cluster, Place
from bot.story import Story
from commands.consequences import back_to
from commands.naming import Replaced
from commands.past import chosen, past_of
from commands.presence import look
from commands.rollback import Rollback
from commands.rolling import tag


@contextmanager
def with_way_back(story: Story, on: Backends, cluster: Cluster, place: Place) -> Iterator[None]:
    """Whatever fails within knows what a rollback would do. Nothing of it is reason to tell the failure later."""
    try:
        yield
    except Failed as end:
        try:
            back = way_back(story.operation.target, cluster, place, on)
        except (Refused, Unavailable, Failed):
            back = None
        if back is not None and back.current == tag(chosen(story.operation)):
            end.back = back  # else somebody has set another image meanwhile, which is theirs
        raise


def way_back(target: str, cluster: Cluster, place: Place, on: Backends) -> WayBack | None:
    """None: nothing that ran before is left. Raises what the cluster raises.

    What is not known to have run well is better than no way: whoever taps reads first what it is.
    """
    now, past = cluster.workload(place), past_of(on, target, cluster, place)
    kept = (earlier for earlier in past.ways_back(now.image) if look(on, earlier.image) != "gone")
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
    return back_to(write(command), now, past, earlier)
