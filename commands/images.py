"""images: what the registry holds of a project, and where each image runs."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Query
from bot.faults import Failed, Refused, Unavailable
from bot.grammar import Limit
from bot.grammar.values import Project
from bot.images import ImageName
from bot.language import _
from bot.mrkdwn import inert, link
from bot.ports import Builder, Built, Person, Pushed
from bot.reply import Block, Context, Reply, Text
from bot.settings import Target
from bot.words import commas, duration, size
from commands.builds import MOST_BUILDS, image_of, line_of
from commands.rolling import tag

SHOWN = 5
MOST = 30
"""More would be more than a phone shows, and Slack takes."""


@dataclass(frozen=True)
class Images(Query):
    """Show a project's images: tags, size, age, scan, and where each runs."""

    reads = True
    usage = "images <project> [limit <limit>]"
    examples = ("images web", "images web limit 20")

    project: Project
    limit: Limit | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        running, silent = _running(self.project, asker, on)
        places = _places(self.project, running, on)
        if not places:
            raise Refused(
                _(
                    "Nobody knows where the images of {project} are kept: none runs, and its `image` in "
                    "shipmate.yaml names no repository.",
                    project=self.project,
                )
            )
        most = min(self.limit or SHOWN, MOST)
        blocks: list[Block] = [_repository(place, most, running, self.project, on) for place in places]
        blocks += [Text(f":warning: {inert(words)}") for words in silent]
        base = on.settings.build(self.project).base_image
        if base:
            blocks.append(Context(_base(base, on)))
        return Reply(_("Images of {project}", project=self.project), tuple(blocks))


def _running(project: str, asker: Person, on: Backends) -> tuple[dict[str, list[str]], list[str]]:
    """Image -> environments that run it, as far as the asker may see; and what could not be asked."""
    running: dict[str, list[str]] = {}
    silent: dict[str, None] = {}
    visible = on.policy.visible(asker, Images.verb)
    for name, environment in on.settings.targets():
        if name != project or (name, environment) not in visible:
            continue
        target = on.settings.target(name, environment)
        try:
            image = on.cluster(target.cluster).image(target.place)
        except (Unavailable, Refused, Failed) as trouble:
            words = _("What runs in {environment} is not known: {why}", environment=environment, why=trouble)
            silent[words] = None
            continue
        running.setdefault(image, []).append(environment)
    return running, list(silent)


def _places(project: str, running: Iterable[str], on: Backends) -> list[str]:
    """Host and repository of what runs, of what ran, and of what the configuration would build."""
    template = on.settings.build(project).image
    named = template.template.replace("{project}", project).rpartition(":")[0] if template else ""
    past = (op.outcome.image for op in on.ledger.index(f"project:{project}") if op.outcome)
    known = [image for image in (*running, *past) if image]
    places = [ImageName.parse(image).place for image in known]
    return list(dict.fromkeys([*places, *([named] if named and "{" not in named else [])]))


def _repository(place: str, most: int, running: dict[str, list[str]], project: str, on: Backends) -> Text:
    """What one repository holds; where it cannot be read, what runs of it."""
    here = {image: where for image, where in running.items() if ImageName.parse(image).place == place}
    only = [
        _("{image} · runs in {environments}", image=f"`{inert(tag(image))}`", environments=commas(where))
        for image, where in here.items()
    ]
    name = f"*{inert(place)}*"
    registry = on.registry(place)
    if registry is None:
        return _paragraph(
            _("{repository}: no registry of that host in shipmate.yaml. What runs:", repository=name), only
        )
    try:
        found = registry.newest(ImageName.parse(place).repository, most)
    except (Unavailable, Failed, Refused) as trouble:
        return _paragraph(f":warning: {name}: {inert(trouble.words)}", only)
    if not found and not here:
        return _paragraph(_("{repository} holds no image.", repository=name), [])
    builds = _builds(project, on)
    lines: list[str] = []
    told: set[str] = set()
    for pushed in found:
        names = _names(place, pushed)
        runs = [image for image in here if image in names]
        told.update(runs)
        where = [environment for image in runs for environment in here[image]]
        label = next((name for name in (*runs, *builds) if name in names), names[0])
        lines.append(_line(label, pushed, where, next((builds[n] for n in names if n in builds), "")))
    for image in here.keys() - told:  # older than the newest few, or no longer kept
        lines.append(_line(image, registry.find(image), here[image], builds.get(image, "")))
    return _paragraph(_("{repository}, newest first", repository=name), lines)


