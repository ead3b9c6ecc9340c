"""The Scale subresource: a Deployment's or ReplicaSet's size seen through autoscaling/v1."""

from __future__ import annotations

from sandbox.kubernetes import selectors
from sandbox.kubernetes.resources import Object
from sandbox.kubernetes.rollout import count, replicas


def show(item: Object) -> Object:
    """`spec` is empty at 0 replicas (Go's omitempty); the selector is a string."""
    names = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    wanted = replicas(item)
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {name: item["metadata"][name] for name in names},
        "spec": {"replicas": wanted} if wanted else {},
        "status": {
            "replicas": count(item, "replicas"),
            "selector": selectors.shown(item["spec"]["selector"]),
        },
    }
