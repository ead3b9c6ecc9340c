"""Refusals, shaped as a Kubernetes API server shapes them: a `Status` object and an HTTP status."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.kubernetes.resources import Object, Resource


@dataclass(frozen=True)
class Cause:
    """One entry of `details.causes`; `detail` is the text after "field: "."""

    reason: str
    detail: str
    field: str

    def text(self) -> str:
        return f"{self.field}: {self.detail}"


@dataclass
class ApiError(Exception):
    """An answer other than success. An empty `reason` leaves the field out, as the server does."""

    code: int
    reason: str
    message: str
    details: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> Object:
        body: Object = {"kind": "Status", "apiVersion": "v1", "metadata": self.metadata, "status": "Failure"}
        body["message"] = self.message
        if self.reason:
            body["reason"] = self.reason
        if self.details is not None:
            body["details"] = self.details
        return body | {"code": self.code}


def about(resource: Resource, name: str = "", **more: Any) -> dict[str, Any]:
    """`details` of a Status: only what is not empty."""
    named = {"name": name, "group": resource.group, "kind": resource.plural}
    return {k: v for k, v in named.items() if v} | more


def not_found(resource: Resource, name: str) -> ApiError:
    return ApiError(404, "NotFound", f'{resource.qualified} "{name}" not found', about(resource, name))


def no_such_resource() -> ApiError:
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def already_exists(resource: Resource, name: str) -> ApiError:
    message = f'{resource.qualified} "{name}" already exists'
    return ApiError(409, "AlreadyExists", message, about(resource, name))


def conflict(resource: Resource, name: str) -> ApiError:
    message = (
        f'Operation cannot be fulfilled on {resource.qualified} "{name}": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )
    return ApiError(409, "Conflict", message, about(resource, name))


def forbidden(resource: Resource, name: str, why: str, **details: Any) -> ApiError:
    subject = f'{resource.qualified} "{name}"' if name else resource.qualified
    return ApiError(403, "Forbidden", f"{subject} is forbidden: {why}", about(resource, name, **details))


def unauthorized() -> ApiError:
    return ApiError(401, "Unauthorized", "Unauthorized")


def bad_request(message: str) -> ApiError:
    return ApiError(400, "BadRequest", message)


def rejected() -> ApiError:
    """A JSON patch that does not apply (RFC 6902 names no status; the API server says 422)."""
    return ApiError(422, "Invalid", "the server rejected our request due to an error in our request", {})


def unsupported_media_type() -> ApiError:
    return ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})


def method_not_allowed() -> ApiError:
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message, {})


def invalid(kind: str, group: str, name: str, causes: list[Cause]) -> ApiError:
    """422 with one cause a wrong field; several are shown in brackets, none twice."""
    texts = list(dict.fromkeys(cause.text() for cause in causes))
    what = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    subject = f"{kind}.{group}" if group else kind
    named = {"name": name, "group": group, "kind": kind}
    details: dict[str, Any] = {k: v for k, v in named.items() if v}
    details["causes"] = [{"reason": c.reason, "message": c.detail, "field": c.field} for c in causes]
    return ApiError(422, "Invalid", f'{subject} "{name}" is invalid: {what}', details)


def invalid_patch(shown: str, problem: str) -> ApiError:
    """422 whose message embeds `shown`: the patch (strategic) or the whole patched object (merge)."""
    cause = Cause("FieldValueInvalid", f"Invalid value: {shown}: {problem}", "patch")
    return invalid("", "", "", [cause])


def timeout() -> ApiError:
    """What a caller hears whose write may have been applied, or not."""
    return ApiError(504, "Timeout", "Timeout: request did not complete within the allotted timeout", {})


def expired(version: int, oldest: int) -> ApiError:
    return ApiError(410, "Expired", f"too old resource version: {version} ({oldest})")


def too_large_version(version: int, current: int) -> ApiError:
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    return ApiError(
        504,
        "Timeout",
        f"Timeout: Too large resource version: {version}, current: {current}",
        {"causes": [cause], "retryAfterSeconds": 1},
        headers={"Retry-After": "1"},
    )
