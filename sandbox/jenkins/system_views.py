"""The server itself as `api/json` shows it: top page, queue, executors."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from sandbox.jenkins.build import Build
from sandbox.jenkins.changes import millis
from sandbox.jenkins.controller import Controller
from sandbox.jenkins.export import ALWAYS, Bean, Field, fixed
from sandbox.jenkins.queue import Item, State
from sandbox.jenkins.views import Folder, all_view, build_bean, cause_action, job_bean, parameters_action

NODE = "Built-In Node"
ITEM_CLASS: Mapping[State, str] = {
    "waiting": "hudson.model.Queue$WaitingItem",
    "blocked": "hudson.model.Queue$BlockedItem",
    "buildable": "hudson.model.Queue$BuildableItem",
    "left": "hudson.model.Queue$LeftItem",
}
PLACEHOLDER = "org.jenkinsci.plugins.workflow.support.steps.ExecutorStepExecution$PlaceholderTask"


def _item_actions(item: Item) -> list[dict[str, object]]:
    if item.part_of is not None:
        return [{}]
    parameters = [parameters_action(item.parameters)] if item.parameters else []
    return [*parameters, cause_action(item.causes)]


def _task(item: Item) -> object:
    return {"_class": PLACEHOLDER} if item.part_of is not None else job_bean(item.project)


def _executable(item: Item) -> object:
    if item.build is None:
        return None
    return {"_class": f"{PLACEHOLDER}$PlaceholderExecutable"} if item.part_of else build_bean(item.build)


def _field(get: Any) -> Field[Item]:
    return Field(get, visibility=ALWAYS)


ITEM: dict[str, Field[Item]] = {
    "actions": _field(_item_actions),
    "blocked": _field(lambda item: item.state == "blocked"),
    "buildable": _field(lambda item: item.state == "buildable"),
    "id": _field(lambda item: item.id),
    "inQueueSince": _field(lambda item: millis(item.since)),
    "params": _field(lambda item: "".join(f"\n{name}={value}" for name, value in item.parameters.items())),
    "stuck": fixed(False),
    "task": _field(_task),
    "url": _field(lambda item: f"queue/item/{item.id}/"),
    "why": _field(lambda item: item.why),
}
NOT_WAITING = ITEM | {"buildableStartMilliseconds": _field(lambda item: millis(item.buildable_since))}
ITEM_FIELDS: Mapping[State, dict[str, Field[Item]]] = {
    "waiting": ITEM | {"timestamp": _field(lambda item: millis(item.due))},
    "blocked": NOT_WAITING,
    "buildable": NOT_WAITING | {"pending": fixed(False)},
    "left": ITEM
    | {
        "cancelled": _field(lambda item: item.build is None),
        "executable": _field(_executable),
    },
}


def item_bean(item: Item) -> Bean[Item]:
    return Bean(ITEM_CLASS[item.state], ITEM_FIELDS[item.state], item)


QUEUE: dict[str, Field[Controller]] = {
    "discoverableItems": fixed([]),
    "items": Field(lambda controller: [item_bean(item) for item in controller.queue], inline=True),
}


def queue_bean(controller: Controller) -> Bean[Controller]:
    return Bean("hudson.model.Queue", QUEUE, controller)


PLACEHOLDER_EXECUTABLE: dict[str, Field[Build]] = {
    "displayName": Field(lambda build: f"part of {build.project.display_name} #{build.number}"),
    "estimatedDuration": Field(lambda build: build.project.estimate()),
    "fullDisplayName": Field(lambda build: f"part of {build.project.display_name} #{build.number}"),
    "number": Field(lambda build: build.number),
    "timestamp": Field(lambda build: millis(build.created)),
    "url": Field(lambda build: build.url),
}


def _current(build: Build | None) -> object:
    """A freestyle build fills an executor itself; of a pipeline only its `node` block does."""
    if build is None:
        return None
    if build.project.job.kind == "pipeline":
        return Bean(f"{PLACEHOLDER}$PlaceholderExecutable", PLACEHOLDER_EXECUTABLE, build)
    return build_bean(build)


def _progress(build: Build | None) -> int:
    """Percent, at most 99; -1: idle or unknown (Executor.getProgress)."""
    estimate = build.project.estimate() if build else -1
    if build is None or estimate <= 0:
        return -1
    return min(99, round(millis(time.time() - build.created) * 100 / estimate))


EXECUTOR: dict[str, Field[tuple[int, object, Build | None]]] = {
    "currentExecutable": Field(lambda slot: slot[1]),
    "idle": Field(lambda slot: slot[2] is None),
    "likelyStuck": fixed(False),
    "number": Field(lambda slot: slot[0]),
    "progress": Field(lambda slot: _progress(slot[2])),
}


def _executors(controller: Controller) -> list[Bean[Any]]:
    return [Bean("", EXECUTOR, (n, _current(build), build)) for n, build in enumerate(controller.executors)]


def _one_off(controller: Controller) -> list[Bean[Any]]:
    return [Bean("", EXECUTOR, (-1, build_bean(build), build)) for build in controller.flyweight]


def _busy(controller: Controller) -> int:
    return sum(build is not None for build in controller.executors)


COMPUTER: dict[str, Field[Controller]] = {
    "actions": fixed([]),
    "assignedLabels": fixed([{"name": "built-in"}]),
    "description": fixed("the Jenkins controller's built-in node"),
    "displayName": fixed(NODE),
    "executors": Field(_executors),
    "icon": fixed("symbol-computer"),
    "idle": Field(lambda controller: not _busy(controller) and not controller.flyweight),
    "numExecutors": Field(lambda controller: len(controller.executors)),
    "offline": fixed(False),
    "offlineCause": fixed(None),
    "offlineCauseReason": fixed(""),
    "oneOffExecutors": Field(_one_off),
    "temporarilyOffline": fixed(False),
}


def computer_bean(controller: Controller) -> Bean[Controller]:
    return Bean("hudson.model.Hudson$MasterComputer", COMPUTER, controller)


COMPUTERS: dict[str, Field[Controller]] = {
    "busyExecutors": Field(_busy),
    "computer": Field(lambda controller: [computer_bean(controller)], inline=True),
    "displayName": fixed("Nodes"),
    "totalExecutors": Field(lambda controller: len(controller.executors)),
}


def computers_bean(controller: Controller) -> Bean[Controller]:
    return Bean("hudson.model.ComputerSet", COMPUTERS, controller)


TOP: dict[str, Field[Folder]] = {
    "mode": fixed("NORMAL"),
    "nodeDescription": fixed("the Jenkins controller's built-in node"),
    "nodeName": fixed(""),
    "description": fixed(None),
    "jobs": Field(lambda top: top.children),
    "primaryView": Field(lambda top: all_view(top)),
    "quietDownReason": fixed(None),
    "quietingDown": fixed(False),
    "slaveAgentPort": fixed(-1),
    "url": Field(lambda top: top.root),
    "useCrumbs": fixed(True),
    "useSecurity": fixed(True),
    "views": Field(lambda top: [all_view(top)]),
}


def top_bean(top: Folder) -> Bean[Folder]:
    return Bean("hudson.model.Hudson", TOP, top)
