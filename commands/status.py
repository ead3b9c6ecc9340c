"""status: what runs where, since when, by whom, and what is under way."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.backends import Backends
from bot.language import N_, _, counted
from bot.lifecycle import State
from bot.locks import Lock
from bot.mrkdwn import inert
from bot.operation import Operation
from bot.ports import Person
from bot.reply import Button, Buttons, Reply, Text
from bot.settings import Target
from bot.spoken import in_words
from bot.views import WORDS
from bot.words import at_moment, duration
from bot.workloads import Restarts, Workload
from commands.looking import Found, Overview, brief, health, look, mark, paragraphs, seen_by, unwell
from commands.rolling import tag

READY = N_("{target}: {ready} of {wanted} replicas ready")
UNDER_WAY = N_(":hourglass_flowing_sand: `{id}` ({text}) by {who} for {age}")
BY = N_("By {who}, {time} (`{id}`, {text})")
BY_BADLY = N_("By {who}, {time} (`{id}`, {text}), which ended: {state}")
FORGOTTEN = N_("Not deployed by Shipmate, or before its memory begins. Its last change was `{id}`.")


@dataclass(frozen=True)
class Status(Overview):
    """Show what runs where, who deployed it and when, and what is under way."""

    reads = True
    usage = "status [<project>] [in <environment>] [--all]"
    examples = ("status web", "status web in product", "status")
    aliases = ("st",)

    def answer(self, asker: Person, on: Backends) -> Reply:
        targets = seen_by(asker, self.verb, self.project, self.environment, on)
        if self.project is None and self.environment is None and not self.all:
            targets = own(asker, targets, on)
        found = look(targets, on)
        if len(targets) == 1:
            return _one(targets[0], found[0], on)
        return _board(targets, found, on)


def own(asker: Person, targets: list[Target], on: Backends) -> list[Target]:
    """Those of the projects that the asker may change somewhere; of somebody who only looks, all."""
    changes = (command.verb for command in on.catalogue.commands if command.kind == "change")
    mine = {project for verb in changes for project, _ in on.policy.visible(asker, verb)}
    return [target for target in targets if target.project in mine] or targets


def _board(targets: list[Target], found: list[Found], on: Backends) -> Reply:
    """One paragraph a project; environments of which the same is to be said share a line, for a phone."""
    projects: dict[str, list[tuple[Target, Found]]] = {}
    for target, workload in zip(targets, found, strict=True):
        projects.setdefault(target.project, []).append((target, workload))
    standing = on.locks.standing(time.time())
    said = ["\n".join([f"*{project}*", *rows(looks, standing, on)]) for project, looks in projects.items()]
    blocks = paragraphs(said)
    summary = counted("{n} target, {state}", "{n} targets, {state}", len(targets), state=health(found))
    return Reply(summary, tuple(blocks))


def rows(looks: list[tuple[Target, Found]], standing: list[Lock], on: Backends) -> list[str]:
    """`≠ product` marks a version that is not that of the last environment."""
    last, final = looks[-1]
    said: dict[tuple[str, str], list[str]] = {}
    for target, workload in looks:
        differs = _version(workload) != _version(final) and not isinstance(workload, str)
        other = f" ≠ {last.environment}" * differs
        words = f"{_line(workload, other, on.ledger.holder(str(target)))}{_held(target, standing)}"
        said.setdefault((mark(workload), words), []).append(target.environment)
    return [f"{sign} {' · '.join(environments)}: {words}" for (sign, words), environments in said.items()]


def _version(found: Found) -> str:
    return "" if isinstance(found, str) else found.image


def _held(target: Target, standing: list[Lock]) -> str:
    """Whose it is, in a few words."""
    return "".join(f" · {brief(lock)}" for lock in standing if lock.covers(str(target)))


def _line(found: Found, differs: str, holder: Operation | None) -> str:
    under_way = _("{operation} under way", operation=f"`{holder.id}` {holder.verb}") if holder else ""
    busy = f" · {under_way}" if under_way else ""
    if isinstance(found, str):
        return f"{inert(found)}{busy}"
    paused = f" · {_('paused')}" if found.paused else ""
    return f"`{inert(tag(found.image))}`{differs}{unwell(found)}{paused}{busy}"


def _one(target: Target, found: Found, on: Backends) -> Reply:
    if isinstance(found, str):
        return Reply(f"{target}: {found}", (Text(f":warning: *{target}*: {inert(found)}"),))
    counts = {"ready": found.ready, "wanted": found.wanted}
    lines = [
        f"{mark(found)} {_(READY, target=f'*{target}*', **counts)}",
        _image(found),
        _origin(found, on.ledger.past(str(target))),
        *_besides(target, found),
        *(f":warning: {inert(trouble)}" for trouble in found.trouble),
    ]
    lines += [f":lock: {lock.said()}" for lock in on.locks.standing(time.time()) if lock.covers(str(target))]
    holder = on.ledger.holder(str(target))
    if holder is not None:
        lines.append(_under_way(holder))
    words = f"{target.project} in {target.environment}"
    buttons = Buttons(
        (
            Button(_("Errors"), f"logs {words} level error"),
            Button(_("History"), f"history {words}"),
            Button(_("Refresh"), f"status {words}"),
        )
    )
    summary = _(
        "{target}: {image}, {ready} of {wanted} ready", target=target, image=tag(found.image), **counts
    )
    return Reply(summary, (Text("\n".join(lines)), buttons))


def _under_way(holder: Operation) -> str:
    age, who = duration(time.time() - holder.opened), f"<@{holder.actor.id}>"
    return _(UNDER_WAY, id=holder.id, text=inert(in_words(holder.text)), who=who, age=age)


def _image(found: Workload) -> str:
    digest = f" (`{found.digest.removeprefix('sha256:')[:12]}`)" if found.digest else ""
    revision = found.revision or _("unknown")
    return _(
        "Image {image}, revision {number}", image=f"`{inert(tag(found.image))}`{digest}", number=revision
    )


def _besides(target: Target, found: Workload) -> Iterator[str]:
    """What is not so everywhere: an autoscaler, restarts, a pause."""
    words = f"{target.project} in {target.environment}"
    if found.wanted == 0:
        yield _(
            ":zzz: nothing of it runs: it is scaled to 0; `{command}` changes that", command=f"scale {words}"
        )
    if found.restarts.count:
        yield f":warning: {_restarts(found.restarts)}"
    scaler = found.autoscaler
    if scaler is not None and found.wanted == 0:
        bounds = {"minimum": scaler.minimum, "maximum": scaler.maximum}
        yield _("Autoscaler: {minimum} to {maximum} replicas, off while there are 0", **bounds)
    elif scaler is not None:
        bounds = {"minimum": scaler.minimum, "maximum": scaler.maximum, "desired": scaler.desired}
        yield _("Autoscaler: {minimum} to {maximum} replicas, wants {desired}", **bounds)
    if found.kept:
        values = {"count": found.wanted - found.kept, "wanted": found.wanted}
        yield _(
            ":warning: {count} of {wanted} pods run it: the `partition` keeps the others as they were",
            **values,
        )
    if found.paused:
        resume = f"`resume {words}`"
        yield _(":double_vertical_bar: rollouts are paused; {command} lets them go on", command=resume)


def _restarts(found: Restarts) -> str:
    if found.exact:
        return counted("{n} restart in the last hour", "{n} restarts in the last hour", found.count)
    return counted(
        "at least {n} restart in the last hour", "at least {n} restarts in the last hour", found.count
    )


def _origin(found: Workload, history: Iterable[Operation]) -> str:
    for operation in history:
        outcome = operation.outcome
        if operation.state is State.SUCCEEDED and outcome and outcome.image == found.image:
            when, who = at_moment(operation.finished or operation.opened), f"<@{operation.actor.id}>"
            return _(BY, who=who, time=when, id=operation.id, text=inert(in_words(operation.text)))
        if operation.state is not State.SUCCEEDED and operation.id == found.operation:
            when, who = at_moment(operation.finished or operation.opened), f"<@{operation.actor.id}>"
            state = _(WORDS[operation.state])
            return _(
                BY_BADLY,
                who=who,
                time=when,
                id=operation.id,
                text=inert(in_words(operation.text)),
                state=state,
            )
    if found.operation:
        return _(FORGOTTEN, id=inert(found.operation))
    return _("Not deployed by Shipmate, or before its memory begins.")
