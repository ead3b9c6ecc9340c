"""Whether an image is in its registry: asked before anything is changed."""

from __future__ import annotations

from bot.backends import Backends
from bot.faults import Failed, Refused, Unavailable
from bot.images import ImageName
from bot.mrkdwn import inert
from bot.story import Story
from commands.rolling import tag

CHECKED = "image is there"


def must_be_pushed(story: Story, on: Backends, image: str, build: int) -> None:
    """After a build. Waits for a registry that does not answer: pods could not pull from it either.

    Raises Failed when the build ended well and pushed nothing of that name.
    """
    registry = on.registry(image)
    if registry is None:
        return
    if not story.step(CHECKED, lambda: registry.find(image) is not None):
        raise Failed(
            f"Build #{build} ended well, but did not push {image}: {ImageName.parse(image).host} has no such "
            f"image. {story.operation.target} was not touched. Does `image` of its `build` in shipmate.yaml "
            "name what the job pushes?"
        )


def must_be_kept(story: Story, on: Backends, image: str) -> None:
    """Before going back to an image. A registry that does not answer holds no rollback up: most nodes still
    have what ran an hour ago.

    Raises Refused when the registry no longer has it.
    """
    if on.registry(image) is not None and story.step(CHECKED, lambda: look(on, image), tell=_told) == "gone":
        target = story.operation.target
        raise Refused(
            f"{ImageName.parse(image).host} no longer has {tag(image)}: nothing was changed.",
            f"`images {target.partition('/')[0]}` shows what is there; then `rollback "
            f"{target.replace('/', ' in ')} to` and its tag.",
            offers=(("Choose another", f"rollback {target.replace('/', ' in ')}"),),
        )


def look(on: Backends, image: str) -> str:
    """`there`, `gone`, or why that is not known."""
    registry = on.registry(image)
    if registry is None:
        return "there is no registry to ask"
    try:
        return "there" if registry.find(image) is not None else "gone"
    except (Unavailable, Failed, Refused) as trouble:
        return str(trouble)


def _told(found: str) -> str:
    return (
        "" if found in ("there", "gone") else f"whether the image is still kept is not known: {inert(found)}"
    )
