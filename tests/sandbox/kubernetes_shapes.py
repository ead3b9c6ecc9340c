"""The shape of an answer: which fields it has, of which types, with which reasons; no times, ids or counts."""

from __future__ import annotations

from typing import Any

from tests.sandbox.kubernetes_support import without

_TOLD = ("reason", "kind", "apiVersion", "phase")
"""Fields whose words are part of the shape."""
_UNLIKE = ("continue", "remainingItemCount", "X-Kubernetes")


def shape(value: Any, name: str = "") -> Any:
    """Nested fields -> type names. Lists are merged into what their items have together; conditions are
    (type, status, reason), in no order."""
    if isinstance(value, dict):
        return {key: shape(item, key) for key, item in value.items()}
    if isinstance(value, list):
        if name == "conditions":
            return sorted({f"{c['type']}={c['status']}/{c.get('reason', '')}" for c in value})
        return merged([shape(item) for item in value])
    if name in _TOLD and isinstance(value, str):
        return value
    return type(value).__name__


def merged(shapes: list[Any]) -> Any:
    """One shape for the items of a list: every field that any has; words that differ stand side by side."""
    if shapes and all(isinstance(each, dict) for each in shapes):
        names = sorted({name for each in shapes for name in each})
        return {name: merged([each[name] for each in shapes if name in each]) for name in names}
    flat = {word for each in shapes for word in (each if isinstance(each, list) else [str(each)])}
    return sorted(flat)


def core(deployment: Any) -> Any:
    """Counters and conditions of a Deployment: how far it is."""
    status = without(deployment["status"], "observedGeneration")
    return {name: shape(value, name) if name == "conditions" else value for name, value in status.items()}
