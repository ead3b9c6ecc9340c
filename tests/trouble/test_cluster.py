"""A cluster in trouble: one clear answer, one change of the image or none, and the message stays true."""

from __future__ import annotations

import pytest

from sandbox.chat import Chat, Said, eventually
from sandbox.kubernetes.access import Rule
from sandbox.kubernetes.server import TOKEN
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World
from tests.trouble.support import broken, followed, kubectl, once_ran, set_image, untouched

UNREADY = "harbor.shop.example/web/web:never-ready"
PATCH = "PATCH .*/deployments/"


def rolling(chat: Chat, stage: Stage) -> Said:
    """A rollout that goes on for 3 s and then fails, as its pods never become ready."""
    stage.world.images.push(UNREADY, "unready")
    once_ran(stage, "web", "trunk", UNREADY)
    said = chat.says("rollback web in trunk to never-ready", by="ops")
    followed(stage, "rollout")
    return said


def test_a_cluster_that_refuses_is_told_at_once_and_nothing_was_done(chat: Chat, stage: Stage) -> None:
    refusals = {
        "web": (401, "does not accept Shipmate's credentials (401)"),
        "api": (403, "may not read Deployment trunk/api"),
        "shop": (404, "has no Deployment trunk/shop"),
    }
    for project, (status, _) in refusals.items():
        broken(stage, "kubernetes", Fault("error", match=f"/deployments/{project}$", status=status))

    asked = {project: chat.says(f"deploy {project} to trunk", by="engineer") for project in refusals}

    for project, (_, words) in refusals.items():
        said = chat.ends(asked[project])
        assert words in said.text
        assert len(said.replies) == 1
    assert untouched(stage.world)


def test_the_cluster_is_told_who_asked_and_their_rights_count(chat: Chat, stage: Stage, world: World) -> None:
    engineer = "engineer@shop.example"

    chat.ends(chat.says("deploy web to trunk", by="engineer"))
    stage.thread.call(world.kubernetes.users.update, {engineer: Rule(verbs=("get", "list"), user=engineer)})
    refused = chat.ends(chat.says("deploy api to trunk", by="engineer"))
    stage.thread.call(world.kubernetes.users.clear)

    assert [patch.impersonated for patch in world.kubernetes.patches] == [engineer]
    words = refused.text.replace("\u2060", "")
    assert f"{engineer} may not change Deployment trunk/api in Kubernetes (main) (403)." in words
    asks = f"`kubectl auth can-i patch deployments --namespace=trunk --as={engineer}`"
    assert f"An administrator of the cluster can allow it; {asks} says whether they have." in words
    watches = {entry.impersonated for entry in world.kubernetes.audit if entry.verb == "watch"}
    assert watches <= {""}


@pytest.mark.parametrize(
    "text",
    [
        "status web in trunk",
        "status",
        "board",
        "history web in trunk",
        "rollback web in trunk",
        "scale web in trunk",
        "scale web in trunk by +1 --dry-run",
        "restart web in trunk --dry-run",
        "logs web in trunk from pod",
        "images web",
        "changed web in trunk",
        "oncall",
    ],
)
def test_whoever_only_looks_is_named_as_well(chat: Chat, world: World, text: str) -> None:
    before = set(world.kubernetes.audit)

    answer = chat.says(text, by="ops")

    asked = [entry for entry in world.kubernetes.audit if entry not in before]
    assert "may not" not in answer.text
    assert asked
    assert {entry.impersonated for entry in asked} == {"ops@shop.example"}


def test_who_may_not_look_there_is_told_whom_to_ask(chat: Chat, stage: Stage, world: World) -> None:
    qa = "qa@shop.example"
    rule = Rule(verbs=("get", "list"), resources=("deployments", "pods", "events"), user=qa)
    stage.thread.call(world.kubernetes.users.update, {qa: rule})

    questions = ("logs web in trunk from pod", "history web in trunk")
    log, past = (chat.says(text, by="qa").text.replace("\u2060", "") for text in questions)
    stage.thread.call(world.kubernetes.users.clear)

    assert f"{qa} may not read pod web-" in log
    assert f"`kubectl auth can-i get pods --subresource=log --namespace=trunk --as={qa}`" in log
    assert f"What others did is not known: {qa} may not read the replicasets of trunk" in past


def test_shipmate_that_may_not_act_for_somebody_says_so(chat: Chat, stage: Stage, world: World) -> None:
    only_itself = {TOKEN: Rule(verbs=("get", "list", "watch", "patch"))}
    stage.thread.call(world.kubernetes.tokens.update, only_itself)

    said = chat.ends(chat.says("scale web in trunk to 4", by="ops"))
    stage.thread.call(world.kubernetes.tokens.update, {TOKEN: Rule()})

    words = said.text.replace("\u2060", "")
    assert "does not let Shipmate act in the name of ops@shop.example (403)." in words
    assert "deploy/kubernetes/impersonation.yaml" in said.text
    assert not said.buttons


