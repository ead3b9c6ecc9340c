"""Which test answers for which recording: none is left lying, none is excused that is used."""

from __future__ import annotations

from pathlib import Path

from tests.sandbox.kubernetes_support import RECORDINGS_READ, index

ROOT = Path(__file__).parents[2]
ANSWERED = {
    "tests/sandbox/test_kubernetes_access.py": ("21-reviews/rules-bot.json",),
    "tests/sandbox/test_kubernetes_discovery.py": (
        "00-discovery/",
        "21-reviews/can-patch-",
        "21-reviews/sa-",
        "21-reviews/whoami-",
        "22-lists/pods-limit-1-page2.json",
        "24-outage/",
        "26-throttle/",
    ),
    "tests/sandbox/test_kubernetes_errors.py": ("20-errors/",),
    "tests/sandbox/test_kubernetes_kubectl_session.py": ("kubectl-1.36-session.txt",),
    "tests/sandbox/test_kubernetes_kubectl_undo.py": ("05-undo/kubectl-",),
    "tests/sandbox/test_kubernetes_watch.py": ("22-lists/events-v1.json", "23-watch/"),
    "tests/integrations/test_kubernetes_watch.py": ("25-apiserver-restart/watch-",),
}
"""Test file -> beginnings of the names of recordings that it answers for, beside the story of
test_kubernetes_replay.py: it replays their requests, or plays them to the adapter, and compares."""
NOT = {
    "00-discovery/openapi-v3-apis-apps-v1.json.gz": "is served as it is: sandbox/kubernetes/data has it",
    "20-errors/409-apply-conflict.json": "server-side apply: Shipmate never applies",
    "20-errors/422-admission-policy.json": "admission policies: the sandbox has none",
    "20-errors/429-eviction.json": "disruption budgets: Shipmate never evicts",
    "24-outage/etcd-stopped-outcomes.json": "statistics of a real outage, no request",
    "25-apiserver-restart/while-down.json": "what urllib3 says of a closed port, no request",
    "27-python-client/errors.json": "what the Python client makes of answers, no request",
}
"""Recordings that no test reads, and why."""


def answered(file: str) -> set[str]:
    """The recordings that a test file answers for."""
    return {name for name in index() if name.startswith(ANSWERED[file]) and name not in NOT}


def unread(path: str) -> set[str]:
    """Of those the ones whose answer none of its tests has read so far; `path`: its `__file__`."""
    file = Path(path).relative_to(ROOT).as_posix()
    return answered(file) - RECORDINGS_READ[file]
