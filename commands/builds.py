"""Builds and the images they pushed: which line a build is of, what its image is called, what made an image."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from bot.backends import Backends
from bot.faults import Failed, Refused
from bot.images import ImageName
from bot.language import _
from bot.operation import Operation
from bot.ports import Builder, Built
from bot.settings import Job, Settings, Target, fill

MOST_BUILDS = 100
"""How far back is looked in one question."""
MOST_ARTIFACTS = 10
"""Where only an archived file names the image, so many builds are asked one by one."""


def line_of(job: Job, parameters: Mapping[str, str], known: Collection[str]) -> str:
    """The line that a build was asked for, read back from its parameters; empty where they do not say it."""
    for name, text in job.templates.items():
        sent = parameters.get(name)
        if sent is None or "{line}" not in text:
            continue
        if text == "{line}":
            return sent
        for line in known:
            if sent == fill(text, {**job.known, "line": line, "ref": "", "operation": ""}):
                return line
    return ""


def image_name(
    source: Mapping[str, Any],
    values: Mapping[str, str],
    build: Mapping[str, Any],
    artifact: Callable[[], str],
) -> str:
    """From the template of the configuration, with what the finished build says.

    `source`: an `Image` of the settings, as a plain dict; `values`: project, environment, line, ref,
    operation; `build`: number, revision, parameters. Raises Failed when the build does not name its image.
    """
    value = ""
    if source["parameter"]:
        value = build["parameters"].get(source["parameter"], "")
        if not value:
            raise Failed(
                _(
                    "Build #{build} has no parameter {parameter} to name its image.",
                    build=build["number"],
                    parameter=source["parameter"],
                )
            )
    if source["artifact"]:
        value = artifact()
    known = {"build": str(build["number"]), "revision": build["revision"], "value": value}
    return fill(source["template"], {**values, **known})


def image_of(settings: Settings, target: Target, built: Built, builder: Builder) -> str:
    """What a build of a target's job pushed. Raises Failed, Refused or Unavailable where nobody can tell."""
    job = settings.job(target.project, target.environment)
    line = line_of(job, built.parameters, settings.lines(target.project)) or target.line
    values = {
        **job.known,
        "line": line,
        "ref": "",
        "operation": built.parameters.get(job.operation_parameter, ""),
    }
    plain = {"number": built.number, "revision": built.revision, "parameters": built.parameters}
    source = job.image_source.model_dump()
    return image_name(
        source, values, plain, lambda: builder.artifact(job.path, built.number, source["artifact"])
    )


def recorded(image: str, history: Iterable[Operation]) -> int:
    """The build that made `image`, as Shipmate remembers it; 0: it does not."""
    outcomes = (operation.outcome for operation in history if operation.outcome and operation.outcome.build)
    return next((outcome.build for outcome in outcomes if same(outcome.image, image)), 0)


def same(one: str, other: str) -> bool:
    """Whether two names are of one image: what was promoted carries its digest beside its tag."""
    return one == other or ImageName.parse(one).readable == ImageName.parse(other).readable


def maker(target: Target, image: str, builds: list[Built], on: Backends) -> Built | None:
    """The build among `builds` (newest first) that made `image`; None: none that Jenkins still knows."""
    number = recorded(image, on.ledger.index(f"project:{target.project}", MOST_BUILDS))
    if number:
        return next((built for built in builds if built.number == number), None)
    job = on.settings.job(target.project, target.environment)
    builder = on.builder(job.jenkins)
    well = [built for built in builds if built.ended_well]
    for built in well[:MOST_ARTIFACTS] if job.image_source.artifact else well:
        try:
            if same(image_of(on.settings, target, built, builder), image):
                return built
        except (Failed, Refused):
            continue  # a build that names no image made none
    return None


def of_line(builds: Iterable[Built], line: str, job: Job, known: Collection[str]) -> Iterator[Built]:
    """Those of one line; where the job does not tell lines apart, all of them."""
    return (built for built in builds if line_of(job, built.parameters, known) in ("", line))
