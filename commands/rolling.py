"""What deploy, rollback and scale share: following pods until they are healthy."""

from __future__ import annotations

from bot.backends import Backends
from bot.faults import Failed
from bot.images import ImageName
from bot.ports import Cluster, Place
from bot.story import Story
from commands import last_change
from commands.new_errors import with_new_errors

BEFORE, ROLLOUT = "runs now", last_change.ROLLOUT
"""Steps that undoing relies on: the image before, and whether the new one may have been set."""


def follow(
    story: Story, cluster: Cluster, place: Place, generation: int, image: str, within: float, on: Backends
) -> int:
    """Wait until every wanted pod runs `image` and is available; returns how many."""
    topic = cluster.rollout(place, generation, image)
    try:
        seen = story.until("rollout healthy", cluster, topic, within, tell=_told)
    except Failed as end:
        raise with_new_errors(end, story.operation, on) from end
    return int(seen["ready"])


def _told(seen: dict[str, int]) -> str:
    return f"{seen['ready']} of {seen['ready']} pods healthy"


def set_image(story: Story, cluster: Cluster, place: Place, image: str) -> int:
    """Set it once, recorded with who and why; returns the generation to follow."""
    operation = story.operation
    cause = f"{operation.text} by {operation.actor.name} ({operation.id})"
    return story.effect(ROLLOUT, lambda: cluster.set_image(place, image, cause, operation.id))


def put_back(story: Story, cluster: Cluster, place: Place, on: Backends) -> str:
    """Undo a rollout, if there may have been one. Says what was done."""
    if not story.began(ROLLOUT):
        return f"{story.operation.target} was not touched."
    return back_to_before(story, cluster, place, on)


def back_to_before(story: Story, cluster: Cluster, place: Place, on: Backends) -> str:
    """The image from before, followed until it is healthy."""
    before = story.result(BEFORE)
    cause = f"cancel {story.operation.id}: back to {tag(before)}"
    generation = story.effect("put back", lambda: cluster.set_image(place, before, cause, story.operation.id))
    topic = cluster.rollout(place, generation, before)
    story.until("healthy again", cluster, topic, on.settings.limits.rollout_minutes * 60)
    return f"{story.operation.target} is back on {tag(before)}."


def tag(image: str) -> str:
    """`harbor.shop.example/web/web:trunk-r1841-42` -> `trunk-r1841-42`; where there is none, twelve characters
    of its digest, or its name."""
    name = ImageName.parse(image)
    return name.tag or name.digest.removeprefix("sha256:")[:12] or name.repository.rsplit("/", 1)[-1]
