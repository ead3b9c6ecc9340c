"""Jenkins' objects as `api/json` shows them: which properties, of which class, at which depth.

Names, classes and visibilities are those of the `@Exported` members in hudson.model and of the folders and
workflow-job plugins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from sandbox.jenkins.build import Build, Cause
from sandbox.jenkins.changes import build_data, change_set, change_sets, culprits, millis
from sandbox.jenkins.export import ALWAYS, Bean, Field, fixed
from sandbox.jenkins.job import Kind
from sandbox.jenkins.project import PERMALINKS, Project

BUILDS_SHOWN = 100
"""`builds` ends there; `allBuilds` has them all (Job.getBuildsAsMap's limit)."""
JOB_CLASS: Mapping[Kind, str] = {
    "freestyle": "hudson.model.FreeStyleProject",
    "pipeline": "org.jenkinsci.plugins.workflow.job.WorkflowJob",
}
BUILD_CLASS: Mapping[Kind, str] = {
    "freestyle": "hudson.model.FreeStyleBuild",
    "pipeline": "org.jenkinsci.plugins.workflow.job.WorkflowRun",
}


def parameters_action(values: Mapping[str, str]) -> dict[str, object]:
    listed = [
        {"_class": "hudson.model.StringParameterValue", "name": n, "value": v} for n, v in values.items()
    ]
    return {"_class": "hudson.model.ParametersAction", "parameters": listed}


def cause_action(causes: list[Cause]) -> dict[str, object]:
    listed = [
        {
            "_class": "hudson.model.Cause$UserIdCause",
            "shortDescription": f"Started by user {cause.user_name}",
            "userId": cause.user_id,
            "userName": cause.user_name,
        }
        for cause in causes
    ]
    return {"_class": "hudson.model.CauseAction", "causes": listed}


def _actions(build: Build) -> list[dict[str, object]]:
    actions = [cause_action(build.causes)]
    if build.parameters:
        actions.insert(0, parameters_action(build.parameters))
    if build.working_since is not None and build.checkout.scm == "git":
        actions.append(build_data(build.checkout, build.number))
    return [*actions, {}]


def _artifact(path: str) -> dict[str, object]:
    name = path.rpartition("/")[2]
    return {"displayPath": name, "fileName": name, "relativePath": path}


def _neighbour(build: Build, step: int) -> dict[str, object] | None:
    number = build.number + step
    neighbour = build.project.build(str(number))
    return {"number": number, "url": neighbour.url} if neighbour else None


RUN: dict[str, Field[Build]] = {
    "actions": Field(_actions),
    "artifacts": Field(lambda build: [_artifact(path) for path in build.artifacts]),
    "building": Field(lambda build: build.building),
    "description": Field(lambda build: build.description),
    "displayName": Field(lambda build: f"#{build.number}"),
    "duration": Field(lambda build: millis(build.duration)),
    "estimatedDuration": Field(lambda build: build.project.estimate()),
    "executor": Field(lambda build: {} if build.building else None),
    "fullDisplayName": Field(lambda build: f"{build.project.display_name} #{build.number}"),
    "id": Field(lambda build: str(build.number)),
    "inProgress": Field(lambda build: build.building),
    "keepLog": fixed(False),
    "number": Field(lambda build: build.number, visibility=2),
    "queueId": Field(lambda build: build.queue_id),
    "result": Field(lambda build: build.result),
    "timestamp": Field(lambda build: millis(build.created)),
    "url": Field(lambda build: build.url, visibility=2),
}
BUILD: Mapping[Kind, dict[str, Field[Build]]] = {
    "freestyle": RUN
    | {
        "builtOn": fixed(""),
        "changeSet": Field(change_set),
        "culprits": Field(culprits),
    },
    "pipeline": RUN
    | {
        "changeSets": Field(change_sets),
        "culprits": Field(culprits),
        "nextBuild": Field(lambda build: _neighbour(build, 1)),
        "previousBuild": Field(lambda build: _neighbour(build, -1)),
    },
}


def build_bean(build: Build) -> Bean[Build]:
    kind = build.project.job.kind
    return Bean(BUILD_CLASS[kind], BUILD[kind], build)


def _definitions(project: Project) -> list[dict[str, object]]:
    return [
        {
            "_class": "hudson.model.StringParameterDefinition",
            "defaultParameterValue": {
                "_class": "hudson.model.StringParameterValue",
                "name": parameter.name,
                "value": parameter.default,
            },
            "description": parameter.description,
            "name": parameter.name,
            "type": "StringParameterDefinition",
        }
        for parameter in project.job.parameters
    ]


def _property(project: Project) -> list[dict[str, object]]:
    if not project.job.parameters:
        return []
    return [
        {
            "_class": "hudson.model.ParametersDefinitionProperty",
            "parameterDefinitions": _definitions(project),
        }
    ]


def _newest_first(project: Project) -> list[Bean[Build]]:
    return [build_bean(build) for build in reversed(project.builds)]


def _permalink(name: str) -> Field[Project]:
    def get(project: Project) -> Bean[Build] | None:
        build = project.permalink(name)
        return build_bean(build) if build else None

    return Field(get)


JOB: dict[str, Field[Project]] = {
    "actions": fixed([{}]),
    "description": Field(lambda project: f"Builds {project.job.project}"),
    "displayName": Field(lambda project: project.name),
    "fullDisplayName": Field(lambda project: project.display_name),
    "fullName": Field(lambda project: project.job.full_name),
    "name": Field(lambda project: project.name, visibility=ALWAYS),
    "url": Field(lambda project: project.url, visibility=ALWAYS),
    "buildable": Field(lambda project: not project.disabled),
    "builds": Field(lambda project: _newest_first(project)[:BUILDS_SHOWN]),
    "allBuilds": Field(_newest_first, visibility=-2),
    "color": Field(lambda project: project.color, visibility=2),
    "firstBuild": Field(lambda project: build_bean(project.builds[0]) if project.builds else None),
    "healthReport": fixed([]),
    "inQueue": Field(lambda project: project.queued > 0),
    "keepDependencies": fixed(False),
    **{name: _permalink(name) for name in PERMALINKS},
    "nextBuildNumber": Field(lambda project: project.next_number),
    "property": Field(_property),
    "concurrentBuild": Field(lambda project: project.job.concurrent),
    "disabled": Field(lambda project: project.disabled),
}


def job_bean(project: Project) -> Bean[Project]:
    return Bean(JOB_CLASS[project.job.kind], JOB, project)


class Folder:
    """A folder, or with an empty name the whole server: what lies directly in it."""

    def __init__(self, name: str, projects: Mapping[str, Project], root: str) -> None:
        self.name = name
        self.root = root
        self._projects = projects

    @property
    def exists(self) -> bool:
        return not self.name or any(name.startswith(f"{self.name}/") for name in self._projects)

    @property
    def url(self) -> str:
        return self.root + "".join(f"job/{quote(part)}/" for part in self.name.split("/") if part)

    @property
    def children(self) -> list[Bean[Any]]:
        prefix = f"{self.name}/" if self.name else ""
        inside = sorted(name.removeprefix(prefix) for name in self._projects if name.startswith(prefix))
        heads = dict.fromkeys(name.partition("/")[0] for name in inside)
        return [self._child(prefix + head) for head in heads]

    def _child(self, full_name: str) -> Bean[Any]:
        if full_name in self._projects:
            return job_bean(self._projects[full_name])
        return folder_bean(Folder(full_name, self._projects, self.root))


FOLDER: dict[str, Field[Folder]] = {
    "description": fixed(None),
    "displayName": Field(lambda folder: folder.name.rpartition("/")[2]),
    "fullDisplayName": Field(lambda folder: folder.name.replace("/", " » ")),
    "fullName": Field(lambda folder: folder.name),
    "name": Field(lambda folder: folder.name.rpartition("/")[2], visibility=ALWAYS),
    "url": Field(lambda folder: folder.url, visibility=ALWAYS),
    "healthReport": fixed([]),
    "jobs": Field(lambda folder: folder.children),
    "views": Field(lambda folder: [all_view(folder)]),
}


def folder_bean(folder: Folder) -> Bean[Folder]:
    return Bean("com.cloudbees.hudson.plugins.folder.Folder", FOLDER, folder)


def all_view(folder: Folder) -> dict[str, object]:
    return {"_class": "hudson.model.AllView", "name": "all", "url": folder.url}
