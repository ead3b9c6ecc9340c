"""What a careful bot must know of Kubernetes: each fact, against the answers of a real API server."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from bot.faults import Failed, Refused, Unavailable
from bot.ports import Place, Seen
from integrations.kubernetes import Kubernetes, connect
from integrations.kubernetes_causes import groups, refusal
from integrations.kubernetes_objects import revisions_of
from integrations.rollout import Picture, judge
from tests.integrations.player import Played, Player, listed, one, playing
from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubernetes_support import RECORDINGS, recorded

REGISTRY = "registry.example.com/shop"
WEB = Place("shop", "Deployment", "web", "web")
PATH = "/apis/apps/v1/namespaces/shop/deployments/web"


def seen(deployment: Any, image: str, generation: int = 0, place: Place = WEB, pods: Any = ()) -> Seen:
    """The verdict with every grace over."""
    picture = Picture(deployment, list(pods))
    return judge(picture, place, generation, f"{REGISTRY}/{image}", lambda _cause: True).seen


@pytest.fixture
def player() -> Iterator[Player]:
    with playing() as server:
        yield server


def adapter(player: Player, timeout: float = 5) -> Kubernetes:
    return Kubernetes("main", connect(server=player.url, token="t"), timeout)


# -- what an object says before its controller has looked


def test_old_counters_that_look_complete_right_after_a_patch_are_not_believed() -> None:
    for name in ("02-rollout/patch-response.json", "02-rollout/get-01.json", "11-lag/get-3s.json"):
        deployment = recorded(name)
        image = deployment["spec"]["template"]["spec"]["containers"][0]["image"].rpartition("/")[2]

        assert deployment["status"]["updatedReplicas"] == deployment["spec"]["replicas"]
        assert not seen(deployment, image, deployment["metadata"]["generation"]).done


def test_an_old_missed_deadline_is_not_believed_while_the_controller_lags() -> None:
    lagging = recorded("05-undo/watch-deployments.ndjson")[0]["object"]

    assert "ProgressDeadlineExceeded" in str(lagging["status"])
    assert seen(lagging, "web:v2", 6) == Seen(False, progress="rollout: the cluster has not begun yet")


def test_a_copy_from_before_the_change_is_not_believed() -> None:
    assert not seen(recorded("01-create/get-06.json"), "web:v1", generation=2).done


def test_counters_may_be_absent_on_a_new_object_and_at_zero() -> None:
    new, zero = recorded("01-create/post-response.json"), recorded("07-scale/zero-deployment.json")

    assert new["status"] == {}
    assert not seen(new, "web:v1", 1).done
    assert seen(recorded("01-create/get-02.json"), "web:v1", 1).progress == "rollout: 0 of 3 started"
    image = zero["spec"]["template"]["spec"]["containers"][0]["image"].rpartition("/")[2]
    assert "replicas" not in zero["status"]
    assert seen(zero, image).value == {"ready": 0, "kept": 0}


def test_the_order_of_conditions_means_nothing() -> None:
    deployment = recorded("04-bad-image/deadline-deployment.json")
    before = seen(deployment, "web:v3-bad")

    random.Random(1).shuffle(deployment["status"]["conditions"])
    deployment["status"]["conditions"].reverse()

    assert seen(deployment, "web:v3-bad") == before


def test_the_revision_annotation_may_move_before_or_after_and_is_not_relied_on() -> None:
    early = recorded("02-rollout/get-01.json")
    late = recorded("13-recreate/get-01.json")
    recreated = Place("shop", "Deployment", "rec", "rec")

    assert not seen(early, "web:v2", 2).done
    image = late["spec"]["template"]["spec"]["containers"][0]["image"].rpartition("/")[2]
    assert not seen(late, image, late["metadata"]["generation"], recreated).done
    done = recorded("13-recreate/get-08.json")
    del done["metadata"]["annotations"]
    assert seen(done, image, 2, Place("shop", "Deployment", "rec", _container(done))).done


def _container(deployment: Any) -> str:
    return str(deployment["spec"]["template"]["spec"]["containers"][0]["name"])


def test_the_same_image_again_is_nothing_to_wait_for() -> None:
    answer = recorded("03-nochange/patch-same-image.json")

    assert (
        answer["metadata"]["generation"]
        == recorded("02-rollout/after-deployment.json")["metadata"]["generation"]
    )
    assert seen(answer, "web:v2", answer["metadata"]["generation"]).done


# -- how a rollout ends


def test_a_whole_rollout_is_told_step_by_step_and_is_done_when_every_pod_is_new() -> None:
    told = [seen(event["object"], "web:v2", 2) for event in recorded("02-rollout/watch-deployments.ndjson")]

    assert [each.done for each in told] == [False] * 13 + [True] * 2
    words = list(dict.fromkeys(each.progress for each in told if not each.done))
    assert words == [
        "rollout: the cluster has not begun yet",
        "rollout: 0 of 3 started",
        "rollout: 1 of 3 started",
        "rollout: 2 of 3 started",
        "rollout: 1 still stopping",
    ]
    assert told[-1].value == {"ready": 3, "kept": 0}


def test_a_missed_deadline_comes_with_pods_that_still_serve() -> None:
    deployment = recorded("04-bad-image/deadline-deployment.json")
    conditions = {c["type"]: c["status"] for c in deployment["status"]["conditions"]}

    failure = seen(deployment, "web:v3-bad").failure

    assert conditions["Available"] == "True"
    assert failure == "No progress for 10 s. 3 of 3 pods still serve. Kubernetes goes on trying."


def test_a_failed_rollout_can_still_succeed_later() -> None:
    failed, recovered = recorded("10-quota/deadline.json"), recorded("10-quota/recovered.json")
    image = failed["spec"]["template"]["spec"]["containers"][0]["image"].rpartition("/")[2]

    failure = seen(failed, image).failure

    assert "quota pods is used up" in failure
    assert seen(recovered, image).done


def test_a_quota_is_a_condition_of_the_deployment() -> None:
    cause = refusal(recorded("10-quota/deployment.json"), [], {})

    assert cause is not None
    assert groups([cause]) == (
        "the cluster refuses new pods: quota pods is used up (pods: asked for 1, 3 of 3 in use)",
    )


def test_a_superseded_rollout_is_told_and_never_waited_for() -> None:
    after = recorded("12-supersede/after.json")

    assert seen(after, "web:v8", 18).failure == "Somebody else set another image meanwhile: web:v9."
    assert seen(after, "web:v9", 19).done


def test_undoing_takes_the_old_revision_away_under_its_number() -> None:
    deployment = recorded("05-undo/after-deployment.json")
    sets = recorded("05-undo/after-replicasets.json")["items"]

    found = revisions_of(deployment, sets, Place("shop", "Deployment", "web", "web"))

    assert [(revision.number, revision.image.rpartition(":")[2]) for revision in found] == [
        (4, "v2"),
        (3, "v3-bad"),
        (1, "v1"),
    ]


# -- answers that are not what they seem


def test_a_container_that_is_not_there_is_never_patched(player: Player) -> None:
    player.add(f"GET {PATH}", one("02-rollout/after-deployment.json"))

    with pytest.raises(Refused, match="has no container named sidecar"):
        adapter(player).set_image(Place("shop", "Deployment", "web", "sidecar"), "x:1", "deploy", "k7f3")
    assert not player.times("PATCH")


def applied(image: str, operation: str) -> Played:
    """The recorded object after a change of ours, whose answer nobody saw."""
    deployment = recorded("02-rollout/patch-response.json")
    deployment["spec"]["template"]["spec"]["containers"][0]["image"] = image
    deployment["metadata"]["annotations"] |= {"shipmate/operation": operation, "shipmate/image": image}
    return Played((json.dumps(deployment).encode(),))


@pytest.mark.parametrize("lost", ["504", "dropped"])
def test_a_patch_without_an_answer_may_have_been_applied_and_is_not_sent_again(
    player: Player, lost: str
) -> None:
    image = f"{REGISTRY}/web:v2"
    player.add(f"GET {PATH}", one("01-create/get-06.json"), applied(image, "k7f3"))
    answers = {
        "504": one("24-outage/etcd-stopped-patch.json", 504, **{"Content-Type": "text/plain"}),
        "dropped": Played((), then="cut"),
    }
    player.add(f"PATCH {PATH}", answers[lost])
    kubernetes = adapter(player)

    with pytest.raises(Unavailable):
        kubernetes.set_image(WEB, image, "deploy", "k7f3", expected=f"{REGISTRY}/web:v1")
    generation = kubernetes.set_image(WEB, image, "deploy", "k7f3", expected=f"{REGISTRY}/web:v1")

    assert generation == 2
    assert player.times("PATCH") == 1


def test_the_text_of_a_422_with_the_whole_object_in_it_is_never_shown(player: Player) -> None:
    name = "20-errors/422-wrong-type-merge.json"
    player.add(f"GET {PATH}", one("01-create/get-06.json"))
    player.add(f"PATCH {PATH}", one(name, 422))

    with pytest.raises(Failed) as refused:
        adapter(player).set_image(WEB, f"{REGISTRY}/web:v2", "deploy", "k7f3")

    assert "containers" in (RECORDINGS / name).read_text()
    assert refused.value.reason == "Kubernetes (main) did not accept the change to Deployment shop/web (422)."


@pytest.mark.parametrize(
    ("name", "status", "fault", "words"),
    [
        ("20-errors/401-bad-token.json", 401, Failed, "does not accept Shipmate's credentials"),
        ("20-errors/403-anonymous.json", 403, Refused, "may not read Deployment shop/web"),
        ("20-errors/403-missing-namespace.json", 403, Refused, "may not read Deployment shop/web"),
        ("20-errors/404-deployment.json", 404, Refused, "has no Deployment shop/web"),
        ("24-outage/etcd-stopped-get.json", 504, Unavailable, "answered 504"),
        ("26-throttle/429-too-many-requests.txt", 429, Unavailable, "answered 429"),
    ],
)
def test_refusals_are_told_by_their_status_and_never_by_their_text(
    player: Player, name: str, status: int, fault: type[Exception], words: str
) -> None:
    player.add(f"GET {PATH}", one(name, status, **{"Content-Type": "text/plain"}))

    with pytest.raises(fault, match=words):
        adapter(player).image(WEB)


def test_a_missing_namespace_lists_as_empty(player: Player) -> None:
    player.add("GET /apis/apps/v1/namespaces/shop/deployments", listed())
    player.add("GET /api/v1/namespaces/shop/pods", listed())
    player.add("GET /apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers", listed())

    assert adapter(player).workloads([WEB]) == {}


def test_tls_trouble_has_no_http_status() -> None:
    with support.cluster() as cluster:
        nobody_trusts = connect(server=cluster.server.tls_url, token="admin")

        with pytest.raises(Unavailable, match="cannot be reached"):
            Kubernetes("main", nobody_trusts).image(WEB)


def test_a_refused_connection_is_told_as_such() -> None:
    with playing() as server:
        url = server.url

    with pytest.raises(Unavailable, match="cannot be reached"):
        Kubernetes("main", connect(server=url, token="t")).image(WEB)


def test_an_answer_that_hangs_is_given_up(player: Player) -> None:
    player.add(f"GET {PATH}", Played((b'{"kind":',), then="hang"))

    with pytest.raises(Unavailable, match="did not answer in time"):
        adapter(player, timeout=0.2).image(WEB)
