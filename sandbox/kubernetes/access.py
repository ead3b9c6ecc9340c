"""Who may do what: bearer tokens with simple rules, impersonation, and the reviews that ask about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sandbox.kubernetes import times
from sandbox.kubernetes.errors import ApiError, forbidden, unauthorized
from sandbox.kubernetes.resources import REVIEWS, Object, Resource

OPEN = ("/version", "/livez", "/readyz", "/healthz")
"""What system:anonymous may read (role system:public-info-viewer)."""


@dataclass(frozen=True)
class Rule:
    """What the bearer of a token may do. `"*"` is everything; named namespaces exclude the cluster scope."""

    namespaces: str | tuple[str, ...] = "*"
    verbs: str | tuple[str, ...] = "*"
    resources: str | tuple[str, ...] = "*"
    """Plurals, with subresource where it matters: `deployments`, `deployments/scale`, `pods/log`."""
    user: str = "shipmate"

    def allows(self, verb: str, resource: str, namespace: str) -> bool:
        inside = self.namespaces == "*" or namespace in self.namespaces
        return inside and _in(verb, self.verbs) and _in(resource, self.resources)


def _in(word: str, allowed: str | tuple[str, ...]) -> bool:
    return allowed == "*" or word in ((allowed,) if isinstance(allowed, str) else allowed)


ANONYMOUS = Rule((), (), (), user="system:anonymous")


@dataclass(frozen=True)
class Caller:
    """Who a request comes from. `impersonated` is empty unless the request acts as somebody else."""

    rule: Rule
    agent: str = ""
    impersonated: str = ""

    @property
    def user(self) -> str:
        """The name that rights are checked for and that messages show."""
        return self.impersonated or self.rule.user


def authenticate(headers: Mapping[str, str], tokens: Mapping[str, Rule], users: Mapping[str, Rule]) -> Caller:
    """The caller. Raises ApiError 401 for a token nobody has, 403 if they may not impersonate.

    An impersonated user has the rights of `users[name]`, or else those of the token.
    """
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    if not scheme:
        rule = ANONYMOUS
    elif scheme.lower() != "bearer" or token.strip() not in tokens:
        raise unauthorized()
    else:
        rule = tokens[token.strip()]
    caller = Caller(rule, headers.get("User-Agent", ""))
    wanted = headers.get("Impersonate-User", "")
    if not wanted:
        return caller
    if not rule.allows("impersonate", "users", ""):
        message = f'users "{wanted}" is forbidden: User "{rule.user}" cannot impersonate resource "users"'
        details = {"name": wanted, "kind": "users"}
        raise ApiError(403, "Forbidden", f'{message} in API group "" at the cluster scope', details)
    return replace(caller, rule=users.get(wanted, rule), impersonated=wanted)


def authorise(caller: Caller, verb: str, resource: Resource, namespace: str, name: str, sub: str) -> None:
    """Raises ApiError 403. A namespace that does not exist is refused in the same words."""
    asked = f"{resource.plural}/{sub}" if sub else resource.plural
    if resource in REVIEWS and caller.rule is not ANONYMOUS:  # role system:basic-user
        return
    if caller.rule.allows(verb, asked, namespace):
        return
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    why = f'User "{caller.user}" cannot {verb} resource "{asked}" in API group "{resource.group}" {where}'
    raise forbidden(resource, name, why)


def authorise_path(caller: Caller, path: str) -> None:
    """Raises ApiError 403 for an anonymous caller outside what everybody may read."""
    if caller.rule is ANONYMOUS and not path.startswith(OPEN):
        message = f'forbidden: User "{caller.user}" cannot get path "{path}"'
        raise ApiError(403, "Forbidden", message, {})


def review(caller: Caller, resource: Resource, body: Object) -> Object:
    """The answer to a SelfSubjectAccessReview or SelfSubjectReview."""
    answer = {"kind": resource.kind, "apiVersion": resource.api_version}
    if resource.kind == "SelfSubjectReview":
        groups = ["system:unauthenticated" if caller.rule is ANONYMOUS else "system:authenticated"]
        user = {"username": caller.user, "groups": groups}
        return answer | {"metadata": {"creationTimestamp": times.stamp()}, "status": {"userInfo": user}}
    asked = body.get("spec", {}).get("resourceAttributes") or {}
    sub = f"/{asked['subresource']}" if asked.get("subresource") else ""
    plural = f"{asked.get('resource', '')}{sub}"
    allowed = caller.rule.allows(asked.get("verb", ""), plural, asked.get("namespace", ""))
    status: Object = {"allowed": allowed}
    if allowed:
        status["reason"] = (
            f'RBAC: allowed by ClusterRoleBinding "sandbox" of ClusterRole "sandbox" to User "{caller.user}"'
        )
    return answer | {"metadata": {}, "spec": body.get("spec", {}), "status": status}
