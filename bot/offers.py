"""Commits that somebody may deploy: one message a target, which grows until somebody takes it up.

Keys: `offer:<target>` the standing offer, as JSON. Its message is a notice of the outbox.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from redis import Redis

from bot.language import _, counted
from bot.ledger import PREFIX, Ledger
from bot.locks import Lock
from bot.mrkdwn import inert
from bot.operation import COMMIT, Operation
from bot.outbox import KEEP_MESSAGES_SECONDS, Outbox
from bot.ports import Commit
from bot.reply import Block, Button, Buttons, Reply, Text
from bot.settings import Settings, Target
from bot.tickets import with_tickets

SHOWN = 5
"""So many commits are named, the newest first."""
REMEMBERED = 300


@dataclass(frozen=True)
class Offer:
    id: str
    since: float
    commits: tuple[dict[str, str], ...]
    """Newest first: {"id", "author", "message"}; the latest few."""
    taken: tuple[str, ...] = ()
    """Ids of the latest few hundred: one that is told of again is counted once."""
    count: int = 0
    why: str = ""
    """Why it was not deployed by itself, in mrkdwn; empty: it was not to be."""


class Offers:
    def __init__(self, redis: Redis, ledger: Ledger, outbox: Outbox, settings: Settings) -> None:
        self._redis: Any = redis
        self._ledger = ledger
        self._outbox = outbox
        self._settings = settings

    def add(self, target: Target, commit: Commit, channel: str, why: str = "") -> None:
        """Offer a commit; with those that nobody has taken up yet, in one message. Raises RedisError."""
        key = f"{PREFIX}offer:{target}"

        def grow(pipe: Any) -> Offer:
            before = self._standing(pipe.get(key), target)
            after = replace(_grown(before, commit), why=why)
            pipe.multi()
            pipe.set(key, json.dumps(asdict(after)), ex=KEEP_MESSAGES_SECONDS)
            return after

        offer: Offer = self._redis.transaction(grow, key, value_from_callable=True)
        self._outbox.notice(offer.id, channel, self._reply(target, offer), offer.since)

    def instead(self, operation: Operation, lock: Lock) -> None:
        """Offer what a hook asked for, since somebody took a lock before its turn came."""
        target = self._settings.target(*operation.target.split("/"))
        commit = Commit(**operation.plan[COMMIT])
        self.add(target, commit, operation.origin.channel, _(":lock: {held}", held=lock.said()))

    def _standing(self, stored: str | None, target: Target) -> Offer:
        """The offer that grows: none when a change of the target was asked for since, whoever asked."""
        new = Offer(secrets.token_hex(8), time.time(), ())
        if stored is None:
            return new
        plain = json.loads(stored)
        offer = Offer(**{**plain, **{name: tuple(plain.get(name, ())) for name in ("commits", "taken")}})
        holder, last = self._ledger.holder(str(target)), self._ledger.history(str(target), 1)
        asked = [operation.opened for operation in (holder, *last) if operation is not None]
        return new if any(opened > offer.since for opened in asked) else offer

    def _reply(self, target: Target, offer: Offer) -> Reply:
        blocks: list[Block] = [Text("\n".join(self._lines(target, offer)))]
        if offer.why:
            blocks.append(Text(_("Not deployed by itself. {why}", why=offer.why)))
        newest = offer.commits[0]["id"]
        text = f"deploy {target.project} to {target.environment} at {newest}"
        sure = f"{text}?" if self._settings.environments[target.environment].protected else ""
        label = _("Deploy to {environment}", environment=target.environment)
        blocks.append(Buttons((Button(label, text, confirm=sure),)))
        summary = _(
            "{project}: {revision} on {line}",
            project=target.project,
            revision=_short(newest),
            line=target.line,
        )
        return Reply(summary, tuple(blocks))

    def _lines(self, target: Target, offer: Offer) -> list[str]:
        where = {"project": inert(target.project), "line": inert(target.line)}
        if offer.count == 1:
            one = offer.commits[0]
            return [
                _(
                    "*{project}*: `{revision}` on {line}: {commit}",
                    revision=_short(one["id"]),
                    commit=self._told(one),
                    **where,
                )
            ]
        head = counted(
            "*{project}*: {n} new commit on {line}, newest first",
            "*{project}*: {n} new commits on {line}, newest first",
            offer.count,
            **where,
        )
        rows = [f"• `{_short(commit['id'])}` {self._told(commit)}" for commit in offer.commits]
        before = offer.count - len(offer.commits)
        return [head, *rows, *([_("and {n} before", n=before)] if before > 0 else [])]

    def _told(self, commit: dict[str, str]) -> str:
        message = with_tickets(commit["message"], self._settings.tickets) or _("no message")
        return f"{message} ({inert(commit['author'])})" if commit["author"] else message


def _grown(offer: Offer, commit: Commit) -> Offer:
    """With one more. Requests may overtake each other: in Subversion the numbers say which commit is newer. In git
    a commit that is told of again is what the branch was pushed back to."""
    if commit.id in offer.taken:
        return offer if _number(commit.id) else _back_at(offer, commit)
    commits = [commit.to_plain(), *offer.commits]
    if all(_number(each["id"]) for each in commits):
        commits.sort(key=lambda each: _number(each["id"]), reverse=True)
    taken = (commit.id, *offer.taken)[:REMEMBERED]
    return replace(offer, commits=tuple(commits[:SHOWN]), taken=taken, count=offer.count + 1)


def _back_at(offer: Offer, commit: Commit) -> Offer:
    known = next((each for each in offer.commits if each["id"] == commit.id), commit.to_plain())
    others = (each for each in offer.commits if each["id"] != commit.id)
    return replace(offer, commits=(known, *others)[:SHOWN])


def _number(revision: str) -> int:
    """Of a revision of Subversion; 0 in git."""
    return int(revision[1:]) if revision.startswith("r") else 0


def _short(revision: str) -> str:
    return revision if revision.startswith("r") else revision[:7]
