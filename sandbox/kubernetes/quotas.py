"""ResourceQuotas: what pods of a namespace may ask for together (kubernetes/pkg/quota/v1/evaluator/core)."""

from __future__ import annotations

from decimal import Decimal

from sandbox.kubernetes import errors, quantities
from sandbox.kubernetes.resources import PODS, QUOTAS, Object
from sandbox.kubernetes.store import Store

_COUNTED = ("pods", "count/pods")
_COMPUTE = {
    f"{prefix}{name}": ("limits" if prefix == "limits." else "requests", name)
    for prefix in ("", "requests.", "limits.")
    for name in ("cpu", "memory")
}
"""Name in a quota -> (part of `resources`, name in it)."""


def check(store: Store, namespace: str, name: str, spec: Object) -> None:
    """Raises ApiError 403 if a pod of `spec` would exceed a quota of its namespace, or says too little for one."""
    for quota in store.all(QUOTAS, namespace):
        hard = _hard(quota)
        if silent := _silent(spec, hard):
            why = f"failed quota: {quota['metadata']['name']}: must specify {silent}"
            raise errors.forbidden(PODS, name, why)
        used = _used(store, namespace, hard)
        asked = {each: _asked(spec, each) for each in hard}
        over = [each for each in sorted(hard) if asked[each] and used[each] + asked[each] > hard[each]]
        if over:
            why = f"exceeded quota: {quota['metadata']['name']}, requested: {_listed(over, asked)}, "
            why += f"used: {_listed(over, used)}, limited: {_listed(over, hard)}"
            raise errors.forbidden(PODS, name, why)


def count(store: Store, namespace: str) -> None:
    """Bring the status of the quotas of a namespace up to date."""
    for quota in store.all(QUOTAS, namespace):
        used = _used(store, namespace, _hard(quota))
        shown = {name: quantities.shown(amount, name) for name, amount in used.items()}
        store.update(QUOTAS, quota | {"status": {"hard": quota["spec"].get("hard", {}), "used": shown}})


def _hard(quota: Object) -> dict[str, Decimal]:
    given = quota["spec"].get("hard", {})
    return {name: quantities.number(given[name]) for name in given if name in (*_COUNTED, *_COMPUTE)}


def _used(store: Store, namespace: str, hard: dict[str, Decimal]) -> dict[str, Decimal]:
    specs = [pod["spec"] for pod in store.all(PODS, namespace)]
    return {name: sum((_asked(spec, name) for spec in specs), Decimal(0)) for name in hard}


def _asked(spec: Object, name: str) -> Decimal:
    if name in _COUNTED:
        return Decimal(1)
    kind, resource = _COMPUTE[name]
    return quantities.asked(spec, resource, kind)


def _silent(spec: Object, hard: dict[str, Decimal]) -> str:
    """What containers must say because it is limited, and do not: `requests.memory for: web`."""
    missing = []
    for name in sorted(hard):
        if name not in _COMPUTE:
            continue
        kind, resource = _COMPUTE[name]
        mute = [
            c["name"] for c in spec["containers"] if not quantities.asked({"containers": [c]}, resource, kind)
        ]
        missing += [f"{name} for: {','.join(mute)}"] if mute else []
    return "; ".join(missing)


def _listed(names: list[str], amounts: dict[str, Decimal]) -> str:
    return ",".join(f"{name}={quantities.shown(amounts[name], name)}" for name in names)
