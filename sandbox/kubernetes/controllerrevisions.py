"""The history of StatefulSets and DaemonSets: one ControllerRevision for each template they ever had.

kubernetes/pkg/controller/history: the same template again does not make another one, its number rises.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.kubernetes import rollout
from sandbox.kubernetes.podcontrol import owner_reference
from sandbox.kubernetes.resources import CONTROLLERREVISIONS, Object, Resource, key
from sandbox.kubernetes.store import Store

HASH = "controller-revision-hash"
"""The label by which a pod says which revision it was made from."""
REPLACE = {"$patch": "replace"}


@dataclass(frozen=True)
class History:
    """`update`: the revision of the template as it is now. `every`: all of them, lowest number first."""

    update: Object
    every: list[Object]

    def named(self, name: str) -> Object | None:
        return next((each for each in self.every if each["metadata"]["name"] == name), None)


def sync(store: Store, resource: Resource, item: Object, hash_label: str) -> History:
    """The history of `item` with its present template as the highest revision."""
    every = sorted(store.owned(item["metadata"]["uid"], CONTROLLERREVISIONS), key=_number)
    data = {"spec": {"template": item["spec"]["template"] | REPLACE}}
    highest = _number(every[-1]) if every else 0
    same = next((each for each in every if each["data"] == data), None)
    if same is None:
        update = store.create(
            CONTROLLERREVISIONS, _born(resource, item, hash_label) | {"data": data, "revision": highest + 1}
        )
    elif _number(same) < highest:
        update = store.update(CONTROLLERREVISIONS, same | {"revision": highest + 1})
    else:
        update = same
    return History(update, [*(each for each in every if each is not same), update])


def trim(store: Store, item: Object, history: History, live: set[str]) -> None:
    """Keep revisionHistoryLimit revisions that nothing uses; `live`: names that pods or the status have."""
    idle = [each for each in history.every if each["metadata"]["name"] not in live]
    for each in idle[: max(0, len(idle) - int(item["spec"].get("revisionHistoryLimit", 10)))]:
        store.delete(CONTROLLERREVISIONS, *key(each))


def template(revision: Object) -> Object:
    found: Object = revision["data"]["spec"]["template"]
    return {name: value for name, value in found.items() if name not in REPLACE}


def short(revision: Object) -> str:
    """The hash at the end of its name."""
    return str(revision["metadata"]["name"]).rpartition("-")[2]


def _number(revision: Object) -> int:
    return int(revision["revision"])


def _born(resource: Resource, item: Object, hash_label: str) -> Object:
    digest = rollout.template_hash(item["spec"]["template"])
    metadata: Object = {"name": f"{item['metadata']['name']}-{digest}"}
    metadata["namespace"] = item["metadata"]["namespace"]
    metadata["labels"] = item["spec"]["template"]["metadata"].get("labels", {}) | {hash_label: digest}
    if annotations := item["metadata"].get("annotations"):
        metadata["annotations"] = annotations
    return {"metadata": metadata | {"ownerReferences": [owner_reference(resource, item)]}}
