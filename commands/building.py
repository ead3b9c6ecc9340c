"""What deploy and build share: one build of a Jenkins job, started once and followed to its end."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import Any

from bot.backends import Backends
from bot.changelogs import Changelogs
from bot.faults import Failed, Refused
from bot.grammar.values import Ref, Typed
from bot.images import ImageName
from bot.language import N_, _
from bot.ledger import Ledger
from bot.mrkdwn import inert, link
from bot.operation import Operation
from bot.ports import Builder, Taken
from bot.settings import Settings
from bot.story import Story
from bot.words import commas
from commands.builds import image_name, line_of
from commands.rolling import tag

REQUESTED, STARTED = N_("build requested"), N_("build started")
FINISHED, OVER = N_("build finished"), N_("build is over")
NOT_BEGUN = N_("The build did not begin within {minutes} min.")
NOT_ENDED = N_("The build did not end within {minutes} min.")


ENDED = N_("The build had ended.")
GOES_BACK = "image for the job"  # not said: a key of the record
"""The step whose result, {"image", "tag"}, a rollback by a job sends along."""


class BuildNumber(Typed, int):
    """A build, as Jenkins numbers them."""

    expected, example = N_("the number of a build, such as 512"), "512"

    @classmethod
    def read(cls, text: str) -> BuildNumber:
        digits = text.removeprefix("#")
        if not (digits.isdecimal() and digits.isascii()) or not 0 < len(digits) < 10 or int(digits) == 0:
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(int(digits))


def planned(settings: Settings, project: str, environment: str, ref: Ref | None) -> dict[str, Any]:
    """The part of a plan that says what is built: which job, with which parameters, named how.

    A tag of Subversion is a line of its own, read at its newest revision; in git it is what is checked out.
    """
    job, line = settings.job(project, environment), settings.target(project, environment).line
    wanted = ref.name if ref else job.default_ref
    if ref and ref.kind == "tag" and settings.projects[project].source == "svn":
        line, wanted = ref.name, job.default_ref
    return {
        "jenkins": job.jenkins,
        "job": job.path,
        "parameters": job.parameters(line, wanted, "{operation}"),
        "operation_parameter": job.operation_parameter,
        "image": job.image_source.model_dump(),
        "values": {**job.known, "line": line, "ref": wanted},
    }


def shown(plan: dict[str, Any]) -> str:
    """For whoever approves it."""
    values = plan["values"]
    return _("builds {job} from {line} at {ref}", job=plan["job"], line=values["line"], ref=values["ref"])


def foretold(plan: dict[str, Any]) -> list[str]:
    """For a dry run: the job and exactly what it is sent."""
    if "existing" in plan:
        return [
            _(
                "take build #{build} of {job} on Jenkins {jenkins}",
                build=plan["existing"],
                job=plan["job"],
                jenkins=plan["jenkins"],
            )
        ]
    sent = commas(f"{name}={_not_yet(value)}" for name, value in plan["parameters"].items())
    return [
        _(
            "build {job} on Jenkins {jenkins} with {parameters}",
            job=plan["job"],
            jenkins=plan["jenkins"],
            parameters=sent,
        )
    ]


def image_foretold(plan: dict[str, Any]) -> str:
    """The image's name as far as it is known before the build."""
    name: str = plan["image"]["template"]
    for key, value in plan["values"].items():
        name = name.replace("{" + key + "}", value)
    return _not_yet(name)


def _not_yet(text: str) -> str:
    """With `…` for what nobody knows before the build."""
    return re.sub(r"\{\w+(?::[^{}]*)?\}", "…", text)


def built(story: Story, on: Backends) -> dict[str, Any]:
    """The build, once it has ended well: {"number", "url", "revision", "parameters"}. Triggers the job once,
    unless the person named a build."""
    jenkins, job = on.builder(story.plan["jenkins"]), story.plan["job"]
    if "existing" in story.plan:
        return _existing(story, on, jenkins)
    number = story.plan.get("adopted")  # a person said which build is ours
    if number is None:
        queue_id = _request(story, jenkins, on.ledger)
        begun = story.until(STARTED, jenkins, jenkins.queued(job, queue_id), _within(on), late=NOT_BEGUN)
        number = begun["number"]
        Changelogs(on.ledger.redis).begin(story.operation.id, number, begun["url"])
    return _finished(story, jenkins, number, on)


def _within(on: Backends) -> float:
    return on.settings.limits.build_minutes * 60


