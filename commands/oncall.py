"""oncall: what is not well or was changed lately, and what to do about it. Made for a thumb at night."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Query
from bot.faults import Failed, Refused, Unavailable, WayBack
from bot.going_back import back_button
from bot.language import _, counted
from bot.mrkdwn import inert
from bot.operation import Operation
from bot.ports import Person
from bot.reply import Block, Button, Buttons, Context, Reply, Text
from bot.settings import Target
from bot.spoken import in_words
from bot.views import WORDS
from bot.words import commas, duration, headline
from bot.workloads import Workload
from commands.changed import Span, changes
from commands.looking import Found, look, mark, seen_by
from commands.rolling import tag
from commands.way_back import way_back

MOST = 8
"""So many targets are shown with buttons: a phone scrolls through no more, and Slack takes 50 blocks."""


@dataclass(frozen=True)
class Seen:
    """A target that is worth a look. `recent`: its latest change, if that was within 2 h."""

    target: Target
    found: Workload
    recent: Operation | None

    @property
    def well(self) -> bool:
        return self.found.ready >= self.found.wanted and not self.found.trouble

    @property
    def words(self) -> str:
        return f"{self.target.project} in {self.target.environment}"


@dataclass(frozen=True)
class Oncall(Query):
    """Show which of your targets are unhealthy or were changed lately, with what to do about it."""

    reads = True
    usage = "oncall"
    aliases = ("on call",)
    examples = ("oncall",)

    def answer(self, asker: Person, on: Backends) -> Reply:
        targets = mine(asker, on)
        found = look(targets, on)
        seen = _worth_a_look(targets, found, on)
        unwell = sum(not one.well for one in seen)
        unknown = {
            str(target): one for target, one in zip(targets, found, strict=True) if isinstance(one, str)
        }
        changed = sum(one.recent is not None for one in seen)
        summary = _summary(len(targets) - len(unknown), unwell, changed, list(unknown.values()))
        blocks: list[Block] = [Text(f"*{summary}*")]
        for one in seen[:MOST]:
            blocks += _shown(one, asker, on)
        if len(seen) > MOST:
            more = counted("{n} more: `status` shows it.", "{n} more: `status` shows them.", len(seen) - MOST)
            blocks.append(Context(more))
        if unknown:
            names = commas(list(unknown)[:MOST]) + "…" * (len(unknown) > MOST)
            blocks.append(Context(_(":grey_question: Not known: {targets}", targets=names)))
        return Reply(summary, tuple(blocks))


def mine(person: Person, on: Backends) -> list[Target]:
    """Targets of the projects that they follow; else of those that they may change somewhere; else all they see."""
    seen = seen_by(person, "status", None, None, on)
    follows = on.preferences.of(person.id).follows
    verbs = (command.verb for command in on.catalogue.commands if command.kind == "change")
    may_change = {project for verb in verbs for project, _where in on.policy.visible(person, verb)}
    followed = [target for target in seen if target.project in follows]
    return followed or [target for target in seen if target.project in may_change] or seen


def _worth_a_look(targets: list[Target], found: list[Found], on: Backends) -> list[Seen]:
    """Unhealthy ones first, then by what was changed last."""
    latest: dict[str, Operation] = {}
    for operation in changes(Span.recent(), on):
        latest.setdefault(operation.target, operation)
    seen: list[Seen] = []
    for target, workload in zip(targets, found, strict=True):
        recent = latest.get(str(target))
        if isinstance(workload, str) or (recent is None and mark(workload) != ":red_circle:"):
            continue
        seen.append(Seen(target, workload, recent))
    return sorted(seen, key=lambda one: (one.well, -(one.recent.finished or 9e9) if one.recent else 0))


def _summary(targets: int, unwell: int, changed: int, unknown: list[str]) -> str:
    """`unknown`: why not, for each of which nothing is known; that is told first."""
    if unknown:
        why = _("{count} not known", count=len(unknown))
        if len(set(unknown)) == 1:
            why = _("{n} not known: {why}", n=len(unknown), why=unknown[0].rstrip(".。"))
        return (
            _("{health}; {changed}", health=why, changed=_summary(targets, unwell, changed, []))
            if targets
            else why
        )
    if unwell:
        health = counted(
            "{n} of {all} targets not healthy", "{n} of {all} targets not healthy", unwell, all=targets
        )
    else:
        health = counted("{n} target, healthy", "{n} targets, all healthy", targets)
    if not changed:
        return _("{health}; nothing changed in the last 2 h", health=health)
    new = counted("{n} changed in the last 2 h", "{n} changed in the last 2 h", changed)
    return _("{health}; {changed}", health=health, changed=new)


def _shown(seen: Seen, asker: Person, on: Backends) -> list[Block]:
    workload, back = _closer(seen, asker, on)
    lines = [
        _(
            "{mark} *{target}*: {ready} of {wanted} ready · `{image}`",
            mark=mark(workload),
            target=str(seen.target),
            ready=workload.ready,
            wanted=workload.wanted,
            image=inert(tag(workload.image)),
        ),
        *(f":warning: {inert(trouble)}" for trouble in workload.trouble[:2]),
        *_last(seen.recent or next(on.ledger.past(str(seen.target)), None)),
    ]
    return [Text("\n".join(lines)), Buttons(tuple(_buttons(seen, back)))]


def _closer(seen: Seen, asker: Person, on: Backends) -> tuple[Workload, WayBack | None]:
    """What a board does not tell: the warnings of what is not well, and where a rollback would go."""
    target = seen.target
    try:
        cluster = on.cluster(target.cluster)
        workload = seen.found if seen.well else cluster.workload(target.place)
        may = on.policy.may(asker, "rollback", target.project, target.environment).allowed
        return workload, way_back(str(target), cluster, target.place, on) if may else None
    except (Unavailable, Refused, Failed):
        return seen.found, None


def _last(operation: Operation | None) -> Iterator[str]:
    if operation is None:
        return
    yield _(
        "Last: {command} · {state} · {person}, {age} ago",
        command=inert(in_words(headline(operation.text))),
        state=_(WORDS[operation.state]),
        person=f"<@{operation.actor.id}>",
        age=duration(time.time() - (operation.finished or operation.opened)),
    )


def _buttons(seen: Seen, back: WayBack | None) -> Iterator[Button]:
    if back is not None:
        yield back_button(str(seen.target), back, "" if seen.well else "danger")
    yield Button(_("Logs"), f"logs {seen.words} level error")
    yield Button(_("What changed"), f"changed {seen.words}")
