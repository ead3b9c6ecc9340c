"""A Kubernetes API server for the sandbox: real protocol, imagined cluster."""

from sandbox.kubernetes.access import Rule
from sandbox.kubernetes.api import Audited, Patch
from sandbox.kubernetes.pods import LogLine
from sandbox.kubernetes.rbac import Granted, service_account
from sandbox.kubernetes.resources import Right
from sandbox.kubernetes.server import TOKEN, KubernetesServer, kubeconfig

__all__ = [
    "TOKEN",
    "Audited",
    "Granted",
    "KubernetesServer",
    "LogLine",
    "Patch",
    "Right",
    "Rule",
    "kubeconfig",
    "service_account",
]
