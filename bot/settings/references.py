"""Whether names that refer to other parts of the file lead somewhere, and names are told apart."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase

from bot.settings.document import Path, Problem
from bot.settings.model import Settings
from bot.settings.problems import did_you_mean


def check(settings: Settings, commands: Collection[str] | None) -> Iterator[Problem]:
    """`commands`: the names that rules of roles may use; None: whatever they say is taken."""
    yield from _names(settings)
    yield from _projects(settings)
    yield from _builds(settings)
    yield from _rollbacks(settings)
    yield from _targets(settings)
    yield from _pipelines(settings)
    yield from _channels(settings)
    yield from _rules(settings, commands)
    yield from _approvals(settings, commands)
    yield from _promotions(settings)
    yield from _commits(settings)


def _names(settings: Settings) -> Iterator[Problem]:
    """In a command nothing but its name tells an environment from a project."""
    taken = {name: f"environments.{name}" for name in settings.environments}
    for name, environment in settings.environments.items():
        for index, alias in enumerate(environment.aliases):
            if alias in taken:
                yield Problem(("environments", name, "aliases", index), f"{alias} is also {taken[alias]}")
            taken.setdefault(alias, f"an alias of environments.{name}")
    for name in settings.projects:
        if name in taken:
            yield Problem(
                ("projects", name), f"{name} is also {taken[name]}; commands could not tell them apart"
            )


def _channels(settings: Settings) -> Iterator[Problem]:
    """What a channel stands for must be there, and must not be protected."""
    for channel, stand in settings.slack.channels.items():
        path, (project, _, environment) = ("slack", "channels", channel), stand.partition("/")
        if project not in settings.projects:
            yield Problem(path, _unknown("projects", project, settings.projects))
        elif environment and (project, environment) not in settings.targets():
            yield Problem(path, f"{project} does not run in {environment}")
        elif environment and settings.environments[environment].protected:
            yield Problem(path, f"{environment} is protected: it must be named every time")


def _projects(settings: Settings) -> Iterator[Problem]:
    for name, project in settings.projects.items():
        for environment in project.environments or ():
            if environment not in settings.environments:
                path = ("projects", name, "environments", environment)
                yield Problem(path, _unknown_environment(settings, environment))


def _builds(settings: Settings) -> Iterator[Problem]:
    for name, project in settings.projects.items():
        build, own = settings.build(name), ("projects", name, "build")
        for key in ("jenkins", "job", "image"):
            if getattr(build, key) is None:
                yield Problem((*own, key), "missing; give it here or in defaults.build")
        if build.jenkins is not None and build.jenkins not in settings.jenkins:
            where = own if project.build.jenkins is not None else ("defaults", "build")
            yield Problem((*where, "jenkins"), _unknown("jenkins", build.jenkins, settings.jenkins))


def _rollbacks(settings: Settings) -> Iterator[Problem]:
    for name, project in settings.projects.items():
        wanted = project.rollback.jenkins if project.rollback else None
        if wanted is not None and wanted not in settings.jenkins:
            path = ("projects", name, "rollback", "jenkins")
            yield Problem(path, _unknown("jenkins", wanted, settings.jenkins))


def _targets(settings: Settings) -> Iterator[Problem]:
    for project, environment in settings.targets():
        place = settings.place(project, environment)
        own = (settings.projects[project].environments or {}).get(environment)
        here: Path = ("projects", project, "environments", environment)
        shared: Path = ("defaults", "target")
        where = here if own and own.cluster else shared
        if place.cluster is None:
            yield Problem((*here, "cluster"), "missing; give it here or in defaults.target")
        elif place.cluster not in settings.clusters:
            yield Problem((*where, "cluster"), _unknown("cluster", place.cluster, settings.clusters))
        where = here if own and own.logs.elasticsearch else shared
        name = place.logs.elasticsearch
        if name is not None and name not in settings.elasticsearch:
            problem = _unknown("elasticsearch", name, settings.elasticsearch)
            yield Problem((*where, "logs", "elasticsearch"), problem)
        where = here if own and "replicas" in own.model_fields_set else shared
        if place.replicas.min > place.replicas.max:
            bounds = f"min {place.replicas.min} is more than max {place.replicas.max}"
            yield Problem((*where, "replicas"), bounds)


def _pipelines(settings: Settings) -> Iterator[Problem]:
    for name, store in settings.elasticsearch.items():
        here, pipeline = ("elasticsearch", name, "pipeline"), store.pipeline
        for at, logstash in enumerate(pipeline.logstash):
            if logstash not in settings.logstash:
                yield Problem((*here, "logstash", at), _unknown("logstash", logstash, settings.logstash))
        if pipeline.prometheus is not None and pipeline.prometheus not in settings.prometheus:
            what = _unknown("prometheus", pipeline.prometheus, settings.prometheus)
            yield Problem((*here, "prometheus"), what)


def _rules(settings: Settings, commands: Collection[str] | None) -> Iterator[Problem]:
    for name, role in settings.roles.items():
        for index, rule in enumerate(role.may):
            here = ("roles", name, "may", index)
            for at, glob in _unmatched(rule.environments, settings.environments):
                yield Problem((*here, "environments", at), _unknown_environment(settings, glob))
            for at, glob in _unmatched(rule.projects, settings.projects):
                yield Problem((*here, "projects", at), _unknown("project", glob, settings.projects))
            for at, glob in _unmatched(rule.commands, commands) if commands is not None else ():
                yield Problem((*here, "commands", at), _unknown("command", glob, commands or ()))


def _approvals(settings: Settings, commands: Collection[str] | None) -> Iterator[Problem]:
    for name, environment in settings.environments.items():
        here, needed = ("environments", name, "approvals"), environment.approvals
        if needed is not None and needed.role not in settings.roles:
            yield Problem((*here, "role"), _unknown("role", needed.role, settings.roles))
        written = needed.commands if needed and "commands" in needed.model_fields_set else ()
        for at, command in enumerate(written):
            if commands is not None and command not in commands:
                yield Problem((*here, "commands", at), _unknown("command", command, commands))


def _promotions(settings: Settings) -> Iterator[Problem]:
    for name, environment in settings.environments.items():
        if environment.promotion is None:
            continue
        here, after = ("environments", name, "promotion", "after"), environment.promotion.after
        if after not in settings.environments:
            yield Problem(here, _unknown_environment(settings, after))
        elif after == name:
            yield Problem(here, f"{name} cannot come after itself")


def _commits(settings: Settings) -> Iterator[Problem]:
    for name, role in settings.roles.items():
        for index, hook in enumerate(role.members.hooks):
            if hook not in settings.hooks:
                here = ("roles", name, "members", "hooks", index)
                yield Problem(here, _unknown("hook", hook, settings.hooks))
    for project, environment in settings.targets():
        follows = settings.place(project, environment).on_commit
        if follows.do != "off" and follows.channel is None:
            where = ("projects", project, "environments", environment, "on_commit", "channel")
            yield Problem(where, "missing; give it here or in defaults.target.on_commit")
    for project, own in settings.projects.items():
        for line in own.repository.lines if own.repository else ():
            if line not in settings.lines(project):
                path = ("projects", project, "repository", "lines", line)
                yield Problem(path, _unknown("line", line, settings.lines(project)))


def _unmatched(globs: tuple[str, ...], names: Collection[str]) -> Iterator[tuple[int, str]]:
    for index, glob in enumerate(globs):
        if not any(fnmatchcase(name, glob) for name in names):
            yield index, glob


def _unknown(kind: str, name: str, valid: Collection[str]) -> str:
    what = f"no {kind} matches {name}" if _is_glob(name) else f"no {kind} is called {name}"
    return what + did_you_mean(name, valid)


def _unknown_environment(settings: Settings, name: str) -> str:
    meant = settings.environment(name)
    if meant is not None:
        return f"{name} is an alias; write {meant}"
    return _unknown("environment", name, settings.environments)


def _is_glob(name: str) -> bool:
    return any(sign in name for sign in "*?[")
