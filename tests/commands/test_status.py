"""status, through chat, against the sandbox's Kubernetes."""

from __future__ import annotations

import re
from functools import partial

import urllib3

from sandbox.chat import Chat, eventually
from sandbox.kubernetes.resources import AUTOSCALERS, PODS
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World
from tests.commands.test_cancel import id_of


def test_one_target_with_who_and_when(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to dev", by="engineer"))

    said = chat.says("status web in dev", by="qa")

    assert "1 of 1 replicas ready" in said.text
    assert world.kubernetes.image("dev", "web").split(":")[1] in said.text
    assert "By <@U0ENGINEER>, " in said.text


def test_the_digest_the_autoscaler_and_the_restarts_of_one_target(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to trunk at r667", by="engineer"))

    told = "trunk: `trunk-r667-1` ≠ product · 1 pod in CrashLoopBackOff"  # colour is not the only sign
    eventually(lambda: told in chat.says("status", by="qa").shown, "a look between two of its restarts")
    crashing, scaled = chat.says("status web in trunk", by="qa"), chat.says("status pay in product", by="qa")

    assert re.search(r"[1-9]\d* restarts? in the last hour", crashing.text)
    eventually(lambda: _restarts(world) in chat.says("status web in trunk", by="qa").shown, "their number")
    assert re.search(r"Image `v2[^`]+` \(`[0-9a-f]{12}`\), revision 1", scaled.text)
    assert re.search(r"Autoscaler: \d+ to \d+ replicas, wants \d+", scaled.text)


def _restarts(world: World) -> str:
    """As the cluster counts them now."""
    pods = [pod for pod in world.kubernetes.store.all(PODS) if pod["metadata"]["namespace"] == "trunk"]
    statuses = [status for pod in pods for status in pod.get("status", {}).get("containerStatuses", ())]
    count = sum(status["restartCount"] for status in statuses if status["name"] == "web")
    return f":warning: {count} restart{'s' * (count > 1)} in the last hour"


def test_one_message_tells_all_nine(chat: Chat, stage: Stage) -> None:
    """Image with digest, revision, ready and wanted, restarts, autoscaler, who and when, what runs, lock."""
    world = stage.world
    failed = chat.ends(chat.says("deploy web to trunk at r667", by="engineer"))
    (pay,) = world.kubernetes.store.all(AUTOSCALERS, "product")
    target = pay["spec"]["scaleTargetRef"] | {"name": "web"}
    spec = pay["spec"] | {"scaleTargetRef": target, "minReplicas": 3, "maxReplicas": 8}
    made = {"metadata": {"name": "web", "namespace": "trunk"}, "spec": spec}
    stage.thread.call(world.kubernetes.create, AUTOSCALERS, made)
    stage.thread.call(world.jenkins.faults.set, Fault("refuse"))
    busy = chat.says("deploy web to trunk", by="engineer")
    eventually(lambda: "cannot be reached" in busy.text, "an operation that stays under way")
    chat.says("lock web in trunk for 2h because regression", by="qa")

    def look() -> str:
        shown = chat.says("status web in trunk", by="qa").shown
        return shown if "in the last hour" in shown and "`), revision 2" in shown else ""

    shown = eventually(look, "a look after a restart", 20)
    stage.thread.call(world.jenkins.faults.clear)
    chat.says(f"cancel {id_of(busy)}", by="engineer")
    chat.ends(busy)

    for told in (
        r"\*web/trunk\*: \d of \d replicas ready",
        r"Image `trunk-r667-1` \(`[0-9a-f]{12}`\), revision 2",
        r":warning: (at least )?\d+ restarts? in the last hour",
        r"Autoscaler: 3 to 8 replicas, wants \d",
        rf"By <@U0ENGINEER>, .* \(`{id_of(failed)}`, deploy web to trunk at r667\), which ended: FAILED",
        rf":hourglass_flowing_sand: `{id_of(busy)}` \(deploy web to trunk\) by <@U0ENGINEER> for \d+ s",
        r":lock: .*<@U0QA>.*regression",
    ):
        assert re.search(told, shown), (told, shown)


def test_what_nobody_deployed_through_the_bot_is_said_so(chat: Chat) -> None:
    said = chat.says("status web in hidden", by="qa")

    assert "Not deployed by Shipmate" in said.text


def test_everything_and_what_is_under_way(chat: Chat) -> None:
    deploy = chat.says("deploy web to trunk", by="engineer")

    board, one = chat.says("status", by="qa"), chat.says("status web in trunk", by="qa")

    assert "16 targets" in board.text
    assert "deploy under way" in board.text
    assert "(deploy web to trunk) by <@U0ENGINEER> for" in one.text
    chat.ends(deploy)


def test_environments_with_the_same_version_share_a_line_and_others_are_marked(
    chat: Chat, world: World
) -> None:
    eventually(lambda: "all healthy" in chat.says("status web", by="qa").text, "the shop to be up")
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))

    board = chat.says("status web", by="qa").shown.splitlines()

    assert board == [
        "*web*",
        ":large_green_circle: dev · hidden · product: `releases-r1798-40`",
        ":large_green_circle: trunk: `trunk-r1839-1` ≠ product",
    ]


