"""Questions about rights: who am I, may I, and what may I do here. Answered, never stored."""

from __future__ import annotations

from sandbox.kubernetes import times
from sandbox.kubernetes.access import Caller
from sandbox.kubernetes.resources import Object, Resource, Right

_DISCOVERY = ("/api", "/api/*", "/apis", "/apis/*")
_READABLE = (
    (*_DISCOVERY, "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"),
    ("/healthz", "/livez", "/readyz", "/version", "/version/"),
)
"""Paths beside resources that everybody may read (roles system:discovery and system:public-info-viewer)."""
_BASIC = (
    ("authorization.k8s.io", ("selfsubjectaccessreviews", "selfsubjectrulesreviews")),
    ("authentication.k8s.io", ("selfsubjectreviews",)),
)
"""What everybody may ask (role system:basic-user)."""


def answer(caller: Caller, resource: Resource, body: Object) -> Object:
    found: Object = {"kind": resource.kind, "apiVersion": resource.api_version}
    spec = body.get("spec") or {}
    if resource.kind == "SelfSubjectReview":
        metadata = {"creationTimestamp": times.stamp()}
        return found | {"metadata": metadata, "status": {"userInfo": _who(caller)}}
    if resource.kind == "SelfSubjectRulesReview":
        return found | {"metadata": {}, "spec": {}, "status": _rules(caller, spec.get("namespace", ""))}
    return found | {
        "metadata": {},
        "spec": spec,
        "status": _may(caller, spec.get("resourceAttributes") or {}),
    }


def _who(caller: Caller) -> Object:
    if caller.impersonated:
        return {"username": caller.user, "groups": [*caller.groups, "system:authenticated"]}
    uid = getattr(caller.bearer, "uid", "")
    named = {"username": caller.user} | ({"uid": uid} if uid else {})
    return named | {"groups": list(caller.bearer.groups)}


def _may(caller: Caller, asked: Object) -> Object:
    sub = f"/{asked['subresource']}" if asked.get("subresource") else ""
    right = Right(asked.get("verb", ""), asked.get("group", ""), f"{asked.get('resource', '')}{sub}")
    if not caller.rights.allows(right, asked.get("namespace", ""), asked.get("name", "")):
        return {"allowed": False}
    role = f'RBAC: allowed by ClusterRoleBinding "sandbox" of ClusterRole "sandbox" to User "{caller.user}"'
    return {"allowed": True, "reason": role}


def _rules(caller: Caller, namespace: str) -> Object:
    basic = [{"verbs": ["create"], "apiGroups": [group], "resources": list(names)} for group, names in _BASIC]
    readable = [{"verbs": ["get"], "nonResourceURLs": list(paths)} for paths in _READABLE]
    return {
        "resourceRules": [*basic, *caller.rights.rules(namespace)],
        "nonResourceRules": readable,
        "incomplete": False,
    }
