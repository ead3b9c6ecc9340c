"""Why a rollout fails, read from the message, while it goes on and at its end; every cause by itself is in
test_every_cause.py."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from sandbox.chat import Chat, Said, eventually
from sandbox.kubernetes.nodes import SIZE, Size
from sandbox.kubernetes.resources import QUOTAS
from sandbox.stage import Stage
from sandbox.world import World
from tests.commands.test_cancel import id_of
from tests.trouble.support import kubectl


@dataclass(frozen=True)
class Trouble:
    """What a revision of the sample shop comes to: in words, in its pod's log, and in the cluster's warnings."""

    cause: str
    event: str
    line: str = ""
    """Empty: its container never began, so there is no log."""


HANGS = Trouble(
    "1 pod in CrashLoopBackOff: the container stops again soon after it starts: "
    "it is killed, as its liveness probe failed: /: no answer in time",
    "Unhealthy: Liveness probe failed: /: no answer in time",
    "WARN  still waiting for a connection",
)
MAY_GO_AWAY = {
    "r671": Trouble(
        "1 pod: readiness probe failed: HTTP 503",
        "Unhealthy: Readiness probe failed: HTTP 503",
        "WARN  still waiting for a connection",
    ),
    "r678": Trouble(
        "1 pod in ImagePullBackOff: the image cannot be pulled: the registry does not answer",
        "Failed: Failed to pull image",
    ),
}


def test_what_does_not_go_away_by_itself_ends_the_rollout_at_once(chat: Chat) -> None:
    said = chat.ends(chat.says("deploy web to trunk at r672", by="engineer"))

    assert HANGS.cause in said.text
    assert "3 of 3 pods still serve." in said.text
    assert "No progress" not in said.text
    assert _evidence(said) == (True, True)
    assert HANGS.line in said.text
    assert HANGS.event in said.text


@pytest.mark.parametrize("revision", MAY_GO_AWAY)
def test_what_may_go_away_is_told_with_log_and_events_while_it_is_waited_for(
    chat: Chat, world: World, revision: str
) -> None:
    trouble = MAY_GO_AWAY[revision]
    kubectl(world, "PATCH", "trunk/deployments/web", {"spec": {"progressDeadlineSeconds": 900}})

    said = chat.says(f"deploy web to trunk at {revision}", by="engineer")
    eventually(lambda: trouble.cause in said.text and trouble.event in said.text, "word of the cause")
    going_on, found, text = "FAILED" not in said.text, _evidence(said), said.text
    chat.says(f"cancel {id_of(said)}", by="engineer")
    chat.ends(said)

    assert going_on
    assert found == (bool(trouble.line), True)
    assert trouble.line in text


def test_what_did_not_go_away_by_the_clusters_deadline_is_told_with_its_cause(chat: Chat) -> None:
    said = chat.ends(chat.says("deploy web to trunk at r671", by="engineer"))

    assert f"No progress for 60 s. {MAY_GO_AWAY['r671'].cause}. 3 of 3 pods still serve." in said.text


def test_the_cause_is_told_in_the_language_of_whoever_asked(chat: Chat) -> None:
    said = chat.ends(chat.says("部署web到trunk r667", by="mei"))

    assert "1 个 Pod 处于 CrashLoopBackOff：容器启动后很快又停止：退出码 1" in said.text
    assert "仍有 3/3 个 Pod 在提供服务。" in said.text
    assert "Caused by: java.io.FileNotFoundException" in said.text


def _evidence(said: Said) -> tuple[bool, bool]:
    """Whether the message shows lines of a log, and warnings of the cluster."""
    texts = [block["text"]["text"] for block in said.message.blocks if block["type"] == "section"]
    warned = "Warnings of the cluster:" in texts
    before = texts[: texts.index("Warnings of the cluster:")] if warned else texts
    return any(text.startswith("```") for text in before), warned


def test_pods_that_have_the_same_trouble_are_told_as_one(chat: Chat, stage: Stage) -> None:
    """All three new ones are made at once."""
    cluster = stage.world.kubernetes
    surge = {"spec": {"strategy": {"rollingUpdate": {"maxSurge": 3, "maxUnavailable": 0}}}}
    kubectl(stage.world, "PATCH", "trunk/deployments/web", surge)
    stage.thread.call(cluster.resize_nodes, Size(memory="32Mi"))

    said = chat.ends(chat.says("deploy web to trunk", by="engineer"))
    stage.thread.call(cluster.resize_nodes, SIZE)

    assert "No progress for 60 s. 3 pods: Insufficient memory. 3 of 3 pods still serve." in said.text
    assert "3 pods: Insufficient memory" in said.text.partition("Warnings of the cluster:")[2]


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
    assert "No progress for 60 s. 1 pod: Insufficient memory. 3 of 3 pods still serve." in said.text
    assert "Insufficient memory" in said.text.partition("Warnings of the cluster:")[2]


def test_a_quota_that_is_used_up_is_told_and_the_rollout_goes_on_once_there_is_room(
    chat: Chat, stage: Stage, world: World
) -> None:
    full = {"metadata": {"name": "full", "namespace": "dev"}, "spec": {"hard": {"pods": "4"}}}
    eventually(lambda: len(world.kubernetes.pods("dev")) == 4, "the pods of before")
    kubectl(world, "PATCH", "dev/deployments/web", {"spec": {"progressDeadlineSeconds": 900}})
    stage.thread.call(world.kubernetes.create, QUOTAS, full)

    said = chat.says("deploy web to dev", by="engineer")
    refuses, warns = (
        "the cluster refuses new pods: quota full is used up",
        "FailedCreate: quota full is used up",
    )
    eventually(lambda: refuses in said.text, "the cause")
    eventually(lambda: warns in said.text.partition("Warnings of the cluster:")[2], "the warning")
    kubectl(world, "DELETE", "dev/resourcequotas/full", group="/api/v1")
    chat.ends(said)

    assert "is live on web/dev" in said.text
