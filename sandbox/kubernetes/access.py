"""Who may do what: bearer tokens with their rights, and impersonation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from multidict import MultiMapping

from sandbox.kubernetes.errors import ApiError, forbidden, unauthorized
from sandbox.kubernetes.resources import REVIEWS, Object, Resource, Right

OPEN = ("/version", "/livez", "/readyz", "/healthz")
"""What system:anonymous may read (role system:public-info-viewer)."""


class Rights(Protocol):
    """What a bearer may do: a `Rule`, or what a manifest grants (`rbac.Granted`)."""

    @property
    def user(self) -> str: ...

    @property
    def groups(self) -> tuple[str, ...]: ...

    def allows(self, right: Right, namespace: str, name: str = "") -> bool: ...

    def rules(self, namespace: str) -> list[Object]: ...


@dataclass(frozen=True)
class Rule:
    """What the bearer of a token may do. `"*"` is everything; named namespaces exclude the cluster scope."""

    namespaces: str | tuple[str, ...] = "*"
    verbs: str | tuple[str, ...] = "*"
    resources: str | tuple[str, ...] = "*"
    """Plurals, with subresource where it matters: `deployments`, `deployments/scale`, `pods/log`."""
    user: str = "shipmate"
    groups: tuple[str, ...] = ("system:authenticated",)
    uid: str = ""

    def allows(self, right: Right, namespace: str, name: str = "") -> bool:
        del name  # a Rule never singles out objects
        inside = self.namespaces == "*" or namespace in self.namespaces
        return inside and _in(right.verb, self.verbs) and _in(right.resource, self.resources)

    def rules(self, namespace: str) -> list[Object]:
        if self.namespaces != "*" and namespace not in self.namespaces:
            return []
        return [{"verbs": _all(self.verbs), "apiGroups": ["*"], "resources": _all(self.resources)}]


def _in(word: str, allowed: str | tuple[str, ...]) -> bool:
    return allowed == "*" or word in _all(allowed)


def _all(allowed: str | tuple[str, ...]) -> list[str]:
    return [allowed] if isinstance(allowed, str) else list(allowed)


ANONYMOUS = Rule((), (), (), user="system:anonymous", groups=("system:unauthenticated",))


@dataclass(frozen=True)
class Caller:
    """Who a request comes from. `rights` are those that count; `bearer` is whose token it was."""

    rights: Rights
    bearer: Rights
    agent: str = ""
    impersonated: str = ""
    """Whom the request acts as; empty: the bearer."""
    groups: tuple[str, ...] = ()
    """Groups that it claims for them."""

    @property
    def user(self) -> str:
        """The name that rights are checked for and that messages show."""
        return self.impersonated or self.bearer.user


def authenticate(
    headers: MultiMapping[str], tokens: Mapping[str, Rights], others: Mapping[str, Rights]
) -> Caller:
    """The caller. Raises ApiError 401 for a token nobody has, 403 if they may not impersonate.

    An impersonated user has the rights of `others[name]`, or of the first of its groups there (`group:ops`),
    or else those of the token.
    """
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    if not scheme:
        bearer: Rights = ANONYMOUS
    elif scheme.lower() != "bearer" or token.strip() not in tokens:
        raise unauthorized()
    else:
        bearer = tokens[token.strip()]
    agent = headers.get("User-Agent", "")
    groups = tuple(headers.getall("Impersonate-Group", []))
    user = headers.get("Impersonate-User", "")
    if groups and not user:
        why = f"requested {list(groups)} without impersonating a user"
        raise ApiError(500, "InternalError", f"Internal error occurred: {why}")
    if not user:
        return Caller(bearer, bearer, agent)
    for kind, name in (("users", user), *(("groups", group) for group in groups)):
        _may_impersonate(bearer, kind, name)
    known = [others[each] for each in (user, *(f"group:{name}" for name in groups)) if each in others]
    return Caller(known[0] if known else bearer, bearer, agent, user, groups)


def _may_impersonate(bearer: Rights, kind: str, name: str) -> None:
    if bearer.allows(Right("impersonate", "", kind), "", name):
        return
    message = f'{kind} "{name}" is forbidden: User "{bearer.user}" cannot impersonate resource "{kind}"'
    details = {"name": name, "kind": kind}
    raise ApiError(403, "Forbidden", f'{message} in API group "" at the cluster scope', details)


def authorise(caller: Caller, verb: str, resource: Resource, namespace: str, name: str, sub: str) -> None:
    """Raises ApiError 403. A namespace that does not exist is refused in the same words."""
    asked = f"{resource.plural}/{sub}" if sub else resource.plural
    if resource in REVIEWS and caller.bearer is not ANONYMOUS:  # role system:basic-user
        return
    if caller.rights.allows(Right(verb, resource.group, asked), namespace, name):
        return
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    why = f'User "{caller.user}" cannot {verb} resource "{asked}" in API group "{resource.group}" {where}'
    raise forbidden(resource, name, why)


def authorise_path(caller: Caller, path: str) -> None:
    """Raises ApiError 403 for an anonymous caller outside what everybody may read."""
    if caller.bearer is ANONYMOUS and not path.startswith(OPEN):
        message = f'forbidden: User "{caller.user}" cannot get path "{path}"'
        raise ApiError(403, "Forbidden", message, {})
