"""Create, update, patch and delete, as an API server carries them out."""

from __future__ import annotations

import random
from dataclasses import dataclass

from sandbox.kubernetes import (
    admission,
    decoding,
    defaults,
    errors,
    housekeeping,
    patches,
    rollout,
    scales,
    schema,
    times,
    validation,
)
from sandbox.kubernetes.decoding import Options
from sandbox.kubernetes.resources import (
    AUTOSCALERS,
    NAMESPACES,
    PODS,
    WORKLOADS,
    Object,
    Resource,
    Right,
    key,
)
from sandbox.kubernetes.store import Store

STRATEGIC, MERGE, JSON_PATCH = (
    "application/strategic-merge-patch+json",
    "application/merge-patch+json",
    "application/json-patch+json",
)
_random = random.Random(11)


@dataclass(frozen=True)
class Target:
    """What a request is about; an empty name is the whole collection."""

    resource: Resource
    namespace: str
    name: str = ""
    subresource: str = ""

    def right(self, verb: str) -> Right:
        """What a caller needs who does `verb` to it."""
        below = f"/{self.subresource}" if self.subresource else ""
        return Right(verb, self.resource.group, f"{self.resource.plural}{below}")


@dataclass(frozen=True)
class Written:
    """The answer, and what was wrong with the body but let pass (header `Warning`)."""

    answer: Object
    code: int = 200
    warnings: tuple[str, ...] = ()
    spec_changed: bool = False


