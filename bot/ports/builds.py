"""Build servers, and what tells of commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.ports.watching import Topic, Watched


@dataclass(frozen=True)
class Commit:
    """One change of the code. `id`: `r1841` in Subversion, 40 digits in git."""

    id: str
    author: str
    message: str
    """Its first line."""
    at: datetime | None = None

    def to_plain(self) -> dict[str, str]:
        """For JSON, without its time."""
        return {"id": self.id, "author": self.author, "message": self.message}


@dataclass(frozen=True)
class Built:
    """A build, and the commits that it was the first of its line to hold."""

    number: int
    url: str
    result: str
    """SUCCESS, UNSTABLE, FAILURE, ABORTED; empty while it runs."""
    revision: str
    """As the build server writes it: `1841`, or 40 digits of a git commit."""
    parameters: Mapping[str, str]
    commits: tuple[Commit, ...] = ()
    """Oldest first."""

    @property
    def ended_well(self) -> bool:
        return self.result == "SUCCESS"


@dataclass(frozen=True)
class Taken:
    """Builds of a job that are known to belong to other operations."""

    queue_ids: frozenset[int] = frozenset()
    numbers: frozenset[int] = frozenset()


class Builder(Watched, Protocol):
    """A build server (Jenkins)."""

    def trigger(self, job: str, parameters: Mapping[str, str]) -> int:
        """Start a build and return its queue id. Not idempotent: see `find`."""

    def find(
        self, job: str, parameters: Mapping[str, str], key: str, since: float, taken: Taken
    ) -> int | None:
        """The queue id of the queued, running or recent build of `job` that was asked for with `parameters`.

        `key` names the parameter that is unlike in every operation; where the job does not declare it, what
        else is known decides: who asked, when (not before `since`, epoch seconds), the other parameters, and
        which builds are `taken`. Raises bot.faults.NeedsPerson when several builds fit.
        """

    def cancel(self, job: str, queue_id: int) -> str:
        """Take a build out of the queue or stop it; says what was done, "" when it had ended. Repeatable."""

    def stop(self, job: str, number: int) -> str:
        """Stop a build; says so, "" when it had ended. Repeatable."""

    def queued(self, job: str, queue_id: int) -> Topic:
        """Done when the build has a number: {"number": int, "url": str}."""

    def building(self, job: str, number: int) -> Topic:
        """Done when the build has ended well: {"number", "url", "revision", "parameters"}."""

    def build(self, job: str, number: int) -> Built | None:
        """None: there is no such build, or not any more."""

    def builds(self, job: str, most: int) -> list[Built]:
        """The latest builds of a job, running and failed ones included, newest first."""

    def console(self, job: str, number: int) -> str:
        """What a build has printed so far, of a long one its ends about a line NOT_READ; redact before showing."""

    def artifact(self, job: str, number: int, path: str) -> str:
        """The text of an archived file, stripped."""


@dataclass(frozen=True)
class Push:
    """New commits on one branch, or one commit of Subversion, which may be on several lines."""

    repository: str
    commit: Commit
    """The newest of them."""
    branch: str = ""
    """In git."""
    paths: tuple[str, ...] = ()
    """In Subversion: what it changed, from the root of the repository; `trunk/src/a.c` or a folder of it."""


class Unbelieved(Exception):
    """A request to a hook that is not what it says it is; the text says why, without anything of a secret."""


@dataclass(frozen=True)
class Believed:
    """A request to a hook that is what it says it is."""

    name: str
    """Names it for good; a sender that tries again says the same."""
    signed_at: int = 0
    """Epoch seconds, by the sender's clock; 0: it signs no time, so nothing tells a recording from the request."""


class HookSource(Protocol):
    """Whoever tells of commits over HTTP, with a signature or a token. Names of headers are in small letters."""

    def delivery(self, headers: Mapping[str, str], body: bytes, now: float) -> Believed:
        """Raises Unbelieved: it is not signed, not by us, or too old."""

    def pushes(self, headers: Mapping[str, str], body: bytes) -> list[Push]:
        """Of a believed request; none, when it tells of something else. Raises ValueError for nonsense."""
