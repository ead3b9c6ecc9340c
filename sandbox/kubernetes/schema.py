"""The types of the fields, read from the API server's own OpenAPI document for apps/v1.

They decide what is unknown, what has the wrong type, and by which key a strategic merge patch pairs
list items (`x-kubernetes-patch-merge-key`). Kinds outside apps/v1 are free-form but for their metadata.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.kubernetes.resources import Object, Resource

DATA = Path(__file__).parent / "data"
_PREFIX = "#/components/schemas/"
_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_GO_TYPES = {"string": "string", "boolean": "bool", "object": "object", "array": "array"}
Node = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """A field at `path` (`spec.replicas`) that is unknown or has the wrong type."""

    path: str
    expected: str = ""
    """The Go type it should have; empty: the field is unknown."""
    found: str = ""
    struct: str = ""


@cache
def document() -> bytes:
    """OpenAPI v3 of apps/v1, as a v1.36 API server serves it."""
    return gzip.decompress((DATA / "openapi-v3-apis-apps-v1.json.gz").read_bytes())


@cache
def _definitions() -> dict[str, Node]:
    found: dict[str, Node] = json.loads(document())["components"]["schemas"]
    return found


def root(resource: Resource) -> Node:
    """The schema of a kind; free-form below metadata (a pod: below its spec) when the document lacks it."""
    named = _definitions().get(f"io.k8s.api.apps.v1.{resource.kind}") if resource.group == "apps" else None
    if named is not None:
        return named
    free: Node = {"type": "object", "properties": {"metadata": {"$ref": _PREFIX + _META}}}
    if resource.kind == "Pod":
        free["properties"]["spec"] = {"$ref": _PREFIX + "io.k8s.api.core.v1.PodSpec"}
    return free | {"additionalProperties": {}}


def scale() -> Node:
    return _definitions()["io.k8s.api.autoscaling.v1.Scale"]


def resolve(node: Node) -> Node:
    """`node` with its reference followed; the patch strategy is written beside the reference."""
    reference = node.get("$ref") or next(
        (part["$ref"] for part in node.get("allOf", ()) if "$ref" in part), ""
    )
    return _definitions()[reference.removeprefix(_PREFIX)] if reference else node


def child(node: Node, name: str) -> Node | None:
    """The unresolved schema of a field; None if there is no such field."""
    node = resolve(node)
    declared = node.get("properties", {}).get(name)
    if declared is not None:
        return dict(declared)
    free = node.get("additionalProperties", {} if "properties" not in node else None)
    return dict(free) if isinstance(free, dict) else None


def problems(value: Any, node: Node, path: str = "", struct: str = "") -> Iterator[Problem]:
    """Everything in `value` that the schema does not allow."""
    struct = _struct(node) or struct
    node = resolve(node)
    expected = node.get("type")
    if value is None or expected is None or "oneOf" in node or node.get("format") == "int-or-string":
        return
    if not _fits(value, expected):
        go = node.get("format") or _GO_TYPES.get(expected, expected)
        yield Problem(path, str(go), _json_type(value), struct)
    elif isinstance(value, dict):
        for name, item in value.items():
            below = child(node, name)
            where = f"{path}.{name}" if path else name
            if below is None:
                yield Problem(where)
            else:
                yield from problems(item, below, where, struct)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from problems(item, node.get("items", {}), f"{path}[{index}]", struct)


def prune(value: Any, node: Node) -> Any:
    """`value` without the fields the schema does not know, as the server drops them."""
    node = resolve(node)
    if isinstance(value, dict):
        kept = ((name, item, child(node, name)) for name, item in value.items())
        return {
            name: prune(item, below) for name, item, below in kept if below is not None and item is not None
        }
    if isinstance(value, list):
        return [prune(item, node.get("items", {})) for item in value]
    return value


def empty(resource: Resource) -> Object:
    """The zero object of a bookmark: only fields that Go cannot leave out."""
    if resource.kind not in _ZERO:
        return {"spec": {}, "status": {}}
    spec, status = _ZERO[resource.kind]
    template = {"metadata": {}, "spec": {"containers": None}}
    return {"spec": {"selector": None, "template": template} | spec, "status": status}


_SCHEDULED = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")
_ZERO: dict[str, tuple[Object, Object]] = {
    "Deployment": ({"replicas": 0, "strategy": {}}, {}),
    "ReplicaSet": ({"replicas": 0}, {}),
    "StatefulSet": ({"replicas": 0, "updateStrategy": {}}, {"replicas": 0, "availableReplicas": 0}),
    "DaemonSet": ({"updateStrategy": {}}, dict.fromkeys(_SCHEDULED, 0)),
}
"""Kind -> what its zero spec and status show besides a selector and a template."""


def _struct(node: Node) -> str:
    reference = node.get("$ref") or next((part.get("$ref", "") for part in node.get("allOf", ())), "")
    return str(reference).rsplit(".", 1)[-1]


def _fits(value: Any, expected: str) -> bool:
    match expected:
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case _:
            return isinstance(value, dict)


def _json_type(value: Any) -> str:
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
