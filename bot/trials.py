"""Trials: which image ran healthy where, and what QA said of it. The rule of promotion, and their writer.

An image is known by its digest: a tag can be moved. Keys: `trials:<target>` hash digest -> trial and
`verdicts:<target>` hash digest -> verdict, apart, so that neither writes over the other.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from redis import Redis

from bot.language import N_, _
from bot.ledger import PREFIX
from bot.settings.release import Promotion
from bot.shown import IN_CHAT, Shown
from bot.words import duration, with_reason

MOST = 100
"""So many images of a target are remembered, the latest."""


@dataclass(frozen=True)
class Trial:
    """An image that was seen healthy somewhere. Times in epoch seconds."""

    digest: str
    """`sha256:...`, as the pods run it."""
    image: str
    since: float
    seen: float
    """When it was last seen there."""


@dataclass(frozen=True)
class Verdict:
    passed: bool
    by: str
    """User id."""
    at: float
    reason: str = ""

    def said(self, shown: Shown = IN_CHAT) -> str:
        """`It was passed by @qa today at 14:05: regression 3.2.`"""
        word = N_("It was passed by {who} {when}") if self.passed else N_("It was failed by {who} {when}")
        said = _(word, who=shown.who(self.by), when=shown.when(self.at))
        return with_reason(said, shown.text(self.reason))


def objection(
    trial: Trial | None, verdict: Verdict | None, rule: Promotion, project: str, shown: Shown = IN_CHAT
) -> str:
    """Why an image may not go on to the environment of `rule`; empty when it may.

    `trial`: how it ran in `rule.after`; None: it never did, as far as anybody knows.
    """
    target = f"{project}/{rule.after}"
    if trial is None:
        return _("It never ran healthy in {target}, as far as Shipmate knows.", target=target)
    if verdict is not None and not verdict.passed:
        return verdict.said(shown)
    ran = max(0.0, trial.seen - trial.since)  # since: by the cluster's clock, which may be ahead of ours
    if ran < rule.minutes * 60:
        return _(
            "It has run in {target} for {ran}, and must for {minutes} min: until {ready}.",
            target=target,
            ran=duration(ran),
            minutes=rule.minutes,
            ready=shown.when(trial.since + rule.minutes * 60),
        )
    if rule.needs_pass and verdict is None:
        return _("Nobody has passed it yet: `{command}` does.", command=f"pass {project} in {rule.after}")
    return ""


class Trials:
    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis

    def see(self, target: str, trial: Trial) -> None:
        """Remember that it runs healthy, and since when this time."""
        self._keep("trials:" + target, trial.digest, asdict(trial), "seen")

    def judge(self, target: str, digest: str, verdict: Verdict) -> None:
        """The latest word counts."""
        self._keep("verdicts:" + target, digest, asdict(verdict), "at")

    def trial(self, target: str, digest: str) -> Trial | None:
        stored = self._redis.hget(PREFIX + "trials:" + target, digest)
        return Trial(**json.loads(stored)) if stored else None

    def trials(self, target: str) -> list[Trial]:
        """Every image that is remembered of it."""
        return [Trial(**json.loads(stored)) for stored in self._redis.hvals(PREFIX + "trials:" + target)]

    def verdict(self, target: str, digest: str) -> Verdict | None:
        stored = self._redis.hget(PREFIX + "verdicts:" + target, digest)
        return Verdict(**json.loads(stored)) if stored else None

    def _keep(self, name: str, digest: str, plain: dict[str, Any], age: str) -> None:
        self._redis.hset(PREFIX + name, digest, json.dumps(plain))
        kept = {key: json.loads(text)[age] for key, text in self._redis.hgetall(PREFIX + name).items()}
        surplus = sorted(kept, key=lambda key: float(kept[key]))[:-MOST]
        if surplus:
            self._redis.hdel(PREFIX + name, *surplus)
