"""Amounts of CPU, memory and pods: `250m`, `1.5Gi`, `3` (apimachinery: resource.Quantity)."""

from __future__ import annotations

import re
from decimal import Decimal

from sandbox.kubernetes.resources import Object

_SUFFIXES = {"": Decimal(1), "m": Decimal("0.001")}
_SUFFIXES |= {unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", 1)}
_SUFFIXES |= {f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", 1)}
_SHOWN = ("Gi", "Mi", "Ki")


def number(text: str | int | float) -> Decimal:
    """In cores, bytes or pieces. Raises ValueError for what is no quantity."""
    found = re.fullmatch(r"(-?\d+(?:\.\d*)?)([a-zA-Z]*)", str(text))
    if found is None or found[2] not in _SUFFIXES:
        raise ValueError(f"no quantity: {text!r}")
    return Decimal(found[1]) * _SUFFIXES[found[2]]


def shown(value: Decimal, name: str) -> str:
    """Canonical: memory in the largest binary unit that is exact, CPU in cores or milli-cores."""
    if name.endswith("memory"):
        for unit in _SHOWN:
            if value and value % _SUFFIXES[unit] == 0:
                return f"{value / _SUFFIXES[unit]:.0f}{unit}"
    return f"{value:.0f}" if value == int(value) else f"{value * 1000:.0f}m"


def asked(spec: Object, name: str, kind: str = "requests") -> Decimal:
    """What all containers of a pod spec ask for; a limit without a request is a request."""
    total = Decimal(0)
    for container in spec["containers"]:
        resources = container.get("resources") or {}
        given = (resources.get(kind) or {}).get(name)
        if given is None and kind == "requests":
            given = (resources.get("limits") or {}).get(name)
        total += number(given or 0)
    return total
