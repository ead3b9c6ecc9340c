"""What an operation changed in the code, kept beside it for whoever tells of its end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from redis import Redis

from bot.ledger import PREFIX
from bot.ports import Commit

KEEP_SECONDS = 7 * 24 * 3600
MOST = 30
"""So many commits are kept; of more, their number."""


@dataclass(frozen=True)
class Kept:
    count: int
    commits: tuple[Commit, ...]
    """Newest first; their times are not kept."""
    back: bool = False
    """They were taken back."""


class Changelogs:
    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis

    def keep(self, operation_id: str, commits: tuple[Commit, ...], back: bool) -> None:
        rows = [(commit.id, commit.author, commit.message) for commit in commits[:MOST]]
        stored = json.dumps({"count": len(commits), "back": back, "commits": rows}, ensure_ascii=False)
        self._redis.set(f"{PREFIX}changes:{operation_id}", stored, ex=KEEP_SECONDS)

    def get(self, operation_id: str) -> Kept | None:
        stored = self._redis.get(f"{PREFIX}changes:{operation_id}")
        if not stored:
            return None
        plain = json.loads(stored)
        return Kept(plain["count"], tuple(Commit(*row) for row in plain["commits"]), plain["back"])
