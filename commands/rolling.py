"""What deploy, rollback and scale share: following pods until they are healthy."""

from __future__ import annotations

from bot.ports import Cluster, Place
from bot.story import Story


def follow(story: Story, cluster: Cluster, place: Place, generation: int, image: str, within: float) -> int:
    """Wait until every wanted pod runs `image` and is available; returns how many."""
    topic = cluster.rollout(place, generation, image)
    seen = story.until("rollout healthy", cluster, topic, within, tell=_told)
    return int(seen["ready"])


def _told(seen: dict[str, int]) -> str:
    return f"{seen['ready']} of {seen['ready']} pods healthy"


def tag(image: str) -> str:
    """`harbor.shop.example/web/web:trunk-r1841-42` -> `trunk-r1841-42`; a digest is cut to 12 characters."""
    if "@" in image:
        return image.split("@", 1)[1].removeprefix("sha256:")[:12]
    name = image.rsplit("/", 1)[-1]
    return name.split(":", 1)[1] if ":" in name else name
