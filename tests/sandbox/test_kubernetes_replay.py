"""Every recording, held against the sandbox: replayed here, tested elsewhere, or said why not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubernetes_shapes import shape
from tests.sandbox.kubernetes_story import STILL, Got, Story
from tests.sandbox.kubernetes_support import recorded

SCENES = (
    "01-create",
    "02-rollout",
    "03-nochange",
    "04-bad-image",
    "05-undo",
    "06-failures",
    "07-scale",
    "08-restart",
    "09-pause",
    "10-quota",
    "11-lag",
    "12-supersede",
    "13-recreate",
    "14-delete",
    "15-minready",
    "16-image-space",
    "22-lists/table-deployments",
    "22-lists/partial-metadata",
    "22-lists/deployments",
    "22-lists/pods-limit-1.json",
    "22-lists/400-bad-continue",
    "25-apiserver-restart/after",
    "25-apiserver-restart/killed-after",
)
RECORDINGS = {
    name: entry for name, entry in support.index().items() if name.startswith(SCENES) and entry["request"]
}


@pytest.fixture(scope="module")
def answers() -> Iterator[dict[str, Got]]:
    with support.cluster(pace=STILL) as shop:
        for tag, behaviour in (("crash", "crashes"), ("oom", "oom"), ("unready", "unready")):
            shop.push(f"app:{tag}", behaviour)
        shop.push("app:config", "misconfigured")
        shop.push("web:v8-slow", "slow")
        for name in ("rec:v1", "rec:v2", "mr:v1", "web:v11.1795405030", "web:v12.1795405748"):
            shop.push(name)
        story = Story(shop)
        for scene in SCENES:
            story.tell(scene)
        yield story.answers


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_answer_has_the_recorded_shape(answers: dict[str, Got], name: str) -> None:
    got, want = answers[name], recorded(name)

    assert got.status == RECORDINGS[name]["status"]
    if name.endswith(".ndjson") or "/during-" in name:
        parts = want if name.endswith(".ndjson") else want["items"]
        missing = [part for part in map(shape, parts) if part not in got.shapes]
        assert not missing, [
            min((difference(part, each) for each in got.shapes), key=len) for part in missing
        ]
    else:
        assert shape(want) in got.shapes, difference(shape(want), got.shapes[0])


def difference(want: Any, got: Any, path: str = "") -> list[str]:
    """Where two shapes differ."""
    if isinstance(want, dict) and isinstance(got, dict):
        names = sorted(want.keys() | got.keys())
        return [
            line for name in names for line in difference(want.get(name), got.get(name), f"{path}.{name}")
        ]
    return [] if want == got else [f"{path}: recorded {want}, sandbox {got}"]


# -- what is not part of the story above

ELSEWHERE = {
    "00-discovery/": "test_kubernetes_discovery.py",
    "05-undo/kubectl-history.txt": "test_kubernetes_kubectl.py",
    "20-errors/": "test_kubernetes_errors.py",
    "21-reviews/rules-bot.json": "test_kubernetes_access.py",
    "21-reviews/": "test_kubernetes_discovery.py",
    "22-lists/events-v1.json": "test_kubernetes_watch.py",
    "22-lists/pods-limit-1-page2.json": "test_kubernetes_discovery.py",
    "23-watch/": "test_kubernetes_watch.py",
    "24-outage/": "test_kubernetes_discovery.py",
    "25-apiserver-restart/watch-": "../integrations/test_kubernetes_watch.py",
    "26-throttle/": "test_kubernetes_discovery.py",
    "kubectl-1.36-session.txt": "test_kubernetes_kubectl.py",
}
"""Beginning of a recording's name -> the test that has its name and replays it, or plays it to the adapter."""
IN_LISTS = ("00-discovery/", "20-errors/", "21-reviews/", "24-outage/")
"""Their tests take names from the index or compose them."""
NOT = {
    "00-discovery/openapi-v3-apis-apps-v1.json.gz": "is served as it is: sandbox/kubernetes/data has it",
    "05-undo/kubectl-undo-v9.txt": "a trace of one client's HTTP: the undo itself is replayed in 05-undo",
    "20-errors/409-apply-conflict.json": "server-side apply: Shipmate never applies",
    "20-errors/422-admission-policy.json": "admission policies: the sandbox has none",
    "20-errors/429-eviction.json": "disruption budgets: Shipmate never evicts",
    "24-outage/etcd-stopped-outcomes.json": "statistics of a real outage, no request",
    "25-apiserver-restart/while-down.json": "what urllib3 says of a closed port, no request",
    "27-python-client/errors.json": "what the Python client makes of answers, no request",
}
"""Recordings that no test replays, and why."""


@pytest.mark.parametrize("name", sorted(support.index().keys() - RECORDINGS.keys()))
def test_the_rest_is_tested_elsewhere_or_said_why_not(name: str) -> None:
    if name in NOT:
        return
    module = next(found for prefix, found in ELSEWHERE.items() if name.startswith(prefix))

    source = (Path(__file__).parent / module).read_text()
    stem = name.rpartition("/")[2].rpartition(".")[0]
    assert stem in source or name.startswith(IN_LISTS)
