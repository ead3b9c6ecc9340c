"""The HorizontalPodAutoscaler controller (kubernetes/pkg/controller/podautoscaler), without its slow descents.

A target at 0 is left alone, one outside the bounds is brought inside; within them `load` decides, or nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.kubernetes import conditions, times
from sandbox.kubernetes.clock import Clock, WorkQueue
from sandbox.kubernetes.conditions import Condition
from sandbox.kubernetes.recorder import Recorder, Source
from sandbox.kubernetes.resources import AUTOSCALERS, SCALED, Object, Resource, key
from sandbox.kubernetes.rollout import replicas
from sandbox.kubernetes.store import Change, Store

PERIOD = 15.0
"""Lifelike seconds between two looks (--horizontal-pod-autoscaler-sync-period)."""
TOLERANCE = 0.1
SOURCE = Source("horizontal-pod-autoscaler")
_METRIC = "cpu resource utilization (percentage of request)"


@dataclass(frozen=True)
class Wish:
    """How large a target should be, and why it is changed; `limited`: (reason, message) at a bound."""

    size: int
    reason: str = ""
    limited: tuple[str, str] = ("DesiredWithinRange", "the desired count is within the acceptable range")


class Autoscalers:
    """Keeps targets within their bounds, as every `PERIOD` shows them."""

    def __init__(self, store: Store, clock: Clock, recorder: Recorder) -> None:
        self.load: dict[tuple[str, str], int] = {}
        """(namespace, name) of an autoscaler -> percent of one pod's CPU request that all pods use together."""
        self.queue = WorkQueue(clock, self._sync, PERIOD)
        self._store = store
        self._recorder = recorder

    def clear(self) -> None:
        self.queue.clear()
        self.load.clear()

    def observe(self, change: Change) -> None:
        if change.resource is AUTOSCALERS:
            self.queue.add(key(change.item))
        elif change.resource in SCALED:
            for item in self._store.all(AUTOSCALERS, change.item["metadata"]["namespace"]):
                if _target(item) == (change.resource, change.item["metadata"]["name"]):
                    self.queue.add(key(item))

    def weigh(self, namespace: str, name: str, percent: int) -> None:
        """From now on all pods of the target use `percent` of one pod's CPU request together."""
        self.load[namespace, name] = percent
        self.queue.add((namespace, name))

    def _sync(self, where: tuple[str, str]) -> None:
        item = self._store.get(AUTOSCALERS, *where)
        if item is None:
            return
        resource, name = _target(item)
        target = self._store.get(resource, where[0], name) if resource else None
        if resource is None or target is None:
            self._miss(item, name, resource)
            return
        current = replicas(target)
        if current == 0:
            off = _condition("ScalingActive", "False", "ScalingDisabled", _DISABLED)
            self._write(item, current, 0, (_SETTLED, off))
            return
        use = self._use(item, current)
        wish = _wish(item, current, use)
        able = _SETTLED
        if wish.size != current:
            able = self._rescale(item, resource, target, wish)
        at_bound = "False" if wish.limited[0] == "DesiredWithinRange" else "True"
        limited = _condition("ScalingLimited", at_bound, *wish.limited)
        self._write(item, current, wish.size, (able, _ACTIVE, limited), use, rescaled=wish.size != current)

    def _rescale(self, item: Object, resource: Resource, target: Object, wish: Wish) -> Condition:
        self._store.update(resource, target | {"spec": target["spec"] | {"replicas": wish.size}})
        text = f"New size: {wish.size}; reason: {wish.reason}"
        self._recorder.normal(SOURCE, AUTOSCALERS, item, "SuccessfulRescale", text)
        done = f"the HPA controller was able to update the target scale to {wish.size}"
        return _condition("AbleToScale", "True", "SucceededRescale", done)

    def _miss(self, item: Object, name: str, resource: Resource | None) -> None:
        kind = resource.qualified if resource else item["spec"]["scaleTargetRef"]["kind"].lower()
        why = f'{kind} "{name}" not found'
        self._recorder.warning(SOURCE, AUTOSCALERS, item, "FailedGetScale", why)
        text = f"the HPA controller was unable to get the target's current scale: {why}"
        failed = (_condition("AbleToScale", "False", "FailedGetScale", text),)
        self._write(item, item["status"].get("currentReplicas", 0), 0, failed)

    def _use(self, item: Object, current: int) -> int:
        """Percent of its request that each pod uses: as the load says, or just what is wanted."""
        load = self.load.get(key(item))
        return _wanted_use(item) if load is None else round(load / current)

    def _write(
        self,
        item: Object,
        current: int,
        desired: int,
        found: Iterable[Condition],
        use: int | None = None,
        *,
        rescaled: bool = False,
    ) -> None:
        known = item.get("status", {}).get("conditions", [])
        for condition in found:
            known = conditions.kept(known, condition)
        status: Object = {"currentReplicas": current, "desiredReplicas": desired}
        if use is not None:
            shown = {"name": "cpu", "current": {"averageUtilization": use, "averageValue": f"{use}m"}}
            status["currentMetrics"] = [{"type": "Resource", "resource": shown}]
        if before := times.stamp() if rescaled else item["status"].get("lastScaleTime"):
            status["lastScaleTime"] = before
        self._store.update(AUTOSCALERS, item | {"status": status | {"conditions": known}})


def _target(item: Object) -> tuple[Resource | None, str]:
    reference = item["spec"]["scaleTargetRef"]
    found = next((each for each in SCALED if each.kind == reference["kind"]), None)
    return found, str(reference["name"])


def _wanted_use(item: Object) -> int:
    metrics = (metric.get("resource", {}).get("target", {}) for metric in item["spec"]["metrics"])
    return next((int(found["averageUtilization"]) for found in metrics if "averageUtilization" in found), 80)


def _wish(item: Object, current: int, use: int) -> Wish:
    least, most = item["spec"]["minReplicas"], item["spec"]["maxReplicas"]
    if current > most:
        return Wish(most, "Current number of replicas above Spec.MaxReplicas")
    if current < least:
        return Wish(least, "Current number of replicas below Spec.MinReplicas")
    ratio = use / _wanted_use(item)
    if abs(ratio - 1) <= TOLERANCE:
        return Wish(current)
    wanted = math.ceil(current * ratio)
    reason = f"{_METRIC} above target" if wanted > current else "All metrics below target"
    if wanted > most:
        text = "the desired replica count is more than the maximum replica count"
        return Wish(most, reason, ("TooManyReplicas", text))
    if wanted < least:
        text = "the desired replica count is less than the minimum replica count"
        return Wish(least, reason, ("TooFewReplicas", text))
    return Wish(wanted, reason)


def _condition(kind: str, status: str, reason: str, message: str) -> Condition:
    return {"type": kind, "status": status, "reason": reason, "message": message}


_DISABLED = "scaling is disabled since the replica count of the target is zero"
_SETTLED = _condition("AbleToScale", "True", "ReadyForNewScale", "recommended size matches current size")
_ACTIVE = _condition(
    "ScalingActive",
    "True",
    "ValidMetricFound",
    f"the HPA was able to successfully calculate a replica count from {_METRIC}",
)
