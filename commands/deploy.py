"""deploy: build a line, put the image into an environment, follow it until it is healthy."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from bot.backends import Backends
from bot.command import Later
from bot.faults import Failed
from bot.grammar import Environment, Project, Ref
from bot.ledger import Ledger
from bot.mrkdwn import inert, link
from bot.operation import Operation, Outcome
from bot.ports import Builder, Cluster, Place, Taken
from bot.settings import Settings
from bot.story import Story
from commands.builds import image_name
from commands.past import CODE, confirm_bad
from commands.presence import must_be_pushed
from commands.rolling import BEFORE, back_to_before, follow, put_back, set_image, tag

REQUESTED, STARTED, FINISHED, OVER = "build requested", "build started", "build finished", "build is over"


@dataclass(frozen=True)
class Deploy(Later):
    """Build a project's line and roll it out to one environment."""

    usage = "deploy <project> to <environment> [at <ref>] [at <time>] [--when-unlocked]"
    examples = ("deploy web to trunk", "deploy web to dev at r1841", "deploy web to product at 22:00")
    aliases = ("ship", "release")

    project: Project
    environment: Environment
    ref: Ref | None = None

    def plan(self, settings: Settings) -> dict[str, Any]:
        target = settings.target(self.project, self.environment)
        job = settings.job(self.project, self.environment)
        ref = self.ref.name if self.ref else job.default_ref
        return {
            "jenkins": job.jenkins,
            "job": job.path,
            "parameters": job.parameters(target.line, ref, "{operation}"),
            "operation_parameter": job.operation_parameter,
            "image": job.image_source.model_dump(),
            "values": {**job.known, "line": target.line, "ref": ref},
            "cluster": target.cluster,
            "place": asdict(target.place),
            "rolls_out": settings.projects[self.project].rolls_out,
            "shows": [f"builds {job.path} from {target.line} at {ref}", f"sets its image in {self.target}"],
        }

    def run(self, story: Story, on: Backends) -> Outcome:
        plan, limits = story.plan, on.settings.limits
        jenkins, cluster = on.builder(plan["jenkins"]), on.cluster(plan["cluster"])
        place = Place(**plan["place"])

        if self.ref is not None:
            confirm_bad(story, on, code=self.ref.name.removeprefix("r"))
        before = story.step(BEFORE, lambda: cluster.image(place))
        built = _build(story, jenkins, on)
        image = story.step("image", lambda: _image_name(story, jenkins, built), tell=_image_told)
        must_be_pushed(story, on, image, built["number"])
        code = story.step(CODE, lambda: built["revision"])
        confirm_bad(story, on, image, code)
        if plan["rolls_out"] == "jenkins":
            generation = story.step("rollout started", lambda: _set_by_jenkins(cluster, place, image))
        else:
            generation = set_image(story, cluster, place, image)
        follow(story, cluster, place, generation, image, limits.rollout_minutes * 60)
        was = f" It ran {tag(before)} before." if before != image else " It ran that already."
        return Outcome(f"{tag(image)} is live on {self.target}.{was}", image=image, build=built["number"])

    def abort(self, story: Story, on: Backends) -> str:
        cluster, place = on.cluster(story.plan["cluster"]), Place(**story.plan["place"])
        jenkins = on.builder(story.plan["jenkins"])
        build = _stop_build(story, jenkins, on.ledger)
        if story.plan["rolls_out"] == "jenkins" and story.began(REQUESTED):
            _wait_until_over(story, jenkins, on)
            return f"{build} {_undo_what_the_job_did(story, cluster, place, on)}"
        return f"{build} {put_back(story, cluster, place, on)}"


def _build(story: Story, jenkins: Builder, on: Backends) -> dict[str, Any]:
    """Trigger the job once, and wait for the build to end well."""
    job, within = story.plan["job"], on.settings.limits.build_minutes * 60
    number = story.plan.get("adopted")  # a person said which build is ours
    if number is None:
        queue_id = _request(story, jenkins, on.ledger)
        number = story.until(STARTED, jenkins, jenkins.queued(job, queue_id), within)["number"]
    topic = jenkins.building(job, number)
    built: dict[str, Any] = story.until(FINISHED, jenkins, topic, within, tell=_build_told)
    return built


