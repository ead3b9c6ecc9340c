"""Kubernetes: what runs where, changing it, and following rollouts through watch streams."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event

from kubernetes import client

from bot.faults import Changed, Refused, Unavailable
from bot.language import N_, _
from bot.ports import Autoscaler, Person, Place, Pod, Revision, Room, Seen, Tell, Topic, Workload
from integrations import kubernetes_causes as causes
from integrations import kubernetes_objects as objects
from integrations import kubernetes_room as rooms
from integrations.kubernetes_api import Api, Object, Operations, Overtaken, Where, connect
from integrations.kubernetes_events import event_lines
from integrations.kubernetes_follow import Follower
from integrations.kubernetes_objects import (
    AT,
    CAUSE,
    IMAGE,
    OPERATION,
    PAUSED,
    PAUSED_CAUSE,
    RESTARTED,
    SCALED,
    SCALED_CAUSE,
)
from integrations.kubernetes_read import Reader
from integrations.rollout import Picture

__all__ = ["Kubernetes", "connect"]

TRIES = 3
"""How often an act is tried that another change overtook between reading and setting."""
NO_EMAIL = N_("{system} logs changes under people's email, and your profile in chat has none.")
NO_NAME = N_("{system} logs changes under people's name, and your profile in chat has none.")
ON_DELETE = N_(
    "{workload} has the update strategy OnDelete: its pods change only when somebody deletes them."
)


class Kubernetes:
    """`timeout` in seconds for each call; `connection` is what `connect` returns.

    `impersonate`: "email" or "name", which `acting_for` takes of a person; "": Shipmate is always itself.
    """

    def __init__(
        self, name: str, connection: client.ApiClient, timeout: float = 10, impersonate: str = ""
    ) -> None:
        self._api = Api(name, connection, timeout)
        self._read = Reader(self._api)
        self._impersonate = impersonate
        self._follower = Follower(name, self._api)

    def acting_for(self, person: Person) -> Kubernetes:
        if not self._impersonate or person.is_bot:
            return self
        user = person.email if self._impersonate == "email" else person.name
        if not user or not user.isprintable():
            words = NO_EMAIL if self._impersonate == "email" else NO_NAME
            raise Refused(_(words, system=self._api.system), _("Add it there, then ask again."))
        other = copy.copy(self)
        other._api = self._api.acting_as(user)
        other._read = Reader(other._api)
        return other

    # -- reads

    def image(self, place: Place) -> str:
        return objects.image_of(self._read.workload(place), place.container)

    def images(self, place: Place) -> str:
        return objects.images_of(self._read.workload(place), place)

    def workload(self, place: Place) -> Workload:
        workload = self._read.workload(place)
        pods = self._read.pods(place, workload)
        warnings = self._read.warnings(place, workload, pods) if _unwell(pods, workload) else {}
        autoscalers = self._read.autoscalers(place)
        found = _workload(Picture(workload, pods, [], warnings), place, autoscalers)
        if found.revision:
            return found
        numbers = (objects.number_of(item) for item in self._read.history(place, workload))
        return replace(found, revision=str(max(numbers, default="")))

    def workloads(self, places: Collection[Place]) -> dict[Place, Workload]:
        found: dict[Place, Workload] = {}
        for namespace, kind in sorted({(place.namespace, place.kind) for place in places}):
            here = [place for place in places if (place.namespace, place.kind) == (namespace, kind)]
            listed = {item["metadata"]["name"]: item for item in self._read.workloads(here[0])}
            pods, autoscalers = self._read.all_pods(here[0]), self._read.autoscalers(here[0])
            for place in here:
                if place.name in listed:
                    workload = listed[place.name]
                    own = [pod for pod in pods if objects.owner_of(pod) == (kind, place.name)]
                    found[place] = _workload(Picture(workload, own), place, autoscalers)
        return found

    def revisions(self, place: Place) -> list[Revision]:
        workload = self._read.workload(place)
        return objects.revisions_of(workload, self._read.history(place, workload), place)

    def room(self, place: Place, count: int) -> Room:
        workload = self._read.workload(place)
        nodes, pods = self._read.nodes()
        return rooms.room(workload, count, place.namespace, self._read.quotas(place), nodes, pods)

    def pods(self, place: Place) -> list[Pod]:
        workload = self._read.workload(place)
        pods = self._read.pods(place, workload)
        wrong = causes.causes(pods, self._read.warnings(place, workload, pods))
        return objects.pods_of(pods, {cause.pod: (cause.words, cause.container) for cause in wrong})

    def pod_log(
        self, place: Place, pod: str, lines: int = 50, previous: bool = False, since: int | None = None
    ) -> tuple[str, ...]:
        return self._read.log(place, pod, lines, previous, since)

    def warnings(self, place: Place) -> tuple[str, ...]:
        workload = self._read.workload(place)
        told = self._read.warnings(place, workload, self._read.pods(place, workload))
        return event_lines(event for events in told.values() for event in events)

    # -- acts: each may be repeated, and compares and sets in one step

    def set_image(
        self, place: Place, image: str, cause: str, operation: str, expected: str | None = None
    ) -> int:
        def steps(workload: Object) -> Operations:
            running = objects.images_of(workload, place)
            if running == image and objects.notes_of(workload).get(OPERATION) == operation:
                return []  # an answer was lost, or the worker that had it
            if expected is not None and running not in (expected, image):
                raise Changed(_("The image of {workload}", workload=_shown(place)), expected, running)
            _replaces_pods(workload, place)
            return [
                *(step for name in place.containers for step in _set_image(workload, place, name, image)),
                *objects.noted(workload, _notes(cause, operation, image)),
            ]

        return self._change(place, steps)

    def set_replicas(
        self, place: Place, count: int, cause: str, operation: str, expected: int | None = None
    ) -> int:
        if place.kind == "DaemonSet":
            one_each = N_("{workload} runs one pod on each node: it has no number of replicas.")
            raise Refused(_(one_each, workload=_shown(place)))

        def steps(workload: Object) -> Operations:
            wanted = objects.wanted_of(workload)
            if wanted == count:
                return []
            if expected is not None and wanted != expected:
                what = _("The number of replicas of {workload}", workload=_shown(place))
                raise Changed(what, f"{expected}", f"{wanted}")
            return [
                {"op": "test", "path": "/spec/replicas", "value": wanted},
                {"op": "replace", "path": "/spec/replicas", "value": count},
                *objects.noted(workload, {SCALED: operation, SCALED_CAUSE: cause}),
            ]

        return self._change(place, steps)

    def restart(self, place: Place, at: str, cause: str, operation: str) -> int:
        def steps(workload: Object) -> Operations:
            if objects.template_of(workload)["metadata"].get("annotations", {}).get(RESTARTED) == at:
                return []
            if workload["spec"].get("paused"):
                paused = _("{workload} is paused and cannot be restarted.", workload=_shown(place))
                raise Refused(paused, _("`resume` it first."))
            _replaces_pods(workload, place)
            image = objects.image_of(workload, place.container)
            return [
                *objects.noted(workload, {RESTARTED: at}, "/spec/template"),
                *objects.noted(workload, _notes(cause, operation, image)),
            ]

        return self._change(place, steps)

    def pause(self, place: Place, cause: str, operation: str) -> int:
        return self._set_paused(place, True, cause, operation)

    def resume(self, place: Place, cause: str, operation: str) -> int:
        return self._set_paused(place, False, cause, operation)

    def _set_paused(self, place: Place, paused: bool, cause: str, operation: str) -> int:
        if place.kind != "Deployment":
            cannot = N_("{workload} cannot be paused: only Deployments can.")
            raise Refused(_(cannot, workload=_shown(place)))

        def steps(workload: Object) -> Operations:
            if bool(workload["spec"].get("paused")) == paused:
                return []
            change = {"op": "add", "path": "/spec/paused", "value": paused}
            return [change, *objects.noted(workload, {PAUSED: operation, PAUSED_CAUSE: cause})]

        return self._change(place, steps)

    def set_bounds(
        self,
        place: Place,
        bounds: tuple[int, int],
        cause: str,
        operation: str,
        expected: Autoscaler | None = None,
    ) -> Autoscaler:
        minimum, maximum = bounds
        autoscaler = objects.owning(self._read.autoscalers(place), place.kind, place.name)
        if autoscaler is None:
            none = _("No autoscaler owns {target}.", target=_shown(place))
            raise Refused(none, _("`{command}` sets its number of replicas.", command="scale"))
        where = Where(
            "horizontalpodautoscalers", place.namespace, autoscaler["metadata"]["name"],
            shown=_("the autoscaler of {workload}", workload=_shown(place)),
        )  # fmt: skip

        def steps(item: Object) -> Operations:
            now = objects.autoscaler_of(item)
            if (now.minimum, now.maximum) == (minimum, maximum):
                return []
            if expected and (now.minimum, now.maximum) != (expected.minimum, expected.maximum):
                what = _("The autoscaler of {workload}", workload=_shown(place))
                raise Changed(what, _bounds(expected), _bounds(now))
            return [
                {"op": "test", "path": "/spec/maxReplicas", "value": now.maximum},
                {"op": "add", "path": "/spec/minReplicas", "value": minimum},
                {"op": "replace", "path": "/spec/maxReplicas", "value": maximum},
                *objects.noted(item, {SCALED: operation, SCALED_CAUSE: cause}),
            ]

        return objects.autoscaler_of(self._apply(where, steps))

    def _change(self, place: Place, steps: Callable[[Object], Operations]) -> int:
        return int(self._apply(self._read.where(place), steps)["metadata"]["generation"])

    def _apply(self, where: Where, steps: Callable[[Object], Operations]) -> Object:
        """Patch as `steps` says of the object as it is; no steps: it is as wanted already."""
        for _try in range(TRIES):
            item = self._api.get(where)
            operations = steps(item)
            if not operations:
                return item
            try:
                return self._api.patch(where, operations)
            except Overtaken:
                continue
        raise Unavailable(self._api.system, _("has others at work on {what}", what=where.shown))

    # -- topics

    def rollout(self, place: Place, generation: int, image: str) -> Topic:
        return self._follower.topic(place, generation, image)

    def look(self, topic: Topic) -> Seen:
        return self._follower.look(topic)

    def watch(self, topics: Callable[[], Collection[Topic]], tell: Tell, stop: Event) -> None:
        self._follower.watch(topics, tell, stop)


def _workload(picture: Picture, place: Place, autoscalers: Iterable[Object]) -> Workload:
    workload, autoscaler = picture.workload, objects.owning(autoscalers, place.kind, place.name)
    found = objects.workload_of(workload, picture.pods, place.container, autoscaler, datetime.now(UTC))
    refused = causes.refusal(workload, picture.pods, picture.warnings)
    wrong = [*([refused] if refused else []), *causes.causes(picture.pods, picture.warnings)]
    return replace(found, trouble=causes.groups(wrong))


def _unwell(pods: Iterable[Object], workload: Object) -> bool:
    """Whether warnings may say why."""
    return any(not objects.is_ready(pod) for pod in pods) or not objects.is_complete(workload)


def _replaces_pods(workload: Object, place: Place) -> None:
    """Raises Refused where a change of the template would not reach a single pod."""
    if objects.is_by_hand(workload):
        raise Refused(
            _(ON_DELETE, workload=_shown(place)), _("Shipmate ships where the strategy is RollingUpdate.")
        )


def _set_image(workload: Object, place: Place, name: str, image: str) -> Operations:
    """Of one container. Raises Refused where it is not there: a patch by name would add one instead."""
    for kind in objects.CONTAINERS:
        for position, container in enumerate(objects.template_of(workload)["spec"].get(kind) or ()):
            if container["name"] == name:
                at = f"/spec/template/spec/{kind}/{position}"
                return [
                    {"op": "test", "path": f"{at}/name", "value": name},
                    {"op": "test", "path": f"{at}/image", "value": container["image"]},
                    {"op": "replace", "path": f"{at}/image", "value": image},
                ]
    none = N_("{workload} has no container named {container}.")
    raise Refused(_(none, workload=_shown(place), container=name))


def _notes(cause: str, operation: str, image: str) -> dict[str, str]:
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    return {CAUSE: cause, OPERATION: operation, IMAGE: image, AT: now}


def _bounds(of: Autoscaler) -> str:
    return _("{low} to {high}", low=of.minimum, high=of.maximum)


def _shown(place: Place) -> str:
    return f"{place.kind} {place.namespace}/{place.name}"
