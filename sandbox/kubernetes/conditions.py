"""Lists of conditions, set and removed as the Deployment controller does: a changed one moves to the end."""

from __future__ import annotations

from typing import Any

from sandbox.kubernetes import times

Condition = dict[str, Any]


def find(conditions: list[Condition], kind: str) -> Condition | None:
    return next((condition for condition in conditions if condition["type"] == kind), None)


def without(conditions: list[Condition], kind: str) -> list[Condition]:
    return [condition for condition in conditions if condition["type"] != kind]


def new(kind: str, status: str, reason: str, message: str) -> Condition:
    now = times.stamp()
    stamped = {"lastUpdateTime": now, "lastTransitionTime": now}
    return {"type": kind, "status": status, **stamped, "reason": reason, "message": message}


def kept(conditions: list[Condition], condition: Condition) -> list[Condition]:
    """`condition` where its like was: as autoscalers do it. Its transition time stays while its status does."""
    current = find(conditions, condition["type"])
    same = current is not None and current["status"] == condition["status"]
    at = current["lastTransitionTime"] if current is not None and same else times.stamp()
    stamped = {"type": condition["type"], "status": condition["status"], "lastTransitionTime": at} | condition
    if current is None:
        return [*conditions, stamped]
    return [stamped if each is current else each for each in conditions]


def replaced(
    conditions: list[Condition], condition: Condition, *, even_if_same: bool = False
) -> list[Condition]:
    """`condition` in place of its like. Same status and reason: nothing changes (unless told otherwise)."""
    current = find(conditions, condition["type"])
    if current is not None:
        same = (current["status"], current["reason"]) == (condition["status"], condition["reason"])
        if same and not even_if_same:
            return conditions
        if current["status"] == condition["status"]:
            condition = condition | {"lastTransitionTime": current["lastTransitionTime"]}
    return [*without(conditions, condition["type"]), condition]
