"""What the API server refuses with 422 Invalid (kubernetes/pkg/apis/apps/validation)."""

from __future__ import annotations

import json
import re

from sandbox.kubernetes.errors import Cause, invalid
from sandbox.kubernetes.resources import AUTOSCALERS, PODS, TEMPLATED, Object, Resource

_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
ANNOTATIONS_LIMIT = 262_144


def check(resource: Resource, item: Object, previous: Object | None = None) -> None:
    """Raises ApiError 422 naming every wrong field of `item`, which replaces `previous`."""
    causes = _metadata(item["metadata"])
    if resource in TEMPLATED:
        causes += _replicas(item["spec"].get("replicas", 0))
        causes += _selector(item["spec"], previous)
        causes += _containers(item["spec"]["template"]["spec"], "spec.template.spec")
    elif resource is AUTOSCALERS:
        causes += _bounds(item["spec"])
    elif resource is PODS:
        causes += _containers(item["spec"], "spec")
    if previous is not None and item["metadata"].get("uid") != previous["metadata"]["uid"]:
        wrong = _wrong("metadata.uid", json.dumps(item["metadata"].get("uid")), "field is immutable")
        causes += [wrong, wrong]  # the server names it twice
    if causes:
        raise invalid(resource.kind, resource.group, item["metadata"]["name"], causes)


def check_scale(name: str, replicas: int) -> None:
    causes = _replicas(replicas)
    if causes:
        raise invalid("Scale", "autoscaling", name, causes)


def _wrong(field: str, value: str, why: str) -> Cause:
    return Cause("FieldValueInvalid", f"Invalid value: {value}: {why}", field)


def _required(field: str) -> Cause:
    return Cause("FieldValueRequired", "Required value", field)


def _metadata(metadata: Object) -> list[Cause]:
    causes = []
    if not re.fullmatch(_SUBDOMAIN, metadata["name"]):
        why = (
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
            "and must start and end with an alphanumeric character (e.g. 'example.com', "
            f"regex used for validation is '{_SUBDOMAIN}')"
        )
        causes.append(_wrong("metadata.name", json.dumps(metadata["name"]), why))
    annotations = metadata.get("annotations") or {}
    if sum(len(k.encode()) + len(str(v).encode()) for k, v in annotations.items()) > ANNOTATIONS_LIMIT:
        text = f"Too long: may not be more than {ANNOTATIONS_LIMIT} bytes"
        causes += [Cause("FieldValueTooLong", text, "metadata.annotations")]
    return causes


def _replicas(replicas: int) -> list[Cause]:
    if replicas >= 0:
        return []
    return [_wrong("spec.replicas", str(replicas), "must be greater than or equal to 0")]


def _bounds(spec: Object) -> list[Cause]:
    least, most = spec.get("minReplicas", 1), spec.get("maxReplicas", 0)
    low = _wrong("spec.minReplicas", str(least), "must be greater than or equal to 1")
    none = _wrong("spec.maxReplicas", str(most), "must be greater than 0")
    crossed = _wrong("spec.maxReplicas", str(most), "must be greater than or equal to `minReplicas`")
    checks = ((least < 1, low), (most < 1, none), (most < least, crossed))
    return [cause for wrong, cause in checks if wrong]


def _selector(spec: Object, previous: Object | None) -> list[Cause]:
    causes = []
    selector = spec.get("selector") or {}
    labels = spec["template"]["metadata"].get("labels") or {}
    if not selector:
        causes.append(_required("spec.selector"))
    elif not (selector.get("matchLabels") or {}).items() <= labels.items():
        shown = json.dumps(labels, separators=(",", ":"))
        causes.append(
            _wrong("spec.template.metadata.labels", shown, "`selector` does not match template `labels`")
        )
    if previous is not None and selector != previous["spec"]["selector"]:
        shown = json.dumps(selector, separators=(",", ":"))
        causes.append(_wrong("spec.selector", shown, "field is immutable"))
    return causes


def _containers(spec: Object, path: str) -> list[Cause]:
    if not spec.get("containers"):
        return [_required(f"{path}.containers")]
    causes, names = [], set()
    for index, container in enumerate(spec["containers"]):
        where, name = f"{path}.containers[{index}]", container.get("name", "")
        if not name:
            causes.append(_required(f"{where}.name"))
        elif not re.fullmatch(_LABEL, name):
            why = (
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
                "and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', "
                f"regex used for validation is '{_LABEL}')"
            )
            causes.append(_wrong(f"{where}.name", json.dumps(name), why))
        elif name in names:
            causes.append(
                Cause("FieldValueDuplicate", f"Duplicate value: {json.dumps(name)}", f"{where}.name")
            )
        if not container.get("image"):
            causes.append(_required(f"{where}.image"))
        names.add(name)
    return causes
