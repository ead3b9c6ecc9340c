"""Whether an image is in its registry: asked before anything is changed."""

from __future__ import annotations

from bot.backends import Backends
from bot.faults import Failed, Refused, Unavailable
from bot.images import ImageName
from bot.language import _
from bot.mrkdwn import inert
from bot.story import Story
from bot.workloads import Workload
from commands.rolling import tag

CHECKED = "image is there"  # not said: a key of the record


def must_be_pushed(story: Story, on: Backends, image: str, build: int) -> None:
    """After a build. Waits for a registry that does not answer: pods could not pull from it either.

    Raises Failed when the build ended well and pushed nothing of that name.
    """
    registry = on.registry(image)
    if registry is None:
        return
    if not story.step(CHECKED, lambda: registry.find(image) is not None):
        raise Failed(
            _(
                "Build #{build} ended well, but did not push {image}: {registry} has no such image. "
                "{target} was not touched. Does `image` of its `build` in shipmate.yaml name what the job pushes?",
                build=build,
                image=image,
                registry=ImageName.parse(image).host,
                target=story.operation.target,
            )
        )


def exact(on: Backends, now: Workload, image: str) -> str:
    """`image`, by its digest where its tag runs already and names another image since it was pushed again.

    To set the same name would change no pod. Raises Unavailable while the registry does not answer.
    """
    name, registry = ImageName.parse(image), on.registry(image)
    if registry is None or ImageName.parse(now.image).readable != name.readable:
        return image
    pushed = registry.find(image)
    other = pushed is not None and now.digest not in ("", pushed.digest)  # "": pods start, or differ
    return name.at(pushed.digest) if pushed is not None and other else image


def pushed_again(on: Backends, now: Workload, image: str) -> bool:
    """Whether the tag of what runs names another image by now, as far as the registry says so."""
    try:
        return exact(on, now, image) != image
    except (Unavailable, Failed, Refused):
        return False


def must_be_kept(story: Story, on: Backends, image: str) -> None:
    """Before going back to an image. A registry that does not answer holds no rollback up: most nodes still
    have what ran an hour ago.

    Raises Refused when the registry no longer has it.
    """
    if on.registry(image) is not None and story.step(CHECKED, lambda: look(on, image), tell=_told) == "gone":
        raise no_longer_kept(story.operation.target, image)


def no_longer_kept(target: str, image: str) -> Refused:
    return Refused(
        _(
            "{registry} no longer has {image}: nothing was changed.",
            registry=ImageName.parse(image).host,
            image=tag(image),
        ),
        _(
            "`images {project}` shows what is there; then `rollback {subject} to` and its tag.",
            project=target.partition("/")[0],
            subject=target.replace("/", " in "),
        ),
        offers=((_("Choose another"), f"rollback {target.replace('/', ' in ')}"),),
    )


def look(on: Backends, image: str) -> str:
    """`there`, `gone`, or why that is not known; empty where there is no registry to ask."""
    registry = on.registry(image)
    if registry is None:
        return ""
    try:
        return "there" if registry.find(image) is not None else "gone"
    except (Unavailable, Failed, Refused) as trouble:
        return trouble.words


def _told(found: str) -> str:
    if found in ("", "there", "gone"):
        return ""
    return _("not checked whether the image is still kept: {why}", why=inert(found))
