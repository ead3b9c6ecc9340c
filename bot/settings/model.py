"""`Settings`: the whole file as one value, and what it says about one target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import Field, SecretStr

from bot import ports
from bot.language import _
from bot.settings.commits import Hook, OnCommit
from bot.settings.console import Console
from bot.settings.log_sections import Elasticsearch, Logstash, Prometheus
from bot.settings.mail import Mail
from bot.settings.redaction import Redact
from bot.settings.release import Locks
from bot.settings.section import Section
from bot.settings.sections import (
    Build,
    Defaults,
    Environment,
    Image,
    Limits,
    Place,
    Project,
    Replicas,
    Role,
    Slack,
    Tickets,
)
from bot.settings.systems import Cluster, Jenkins, Registry
from bot.settings.values import Named, fill, nothing
from bot.words import commas

Part = TypeVar("Part", bound=Section)


class NoSuchTarget(LookupError):
    """A project that is unknown, or does not run in that environment. The text can be shown to people."""


@dataclass(frozen=True)
class LogSource:
    """Where the logs of one target are; `filters` are field and value that each line must have."""

    elasticsearch: str
    index: str
    data_view: str
    filters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Target:
    """A project in an environment, with all names filled in."""

    project: str
    environment: str
    line: str
    cluster: str
    place: ports.Place
    replicas: Replicas
    on_commit: OnCommit
    logs: LogSource | None
    """None: no Elasticsearch is named for it."""

    def __str__(self) -> str:
        return f"{self.project}/{self.environment}"


@dataclass(frozen=True)
class Job:
    """How Jenkins builds one target. Templates are filled with `fill`, as their values become known."""

    jenkins: str
    path: str
    """With folders: "team/api-build"."""
    operation_parameter: str
    default_ref: str
    image_source: Image
    templates: Mapping[str, str]
    known: Mapping[str, str]
    """Values of the placeholders {project} and {environment}."""

    def parameters(self, line: str, ref: str, operation: str) -> dict[str, str]:
        """What to send with the trigger, the operation's id included."""
        values = {**self.known, "line": line, "ref": ref, "operation": operation}
        filled = {name: fill(text, values) for name, text in self.templates.items()}
        return {**filled, self.operation_parameter: operation}


