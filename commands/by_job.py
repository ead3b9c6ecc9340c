"""Jenkins jobs that set the image in the cluster by themselves: what Shipmate plans, checks and undoes around them."""

from __future__ import annotations

from typing import Any

from bot.backends import Backends
from bot.faults import Changed, Failed
from bot.language import N_, _
from bot.ports import Cluster, Place
from bot.settings import Settings, Target, fill
from bot.story import Story
from bot.words import sentences
from commands.building import REQUESTED, stop_build, wait_until_over
from commands.rolling import BEFORE, back_to_before, tag

EXPECTS = N_(
    "expect the job to set the image of {containers} of {kind} {namespace}/{name} in cluster {cluster} "
    "from {before} to {image}"
)
LETS = N_(
    "let {job} set the image of {containers} of {kind} {namespace}/{name} in cluster {cluster} "
    "from {before} to {image}"
)


def planned(settings: Settings, target: Target) -> dict[str, Any]:
    """The part of a plan that says which Jenkins job rolls back. {image}, {tag} and {operation} come later."""
    own, build = settings.projects[target.project].rollback, settings.build(target.project)
    assert own is not None
    later = {name: "{" + name + "}" for name in ("image", "tag", "operation")}
    names = {"project": target.project, "environment": target.environment}
    values = {**names, "line": target.line, **later}
    sent = {name: fill(text, values) for name, text in own.parameters.items()}
    return {
        "jenkins": own.jenkins or build.jenkins,
        "job": fill(own.job, names),
        "parameters": {**sent, build.operation_parameter: "{operation}"},
        "operation_parameter": build.operation_parameter,
    }


def still_runs(story: Story, cluster: Cluster, place: Place, expected: str, image: str, look: int = 1) -> str:
    """What runs right before a job sets `image`, which cannot compare by itself: asks when it is not as expected."""
    found = story.step(f"runs before the job, {look}", lambda: cluster.images(place))
    if found in (expected, image):
        return expected
    changed = Changed(_("The image of {workload}", workload=story.operation.target), expected, found)
    story.ask(f"instead of {found}", _("{why} Go on all the same?", why=changed.message))
    return still_runs(story, cluster, place, found, image, look + 1)


def set_by_job(cluster: Cluster, place: Place, image: str) -> int:
    """The generation to follow. Raises Failed when the job ended well and set another image."""
    workload, found = cluster.workload(place), cluster.images(place)
    if found != image:
        raise Failed(
            _(
                "The job ended well, but {place} runs {found}, not {image}: the job did not set it.",
                place=f"{place.namespace}/{place.name}",
                found=tag(found) if tag(found) != tag(image) else found.rpartition("/")[2],
                image=tag(image),
            )
        )
    return workload.generation


def undo_job(story: Story, cluster: Cluster, place: Place, on: Backends) -> str:
    """Stop the build of a job that rolls out by itself, and put back what it did."""
    build = stop_build(story, on)
    untouched = _("{target} was not touched.", target=story.operation.target)
    if not story.began(REQUESTED):
        return sentences(build, untouched)
    wait_until_over(story, on)
    left = story.step(
        "left by the job", lambda: cluster.image(place)
    )  # only the cluster can say how far it got
    if left == story.result(BEFORE):
        return sentences(build, untouched)
    return sentences(build, back_to_before(story, cluster, place, on, left))