def test_what_nobody_asked_for_is_asked_as_shipmate(chat: Chat, world: World) -> None:
    """To follow a rollout is the watcher's own; what was asked for is in the name of whoever did."""
    chat.ends(chat.says("restart web in trunk", by="ops"))

    acts = {entry.impersonated for entry in world.kubernetes.audit if entry.verb == "patch"}
    by_itself = {entry.verb for entry in world.kubernetes.audit if not entry.impersonated}
    assert acts == {"ops@shop.example"}
    assert "list" in by_itself
    assert by_itself <= {"list", "watch"}


def test_an_image_that_may_not_be_set_is_told_and_what_ran_goes_on(
    chat: Chat, stage: Stage, world: World
) -> None:
    before = world.kubernetes.image("trunk", "web")
    broken(stage, "kubernetes", Fault("error", match=PATCH, status=403))

    said = chat.ends(chat.says("deploy web to trunk", by="engineer"))

    assert "may not change Deployment trunk/web" in said.text
    assert world.kubernetes.image("trunk", "web") == before


def test_a_patch_that_was_applied_though_its_answer_was_lost_is_one_change(
    chat: Chat, stage: Stage, world: World
) -> None:
    broken(stage, "kubernetes", Fault("reset", match=PATCH, when="after", times=1))

    said = chat.ends(chat.says("deploy web to trunk", by="engineer"))

    assert "is live on web/trunk" in said.text
    assert sum(patch.changed for patch in world.kubernetes.patches) == 1
    assert len(world.jenkins.triggers) == 1


def test_a_cluster_that_cannot_be_reached_and_one_that_hangs_are_waited_for(
    chat: Chat, stage: Stage, world: World
) -> None:
    broken(stage, "kubernetes", Fault("refuse", match="/deployments/web$"))
    broken(stage, "kubernetes", Fault("hang", match="/deployments/api$"))
    broken(stage, "kubernetes", Fault("error", match="/deployments/shop$", status=500))
    words = {"web": "cannot be reached", "api": "did not answer in time", "shop": "answered 500"}

    asked = {project: chat.says(f"deploy {project} to trunk", by="engineer") for project in words}
    for project, said in asked.items():
        eventually(lambda s=said: "Still trying" in s.text, f"word of the trouble of {project}")  # type: ignore[misc]
        assert f"Kubernetes (main) {words[project]}, since " in said.text
    assert untouched(world)
    stage.thread.call(world.kubernetes.faults.clear)

    for project, said in asked.items():
        assert f"is live on {project}/trunk" in chat.ends(said).text
    assert len(world.jenkins.triggers) == 3


def test_a_cluster_that_goes_away_during_a_rollout_is_told_and_waited_for(
    chat: Chat, stage: Stage, world: World
) -> None:
    said = rolling(chat, stage)

    broken(stage, "kubernetes", Fault("refuse"))
    stage.thread.call(world.kubernetes.watches.close)
    eventually(lambda: "cannot be reached" in said.text, "word of the trouble", 20)
    assert "Still trying" in said.text
    stage.thread.call(world.kubernetes.faults.clear)

    assert "No progress for 60 s" in chat.ends(said).text


def test_a_rollout_is_followed_over_watches_that_break(chat: Chat, stage: Stage, world: World) -> None:
    said = rolling(chat, stage)

    stage.thread.call(world.kubernetes.watches.close)

    assert "No progress for 60 s" in chat.ends(said, within=20).text


def test_a_rollout_is_followed_where_watching_is_not_allowed(chat: Chat, stage: Stage, world: World) -> None:
    stage.thread.call(
        world.kubernetes.tokens.update, {TOKEN: Rule(verbs=("get", "list", "patch", "impersonate"))}
    )

    said = chat.ends(chat.says("scale web in hidden to 3", by="ops"), within=20)
    stage.thread.call(world.kubernetes.tokens.update, {TOKEN: Rule()})

    assert "3 of 3 replicas ready" in said.text


def test_a_deployment_that_is_deleted_during_its_rollout_is_told(
    chat: Chat, stage: Stage, world: World
) -> None:
    said = rolling(chat, stage)

    kubectl(world, "DELETE", "trunk/deployments/web")

    assert "Deployment trunk/web was deleted meanwhile" in chat.ends(said, within=20).text


def test_an_image_that_somebody_else_sets_meanwhile_is_told(chat: Chat, stage: Stage, world: World) -> None:
    said = rolling(chat, stage)

    set_image(world, "web", "trunk", "harbor.shop.example/web/web:releases-r1798-40")

    assert "Somebody else set another image meanwhile" in chat.ends(said).text


def test_what_a_pod_prints_can_call_nobody_and_shows_no_secret(
    chat: Chat, stage: Stage, world: World
) -> None:
    image = "harbor.shop.example/web/web:shouting"
    lines = ("ERROR @channel <!here> <@U0OPS>", "``` *end* ```", "DB_PASSWORD=hunter2", "\u202eevil")
    world.images.push(image, "crashes", lines)
    once_ran(stage, "web", "trunk", image)

    said = chat.ends(chat.says("rollback web in trunk to shouting", by="ops"))

    assert "CrashLoopBackOff" in said.text
    assert "‹hidden›" in said.text
    for hurtful in ("@channel", "<!here>", "<@U0OPS>", "hunter2", "\u202e"):
        assert hurtful not in said.text.replace("asked by <@U0OPS>", "")
    assert said.text.count("```") % 2 == 0
