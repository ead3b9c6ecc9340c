"""What takes time, and the systems that it is watched in."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from threading import Event
from typing import Any, Protocol

from bot.language import N_


@dataclass(frozen=True)
class Topic:
    """Something that takes time and is watched for: a build, a rollout. `args` name it within its system."""

    system: str
    """"jenkins", "kubernetes" or "elasticsearch"."""
    name: str
    """Which one, as `shipmate.yaml` calls it."""
    kind: str
    args: tuple[str, ...]

    def __str__(self) -> str:
        return "\t".join((self.system, self.name, self.kind, *self.args))

    @classmethod
    def parse(cls, text: str) -> Topic:
        system, name, kind, *args = text.split("\t")
        return cls(system, name, kind, tuple(args))


@dataclass(frozen=True)
class Seen:
    """What one look at a topic showed. Plain JSON values, as it travels through Redis."""

    done: bool
    progress: str = ""
    """A few words for the message: "2 of 3 ready"."""
    usual: float = 0
    """Seconds that the system expects it to take in all; 0: it does not say."""
    value: Any = None
    """The result, once done."""
    trouble: str = ""
    """Set while nobody can look, as the system does not answer: "Jenkins cannot be reached"."""
    failure: str = ""
    """One sentence, when it ended badly; `done` is then true."""
    brief: str = ""
    """The same in a few words, for a notification: "crash loop, 2 of 6 up"."""
    excerpt: tuple[str, ...] = ()
    events: tuple[str, ...] = ()


Tell = Callable[[Topic, Seen], None]


class Watched(Protocol):
    """A system that can be looked at once, and watched in batch at a cost that follows change."""

    def look(self, topic: Topic) -> Seen: ...

    def watch(self, topics: Callable[[], Collection[Topic]], tell: Tell, stop: Event) -> None:
        """Until `stop`: tell what changes in `topics()` (asked again and again, as it grows and shrinks)."""


NOT_READ = N_("[… what stands here was not read: it is too long …]")
"""A line in a log or console that stands for what was left out of it."""
