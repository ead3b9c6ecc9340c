"""What an operation changed in the code, kept beside it for whoever tells of its end."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
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
    build: int = 0
    url: str = ""
    """The build that brought them; its own record in the operation may be too long to be kept."""


class Changelogs:
    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis

    def begin(self, operation_id: str, build: int, url: str) -> None:
        """Its build, as long as nothing else is known; may be repeated."""
        self._store(operation_id, Kept(0, (), build=build, url=url), anew=True)

    def keep(
        self, operation_id: str, build: int, url: str, commits: tuple[Commit, ...] = (), back: bool = False
    ) -> None:
        self._store(operation_id, Kept(len(commits), commits, back, build, url), anew=False)

    def _store(self, operation_id: str, kept: Kept, anew: bool) -> None:
        rows = [(commit.id, commit.author, commit.message) for commit in kept.commits[:MOST]]
        stored = json.dumps({**asdict(kept), "commits": rows}, ensure_ascii=False)
        self._redis.set(f"{PREFIX}changes:{operation_id}", stored, ex=KEEP_SECONDS, nx=anew)

    def get(self, operation_id: str) -> Kept | None:
        stored = self._redis.get(f"{PREFIX}changes:{operation_id}")
        if not stored:
            return None
        plain = json.loads(stored)
        return Kept(**{**plain, "commits": tuple(Commit(*row) for row in plain["commits"])})
