"""Every recording, held against the sandbox: replayed here, answered for elsewhere, or said why not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubernetes_account import ANSWERED, NOT, answered
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


def test_every_recording_is_answered_for_once_or_it_is_said_why_not() -> None:
    elsewhere = [name for file in ANSWERED for name in answered(file)]
    files = {path.relative_to(support.RECORDINGS).as_posix() for path in support.RECORDINGS.rglob("*.*")}

    assert sorted([*RECORDINGS, *elsewhere, *NOT]) == sorted(support.index())
    assert files - support.index().keys() == {"README.md", "index.json"}
    assert support.index().keys() - files == {"00-discovery/openapi-v3-apis-apps-v1.json.gz"}


def test_what_no_test_reads_is_read_by_none() -> None:
    read = set().union(*support.RECORDINGS_READ.values())

    assert not read & NOT.keys()
