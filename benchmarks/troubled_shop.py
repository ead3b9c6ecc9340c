"""A shop in which every workload comes to a trouble of its own, all at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.shop import CONFIGURATION, BigShop
from benchmarks.troubles import OF_EVERY_KIND, TROUBLES, Trouble
from sandbox.kubernetes import Rule
from sandbox.kubernetes import shop as cluster_shop
from sandbox.kubernetes.nodes import Size
from sandbox.kubernetes.resources import DAEMONSETS, DEPLOYMENTS, PODS, QUOTAS, STATEFULSETS, Object, Resource
from sandbox.kubernetes.server import KubernetesServer
from sandbox.kubernetes.store import Change

BUILDS = 0.05
"""The pace of Jenkins: builds are none of what is looked at."""
DEADLINE = 600
"""Real seconds: a rollout's progressDeadlineSeconds, which Kubernetes has by default."""
REPLICAS = 2
GOOD = cluster_shop.image("web", cluster_shop.TAGS["web"])
KINDS: dict[str, Resource] = {"Deployment": DEPLOYMENTS, "StatefulSet": STATEFULSETS, "DaemonSet": DAEMONSETS}
BESIDE = {"small nodes": "small", "silent streams": "silent"}
"""Trouble that all of a cluster have -> the cluster kept for it."""


@dataclass(frozen=True)
class Case:
    """One workload in a namespace of its own, which has its name: its warnings are nobody else's."""

    number: int
    cause: str
    kind: str

    @property
    def project(self) -> str:
        return f"c{self.number:02}"

    @property
    def trouble(self) -> Trouble:
        return TROUBLES[self.cause]

    @property
    def cluster(self) -> str:
        return BESIDE.get(self.trouble.where, "main")

    @property
    def asks(self) -> str:
        return f"deploy {self.project} to trunk" + (f" at {self.trouble.at}" if self.trouble.at else "")

    @property
    def name(self) -> str:
        return self.cause if self.kind == "Deployment" else f"{self.cause}, {self.kind}"

    def configured(self) -> str:
        target = f"kind: {self.kind}, cluster: {self.cluster}"
        if self.trouble.where == "init container":
            target += ", more_containers: [first]"
        return f"  {self.project}: {{source: svn, environments: {{trunk: {{{target}}}}}}}\n"


def cases() -> list[Case]:
    wanted = [
        (cause, kind) for kind in KINDS for cause in (TROUBLES if kind == "Deployment" else OF_EVERY_KIND)
    ]
    return [Case(number, cause, kind) for number, (cause, kind) in enumerate(wanted)]


class TroubledShop(BigShop):
    """Clusters of a pace: one with room for all, one whose nodes become small, one whose watches fall silent."""

    def __init__(self, pace: float) -> None:
        super().__init__(0, BUILDS, cluster_pace=pace)
        for name in BESIDE.values():
            cluster = self.more_clusters[name] = KubernetesServer(self.images, pace=pace, chatter=0)
            cluster.tokens.clear()
            cluster.tokens[f"{name}-token"] = Rule()
            self.servers[f"kubernetes-{name}"] = cluster

    def cluster(self, case: Case) -> KubernetesServer:
        return self.more_clusters.get(case.cluster, self.kubernetes)


def configure(folder: Path, every: list[Case]) -> Path:
    text = CONFIGURATION.replace("big-{environment}", "{project}")
    for name in BESIDE.values():
        cluster = f'  {name}: {{server: "${{{name.upper()}_URL}}", token: "${{{name.upper()}_TOKEN}}"}}\n'
        text = text.replace("clusters:\n", f"clusters:\n{cluster}")
    path = folder / "shipmate.yaml"
    path.write_text(text + "".join(case.configured() for case in every))
    return path


def furnish(shop: TroubledShop, case: Case) -> None:
    cluster = shop.cluster(case)
    cluster_shop.namespace(cluster, case.project)
    spec: Object = {"progressDeadlineSeconds": round(DEADLINE / cluster.clock.pace)}
    if case.trouble.where == "init container":
        main = {"name": case.project, "image": GOOD}
        pod = {"initContainers": [{"name": "first", "image": GOOD}], "containers": [main]}
        spec["template"] = {"metadata": {"labels": {"app": case.project}}, "spec": pod}
    cluster_shop.deploy(cluster, case.project, case.project, GOOD, REPLICAS, KINDS[case.kind], **spec)


def _workload(shop: TroubledShop, case: Case) -> Object:
    found = shop.cluster(case).store.get(KINDS[case.kind], case.project, case.project)
    assert found is not None
    return found


def well(shop: TroubledShop, case: Case) -> bool:
    status = _workload(shop, case).get("status", {})
    wanted = status.get("desiredNumberScheduled", REPLICAS)
    return bool(wanted and status.get("readyReplicas", status.get("numberReady", 0)) == wanted)


def spoil(shop: TroubledShop, case: Case) -> None:
    """What is in the way of the next revision, beside its image."""
    cluster, trouble = shop.cluster(case), case.trouble
    if trouble.where == "no pods allowed":
        metadata = {"name": "full", "namespace": case.project}
        cluster.create(QUOTAS, {"metadata": metadata, "spec": {"hard": {"pods": "0"}}})
    if trouble.where == "small nodes":
        cluster.resize_nodes(Size(memory="32Mi"))
    if trouble.template:
        workload = _workload(shop, case)
        template = workload["spec"]["template"]
        changed = template | {"spec": template["spec"] | trouble.template}
        metadata = workload["metadata"] | {"generation": workload["metadata"]["generation"] + 1}
        spec = workload["spec"] | {"template": changed}
        cluster.store.update(KINDS[case.kind], workload | {"metadata": metadata, "spec": spec})
    if trouble.where == "silent streams":
        _hush_at_the_worst_moment(cluster)


def _hush_at_the_worst_moment(cluster: KubernetesServer) -> None:
    """Once a container has ended: that it is in a crash loop comes next."""

    left = [cluster.watches.hush]

    def observe(change: Change) -> None:
        if left and change.resource is PODS and "terminated" in str(change.item["status"]):
            left.pop()()

    cluster.store.listeners.append(observe)
