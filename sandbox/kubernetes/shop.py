"""The sample shop in the cluster: four projects in four environments."""

from __future__ import annotations

from sandbox.kubernetes.resources import (
    AUTOSCALERS,
    DEPLOYMENTS,
    NAMESPACES,
    QUOTAS,
    SERVICES,
    Object,
    Resource,
)
from sandbox.kubernetes.server import KubernetesServer

REGISTRY = "harbor.shop.example"
SIZES = {"dev": 1, "trunk": 3, "hidden": 2, "product": 3}
"""Environment -> replicas of each project."""
TAGS = {
    "web": "releases-r1798-40",
    "api": "releases-4f1c2ab-112",
    "shop": "releases-r1791-38",
    "pay": "v2.7.1",
}
RESOURCES = {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}}
"""Of each container; on nodes made smaller than that nothing new starts."""
DEADLINE = 60
"""progressDeadlineSeconds; at most this many lifelike seconds without progress."""


BASES = ("tomcat:9-jdk17", "nginx:1.27")
"""Base images: what the projects' Dockerfiles build on."""


def create(server: KubernetesServer) -> None:
    """Namespaces, Deployments and Services; an autoscaler for pay in product; a pod quota in dev."""
    for base in BASES:
        server.images.push(f"{REGISTRY}/base/{base}")
    for project, tag in TAGS.items():
        server.images.push(image(project, tag))
    for environment, size in SIZES.items():
        namespace(server, environment)
        for project in TAGS:
            deploy(server, environment, project, image(project, TAGS[project]), size)
            server.create(SERVICES, _service(environment, project))
    server.create(AUTOSCALERS, _autoscaler("product", "pay"))
    server.create(
        QUOTAS, {"metadata": {"name": "pods", "namespace": "dev"}, "spec": {"hard": {"pods": "20"}}}
    )


def image(project: str, tag: str) -> str:
    return f"{REGISTRY}/{project}/{project}:{tag}"


def namespace(server: KubernetesServer, name: str) -> Object:
    return server.create(NAMESPACES, {"metadata": {"name": name}})


def deploy(
    server: KubernetesServer,
    environment: str,
    project: str,
    reference: str,
    replicas: int,
    resource: Resource = DEPLOYMENTS,
    **spec: object,
) -> Object:
    """A Deployment of `project` as the shop writes them; `spec` adds to or replaces its fields.

    Or another kind of workload: what it has no field for (a DaemonSet's replicas) the server drops.
    """
    labels = {"app": project}
    container: Object = {"name": project, "image": reference, "ports": [{"containerPort": 8080}]}
    container |= {"resources": RESOURCES}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    wanted: Object = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    wanted |= {"progressDeadlineSeconds": DEADLINE} | spec
    metadata = {"name": project, "namespace": environment, "labels": labels}
    return server.create(resource, {"metadata": metadata, "spec": wanted})


def _service(environment: str, project: str) -> Object:
    spec = {"selector": {"app": project}, "ports": [{"port": 80, "targetPort": 8080}]}
    return {"metadata": {"name": project, "namespace": environment, "labels": {"app": project}}, "spec": spec}


def _autoscaler(environment: str, project: str) -> Object:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": project}
    use = {"type": "Utilization", "averageUtilization": 80}
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": use}}
    spec = {"scaleTargetRef": target, "minReplicas": 3, "maxReplicas": 8, "metrics": [metric]}
    return {"metadata": {"name": project, "namespace": environment}, "spec": spec}