def _request(story: Story, jenkins: Builder, ledger: Ledger) -> int:
    return story.effect(
        REQUESTED,
        lambda: jenkins.trigger(story.plan["job"], _parameters(story)),
        find=lambda: _find(story, jenkins, ledger),
    )


def _find(story: Story, jenkins: Builder, ledger: Ledger) -> int | None:
    """The queue id of the build that was asked for, if it was."""
    plan, asked = story.plan, story.operation.step(REQUESTED)
    since = asked.began if asked else time.time()
    taken = _taken(story.operation, [*ledger.active(), *ledger.index("finished", 100)])
    return jenkins.find(plan["job"], _parameters(story), plan["operation_parameter"], since, taken)


def _taken(mine: Operation, known: Iterable[Operation]) -> Taken:
    """What the other operations of the same job have recorded as theirs.

    A finished one may have lost its plan, and with it the name of its job: it counts, as queue ids are of a
    whole Jenkins.
    """
    same = ("jenkins", "job")
    others = [
        op
        for op in known
        if op.id != mine.id and (not op.plan or all(op.plan.get(key) == mine.plan[key] for key in same))
    ]
    requested = (op.step(REQUESTED) for op in others)
    adopted = (op.plan.get("adopted") for op in others)
    return Taken(
        frozenset(step.result for step in requested if step and step.result is not None),
        frozenset(number for number in adopted if number is not None),
    )


def _parameters(story: Story) -> dict[str, str]:
    recorded = story.plan["parameters"]
    return {name: value.replace("{operation}", story.operation.id) for name, value in recorded.items()}


def _stop_build(story: Story, jenkins: Builder, ledger: Ledger) -> str:
    """What became of the build, in words; looks it up if nobody knows whether it was requested."""
    if not story.began(REQUESTED):
        return "No build was started."
    if story.result(FINISHED):
        return "The build had finished."
    job, adopted = story.plan["job"], story.plan.get("adopted")
    if adopted is not None:
        return story.effect("stop the build", lambda: jenkins.stop(job, adopted) or "The build had ended.")
    queue_id = _own_item(story, jenkins, ledger)
    if queue_id is None:
        return "No build was started."
    return story.effect("stop the build", lambda: jenkins.cancel(job, queue_id) or "The build had ended.")


def _own_item(story: Story, jenkins: Builder, ledger: Ledger) -> int | None:
    requested: int | None = story.result(REQUESTED)
    return story.step("own build", lambda: _find(story, jenkins, ledger)) if requested is None else requested


def _wait_until_over(story: Story, jenkins: Builder, on: Backends) -> None:
    """A job that rolls out by itself may do so until its build has ended; how it ends does not matter."""
    if story.result(FINISHED) or story.result(OVER):
        return
    job, number, within = story.plan["job"], story.plan.get("adopted"), on.settings.limits.build_minutes * 60
    queue_id = None if number is not None else _own_item(story, jenkins, on.ledger)
    try:
        if queue_id is not None:
            number = story.until(STARTED, jenkins, jenkins.queued(job, queue_id), within)["number"]
        if number is not None:
            story.until("build stops", jenkins, jenkins.building(job, number), within)
    except Failed:
        pass  # stopped, or taken out of the queue
    story.step(OVER, lambda: True)


def _undo_what_the_job_did(story: Story, cluster: Cluster, place: Place, on: Backends) -> str:
    """Only the cluster can say whether the job got as far as its rollout."""
    left = story.step("left by the job", lambda: cluster.image(place))
    if left == story.result(BEFORE):
        return f"{story.operation.target} was not touched."
    return back_to_before(story, cluster, place, on)


def _build_told(built: dict[str, Any]) -> str:
    return f"build {link(built['url'], '#' + str(built['number']))} finished"


def _image_told(image: str) -> str:
    return f"image `{inert(tag(image))}`"


def _image_name(story: Story, jenkins: Builder, built: dict[str, Any]) -> str:
    plan, source = story.plan, story.plan["image"]
    values = {**plan["values"], "operation": story.operation.id}
    return image_name(
        source, values, built, lambda: jenkins.artifact(plan["job"], built["number"], source["artifact"])
    )


def _set_by_jenkins(cluster: Cluster, place: Place, image: str) -> int:
    workload = cluster.workload(place)
    if workload.image != image:
        raise Failed(
            f"The job ended well, but {place.namespace}/{place.name} runs {tag(workload.image)}, "
            f"not {tag(image)}: the job did not set it."
        )
    return workload.generation
