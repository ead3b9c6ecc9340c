"""Why a rollout fails, read from the message: each cause in plain words, long before the deadline."""

from __future__ import annotations

import pytest

from sandbox.chat import Chat, eventually
from sandbox.kubernetes.nodes import SIZE, Size
from sandbox.stage import Stage

AT_ONCE = {
    "r667": (
        "1 pod in CrashLoopBackOff: the container stops again soon after it starts: exit code 1",
        "FileNotFoundException",
    ),
    "r672": ("it is killed, as its liveness probe failed: /: no answer in time", ""),
    "r673": ("it ran out of memory (OOMKilled)", ""),
    "r674": ("the container stops again soon after it starts: exit code 0", ""),
    "r675": ('its configuration is missing: secret "web-credentials" not found', ""),
    "r676": ("the image cannot be pulled: the registry has no such image", ""),
    "r677": ("the image cannot be pulled: the registry does not let the node pull it", ""),
}
"""Revision of the sample shop -> the cause, and a line of the pod's log."""


@pytest.mark.parametrize("revision", AT_ONCE)
def test_what_does_not_go_away_by_itself_ends_the_rollout_at_once(chat: Chat, revision: str) -> None:
    cause, line = AT_ONCE[revision]

    said = chat.ends(chat.says(f"deploy web to trunk at {revision}", by="engineer"))

    assert cause in said.text
    assert "3 of 3 pods still serve." in said.text
    assert line in said.text
    assert "No progress" not in said.text


MAY_GO_AWAY = {
    "r671": "1 pod: readiness probe failed: HTTP 503",
    "r678": "1 pod in ImagePullBackOff: the image cannot be pulled: the registry does not answer",
}
"""Told while the rollout goes on: the cluster's deadline, 3 s here, comes before their grace is over."""


@pytest.mark.parametrize("revision", MAY_GO_AWAY)
def test_what_may_go_away_is_told_at_once_while_it_is_waited_for(chat: Chat, revision: str) -> None:
    said = chat.says(f"deploy web to trunk at {revision}", by="engineer")

    eventually(lambda: MAY_GO_AWAY[revision] in said.text, "word of the cause")
    going_on = "FAILED" not in said.text
    chat.ends(said)

    assert going_on
    assert f"No progress for 60 s: {MAY_GO_AWAY[revision]}. 3 of 3 pods still serve." in said.text


def test_pods_that_no_node_has_room_for_are_told_with_what_is_short(chat: Chat, stage: Stage) -> None:
    cluster = stage.world.kubernetes
    eventually(lambda: cluster.deployment("trunk", "web")["status"].get("readyReplicas") == 3, "3 pods")
    stage.thread.call(cluster.resize_nodes, Size(memory="32Mi"))

    said = chat.says("deploy web to trunk", by="engineer")
    eventually(lambda: "1 pod: Insufficient memory" in said.text, "word of the cause")
    going_on = "FAILED" not in said.text
    chat.ends(said)
    stage.thread.call(cluster.resize_nodes, SIZE)

    assert going_on
    assert "No progress for 60 s: 1 pod: Insufficient memory. 3 of 3 pods still serve." in said.text


def test_a_quota_that_is_used_up_is_told_while_pods_are_waited_for(chat: Chat) -> None:
    chat.ends(chat.says("scale web in dev to 17", by="ops"))

    said = chat.says("deploy web to dev", by="engineer")

    eventually(lambda: "the cluster refuses new pods: quota pods is used up" in said.text, "the cause")
    chat.ends(said)
    assert "is live on web/dev" in said.text
