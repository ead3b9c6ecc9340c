"""Which ReplicaSet is a Deployment's new one, and the numbers by which people name revisions."""

from __future__ import annotations

from sandbox.kubernetes import conditions, rollout
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.recorder import Recorder
from sandbox.kubernetes.resources import DEPLOYMENTS, REPLICASETS, Object
from sandbox.kubernetes.rollout import HASH, HISTORY, OWN_ANNOTATIONS, REVISION
from sandbox.kubernetes.store import Store
from sandbox.kubernetes.strategies import Rollout


def current(store: Store, recorder: Recorder, deployment: Object) -> Rollout:
    """The rollout as it stands: `new` is the oldest ReplicaSet with the Deployment's template, if any."""
    sets = store.owned(deployment["metadata"]["uid"], REPLICASETS)
    same = [item for item in sets if _template(item) == deployment["spec"]["template"]]
    new = same[0] if same else None
    return Rollout(store, recorder, deployment, new, [item for item in sets if item is not new])


def number(change: Rollout) -> bool:
    """Give the new ReplicaSet the highest revision, and the Deployment the same one.

    A ReplicaSet that is used again moves: its revision 2 becomes 4, `revision-history` keeps the 2.
    The Deployment follows on the next sync, as in a real cluster. True: its status was written.
    """
    if change.new is None:
        return False
    revision = max(map(rollout.revision, change.old), default=0) + 1
    numbered = _numbered(change.deployment, change.new, revision)
    if numbered != change.new:
        change.new = change.store.update(REPLICASETS, numbered)
        return False
    found = f'Found new replica set "{change.new["metadata"]["name"]}"'
    known = conditions.find(change.deployment.get("status", {}).get("conditions", []), "Progressing")
    condition = None if known else conditions.new("Progressing", "True", "FoundNewReplicaSet", found)
    return _note(change, rollout.annotation(change.new, REVISION) or "", condition)


def create(change: Rollout) -> bool:
    """Make the new ReplicaSet, as large as the strategy allows now. True: the status was written."""
    deployment = change.deployment
    revision = max(map(rollout.revision, change.old), default=0) + 1
    new = _born(deployment, revision)
    size = rollout.new_replicas(deployment, change.old, 0)
    new["spec"]["replicas"] = size
    metadata = new["metadata"]
    metadata["annotations"] |= rollout.noted_sizes(deployment)
    if change.store.get(REPLICASETS, metadata["namespace"], metadata["name"]):
        raise ApiError(409, "AlreadyExists", f'replicasets.apps "{metadata["name"]}" already exists')
    change.new = change.store.create(REPLICASETS, new)
    if size:
        change.report("up", change.new, 0)
    text = f'Created new replica set "{metadata["name"]}"'
    return _note(change, str(revision), conditions.new("Progressing", "True", "NewReplicaSetCreated", text))


def _note(change: Rollout, revision: str, condition: conditions.Condition | None) -> bool:
    """Write the revision (and a condition) before the counters: a watcher sees both steps."""
    deployment = change.deployment
    annotations = deployment["metadata"].get("annotations", {}) | {REVISION: revision}
    status = deployment.get("status", {})
    if condition and deployment["spec"].get("progressDeadlineSeconds") is not None:
        status = status | {"conditions": conditions.replaced(status.get("conditions", []), condition)}
    noted = deployment | {"metadata": deployment["metadata"] | {"annotations": annotations}, "status": status}
    change.deployment = change.store.update(DEPLOYMENTS, noted)
    return change.deployment is not deployment


def _template(item: Object) -> Object:
    """A ReplicaSet's template without the hash label that it adds."""
    template = item["spec"]["template"]
    labels = {k: v for k, v in template["metadata"].get("labels", {}).items() if k != HASH}
    return {**template, "metadata": template["metadata"] | {"labels": labels}}


def _born(deployment: Object, revision: int) -> Object:
    template = deployment["spec"]["template"]
    digest = rollout.template_hash(template)
    labels = template["metadata"].get("labels", {}) | {HASH: digest}
    selector = deployment["spec"]["selector"].get("matchLabels", {}) | {HASH: digest}
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": deployment["metadata"]["name"]}
    owner |= {"uid": deployment["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True}
    spec: Object = {"replicas": 0, "selector": {"matchLabels": selector}}
    if ready := deployment["spec"].get("minReadySeconds"):
        spec["minReadySeconds"] = ready
    spec["template"] = {**template, "metadata": template["metadata"] | {"labels": labels}}
    metadata = {
        "name": f"{deployment['metadata']['name']}-{digest}",
        "namespace": deployment["metadata"]["namespace"],
        "labels": labels,
        "annotations": _copied(deployment) | {REVISION: str(revision)},
        "ownerReferences": [owner],
    }
    return {"metadata": metadata, "spec": spec, "status": {"replicas": 0}}


def _copied(deployment: Object) -> dict[str, str]:
    annotations = deployment["metadata"].get("annotations") or {}
    return {k: v for k, v in annotations.items() if k not in OWN_ANNOTATIONS}


def _numbered(deployment: Object, new: Object, revision: int) -> Object:
    """`new` with the Deployment's annotations, minReadySeconds and, if that is higher, `revision`."""
    annotations = new["metadata"].get("annotations", {}) | _copied(deployment)
    before = rollout.revision(new)
    if before < revision:
        if REVISION in annotations:
            earlier = [annotations[HISTORY]] if annotations.get(HISTORY) else []
            annotations[HISTORY] = ",".join([*earlier, str(before)])
        annotations[REVISION] = str(revision)
    spec = {k: v for k, v in new["spec"].items() if k != "minReadySeconds"}
    if ready := deployment["spec"].get("minReadySeconds"):
        spec["minReadySeconds"] = ready
    return new | {"metadata": new["metadata"] | {"annotations": annotations}, "spec": spec}
