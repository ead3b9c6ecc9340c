"""The Pipeline Stage View plugin's API, `wfapi`: stages of a pipeline's build, also while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from sandbox.jenkins.build import Build, StageStatus, StageView
from sandbox.jenkins.changes import millis
from sandbox.jenkins.job import Result

FIRST_NODE = 6
"""Flow nodes before it start the pipeline, take the executor and open the first stage."""
NODES_A_STAGE = 5
RUN_STATUS: Mapping[Result | None, StageStatus] = {
    None: "IN_PROGRESS",
    "SUCCESS": "SUCCESS",
    "UNSTABLE": "UNSTABLE",
    "FAILURE": "FAILED",
    "ABORTED": "ABORTED",
}


def _path(build: Build) -> str:
    return build.url.removeprefix(build.project.root().rstrip("/"))


def describe(build: Build) -> dict[str, object]:
    """`/job/NAME/N/wfapi/describe`."""
    path = _path(build)
    links = {"self": {"href": f"{path}wfapi/describe"}}
    if build.artifacts:
        links["artifacts"] = {"href": f"{path}wfapi/artifacts"}
    stages = build.stages()
    ended = stages[-1].begin + stages[-1].duration if stages else build.created
    return {
        "_links": links,
        "id": str(build.number),
        "name": f"#{build.number}",
        "status": RUN_STATUS[build.result],
        "startTimeMillis": millis(build.created),
        "endTimeMillis": millis(build.ended or ended),
        "durationMillis": millis(sum(stage.duration for stage in stages)),
        "queueDurationMillis": millis((build.working_since or build.created) - build.created),
        "pauseDurationMillis": 0,
        "stages": [_stage(path, index, stage) for index, stage in enumerate(stages)],
    }


def _stage(path: str, index: int, stage: StageView) -> dict[str, object]:
    node = FIRST_NODE + index * NODES_A_STAGE
    failed: dict[str, object] = {
        "error": {"message": "script returned exit code 1", "type": "hudson.AbortException"}
    }
    return {
        "_links": {"self": {"href": f"{path}execution/node/{node}/wfapi/describe"}},
        "id": str(node),
        "name": stage.name,
        "execNode": "",
        "status": stage.status,
        **(failed if stage.status == "FAILED" else {}),
        "startTimeMillis": millis(stage.begin),
        "durationMillis": millis(stage.duration),
        "pauseDurationMillis": 0,
    }


def artifacts(build: Build) -> list[dict[str, object]]:
    """`/job/NAME/N/wfapi/artifacts`."""
    return [
        {
            "id": f"n{number}",
            "name": path.rpartition("/")[2],
            "path": path,
            "url": f"{_path(build)}artifact/{quote(path)}",
            "size": len(content.encode()),
        }
        for number, (path, content) in enumerate(build.artifacts.items(), start=1)
    ]
