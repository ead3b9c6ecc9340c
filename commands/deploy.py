"""deploy: build a line, put the image into an environment, follow it until it is healthy."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

from bot.backends import Backends
from bot.command import Change
from bot.faults import Failed
from bot.grammar.values import Environment, Project, Ref
from bot.mrkdwn import inert, link
from bot.operation import Outcome
from bot.ports import Builder, Cluster, Place
from bot.settings import Settings
from bot.story import Story
from commands.builds import image_name
from commands.presence import must_be_pushed
from commands.rolling import follow, put_back, set_image, tag

REQUESTED = "build requested"


@dataclass(frozen=True)
class Deploy(Change):
    """Build a project's line and roll it out to one environment."""

    usage = "deploy <project> to <environment> [at <ref>]"
    examples = ("deploy web to trunk", "deploy web to dev at r1841")
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

        before = story.step("runs now", lambda: cluster.image(place))
        built = _build(story, jenkins, limits.build_minutes * 60)
        image = story.step("image", lambda: _image_name(story, jenkins, built), tell=_image_told)
        must_be_pushed(story, on, image, built["number"])
        if plan["rolls_out"] == "jenkins":
            generation = story.step("rollout started", lambda: _set_by_jenkins(cluster, place, image))
        else:
            generation = set_image(story, cluster, place, image)
        follow(story, cluster, place, generation, image, limits.rollout_minutes * 60)
        was = f" It ran {tag(before)} before." if before != image else " It ran that already."
        return Outcome(f"{tag(image)} is live on {self.target}.{was}", image=image, build=built["number"])

    def abort(self, story: Story, on: Backends) -> str:
        cluster = on.cluster(story.plan["cluster"])
        build = _stop_build(story, on.builder(story.plan["jenkins"]))
        return f"{build} {put_back(story, cluster, Place(**story.plan['place']), on)}"


def _build(story: Story, jenkins: Builder, within: float) -> dict[str, Any]:
    """Trigger the job once, and wait for the build to end well."""
    job = story.plan["job"]
    number = story.plan.get("adopted")  # a person said which build is ours
    if number is None:
        queue_id = _request(story, jenkins)
        number = story.until("build started", jenkins, jenkins.queued(job, queue_id), within)["number"]
    topic = jenkins.building(job, number)
    built: dict[str, Any] = story.until("build finished", jenkins, topic, within, tell=_build_told)
    return built


def _request(story: Story, jenkins: Builder) -> int:
    parameters = _parameters(story)
    asked = story.operation.step(REQUESTED)
    since = asked.began if asked else time.time()
    return story.effect(
        REQUESTED,
        lambda: jenkins.trigger(story.plan["job"], parameters),
        find=lambda: jenkins.find(story.plan["job"], parameters, story.plan["operation_parameter"], since),
    )


def _parameters(story: Story) -> dict[str, str]:
    recorded = story.plan["parameters"]
    return {name: value.replace("{operation}", story.operation.id) for name, value in recorded.items()}


def _stop_build(story: Story, jenkins: Builder) -> str:
    """What became of the build, in words; looks it up if nobody knows whether it was requested."""
    if not story.began(REQUESTED):
        return "No build was started."
    if story.result("build finished"):
        return "The build had finished."
    return story.effect("stop the build", lambda: _stopped(story, jenkins) or "The build had ended.")


def _stopped(story: Story, jenkins: Builder) -> str:
    if "adopted" in story.plan:
        return jenkins.stop(story.plan["job"], story.plan["adopted"]) or "The build had ended."
    queue_id = story.result(REQUESTED)
    if queue_id is None:
        since = story.operation.step(REQUESTED)
        key = story.plan["operation_parameter"]
        queue_id = jenkins.find(story.plan["job"], _parameters(story), key, since.began if since else 0)
    if queue_id is None:
        return "No build was started."
    return jenkins.cancel(story.plan["job"], queue_id)


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