def test_unhealthy_pods_are_told_with_their_reason(chat: Chat) -> None:
    chat.ends(chat.says("deploy web to trunk at r667", by="engineer"))

    crashing = "CrashLoopBackOff"
    eventually(lambda: crashing in chat.says("status web in trunk", by="qa").text, "a look between restarts")
    board = "4 targets, 1 not healthy"
    eventually(lambda: board in chat.says("status web", by="qa").text, "a look between restarts")


def test_the_project_or_the_environment_alone_and_in_any_order(chat: Chat) -> None:
    assert "4 targets" in chat.says("status trunk", by="qa").text
    assert "web/trunk: " in chat.says("Status trunk web.", by="qa").text


def test_a_cluster_in_trouble_is_named_once_for_all_its_targets(chat: Chat, stage: Stage) -> None:
    before = len([c for c in stage.world.kubernetes.calls if c.status == 0 and "watch" not in c.path])
    stage.thread.call(stage.world.kubernetes.faults.set, Fault("refuse"))

    board, one = chat.says("status", by="qa"), chat.says("status web in trunk", by="qa")

    assert "Kubernetes (main) cannot be reached" in one.text
    assert board.text.count("dev · trunk · hidden · product: Kubernetes (main) cannot be reached") == 4
    refused = [call for call in stage.world.kubernetes.calls if call.status == 0 and "watch" not in call.path]
    assert len(refused) - before < 6


def test_a_namespace_that_may_not_be_read_hides_no_other(chat: Chat, stage: Stage) -> None:
    eventually(lambda: "all healthy" in chat.says("status web", by="qa").text, "the shop to be up", 20)
    stage.thread.call(
        stage.world.kubernetes.faults.set, Fault("error", match="/namespaces/hidden/", status=403)
    )

    board = chat.says("status web", by="qa")

    hidden = (
        ":white_circle: hidden: Shipmate may not read the deployments of hidden in Kubernetes (main) (403)."
    )
    assert hidden in board.shown
    assert "dev · trunk · product: `releases-r1798-40`" in board.shown
    assert "4 targets, 1 not known" in board.text


def test_a_deployment_that_is_missing_is_told_among_the_others(chat: Chat, stage: Stage) -> None:
    deployment = partial(stage.world.kubernetes.deployment, "dev", "web")
    eventually(lambda: deployment().get("status", {}).get("readyReplicas"), "web to be up in dev")
    address = f"{stage.variables['KUBERNETES_URL']}/apis/apps/v1/namespaces/trunk/deployments/web"
    token = {"Authorization": f"Bearer {stage.variables['KUBERNETES_TOKEN']}"}
    assert urllib3.request("DELETE", address, headers=token).status == 200

    said = chat.says("status web", by="qa")

    assert "has no Deployment trunk/web" in said.text
    assert "`releases-r1798-40`" in said.text
