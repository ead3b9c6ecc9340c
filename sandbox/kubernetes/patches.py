"""The three patch types: strategic merge, JSON merge (RFC 7386) and JSON patch (RFC 6902).

All return a new value and leave their arguments as they were.
"""

from __future__ import annotations

from typing import Any

from sandbox.kubernetes import schema
from sandbox.kubernetes.errors import rejected

_DIRECTIVES = ("$patch", "$retainKeys", "$setElementOrder/", "$deleteFromPrimitiveList/")


def merge(target: Any, patch: Any) -> Any:
    """RFC 7386: null deletes, objects merge, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def strategic(target: Any, patch: dict[str, Any], node: schema.Node) -> dict[str, Any]:
    """A merge patch that pairs list items by the schema's merge key.

    An item whose key is new is **added**: a mistyped container name makes a second container.
    Directives as in kubernetes/community: strategic-merge-patch.md.
    """
    if patch.get("$patch") == "replace":
        return {k: v for k, v in patch.items() if k != "$patch"}
    if patch.get("$patch") == "delete":
        return {}
    merged = dict(target) if isinstance(target, dict) else {}
    if "$retainKeys" in patch:
        merged = {k: v for k, v in merged.items() if k in patch["$retainKeys"]}
    for name, value in patch.items():
        if name.startswith("$deleteFromPrimitiveList/"):
            field = name.partition("/")[2]
            merged[field] = [item for item in merged.get(field, []) if item not in value]
        elif name.startswith(_DIRECTIVES):
            continue
        elif value is None:
            merged.pop(name, None)
        else:
            order = patch.get(f"$setElementOrder/{name}")
            merged[name] = _strategic_value(merged.get(name), value, schema.child(node, name) or {}, order)
    return merged


def _strategic_value(target: Any, patch: Any, node: schema.Node, order: list[Any] | None) -> Any:
    if isinstance(patch, dict):
        return strategic(target, patch, node)
    if not isinstance(patch, list) or "merge" not in node.get("x-kubernetes-patch-strategy", ""):
        return patch
    existing = list(target or [])
    key = node.get("x-kubernetes-patch-merge-key")
    if key is None:
        return existing + [item for item in patch if item not in existing]
    merged = _merged_items(existing, patch, key, node.get("items", {}))
    return _ordered(merged, [item[key] for item in order or patch if key in item], existing, key)


def _merged_items(existing: list[Any], patch: list[Any], key: str, node: schema.Node) -> list[Any]:
    if any(item.get("$patch") == "replace" for item in patch):
        return [item for item in patch if item.get("$patch") != "replace"]
    merged = list(existing)
    for item in patch:
        places = [index for index, old in enumerate(merged) if old.get(key) == item.get(key)]
        if item.get("$patch") == "delete":
            merged = [old for index, old in enumerate(merged) if index not in places]
        elif places:
            merged[places[0]] = strategic(merged[places[0]], item, node)
        else:
            merged.append(strategic({}, item, node))
    return merged


def _ordered(merged: list[Any], wanted: list[Any], existing: list[Any], key: str) -> list[Any]:
    """Items of the patch in its order; the others keep their place before those that they preceded.

    A new item therefore comes **first** (apimachinery: strategicpatch.normalizeElementOrder).
    """
    place = {item.get(key): index for index, item in enumerate(existing)}
    others = [item for item in merged if item.get(key) not in wanted]
    ordered = []
    for item in sorted((i for i in merged if i.get(key) in wanted), key=lambda i: wanted.index(i[key])):
        while others and place.get(others[0].get(key), 0) < place.get(item[key], -1):
            ordered.append(others.pop(0))
        ordered.append(item)
    return ordered + others


def json_patch(target: Any, operations: list[dict[str, Any]]) -> Any:
    """RFC 6902. Raises ApiError 422 when a test fails or a path is missing."""
    for operation in operations:
        target = _operate(target, operation)
    return target


def _operate(target: Any, operation: dict[str, Any]) -> Any:
    path = _pointer(operation.get("path", ""))
    match operation.get("op"):
        case "test":
            if _read(target, path) != operation.get("value"):
                raise rejected()
            return target
        case "add" | "replace" as op:
            if op == "replace":
                _read(target, path)
            return _write(target, path, operation.get("value"), insert=op == "add")
        case "remove":
            return _write(target, path, _REMOVED, insert=False)
        case "copy" | "move" as op:
            source = _pointer(operation.get("from", ""))
            value = _read(target, source)
            if op == "move":
                target = _write(target, source, _REMOVED, insert=False)
            return _write(target, path, value, insert=True)
        case _:
            raise rejected()


_REMOVED = object()


def _pointer(text: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _read(target: Any, path: list[str]) -> Any:
    for part in path:
        if isinstance(target, dict) and part in target:
            target = target[part]
        elif isinstance(target, list) and part.isdigit() and int(part) < len(target):
            target = target[int(part)]
        else:
            raise rejected()
    return target


def _write(target: Any, path: list[str], value: Any, *, insert: bool) -> Any:
    if not path:
        return value
    part, rest = path[0], path[1:]
    if isinstance(target, list):
        return _write_item(target, part, rest, value, insert=insert)
    if not isinstance(target, dict) or ((rest or value is _REMOVED) and part not in target):
        raise rejected()
    if rest:
        return target | {part: _write(target[part], rest, value, insert=insert)}
    without = {k: v for k, v in target.items() if k != part}
    return without if value is _REMOVED else target | {part: value}


def _write_item(target: list[Any], part: str, rest: list[str], value: Any, *, insert: bool) -> list[Any]:
    index = len(target) if part == "-" else int(part) if part.isdigit() else -1
    limit = len(target) if insert and not rest else len(target) - 1
    if not 0 <= index <= limit:
        raise rejected()
    if rest:
        return [*target[:index], _write(target[index], rest, value, insert=insert), *target[index + 1 :]]
    after = target[index:] if insert else target[index + 1 :]
    return [*target[:index], *([] if value is _REMOVED else [value]), *after]
