"""The sections of `shipmate.yaml`. Descriptions here are the ones in the docs and in the JSON Schema."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from bot.settings.commits import OnCommit, Repository
from bot.settings.mail import ResultMail
from bot.settings.release import Freeze, Promotion
from bot.settings.section import Section
from bot.settings.values import (
    SAID,
    Email,
    GroupId,
    ImageTemplate,
    Line,
    Minutes,
    Name,
    Named,
    OtherName,
    Pairs,
    ParameterTemplate,
    Pattern,
    RollbackTemplate,
    Stand,
    TargetTemplate,
    TeamId,
    Text,
    TicketTemplate,
    UserId,
    nothing,
    wrong,
)
from bot.workloads import Kind


class Slack(Section):
    teams: tuple[TeamId, ...] = Field(
        min_length=1, description="Ids of the workspaces whose people may use Shipmate; others are refused."
    )
    language: Literal["en", "zh"] = Field(
        default="en",
        description="What Shipmate speaks where nobody in particular reads it, as in what a commit started, and "
        "to people whose Slack is set to neither English (en) nor Chinese (zh).",
    )
    channels: Pairs[Stand] = Field(
        default_factory=nothing,
        description="What a channel (by its id) stands for, so that commands there need not name it: `web` or "
        "`web/trunk`; never a protected environment. `here is web/trunk` in the channel says the same.",
    )


class Approvals(Section):
    count: int = Field(default=1, ge=1, le=10, description="How many people must approve.")
    role: Name = Field(description="Role that they must have; never the person who asked.")
    commands: tuple[Text, ...] = Field(
        default=("deploy", "promote"), min_length=1, description="Commands that need it."
    )
    minutes: Minutes = Field(default=20, description="How long it can be given.")


class Environment(Section):
    line: Line = Field(description="Code line that is deployed there, unless a project says otherwise.")
    aliases: tuple[OtherName, ...] = Field(
        default=(), description="Other names that people may type, also in Chinese."
    )
    approvals: Approvals | None = Field(
        default=None,
        description="Who must approve changes there. Left out: nobody. Never asked of a rollback.",
    )
    protected: bool = Field(
        default=False, description="True for production: buttons that change something there ask once more."
    )
    promotion: Promotion | None = Field(
        default=None, description="What `promote` asks for. Left out: nothing is promoted there."
    )
    freezes: tuple[Freeze, ...] = Field(
        default=(), description="Times of every week in which nothing is shipped there but rollbacks."
    )


class Image(Section):
    """Where the name of the image that a build made comes from."""

    template: ImageTemplate = Field(
        default="{value}",
        description="The image's name, over {project}, {environment}, {line}, {ref} (as asked for), "
        "{revision} (as built; {revision:.7}: its first seven characters), {build} (number), {operation} "
        "and {value}.",
    )
    parameter: Text | None = Field(
        default=None, description="Take {value} from this parameter of the finished build."
    )
    artifact: Text | None = Field(
        default=None, description="Take {value} from this archived file of the finished build."
    )

    @model_validator(mode="after")
    def _value_has_a_source(self) -> Self:
        if self.parameter and self.artifact:
            raise wrong(SAID, "expected parameter or artifact, not both: there is one {value}")
        if ("{value}" in self.template) != bool(self.parameter or self.artifact):
            raise wrong(SAID, "expected {value} in template together with parameter or artifact")
        return self


class Build(Section):
    """How a project is built. A key that a project leaves out is taken from `defaults.build`."""

    jenkins: Name | None = Field(default=None, description="Which Jenkins, by its name above.")
    job: TargetTemplate | None = Field(
        default=None, description="Path of the job, folders included; over {project}, {environment}."
    )
    parameters: Pairs[ParameterTemplate] = Field(
        default_factory=nothing,
        description="Parameters to send, over {project}, {environment}, {line}, {ref}, {operation}. "
        "A project's list replaces the default one.",
    )
    operation_parameter: Text = Field(
        default="SHIPMATE_OPERATION",
        description="Parameter that carries the operation's id. The job must declare it: by it a build is "
        "found again after a crash, so that it is not started twice.",
    )
    default_ref: Text = Field(default="HEAD", description="{ref} when the person named none.")
    image: Image | None = Field(default=None, description="Where the name of the built image comes from.")
    base_image: Text | None = Field(
        default=None, description="What the Dockerfile builds on (nginx, JDK and Tomcat, ...): for `images`."
    )


class Logs(Section):
    elasticsearch: Name | None = Field(default=None, description="Which Elasticsearch, by its name above.")
    index: TargetTemplate = Field(
        default="logs-{project}-{environment}", description="Index, pattern or data stream to search."
    )
    data_view: Text = Field(default="logs-*", description="Kibana's data view, for links.")
    filters: Pairs[TargetTemplate] = Field(
        default_factory=nothing, description="Field and value that every line must have, in a shared index."
    )


class Replicas(Section):
    """What `scale` accepts."""

    min: int = Field(default=1, ge=0, le=500, description="Fewest replicas that `scale` sets.")
    max: int = Field(default=20, ge=0, le=500, description="Most replicas that `scale` sets.")


class Place(Section):
    """Where a target lives. A key that is left out is taken from `defaults.target`."""

    line: Line | None = Field(default=None, description="Code line, if not the environment's.")
    cluster: Name | None = Field(default=None, description="Which cluster, by its name above.")
    namespace: TargetTemplate = Field(default="{environment}", description="Namespace.")
    kind: Kind = Field(default="Deployment", description="Kind of workload.")
    name: TargetTemplate = Field(default="{project}", description="Name of the workload.")
    container: TargetTemplate = Field(
        default="{project}", description="Container whose image is set, and whose log is read."
    )
    more_containers: tuple[TargetTemplate, ...] = Field(
        default=(), description="Containers that get the same image, init containers among them."
    )
    logs: Logs = Field(default_factory=Logs, description="Where its logs are.")
    replicas: Replicas = Field(default_factory=Replicas, description="Bounds for `scale`.")
    on_commit: OnCommit = Field(
        default_factory=OnCommit, description="What a commit on its line leads to, if a hook tells of it."
    )


class Defaults(Section):
    build: Build = Field(default_factory=Build, description="For every project's `build`.")
    target: Place = Field(default_factory=Place, description="For every project in every environment.")


class Rollback(Section):
    """The job of a project that rolls back by Jenkins. It must declare `build.operation_parameter`, too."""

    jenkins: Name | None = Field(default=None, description="Which Jenkins. Left out: that of `build`.")
    job: TargetTemplate = Field(
        description="Path of the job, folders included; over {project}, {environment}."
    )
    parameters: Pairs[RollbackTemplate] = Field(
        description="Parameters to send, over {project}, {environment}, {line}, {image} (the whole name), "
        "{tag}, {operation}."
    )


class Project(Section):
    description: str = Field(default="", description="One line for help.")
    source: Literal["svn", "git"] = Field(description="Where its code is kept.")
    repository: Repository | None = Field(
        default=None, description="How hooks name its code. Left out: no commit is known to be of it."
    )
    build: Build = Field(default_factory=Build, description="How it is built.")
    mail: ResultMail = Field(
        default_factory=ResultMail, description="Who gets a mail when a change of it has ended."
    )
    rolls_out: Literal["shipmate", "jenkins"] = Field(
        default="shipmate", description="Who sets the new image in Kubernetes: Shipmate, or the job itself."
    )
    rollback: Rollback | None = Field(
        default=None, description="Roll back by a Jenkins job. Left out: Shipmate sets the image itself."
    )
    environments: Named[Place | None] | None = Field(
        default=None,
        min_length=1,
        description="Where it runs, with what differs from the defaults. Left out: everywhere.",
    )


class Members(Section):
    users: tuple[UserId, ...] = Field(default=(), description="Slack user ids.")
    emails: tuple[Email, ...] = Field(
        default=(), description="E-mail addresses of Slack profiles, in any case."
    )
    groups: tuple[GroupId, ...] = Field(default=(), description="Ids of Slack user groups.")
    hooks: tuple[Name, ...] = Field(default=(), description="Hooks, by their names in `hooks`.")

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.users or self.emails or self.groups or self.hooks):
            raise wrong(SAID, "expected at least one of users, emails, groups, hooks")
        return self


class Rule(Section):
    """Every command of the first list, on every target that both other lists match."""

    commands: tuple[Text, ...] = Field(min_length=1, description='Commands; globs such as "*".')
    projects: tuple[Text, ...] = Field(
        default=("*",), min_length=1, description='Projects; globs such as "pay-*".'
    )
    environments: tuple[Text, ...] = Field(
        default=("*",), min_length=1, description="Environments by name (no aliases); globs."
    )


class Role(Section):
    members: Members = Field(description="Who has it: whoever is in one of the three lists.")
    may: tuple[Rule, ...] = Field(
        min_length=1, description="What they may do. What no rule allows is refused."
    )


class Tickets(Section):
    """How tickets are named in commit messages, and where each is to be read."""

    pattern: Pattern = Field(
        description="Regular expression that finds a ticket; its first group, if it has one, is {ticket}."
    )
    url: TicketTemplate = Field(description="Address of a ticket, over {ticket}.")


class Limits(Section):
    build_minutes: Minutes = Field(default=30, description="From the trigger to a finished build.")
    rollout_minutes: Minutes = Field(default=10, description="From the new image to a healthy rollout.")
    retention_days: int = Field(
        default=180, ge=1, le=3650, description="How long finished changes are remembered."
    )
    retention_operations: int = Field(
        default=100_000, ge=100, le=10_000_000, description="How many finished changes are remembered."
    )
    later_days: int = Field(default=31, ge=1, le=366, description="How far ahead a change may be scheduled.")
    unavailable_minutes: Minutes = Field(
        default=15, description="How long a step tries again while a system does not answer."
    )
    errors_before_minutes: float = Field(
        default=5, gt=0, le=60, description="Of the log before a rollback, which `effect` compares."
    )
    errors_after_minutes: float = Field(
        default=5,
        ge=0,
        le=60,
        description="After a rollback, and a deployment to a protected environment, errors are compared and told "
        "in its thread; 0: never.",
    )
