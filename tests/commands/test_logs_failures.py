"""What is shown of the logs when a rollout fails: alike for a deploy, a rollback and a restart."""

from __future__ import annotations

import pytest

from sandbox.chat import Chat
from sandbox.server import Fault
from sandbox.stage import Stage
from tests.commands.logs_support import written
from tests.commands.test_dry_run import set_with_kubectl
from tests.commands.test_logs_kinds import KINDS
from tests.trouble.support import broken

LOG = (
    "2026-01-01 00:00:00 INFO zebra wakes up",
    "2026-01-01 00:00:00 ERROR [zoo] zebra has no hay, token=s3cr3t99xyz",
)


OURS = ("ERROR [zoo] zebra has no hay, token=‹hidden›", "zebra has no hay, token=‹hidden›")
"""How it stands in the pod's log, and which kind of error it is: without the layout around it."""


@pytest.mark.parametrize(
    ("change", "logged", "kind"),
    [
        ("deploy web to trunk at r667", "ERROR Application run failed", "Application run failed"),
        ("rollback web in trunk to releases-r1798-40", *OURS),
        ("restart web in trunk", *OURS),
    ],
)
def test_a_failed_rollout_shows_pod_log_warnings_and_new_errors(
    chat: Chat, stage: Stage, change: str, logged: str, kind: str
) -> None:
    written(stage, "giraffe has no hay", ago=600, environment="trunk")
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    for tag in ("releases-r1798-40", "trunk-r1839-1"):
        stage.thread.call(stage.world.images.push, f"harbor.shop.example/web/web:{tag}", "crashes", LOG)

    said = chat.ends(chat.says(change, by="engineer"))

    log, warnings, errors = (part.strip().splitlines() for part in said.shown.split("```")[1::2])
    assert "FAILED" in said.message.text
    assert any(line.endswith(logged) for line in log)
    assert any("Back-off restarting failed container web" in line for line in warnings)
    assert any(line.endswith(f"× {kind}") for line in errors)
    assert "Warnings of the cluster:" in said.shown
    assert "New in the log since it began:" in said.shown
    assert "giraffe" not in said.shown


def test_the_new_error_of_a_failed_rollout_is_found_behind_many_known_ones(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    stage.thread.call(stage.world.images.push, "harbor.shop.example/web/web:trunk-r1839-1", "crashes", LOG)
    for kind in KINDS:
        for ago in (600, *[-60] * 9):  # known, and more frequent than what is new
            written(stage, f"zoo {kind} {kind}fever", ago=ago, environment="trunk")

    said = chat.ends(chat.says("restart web in trunk", by="engineer"))

    *_, errors = (part.strip().splitlines() for part in said.shown.split("```")[1::2])
    assert "New in the log since it began:" in said.shown
    assert any(line.endswith(f"× {OURS[1]}") for line in errors)
    assert "fever" not in said.shown


def test_a_secret_in_a_warning_of_the_cluster_is_hidden(chat: Chat, stage: Stage) -> None:
    """Nobody names a Secret so; what a kubelet quotes of a registry or a volume is as free."""
    named = {"secretKeyRef": {"name": "password=hunter2s3cr3t", "key": "dsn"}}
    set_with_kubectl(stage, "trunk", {"env": [{"name": "DSN", "valueFrom": named}]})

    said = chat.ends(chat.says("restart web in trunk", by="engineer"))

    events = stage.thread.call(stage.world.kubernetes.events, "trunk")
    assert any("hunter2s3cr3t" in event["message"] for event in events), "the cluster says it"
    assert "Failed: Error: secret" in said.shown.partition("Warnings of the cluster:")[2]
    assert "password=‹hidden›" in said.shown
    everything = [message.text for message in stage.world.slack.slack.messages["C0DEPLOYS"].values()]
    assert not any(
        "hunter2s3cr3t" in text for text in (said.text, *everything, *(one.text for one in said.replies))
    )


def test_a_log_store_that_is_down_does_not_hide_a_failed_rollout(chat: Chat, stage: Stage) -> None:
    broken(stage, "elasticsearch", Fault("refuse"))

    said = chat.ends(chat.says("deploy web to product at r667", by="ops"))

    assert "CrashLoopBackOff" in said.shown
    assert "New in the log" not in said.shown
