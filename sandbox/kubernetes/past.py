"""What the sample shop's workloads were before: for a newcomer, to whom a shop without a past has little to show."""

from __future__ import annotations

import asyncio
import copy
import random

from sandbox.kubernetes import shop, times
from sandbox.kubernetes.resources import DEPLOYMENTS, REPLICASETS, Object
from sandbox.kubernetes.server import KubernetesServer

REVISION, HASH = "deployment.kubernetes.io/revision", "pod-template-hash"
DAY = 86_400.0
BEFORE = {
    "web": "releases-r1788-37",
    "api": "releases-93be07d-108",
    "shop": "releases-r1779-35",
    "pay": "v2.7.0",
}
"""The tag that ran before the one of today."""


async def remember(server: KubernetesServer) -> None:
    """Give every Deployment an earlier revision, weeks old, beside today's, some days old.

    As the controller leaves them: a ReplicaSet without pods, with the image of then.
    """
    ages = random.Random(7)
    for project, tag in BEFORE.items():
        server.images.push(shop.image(project, tag))
    while len(server.store.all(REPLICASETS)) < len(server.store.all(DEPLOYMENTS)):
        await asyncio.sleep(0.01)  # their controller is at work in this loop
    for item in server.store.all(DEPLOYMENTS):
        namespace, project = item["metadata"]["namespace"], item["metadata"]["name"]
        (today,) = server.replica_sets(namespace, project)
        made, changed = ages.uniform(20, 60) * DAY, ages.uniform(2, 9) * DAY
        earlier = _earlier(today, shop.image(project, BEFORE[project]))
        server.store.update(REPLICASETS, _aged(server.store.create(REPLICASETS, earlier), made, "1"))
        server.store.update(REPLICASETS, _aged(today, changed, "2"))
        server.store.update(DEPLOYMENTS, _aged(item, made, "2"))


def _earlier(today: Object, image: str) -> Object:
    item = copy.deepcopy(dict(today))
    name, _, mark = item["metadata"]["name"].rpartition("-")
    item["metadata"] |= {"name": f"{name}-{mark[::-1]}", "uid": "", "labels": {**item["metadata"]["labels"]}}
    template = item["spec"]["template"]
    template["spec"]["containers"][0]["image"] = image
    for labels in (
        item["metadata"]["labels"],
        item["spec"]["selector"]["matchLabels"],
        template["metadata"]["labels"],
    ):
        labels[HASH] = mark[::-1]
    item["spec"]["replicas"] = 0
    item["status"] = {"replicas": 0, "observedGeneration": 1}
    return item


def _aged(item: Object, seconds: float, revision: str) -> Object:
    notes = {**(item["metadata"].get("annotations") or {}), REVISION: revision}
    created = times.stamp(-seconds)
    return {**item, "metadata": {**item["metadata"], "creationTimestamp": created, "annotations": notes}}
