"""Kubernetes clusters."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from bot.ports.people import Person
from bot.ports.watching import Topic, Watched
from bot.workloads import Autoscaler, Place, Pod, Revision, Room, Workload


class Cluster(Watched, Protocol):
    """A Kubernetes cluster: Deployments, StatefulSets and DaemonSets.

    Every act may be repeated: what is set already is not set again. An act takes `cause`, in words, and
    `operation`, which are written into the object's annotations; `expected` is what the plan recorded, and the
    API server compares and sets in one step. Acts raise `bot.faults.Changed` when something else is there, and
    `bot.faults.Unavailable` when nobody knows whether they took effect: repeat them, they find out.
    """

    def acting_for(self, person: Person) -> Cluster:
        """The same cluster, asked in the name of `person` where `impersonate` is configured.

        The cluster's audit log then names them, and their rights there count. Raises Refused for somebody
        without the name that is configured. Shipmate itself (a hook) is nobody else.
        """

    def image(self, place: Place) -> str:
        """What is asked for at a place; cheaper than `workload`."""

    def images(self, place: Place) -> str:
        """The same of all its containers. Where one has another image it is no name, but words that say so, and
        compares as such: `.../web:2 (migrate: web:1)`."""

    def workload(self, place: Place) -> Workload: ...

    def workloads(self, places: Collection[Place]) -> dict[Place, Workload]:
        """Many at the cost of a few lists for each namespace; those that are not there are left out.

        For a board: warnings are not asked for, so `trouble` says less than that of `workload`.
        """

    def set_image(
        self, place: Place, image: str, cause: str, operation: str, expected: str | None = None
    ) -> int:
        """Returns the generation to follow. `expected`: the image that is to be replaced; None: any.

        Raises Refused where no pod would take it (update strategy OnDelete).
        """

    def set_replicas(
        self, place: Place, count: int, cause: str, operation: str, expected: int | None = None
    ) -> int:
        """Returns the generation to follow. `expected`: the number to be replaced; None: any.

        Raises Refused for a DaemonSet, which has none. An autoscaler undoes it: see `Workload.autoscaler`.
        """

    def restart(self, place: Place, at: str, cause: str, operation: str) -> int:
        """Replace every pod, a few at a time; returns the generation to follow, with the image that runs.

        `at`: RFC 3339 time that the caller recorded, "2026-11-24T08:14:23Z"; the same once more changes
        nothing. Raises Refused while the rollout is paused.
        """

    def pause(self, place: Place, cause: str, operation: str) -> int:
        """Changes of the template wait from now on. Deployments only; Refused for others."""

    def resume(self, place: Place, cause: str, operation: str) -> int:
        """Returns the generation to follow."""

    def set_bounds(
        self,
        place: Place,
        bounds: tuple[int, int],
        cause: str,
        operation: str,
        expected: Autoscaler | None = None,
    ) -> Autoscaler:
        """`bounds`: minimum and maximum of the autoscaler that owns the place. `expected`: its bounds are
        compared; None: any.

        Raises Refused where there is no autoscaler.
        """

    def revisions(self, place: Place) -> list[Revision]:
        """Newest first; the first is what is asked for now."""

    def room(self, place: Place, count: int) -> Room:
        """Whether `count` pods in all fit into the quota and, where Shipmate may see them, on the nodes."""

    def rollout(self, place: Place, generation: int, image: str) -> Topic:
        """Done when every wanted pod of that generation is available: {"ready": int, "kept": int}.

        `kept`: those that the workload keeps on an earlier revision (`partition` of a StatefulSet).
        """

    def pods(self, place: Place) -> list[Pod]:
        """Those in trouble first, then by name."""

    def pod_log(
        self, place: Place, pod: str, lines: int = 50, previous: bool = False, since: int | None = None
    ) -> tuple[str, ...]:
        """The last lines of the place's container in one pod, oldest first, as printed: redact before showing.

        Where their bytes are too many they are fewer, after a line NOT_READ.
        `previous`: of the run before its last restart. `since`: seconds back. Raises Refused where there is
        no such pod or run.
        """

    def warnings(self, place: Place) -> tuple[str, ...]:
        """Warning events of the place and its pods of the last hour, grouped, most frequent first:
        "3 pods: Insufficient memory"."""