class Settings(Section):
    """What `shipmate.yaml` says. Immutable; secrets never appear in its repr."""

    slack: Slack = Field(description="Slack. Tokens come from the environment only.")
    environments: Named[Environment] = Field(
        min_length=1, description="Environments by name, in the order in which changes travel."
    )
    clusters: Named[Cluster] = Field(min_length=1, description="Kubernetes clusters by name.")
    jenkins: Named[Jenkins] = Field(min_length=1, description="Jenkins servers by name.")
    prometheus: Named[Prometheus] = Field(default_factory=nothing, description="Prometheus by name.")
    logstash: Named[Logstash] = Field(default_factory=nothing, description="Logstash by name.")
    elasticsearch: Named[Elasticsearch] = Field(default_factory=nothing, description="Elasticsearch by name.")
    registries: Named[Registry] = Field(
        default_factory=nothing,
        description="Registries by name. An image at a host that none of them has is not looked up.",
    )
    hooks: Named[Hook] = Field(
        default_factory=nothing, description="Who tells of commits, by name (docs/hooks.md)."
    )
    mail: Mail | None = Field(
        default=None, description="Mails about how changes ended. Left out: none are sent."
    )
    tickets: tuple[Tickets, ...] = Field(
        default=(), description="Tickets in commit messages, shown as links by `changes`."
    )
    defaults: Defaults = Field(
        default_factory=Defaults, description="What every project starts from, so that each stays short."
    )
    projects: Named[Project] = Field(min_length=1, description="What is shipped, by name.")
    roles: Named[Role] = Field(min_length=1, description="Who may do what, by name of the role.")
    locks: Locks = Field(default_factory=Locks, description="How long people may hold targets.")
    console: Console | None = Field(
        default=None, description="The break-glass terminal. Left out: there is none."
    )
    limits: Limits = Field(default_factory=Limits, description="Deadlines.")
    redact: Redact = Field(
        default_factory=Redact, description="What is hidden in everything that is posted, besides secrets."
    )

    def environment(self, name: str) -> str | None:
        """The environment that a name or alias stands for."""
        return next((n for n, e in self.environments.items() if name == n or name in e.aliases), None)

    def targets(self) -> tuple[tuple[str, str], ...]:
        """Every (project, environment) there is, in the order of the file."""
        return tuple(
            (name, environment)
            for name, project in self.projects.items()
            for environment in self.environments
            if _runs_in(project, environment)
        )

    def lines(self, project: str | None = None) -> tuple[str, ...]:
        """The code lines of a project, or of all, in the order in which changes travel."""
        targets = (self.target(p, environment) for p, environment in self.targets() if project in (None, p))
        order = list(self.environments)
        ordered = sorted(targets, key=lambda target: order.index(target.environment))
        return tuple(dict.fromkeys(target.line for target in ordered))

    def target(self, project: str, environment: str) -> Target:
        """Raises NoSuchTarget."""
        place = self.place(project, environment)
        assert place.cluster is not None  # load() saw to it
        values = {"project": project, "environment": environment}
        return Target(
            project=project,
            environment=environment,
            line=place.line or self.environments[environment].line,
            cluster=place.cluster,
            place=ports.Place(
                namespace=fill(place.namespace, values),
                kind=place.kind,
                name=fill(place.name, values),
                container=fill(place.container, values),
                beside=tuple(fill(name, values) for name in place.more_containers),
            ),
            replicas=place.replicas,
            on_commit=place.on_commit,
            logs=_logs(place, values),
        )

    def job(self, project: str, environment: str) -> Job:
        """How the target is built. Raises NoSuchTarget."""
        self.place(project, environment)
        build = self.build(project)
        assert build.jenkins is not None  # load() saw to all three
        assert build.job is not None
        assert build.image is not None
        values = {"project": project, "environment": environment}
        return Job(
            jenkins=build.jenkins,
            path=fill(build.job, values),
            operation_parameter=build.operation_parameter,
            default_ref=build.default_ref,
            image_source=build.image,
            templates=build.parameters,
            known=values,
        )

    def place(self, project: str, environment: str) -> Place:
        """The target's own keys over the defaults, templates unfilled. Raises NoSuchTarget."""
        if (
            project not in self.projects
            or environment not in self.environments
            or not _runs_in(self.projects[project], environment)
        ):
            raise NoSuchTarget(self._where(project, environment))
        own = (self.projects[project].environments or {}).get(environment)
        return over(self.defaults.target, own or Place())

    def build(self, project: str) -> Build:
        """The project's own keys over the defaults, templates unfilled."""
        return over(self.defaults.build, self.projects[project].build)

    def _where(self, project: str, environment: str) -> str:
        if project not in self.projects:
            return _("There is no project {project}.", project=project)
        if environment not in self.environments:
            return _("There is no environment {environment}.", environment=environment)
        known = [e for p, e in self.targets() if p == project]
        return _(
            "{project} does not run in {environment}; it runs in {places}.",
            project=project,
            environment=environment,
            places=commas(known),
        )


def secrets_of(value: object) -> Iterator[str]:
    """Every secret in the settings or in a part of them."""
    match value:
        case SecretStr():
            yield value.get_secret_value()
        case Section():
            for _, part in value:
                yield from secrets_of(part)
        case Mapping():
            for part in value.values():
                yield from secrets_of(part)
        case tuple():
            for part in value:
                yield from secrets_of(part)


def over(base: Part, own: Part) -> Part:
    """`base` with every key that `own` sets, section by section; an Image is one piece of information."""
    changes = {}
    for name in own.model_fields_set:
        before, mine = getattr(base, name), getattr(own, name)
        whole = isinstance(mine, Image) or not (isinstance(before, Section) and isinstance(mine, Section))
        changes[name] = mine if whole else over(before, mine)
    return base.model_copy(update=changes)


def _runs_in(project: Project, environment: str) -> bool:
    return project.environments is None or environment in project.environments


def _logs(place: Place, values: Mapping[str, str]) -> LogSource | None:
    logs = place.logs
    if logs.elasticsearch is None:
        return None
    return LogSource(
        elasticsearch=logs.elasticsearch,
        index=fill(logs.index, values),
        data_view=logs.data_view,
        filters=tuple((field, fill(text, values)) for field, text in logs.filters.items()),
    )
