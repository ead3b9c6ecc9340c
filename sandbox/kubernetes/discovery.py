"""What a client asks first: versions, groups, resources, health. All from the table in `resources`."""

from __future__ import annotations

import json
from functools import cache

from sandbox.kubernetes import schema
from sandbox.kubernetes.resources import REVIEWS, SERVED, Object, Resource

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
GROUPS = tuple(dict.fromkeys(r.group for r in (*SERVED, *REVIEWS) if r.group))


@cache
def version() -> Object:
    """/version of the recorded server (v1.36.2)."""
    found: Object = json.loads((schema.DATA / "version.json").read_text())
    return found


def document(path: str, accept: str, address: str) -> Object | None:
    """The discovery document at `path`; None if there is none."""
    parts = path.strip("/").split("/")
    wants_all = "as=APIGroupDiscoveryList" in accept
    match parts:
        case ["version"]:
            return version()
        case ["api"]:
            if wants_all:
                return _aggregated([""])
            clients = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": clients}
        case ["apis"]:
            if wants_all:
                return _aggregated(list(GROUPS))
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(name) for name in GROUPS]}
        case ["api", "v1"]:
            return _resources("", "v1")
        case ["apis", name] if name in GROUPS:
            return {"kind": "APIGroup", "apiVersion": "v1"} | _group(name)
        case ["apis", name, api_version] if _in(name, api_version):
            return _resources(name, api_version)
        case ["openapi", "v3"]:
            places = dict.fromkeys(_place(each) for each in SERVED)
            return {"paths": {place: {"serverRelativeURL": f"/openapi/v3/{place}"} for place in places}}
        case ["openapi", "v3", *place]:
            return _schemas("/".join(place))
        case _:
            return None


def _place(resource: Resource) -> str:
    return f"apis/{resource.api_version}" if resource.group else f"api/{resource.version}"


def _schemas(place: str) -> Object | None:
    """What kubectl looks for before it sends anything: that the server itself checks the fields of a kind."""
    checks = {"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}
    paths = {}
    for each in SERVED:
        if _place(each) == place:
            kind = {"group": each.group, "version": each.version, "kind": each.kind}
            inside = "/namespaces/{namespace}" if each.namespaced else ""
            patch: Object = {"x-kubernetes-action": "patch", "x-kubernetes-group-version-kind": kind}
            patch |= {"parameters": [checks], "responses": {"200": {"description": "OK"}}}
            paths[f"/{place}{inside}/{each.plural}/{{name}}"] = {"patch": patch}
    info = {"title": "Kubernetes", "version": "v1.36.2"}
    return {"openapi": "3.0.0", "info": info, "paths": paths} if paths else None


def _in(group: str, version: str = "") -> list[Resource]:
    every = (*SERVED, *REVIEWS)
    return [r for r in every if r.group == group and version in ("", r.version)]


def _group(name: str) -> Object:
    versions = [
        {"groupVersion": f"{name}/{v}", "version": v} for v in dict.fromkeys(r.version for r in _in(name))
    ]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def _subresources(resource: Resource) -> list[tuple[str, str, list[str]]]:
    """(name, kind, verbs) of each subresource."""
    verbs = {"log": ["get"], "eviction": ["create"]}
    named = [
        (name, kind, verbs.get(name, ["get", "patch", "update"])) for name, kind in resource.subresources
    ]
    if resource.status:
        named.append(("status", resource.kind, ["get", "patch", "update"]))
    return named


_FOREIGN = {"Scale": ("autoscaling", "v1"), "Eviction": ("policy", "v1")}
"""Group and version of subresource kinds that are not their resource's own."""


def _resources(group: str, version: str) -> Object:
    listed: list[Object] = []
    for resource in _in(group, version):
        row: Object = {"name": resource.plural, "singularName": resource.kind.lower()}
        row |= {"namespaced": resource.namespaced, "kind": resource.kind, "verbs": list(resource.verbs)}
        row |= {"shortNames": list(resource.short)} if resource.short else {}
        listed.append(row | ({"categories": ["all"]} if resource.in_all else {}))
        for name, kind, verbs in _subresources(resource):
            below: Object = {"name": f"{resource.plural}/{name}", "singularName": ""}
            below["namespaced"] = resource.namespaced
            if kind in _FOREIGN:
                below |= dict(zip(("group", "version"), _FOREIGN[kind], strict=True))
            listed.append(below | {"kind": kind, "verbs": verbs})
    served = f"{group}/{version}" if group else version
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": served, "resources": listed}


def _aggregated(groups: list[str]) -> Object:
    items = []
    for group in groups:
        versions = [
            {
                "version": version,
                "resources": [_aggregated_resource(r) for r in _in(group, version)],
                "freshness": "Current",
            }
            for version in dict.fromkeys(r.version for r in _in(group))
        ]
        items.append({"metadata": {"name": group} if group else {}, "versions": versions})
    kind = {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2"}
    return kind | {"metadata": {}, "items": items}


def _aggregated_resource(resource: Resource) -> Object:
    row: Object = {
        "resource": resource.plural,
        "responseKind": _response("", "", resource.kind),
    }
    row |= {
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.kind.lower(),
    }
    row |= {"verbs": list(resource.verbs)}
    row |= {"shortNames": list(resource.short)} if resource.short else {}
    row |= {"categories": ["all"]} if resource.in_all else {}
    below = [
        {
            "subresource": name,
            "responseKind": _response(*_FOREIGN.get(kind, ("", "")), kind),
            "verbs": verbs,
        }
        for name, kind, verbs in _subresources(resource)
    ]
    return row | ({"subresources": below} if below else {})


def _response(group: str, version: str, kind: str) -> Object:
    """Empty but for kinds of other groups: a client takes the resource's own then, as recorded."""
    return {"group": group, "version": version, "kind": kind}
