"""home: what concerns one person now; drawn in the Home tab, and an answer like any other elsewhere."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from bot.backends import Backends
from bot.command import Query
from bot.grammar import Typed
from bot.homes import HOME
from bot.language import N_, _, counted
from bot.lifecycle import State
from bot.mrkdwn import inert
from bot.operation import Operation
from bot.ports import Person
from bot.reply import Block, Button, Buttons, Context, Heading, Reply, Text
from bot.spoken import in_words
from bot.story import Story
from bot.views import MARKS, WORDS
from bot.words import at_moment, at_time, duration
from commands.home_projects import projects
from commands.settings import blocks as settings

MOST_RUNNING = 8
MOST_APPROVALS = 8
MOST_LOCKS = 8
MOST_PAST = 5


class Page(Typed, int):
    """Which part of a longer list."""

    expected, example = N_("the number of a page, such as 2"), "2"

    @classmethod
    def read(cls, text: str) -> Page:
        if not text.isdecimal() or not 1 <= int(text) <= 999:
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(text)


@dataclass(frozen=True)
class Home(Query):
    """Show what concerns you: approvals, your changes, your projects, your locks, your settings."""

    reads = True
    usage = "home [page <page>]"
    examples = ("home", "home page 2")

    page: Page | None = None

    def run(self, story: Story, on: Backends) -> Reply:
        asker, drawn = story.operation.actor, self.answer(story.operation.actor, on)
        said = on.homes.said(asker.id) if story.operation.origin.channel.startswith(HOME) else None
        return replace(drawn, blocks=(*(said.anew().blocks if said else ()), *drawn.blocks))

    def answer(self, asker: Person, on: Backends) -> Reply:
        active = on.ledger.active()
        waiting = [operation for operation in active if _may_approve(asker, operation, on)]
        running = [operation for operation in active if operation.actor.id == asker.id]
        summary = _(
            "Waiting for you: {waiting}. Under way: {running}.", waiting=len(waiting), running=len(running)
        )
        return Reply(
            summary,
            (
                *_actions(asker, on),
                *_approvals(waiting, on),
                *_own(running, on.ledger.index(f"actor:{asker.id}", MOST_PAST)),
                *projects(asker, self.page or 1, active, on),
                *_locks(asker, on),
                Heading(_("Settings")),
                *settings(asker, on),
                Context(_("As of {time}", time=at_time(time.time()))),
            ),
            private=True,
        )


def _actions(asker: Person, on: Backends) -> tuple[Block, ...]:
    offered = ((_("Deploy"), "deploy", "primary"), (_("Roll back"), "rollback", ""))
    may = [
        Button(label, verb, style)
        for label, verb, style in offered
        if on.policy.may(asker, verb, None, None).allowed
    ]
    return (Buttons((*may, Button(_("Refresh"), "home"))),)


def _may_approve(asker: Person, operation: Operation, on: Backends) -> bool:
    """As `bot.approvals.objection` has it, as far as it can be known before it is asked."""
    approval = operation.plan.get("approval")
    if operation.state is not State.AWAITING_APPROVAL or not approval:
        return False
    others = asker.id != operation.actor.id and asker.id not in operation.approvals
    return others and approval["role"] in on.policy.roles_of(asker)


def _approvals(waiting: list[Operation], on: Backends) -> list[Block]:
    if not waiting:
        return []
    drawn: list[Block] = [Heading(_("Waiting for your approval"))]
    for operation in waiting[:MOST_APPROVALS]:
        words = _(
            ":raised_hand: *{command}*, asked by {person}, until {time}",
            command=inert(in_words(operation.text)),
            person=f"<@{operation.actor.id}>",
            time=at_moment(operation.plan["approval"]["until"]),
        )
        question = on.catalogue.question(operation.text)
        approve = Button(_("Approve"), f"approve {operation.id}", "primary", question)
        deny = Button(_("Deny"), f"deny {operation.id}", "danger")
        drawn += [Text(f"{words} · `{operation.id}`"), Buttons((approve, deny))]
    return [*drawn, *_more(len(waiting) - MOST_APPROVALS)]


def _own(running: list[Operation], past: list[Operation]) -> list[Block]:
    drawn: list[Block] = [Heading(_("Your changes"))]
    if not running and not past:
        return [*drawn, Text(_("None so far. `deploy` starts one."))]
    for operation in running[:MOST_RUNNING]:
        cancel = Button(_("Cancel"), f"cancel {operation.id}")
        drawn += [Text(_line(operation, operation.opened)), Buttons((cancel,))]
    drawn += _more(len(running) - MOST_RUNNING)
    if past:
        drawn.append(Text("\n".join(_line(one, one.finished or one.opened) for one in past)))
    return drawn


def _line(operation: Operation, at: float) -> str:
    """Its state in a word too: colour is not the only sign."""
    age = _("{length} ago", length=duration(time.time() - at))
    state = f"{MARKS[operation.state]} *{inert(in_words(operation.text))}* · {_(WORDS[operation.state])}"
    return f"{state} · {age} · `{operation.id}`"


def _locks(asker: Person, on: Backends) -> list[Block]:
    mine = [lock for lock in on.locks.standing(time.time()) if lock.owner == asker.id]
    if not mine:
        return []
    drawn: list[Block] = [Heading(_("Your locks"))]
    for lock in mine[:MOST_LOCKS]:
        buttons: tuple[Button, ...]
        if lock.kind == "lock":
            longer = Button(_("Extend by 1 h"), f"extend {lock.words} by 1h")
            buttons = (Button(_("Unlock"), f"unlock {lock.words}"), longer)
        else:
            buttons = (Button(_("Unfreeze"), f"unfreeze {lock.words}"),)
        drawn += [Text(f":lock: {lock.said()}"), Buttons(buttons)]
    return [*drawn, *_more(len(mine) - MOST_LOCKS)]


def _more(left: int) -> list[Block]:
    if left <= 0:
        return []
    return [Context(counted("{n} more is not shown here.", "{n} more are not shown here.", left))]
