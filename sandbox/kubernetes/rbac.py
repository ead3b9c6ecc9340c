"""Rights as a cluster grants them: the Roles and bindings of a manifest, evaluated as RBAC does.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/. A token that holds a `Granted` may do what the
manifest says and nothing else: everything beyond it is answered with a real 403.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import yaml

from sandbox.kubernetes.resources import Object, Right


@dataclass(frozen=True)
class Grant:
    """One rule of a role, where it is bound: in one namespace, or (empty) in the whole cluster."""

    namespace: str
    verbs: tuple[str, ...]
    groups: tuple[str, ...]
    resources: tuple[str, ...]
    names: tuple[str, ...] = ()

    def covers(self, right: Right, namespace: str, name: str) -> bool:
        asked = zip(right, (self.verbs, self.groups, self.resources), strict=True)
        here = self.namespace in ("", namespace)
        named = not self.names or name in self.names
        return here and named and all("*" in allowed or word in allowed for word, allowed in asked)

    def rights(self) -> set[Right]:
        return {
            Right(verb, group, resource)
            for verb in self.verbs
            for group in self.groups
            for resource in self.resources
        }


@dataclass(frozen=True)
class Granted:
    """Who bears a token, and all that is granted to them."""

    user: str
    grants: tuple[Grant, ...] = ()
    groups: tuple[str, ...] = field(default=("system:authenticated",))

    def allows(self, right: Right, namespace: str, name: str = "") -> bool:
        return any(grant.covers(right, namespace, name) for grant in self.grants)

    def rules(self, namespace: str) -> list[Object]:
        """What applies in a namespace, as a SelfSubjectRulesReview lists it."""
        return [_shown(grant) for grant in self.grants if grant.namespace in ("", namespace)]

    def rights(self, *, everywhere: bool) -> set[Right]:
        """Every (verb, group, resource) granted in the whole cluster, or in single namespaces."""
        wanted = (grant for grant in self.grants if everywhere == (not grant.namespace))
        return {right for grant in wanted for right in grant.rights()}


def service_account(manifests: str, namespace: str, name: str) -> Granted:
    """What YAML documents with roles and bindings grant a ServiceAccount. Raises KeyError: no such role."""
    items = [item for item in yaml.safe_load_all(manifests) if item]
    roles = {_where(item): item["rules"] for item in items if item["kind"] in ("Role", "ClusterRole")}
    subject = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    grants: list[Grant] = []
    for item in items:
        if item["kind"] not in ("RoleBinding", "ClusterRoleBinding") or subject not in item["subjects"]:
            continue
        inside = item["metadata"].get("namespace", "")
        role = (
            item["roleRef"]["kind"],
            inside if item["roleRef"]["kind"] == "Role" else "",
            item["roleRef"]["name"],
        )
        grants += _grants(inside, roles[role])
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    return Granted(f"system:serviceaccount:{namespace}:{name}", tuple(grants), groups)


def _where(role: Any) -> tuple[str, str, str]:
    return role["kind"], role["metadata"].get("namespace", ""), role["metadata"]["name"]


def _grants(namespace: str, rules: Iterable[Any]) -> Iterable[Grant]:
    for rule in rules:
        verbs, groups, resources = (tuple(rule[name]) for name in ("verbs", "apiGroups", "resources"))
        yield Grant(namespace, verbs, groups, resources, tuple(rule.get("resourceNames", ())))


def _shown(grant: Grant) -> Object:
    shown = {"verbs": grant.verbs, "apiGroups": grant.groups, "resources": grant.resources}
    shown |= {"resourceNames": grant.names} if grant.names else {}
    return {name: list(value) for name, value in shown.items()}
