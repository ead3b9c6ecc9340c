"""deploy: build a line, put the image into an environment, follow it until it is healthy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bot.backends import Backends
from bot.command import Change
from bot.faults import Failed
from bot.grammar.values import Environment, Project, Ref
from bot.mrkdwn import inert, link
from bot.operation import Outcome
from bot.ports import Builder, Cluster, Place
from bot.settings import Settings, fill
from bot.story import Story
from commands.rolling import follow, tag


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
        }

    def run(self, story: Story, on: Backends) -> Outcome:
        plan, limits = story.plan, on.settings.limits
        jenkins, cluster = on.builder(plan["jenkins"]), on.cluster(plan["cluster"])
        place = Place(**plan["place"])

        before = story.step("runs now", lambda: cluster.workload(place).image)
        built = _build(story, jenkins, limits.build_minutes * 60)
        image = story.step("image", lambda: _image_name(story, jenkins, built), tell=_image_told)
        if plan["rolls_out"] == "jenkins":
            generation = story.step("rollout started", lambda: _set_by_jenkins(cluster, place, image))
        else:
            cause = f"{story.operation.text} by {story.operation.actor.name} ({story.operation.id})"
            generation = story.step(
                "rollout started", lambda: cluster.set_image(place, image, cause, story.operation.id)
            )
        follow(story, cluster, place, generation, image, limits.rollout_minutes * 60)
        was = f" It ran {tag(before)} before." if before != image else " It ran that already."
        return Outcome(f"{tag(image)} is live on {self.target}.{was}", image=image)


def _build(story: Story, jenkins: Builder, within: float) -> dict[str, Any]:
    """Trigger the job once, and wait for the build to end well."""
    plan, key = story.plan, story.operation.id
    job = plan["job"]
    parameters = {name: value.replace("{operation}", key) for name, value in plan["parameters"].items()}
    queue_id = story.step(
        "build requested",
        lambda: jenkins.trigger(job, parameters),
        find=lambda: jenkins.find(job, plan["operation_parameter"], key),
    )
    started = story.until("build started", jenkins, jenkins.queued(job, queue_id), within)
    topic = jenkins.building(job, started["number"])
    built: dict[str, Any] = story.until("build finished", jenkins, topic, within, tell=_build_told)
    return built


def _build_told(built: dict[str, Any]) -> str:
    return f"build {link(built['url'], '#' + str(built['number']))} finished"


def _image_told(image: str) -> str:
    return f"image `{inert(tag(image))}`"


def _image_name(story: Story, jenkins: Builder, built: dict[str, Any]) -> str:
    """From the template of the configuration, with what the finished build says."""
    source, values = story.plan["image"], story.plan["values"]
    value = ""
    if source["parameter"]:
        value = built["parameters"].get(source["parameter"], "")
        if not value:
            raise Failed(
                f"Build #{built['number']} has no parameter {source['parameter']} to name its image."
            )
    if source["artifact"]:
        value = jenkins.artifact(story.plan["job"], built["number"], source["artifact"])
    return fill(
        source["template"],
        {
            **values,
            "operation": story.operation.id,
            "build": str(built["number"]),
            "revision": built["revision"],
            "value": value,
        },
    )


def _set_by_jenkins(cluster: Cluster, place: Place, image: str) -> int:
    workload = cluster.workload(place)
    if workload.image != image:
        raise Failed(
            f"The job ended well, but {place.namespace}/{place.name} runs {tag(workload.image)}, "
            f"not {tag(image)}: the job did not set it."
        )
    return workload.generation
