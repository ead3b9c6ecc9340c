"""lock, unlock and extend: a person's hold on a target, or on a whole environment."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from bot.backends import Backends
from bot.command import Control
from bot.faults import Refused
from bot.grammar import Duration, Environment, Moment, Project, Text
from bot.language import _, counted
from bot.lifecycle import State
from bot.lockkeeper import released
from bot.locks import Lock
from bot.mrkdwn import inert
from bot.ports import Person
from bot.refusals import Refusal
from bot.reply import Button, Reply, says
from bot.words import at_moment
from commands.locking import changed, end, held, must_hold, not_locked, see_locks, subject, within

FORCE = "unlock --force"
"""The right to end somebody else's lock."""


@dataclass(frozen=True)
class LockTarget(Control):
    """Keep everybody else from changing a target, or a whole environment, for a while."""

    usage = "lock [<project>] in <environment> [for <length>] [until <end>] [because <reason...>]"
    examples = ("lock web in trunk for 2h because regression 3.2", "lock trunk until 18:00")
    aliases = ("hold",)
    form = ("project", "environment", "length", "reason")

    environment: Environment
    project: Project | None = None
    length: Duration | None = None
    end: Moment | None = None
    reason: Text | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        limits = on.settings.locks
        about = subject(self.project, self.environment, on)
        _must_reach_all(asker, self.project, self.environment, on)
        until = end(self.length, self.end, asker, limits.minutes * 60, limits.most_hours * 3600)
        wanted = Lock("lock", about, asker.id, self.reason or "", time.time(), until, request=on.request)
        before = held("lock", about, on)
        lock = on.lockkeeper.take(wanted, at_least=self.length is None and self.end is None)
        words = _(":lock: {held} Nobody else changes it; rollbacks pass.", held=lock.said())
        extend = Button(_("Extend by 1 h"), f"extend {lock.words} by 1h")
        unlock = Button(_("Unlock"), f"unlock {lock.words}")
        return says(
            "\n".join([words, *changed(before, lock), *_under_way(lock, on)]), extend, unlock, private=False
        )


@dataclass(frozen=True)
class Unlock(Control):
    """End a lock: your own, or somebody else's where you may."""

    usage = "unlock [<project>] in <environment> [--force] [because <reason...>]"
    aliases = ("un lock",)
    examples = ("unlock web in trunk", "unlock web in trunk --force because hotfix 4711")
    rights = (FORCE,)

    environment: Environment
    project: Project | None = None
    force: bool = False
    reason: Text | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        about = subject(self.project, self.environment, on)
        lock = held("lock", about, on)
        if lock is None:
            raise Refused(not_locked(about), see_locks())
        if lock.owner != asker.id:
            self._must_force(asker, lock, on)
        on.lockkeeper.release(lock, asker.id, self.reason or "", on.request)
        return says(released(lock, asker.id, self.reason or ""), private=False)

    def _must_force(self, asker: Person, lock: Lock, on: Backends) -> None:
        verdict = on.policy.may(asker, FORCE, self.project, self.environment)
        if isinstance(verdict, Refusal):
            raise Refused(
                _("{held} {refusal}", held=lock.said(), refusal=verdict.message),
                _("`{command}` asks {who}.", command=f"ask {lock.words}", who=f"<@{lock.owner}>"),
            )
        if not self.force or not self.reason:
            raise Refused(
                _(
                    "{held} To end it all the same write `{command}`; the reason is told to its owner.",
                    held=lock.said(),
                    command=f"unlock {lock.words} --force because ...",
                )
            )


@dataclass(frozen=True)
class Extend(Control):
    """Keep your lock for longer."""

    usage = "extend [<project>] [in <environment>] by <length>"
    examples = ("extend web in trunk by 1h", "extend 1h")

    length: Duration
    project: Project | None = None
    environment: Environment | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        lock = must_hold(self.project, self.environment, asker, on)
        if lock.request == on.request:
            return says(f":lock: {lock.said()}")
        until = within(lock.until + self.length, on.settings.locks.most_hours * 3600)
        longer = replace(lock, until=until, request=on.request)
        on.lockkeeper.change(lock, longer)
        words = _(
            ":lock: {subject} stays locked by {who} until {until}.",
            subject=lock.subject,
            who=f"<@{asker.id}>",
            until=at_moment(until),
        )
        return says(words, private=False)


def _must_reach_all(asker: Person, project: Project | None, environment: Environment, on: Backends) -> None:
    """A whole environment is locked by whoever may lock every target in it."""
    if project is not None:
        return
    for name, where in on.settings.targets():
        verdict = on.policy.may(asker, "lock", name, where) if where == environment else None
        if isinstance(verdict, Refusal):
            raise Refused(verdict.message)


def _under_way(lock: Lock, on: Backends) -> list[str]:
    """What has begun already goes on."""
    running = [
        operation
        for name, where in on.settings.targets()
        if lock.covers(f"{name}/{where}")
        and (operation := on.ledger.holder(f"{name}/{where}"))
        and operation.state is not State.QUEUED  # that one is held back when it would start
    ]
    if not running:
        return []
    head = counted("One change is still under way:", "{n} changes are still under way:", len(running))
    return [
        head,
        *(
            _("• `{id}` {text} by {who}", id=op.id, text=inert(op.text), who=f"<@{op.actor.id}>")
            for op in running
        ),
    ]
