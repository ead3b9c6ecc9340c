"""What runs in a cluster, as values: the vocabulary of the port `bot.ports.Cluster`. Pure.

Values of environment variables never get into these: `Configuration` holds fingerprints, which can be
compared and not be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.language import _, counted
from bot.words import commas

Kind = Literal["Deployment", "StatefulSet", "DaemonSet"]

COMMAND_COLUMNS = 80
"""Longer commands are cut in the words of `drift`."""


@dataclass(frozen=True)
class Place:
    """Where a target lives in a cluster."""

    namespace: str
    kind: str
    """One of `Kind`; text, as it travels through recorded plans."""
    name: str
    container: str
    """Whose image is told, and whose log is read."""
    beside: tuple[str, ...] = ()
    """Further containers that get the same image, init containers among them."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "beside", tuple(self.beside))  # a recorded plan has a list

    @property
    def containers(self) -> tuple[str, ...]:
        return (self.container, *self.beside)


@dataclass(frozen=True)
class Restarts:
    """Container restarts within the last hour. A cluster remembers only the latest of each container."""

    count: int = 0
    exact: bool = True
    """False: `count` are certain, there may have been more."""


@dataclass(frozen=True)
class Autoscaler:
    """A HorizontalPodAutoscaler that owns the number of replicas."""

    name: str
    minimum: int
    maximum: int
    current: int
    desired: int


@dataclass(frozen=True)
class Workload:
    """What runs at a place now."""

    image: str
    """What is asked for."""
    wanted: int
    ready: int
    revision: str = ""
    generation: int = 0
    trouble: tuple[str, ...] = ()
    """What is wrong with its pods in plain words, grouped; empty when healthy."""
    updated: int = 0
    """Pods of the newest revision."""
    kept: int = 0
    """Pods that the workload keeps on an earlier revision, on purpose: `partition` of a StatefulSet."""
    digest: str = ""
    """`sha256:...` of the running pods of `image`; empty while none runs, or they differ."""
    paused: bool = False
    """Whether the rollout is paused: a new image is taken and not rolled out."""
    restarts: Restarts = Restarts()
    by_hand: bool = False
    """Whether a new image reaches a pod only when somebody deletes the pod (update strategy OnDelete)."""
    autoscaler: Autoscaler | None = None
    operation: str = ""
    """Id of the operation that made this revision; empty: it was made outside Shipmate."""


@dataclass(frozen=True)
class Configuration:
    """What a revision sets beside its image, as far as people compare it."""

    env: Mapping[str, str] = field(default_factory=dict)
    """Name of each environment variable (or `all of secret/web` for a whole source) -> fingerprint."""
    resources: Mapping[str, str] = field(default_factory=dict)
    """"memory limit" -> "512Mi"."""
    command: str = ""
    """Command and arguments as typed in a shell, secrets hidden; empty: the image's own."""


@dataclass(frozen=True)
class Revision:
    """A state of a place that the cluster still knows."""

    number: int
    image: str
    since: datetime
    """When it became what is asked for."""
    cause: str = ""
    """The change cause, as `kubectl rollout history` shows it. Kept from before by other tools: doubt it
    where `operation` is empty."""
    operation: str = ""
    """Id of the operation that made it; empty: it was made outside Shipmate."""
    configuration: Configuration = Configuration()
    later: bool = False
    """It was gone back to at a time that the cluster does not keep: some time after `since`."""


@dataclass(frozen=True)
class Room:
    """How many pods of a place can run in all, as far as quota and nodes tell."""

    fits: int
    """Never more than what was asked for."""
    why: str = ""
    """What is too small, when not all fit: "quota of trunk leaves room for 4 pods (memory)"."""


@dataclass(frozen=True)
class Pod:
    """One pod of a place."""

    name: str
    ready: bool
    words: str
    """"running", or what is wrong with it."""
    restarts: int
    started: datetime | None
    """None before it was given to a node."""
    containers: tuple[str, ...] = ()
    """Their names, init containers first."""
    wrong: str = ""
    """The container that is in trouble, where it is one."""


def drift(before: Configuration, after: Configuration) -> list[str]:
    """What differs, one short line each: "memory limit 512Mi -> 1Gi". Empty: nothing.

    Of environment variables only the names are told.
    """
    return [
        *_env_drift(before.env, after.env),
        *_resource_drift(before.resources, after.resources),
        *_command_drift(before.command, after.command),
    ]


def _env_drift(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    # what was done first: `PASSWORD: added` would be taken for a password, and hidden
    added, gone = after.keys() - before.keys(), before.keys() - after.keys()
    other = {name for name in before.keys() & after.keys() if before[name] != after[name]}
    if added:
        yield counted(
            "added: environment variable {names}",
            "added: environment variables {names}",
            len(added),
            names=_listed(added),
        )
    if gone:
        yield counted(
            "gone: environment variable {names}",
            "gone: environment variables {names}",
            len(gone),
            names=_listed(gone),
        )
    if other:
        yield counted(
            "other value: environment variable {names}",
            "other value: environment variables {names}",
            len(other),
            names=_listed(other),
        )


def _listed(names: Iterable[str]) -> str:
    return commas(sorted(names))


def _resource_drift(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        was, becomes = before.get(name), after.get(name)
        if was != becomes:
            yield f"{name} {was or _('none')} → {becomes or _('none')}"


def _command_drift(before: str, after: str) -> Iterator[str]:
    if before != after:
        own = _("of the image")
        yield _("command {before} → {after}", before=_cut(before) or own, after=_cut(after) or own)


def _cut(text: str) -> str:
    return text if len(text) <= COMMAND_COLUMNS else text[: COMMAND_COLUMNS - 1] + "…"
