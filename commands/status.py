"""status: what runs where, since when, by whom, and what is under way."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Query
from bot.faults import Failed, Refused, Unavailable
from bot.grammar.values import Environment, Project
from bot.lifecycle import State
from bot.mrkdwn import inert
from bot.operation import Operation
from bot.ports import Person, Workload
from bot.reply import Block, Button, Buttons, Reply, Text
from bot.settings import Target
from bot.words import duration
from commands.rolling import tag

Found = Workload | str
"""What runs, or why that is not known."""


@dataclass(frozen=True)
class Status(Query):
    """Show what runs where, who deployed it and when, and what is under way."""

    usage = "status [<project>] [in <environment>]"
    examples = ("status web", "status web in product", "status")
    aliases = ("st",)

    project: Project | None = None
    environment: Environment | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        visible = on.policy.visible(asker, self.verb)
        targets = [
            on.settings.target(project, environment)
            for project, environment in on.settings.targets()
            if (project, environment) in visible
            and self.project in (None, project)
            and self.environment in (None, environment)
        ]
        if not targets:
            raise Refused("There is nothing there that you may see.")
        found = _look(targets, on)
        if len(targets) == 1:
            return _one(targets[0], found[0], on)
        return _board(targets, found, on)


def _look(targets: list[Target], on: Backends) -> list[Found]:
    """A cluster that does not answer is asked once, not once for every target."""
    silent: dict[str, str] = {}
    found: list[Found] = []
    for target in targets:
        if target.cluster in silent:
            found.append(silent[target.cluster])
            continue
        try:
            found.append(on.cluster(target.cluster).workload(target.place))
        except Unavailable as trouble:
            silent[target.cluster] = f"{trouble.system} {trouble.reason}"
            found.append(silent[target.cluster])
        except (Refused, Failed) as problem:
            found.append(str(problem))
    return found


def _board(targets: list[Target], found: list[Found], on: Backends) -> Reply:
    """One paragraph a project, one line an environment: readable on a phone."""
    lines: dict[str, list[str]] = {}
    for target, workload in zip(targets, found, strict=True):
        holder = on.ledger.holder(str(target))
        lines.setdefault(target.project, []).append(f"{_mark(workload)} {_line(target, workload, holder)}")
    blocks: list[Block] = [Text("\n".join([f"*{project}*", *rows])) for project, rows in lines.items()]
    unwell = sum(_mark(workload) != ":large_green_circle:" for workload in found)
    summary = f"{len(targets)} targets, " + (f"{unwell} not healthy" if unwell else "all healthy")
    return Reply(summary, tuple(blocks))


def _line(target: Target, found: Found, holder: Operation | None) -> str:
    busy = f" · `{holder.id}` {holder.verb} under way" if holder else ""
    if isinstance(found, str):
        return f"{target.environment}: {inert(found)}{busy}"
    return f"{target.environment}: `{tag(found.image)}` {found.ready}/{found.wanted}{busy}"


def _one(target: Target, found: Found, on: Backends) -> Reply:
    if isinstance(found, str):
        return Reply(f"{target}: {found}", (Text(f":warning: *{target}*: {inert(found)}"),))
    history = on.ledger.history(str(target))
    lines = [
        f"{_mark(found)} *{target}*: {found.ready} of {found.wanted} replicas ready",
        f"Image `{tag(found.image)}`, revision {found.revision or 'unknown'}",
        _origin(found, history),
        *(f":warning: {inert(trouble)}" for trouble in found.trouble),
    ]
    holder = on.ledger.holder(str(target))
    if holder is not None:
        age = duration(time.time() - holder.opened)
        lines.append(
            f":hourglass_flowing_sand: `{holder.id}` ({inert(holder.text)}) by <@{holder.actor.id}> for {age}"
        )
    words = f"{target.project} in {target.environment}"
    buttons = Buttons((Button("Errors", f"logs {words} level error"), Button("Refresh", f"status {words}")))
    summary = f"{target}: {tag(found.image)}, {found.ready} of {found.wanted} ready"
    return Reply(summary, (Text("\n".join(lines)), buttons))


def _origin(found: Workload, history: list[Operation]) -> str:
    for operation in history:
        outcome = operation.outcome
        if operation.state is State.SUCCEEDED and outcome and outcome.image == found.image:
            age = duration(time.time() - (operation.finished or operation.opened))
            return f"By <@{operation.actor.id}>, {age} ago (`{operation.id}`, {inert(operation.text)})"
    return "Not deployed by Shipmate, or before its memory begins"


def _mark(found: Found) -> str:
    if isinstance(found, str):
        return ":white_circle:"
    return ":large_green_circle:" if found.ready >= found.wanted and not found.trouble else ":red_circle:"