class Writer:
    """Writes to the store on behalf of a caller whose rights were checked."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, target: Target, body: Object, options: Options) -> Written:
        resource = target.resource
        if target.name:
            raise errors.method_not_allowed()
        item, warnings = decoding.whole(resource, body, options)
        metadata = {
            k: v
            for k, v in (item.get("metadata") or {}).items()
            if k not in ("uid", "resourceVersion") and v not in ({}, [])
        }
        if not metadata.get("name") and metadata.get("generateName"):
            metadata["name"] = metadata["generateName"] + rollout.suffix(_random.choices)
        if resource.namespaced:
            metadata["namespace"] = target.namespace
            self._check_namespace(target.namespace, resource, metadata.get("name", ""))
        item = self._prepared(resource, item | {"metadata": metadata})
        if self._store.get(resource, target.namespace, metadata["name"]):
            raise errors.already_exists(resource, metadata["name"])
        write = self._store.born if options.dry_run else self._store.create
        return Written(write(resource, item), 201, warnings)

    def _prepared(self, resource: Resource, item: Object) -> Object:
        item = defaults.count_templates(resource, defaults.fill(resource, item), None)
        if not item["metadata"].get("name"):
            cause = errors.Cause(
                "FieldValueRequired", "Required value: name or generateName is required", "metadata.name"
            )
            raise errors.invalid(resource.kind, resource.group, "", [cause])
        validation.check(resource, item)
        if resource is PODS:
            return admission.pod(self._store, item)
        if resource is NAMESPACES:
            labels = item["metadata"].get("labels", {}) | {
                "kubernetes.io/metadata.name": item["metadata"]["name"]
            }
            return item | {"metadata": item["metadata"] | {"labels": labels}, "status": {"phase": "Active"}}
        return item | ({"status": {}} if resource.status else {})

    def _check_namespace(self, namespace: str, resource: Resource, name: str) -> None:
        found = self._store.namespace(namespace)
        if found is None:
            raise errors.not_found(NAMESPACES, namespace)
        if "deletionTimestamp" in found["metadata"]:
            cause = {
                "reason": "NamespaceTerminating",
                "message": f"namespace {namespace} is being terminated",
            }
            cause["field"] = "metadata.namespace"
            why = f"unable to create new content in namespace {namespace} because it is being terminated"
            raise errors.forbidden(resource, name, why, causes=[cause])

    def update(self, target: Target, body: Object, options: Options) -> Written:
        current = self.find(target)
        if target.subresource == "scale":
            return self._rescale(target, current, body, options)
        item, warnings = decoding.whole(target.resource, body, options)
        return self._replace(target, current, item, options, warnings)

    def patch(self, target: Target, kind: str, body: bytes, options: Options) -> Written:
        if kind not in (STRATEGIC, MERGE, JSON_PATCH):
            raise errors.unsupported_media_type()
        current = self.find(target)
        patch = decoding.read_json(body, "error decoding patch")
        scale = target.subresource == "scale"
        shown = scales.show(current) if scale else current
        node = schema.scale() if scale else schema.root(target.resource)
        if kind == STRATEGIC:
            warnings = decoding.check_strategic(patch, node, options)
            patched = patches.strategic(shown, patch, node)
        else:
            apply = patches.merge if kind == MERGE else patches.json_patch
            patched = apply(shown, patch)
            warnings = decoding.check_patched(patched, node, options)
        if scale:
            return self._rescale(target, current, patched, options)
        return self._replace(target, current, schema.prune(patched, node), options, warnings)

    def find(self, target: Target) -> Object:
        found = self._store.get(target.resource, target.namespace, target.name)
        if found is None:
            raise errors.not_found(target.resource, target.name)
        return found

    def _replace(
        self, target: Target, current: Object, item: Object, options: Options, warnings: tuple[str, ...]
    ) -> Written:
        resource, old = target.resource, current["metadata"]
        given = item.get("metadata") or {}
        if given.get("resourceVersion", old["resourceVersion"]) != old["resourceVersion"]:
            raise errors.conflict(resource, target.name)
        kept = ("namespace", "creationTimestamp", "generation", "deletionTimestamp", "ownerReferences")
        metadata = {"uid": old["uid"]} | {k: v for k, v in given.items() if v not in ({}, [])}
        metadata |= {"name": target.name} | {k: old[k] for k in kept if k in old}
        if target.subresource == "status":
            item = current | {"metadata": current["metadata"], "status": item.get("status", {})}
        else:
            status = {"status": current["status"]} if "status" in current and resource.status else {}
            item = defaults.fill(resource, item | {"metadata": metadata}) | status
            item = defaults.count_templates(resource, item, current)
            validation.check(resource, item, current)
        item = {k: v for k, v in item.items() if k not in ("kind", "apiVersion")}
        item = {"kind": resource.kind, "apiVersion": resource.api_version} | item
        changed = item.get("spec") != current.get("spec")
        if options.dry_run:
            return Written(self._store.revised(resource, current, item), 200, warnings, changed)
        return Written(self._store.update(resource, item), 200, warnings, changed)

    def _rescale(self, target: Target, current: Object, scale: Object, options: Options) -> Written:
        wanted = (scale.get("metadata") or {}).get("resourceVersion", current["metadata"]["resourceVersion"])
        replicas = (scale.get("spec") or {}).get("replicas", 0)
        validation.check_scale(target.name, replicas)
        if wanted != current["metadata"]["resourceVersion"]:
            raise errors.conflict(target.resource, target.name)
        item = current | {"spec": current["spec"] | {"replicas": replicas}}
        write = self._store.update if not options.dry_run else lambda r, i: self._store.revised(r, current, i)
        stored = write(target.resource, item)
        return Written(scales.show(stored), spec_changed=stored.get("spec") != current.get("spec"))

    def delete(self, target: Target, options: Object, dry_run: bool) -> Object:
        """The answer: the object while it waits for something, else a Status."""
        resource, item = target.resource, self.find(target)
        wanted = (options.get("preconditions") or {}).get("uid")
        if wanted and wanted != item["metadata"]["uid"]:
            raise errors.conflict(resource, target.name)
        if not dry_run:
            if resource is PODS:
                return admission.begin_deletion(self._store, item)
            if resource is NAMESPACES:
                ending = item["metadata"] | {"deletionTimestamp": times.stamp()}
                return self._store.update(
                    resource, item | {"metadata": ending, "status": {"phase": "Terminating"}}
                )
            if options.get("propagationPolicy") == "Foreground" and resource.group == "apps":
                return housekeeping.begin_foreground(self._store, resource, item)
            if options.get("propagationPolicy") == "Orphan":
                self._orphan(item)
            self._store.delete(resource, *key(item))
        details = errors.about(resource, target.name, uid=item["metadata"]["uid"])
        return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}

    def _orphan(self, owner: Object) -> None:
        for resource, item in self._store.dependents(owner["metadata"]["uid"]):
            metadata = {k: v for k, v in item["metadata"].items() if k != "ownerReferences"}
            self._store.update(resource, item | {"metadata": metadata})


def touches_rollout(target: Target) -> bool:
    """Whether people follow what this write starts: `KubernetesServer.patches` keeps it."""
    return target.resource in (*WORKLOADS, AUTOSCALERS) and target.subresource in ("", "scale")