def _paragraph(head: str, lines: list[str]) -> Text:
    return Text("\n".join([head, *lines]))


def _names(place: str, pushed: Pushed) -> list[str]:
    """Every name by which it may run: by a tag, by its digest, and by both, as a promotion sets it."""
    tagged = [f"{place}:{name}" for name in pushed.tags]
    return [*tagged, *(f"{name}@{pushed.digest}" for name in tagged), f"{place}@{pushed.digest}"]


def _line(image: str, pushed: Pushed | None, where: list[str], build: str) -> str:
    head = [f"`{inert(tag(image))}`"]
    if where:
        head.append(_(":large_green_circle: runs in {environments}", environments=commas(where)))
    if pushed is None:
        return " · ".join([*head, _(":warning: no longer in the registry")])
    others = [f"`{inert(name)}`" for name in pushed.tags if name != tag(image)]
    facts = (
        build,
        _pushed_ago(pushed),
        size(pushed.size) if pushed.size else "",
        inert(pushed.digest.removeprefix("sha256:")[:12]),
        inert(pushed.scan),
        _("also {tags}", tags=commas(others)) if others else "",
    )
    return f"{' · '.join(head)}\n{' · '.join(fact for fact in facts if fact)}"


def _pushed_ago(pushed: Pushed) -> str:
    if pushed.pushed is None:
        return ""
    return _("pushed {age} ago", age=duration(time.time() - pushed.pushed.timestamp()))


def _builds(project: str, on: Backends) -> dict[str, str]:
    """Image -> "build #512 of trunk", for what Jenkins still knows."""
    found: dict[str, str] = {}
    asked: set[str] = set()
    for name, environment in on.settings.targets():
        job = on.settings.job(name, environment)
        if name != project or job.path in asked:
            continue
        asked.add(job.path)
        found |= _built(on.settings.target(name, environment), on)
    return found


def _built(target: Target, on: Backends) -> dict[str, str]:
    """Without what Jenkins tells, the rest is still to be shown."""
    job, known = on.settings.job(target.project, target.environment), on.settings.lines(target.project)
    builder = on.builder(job.jenkins)
    remembered = {
        op.outcome.build: op.outcome.image
        for op in on.ledger.index(f"project:{target.project}", MOST_BUILDS)
        if op.outcome and op.outcome.build
    }
    found = {}
    try:
        for built in builder.builds(job.path, MOST_BUILDS):
            image = remembered.get(built.number) or _pushed_by(target, built, builder, on)
            line = line_of(job, built.parameters, known)
            build = link(built.url, f"#{built.number}")
            found[image] = (
                _("build {build} of {line}", build=build, line=inert(line))
                if line
                else _("build {build}", build=build)
            )
    except (Unavailable, Failed, Refused):
        return {}
    return found


def _pushed_by(target: Target, built: Built, builder: Builder, on: Backends) -> str:
    """By the template; builds that only an archived file could name are not asked one by one."""
    if not built.ended_well or on.settings.job(target.project, target.environment).image_source.artifact:
        return ""
    try:
        return image_of(on.settings, target, built, builder)
    except (Failed, Refused):
        return ""


def _base(image: str, on: Backends) -> str:
    registry = on.registry(image)
    known = _("Built on {image}", image=f"`{inert(image)}`")
    if registry is None:
        return known
    try:
        pushed = registry.find(image)
    except (Unavailable, Failed, Refused) as trouble:
        return f"{known}: {inert(trouble.words)}"
    if pushed is None:
        return f"{known} · {_(':warning: not in the registry')}"
    return " · ".join(fact for fact in (known, _pushed_ago(pushed), inert(pushed.scan)) if fact)