def _existing(story: Story, on: Backends, jenkins: Builder) -> dict[str, Any]:
    """The build that the person named, followed to its end if it still runs.

    Raises Refused when there is none of that number, or when it is of another line than the target takes.
    """
    job, number = story.plan["job"], story.plan["existing"]
    line = story.step("build", lambda: _line(story, on, jenkins.build(job, number)))
    takes = on.settings.target(*story.operation.target.split("/")).line
    if line in on.settings.lines() and line != takes:
        raise Refused(
            _(
                "Build #{build} is of {line}, and {target} takes {takes}. Nothing was changed.",
                build=number,
                line=line,
                target=story.operation.target,
                takes=takes,
            )
        )
    return _finished(story, jenkins, number, on)


def _line(story: Story, on: Backends, found: Any) -> str:
    if found is None:
        job = story.plan["job"]
        raise Refused(
            _(
                "{job} has no build #{build}, or not any more. Nothing was changed.",
                job=job,
                build=story.plan["existing"],
            ),
            _(
                "`changes {subject}` names the latest one.",
                subject=story.operation.target.replace("/", " in "),
            ),
        )
    job = on.settings.job(*story.operation.target.split("/"))
    return line_of(job, found.parameters, on.settings.lines())


def _finished(story: Story, jenkins: Builder, number: int, on: Backends) -> dict[str, Any]:
    topic = jenkins.building(story.plan["job"], number)
    ended: dict[str, Any] = story.until(FINISHED, jenkins, topic, _within(on), _build_told, NOT_ENDED)
    return ended


def image(
    story: Story, jenkins: Builder, built: dict[str, Any], exact: Callable[[str], str] = lambda name: name
) -> str:
    """The name of what the build pushed; `exact` may make it name that and nothing else."""
    return story.step("image", lambda: exact(_image_name(story, jenkins, built)), tell=_image_told)


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
    """As recorded, with what only the story knows: the operation's id, the image to go back to."""
    known = {"operation": story.operation.id, **(story.result(GOES_BACK) or {})}
    sent = dict(story.plan["parameters"])
    for name, value in known.items():
        sent = {parameter: text.replace("{" + name + "}", value) for parameter, text in sent.items()}
    return sent


def stop_build(story: Story, on: Backends) -> str:
    """What became of the build, in words; looks it up if nobody knows whether it was requested."""
    jenkins = on.builder(story.plan["jenkins"])
    if not story.began(REQUESTED):
        return _("No build was started.")
    if story.result(FINISHED):
        return _("The build had finished.")
    job, adopted = story.plan["job"], story.plan.get("adopted")
    if adopted is not None:
        return story.effect("stop the build", lambda: jenkins.stop(job, adopted) or _(ENDED))
    queue_id = _own_item(story, jenkins, on.ledger)
    if queue_id is None:
        return _("No build was started.")
    return story.effect("stop the build", lambda: jenkins.cancel(job, queue_id) or _(ENDED))


def _own_item(story: Story, jenkins: Builder, ledger: Ledger) -> int | None:
    requested: int | None = story.result(REQUESTED)
    return story.step("own build", lambda: _find(story, jenkins, ledger)) if requested is None else requested


def wait_until_over(story: Story, on: Backends) -> None:
    """A job that rolls out by itself may do so until its build has ended; how it ends does not matter."""
    if story.result(FINISHED) or story.result(OVER):
        return
    jenkins, job, number = on.builder(story.plan["jenkins"]), story.plan["job"], story.plan.get("adopted")
    queue_id = None if number is not None else _own_item(story, jenkins, on.ledger)
    try:
        if queue_id is not None:
            number = story.until(
                STARTED, jenkins, jenkins.queued(job, queue_id), _within(on), late=NOT_BEGUN
            )["number"]
        if number is not None:
            story.until("build stops", jenkins, jenkins.building(job, number), _within(on))
    except Failed:
        pass  # stopped, or taken out of the queue
    story.step(OVER, lambda: True)


def _build_told(built: dict[str, Any]) -> str:
    return _("build {build} finished", build=link(built["url"], f"#{built['number']}"))


def _image_told(name: str) -> str:
    if "@" not in name:
        return _("image `{image}`", image=inert(tag(name)))
    again = N_("image `{image}`, which was pushed again since it runs there: `{digest}`")
    return _(again, image=inert(tag(name)), digest=ImageName.parse(name).short)


def _image_name(story: Story, jenkins: Builder, built: dict[str, Any]) -> str:
    plan, source = story.plan, story.plan["image"]
    values = {**plan["values"], "operation": story.operation.id}
    if "existing" in plan:  # asked for by another operation, with its own id, line and revision
        sent = built["parameters"]
        job_operation = sent.get(plan["operation_parameter"], "")
        values = {**values, "line": story.result("build") or values["line"], "operation": job_operation}
    return image_name(
        source, values, built, lambda: jenkins.artifact(plan["job"], built["number"], source["artifact"])
    )
