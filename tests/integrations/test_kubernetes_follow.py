"""How long a cause may last before it ends a rollout, and when a node is waited for."""

from __future__ import annotations

from bot.ports import Place
from integrations.kubernetes import Kubernetes
from integrations.kubernetes_api import Api, connect
from integrations.kubernetes_causes import Cause, causes, ready_grace
from integrations.kubernetes_follow import Followed, Follower, Patience
from integrations.kubernetes_read import Reader
from integrations.kubernetes_states import AT_ONCE, NEVER, READY_GRACE, SCHEDULE_GRACE
from integrations.rollout import Picture, judge
from sandbox.kubernetes import shop
from tests.integrations.kubernetes_shop import image
from tests.integrations.player import listed, playing
from tests.sandbox.kubernetes_story import STILL
from tests.sandbox.kubernetes_support import cluster, recorded

PENDING = Place("shop", "Deployment", "f-pending", "f-pending")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_cause_ends_a_rollout_when_its_grace_is_over_and_not_before() -> None:
    clock = Clock()
    patience = Patience(clock)
    picture = Picture(
        recorded("06-failures/pending-deployment.json"), recorded("06-failures/pending-pods.json")["items"]
    )
    picture.workload["status"]["conditions"] = []  # its deadline has not passed yet
    image = picture.workload["spec"]["template"]["spec"]["containers"][0]["image"]

    first = judge(picture, PENDING, 1, image, patience.over)
    clock.now += SCHEDULE_GRACE - 1
    later = judge(picture, PENDING, 1, image, patience.over)
    left = patience.left(later.causes)
    clock.now += 1
    last = judge(picture, PENDING, 1, image, patience.over)

    assert first.seen.progress == "rollout: 0 of 2 ready; 2 pods: Insufficient cpu"
    assert not later.seen.done
    assert left == 1
    assert last.seen.failure == "2 pods: Insufficient cpu. No pod serves."


def test_a_cause_that_went_away_begins_anew_when_it_comes_back() -> None:
    clock = Clock()
    patience = Patience(clock)
    cause = Cause("web-1", "it waits", 10)

    assert not patience.over(cause)
    clock.now += 9
    patience.left([])
    clock.now += 9

    assert not patience.over(cause)


def test_each_grace_says_how_long() -> None:
    clock = Clock()
    patience = Patience(clock)

    assert patience.over(Cause("web-1", "hopeless", AT_ONCE))
    assert not patience.over(Cause("web-1", "starting", NEVER))
    clock.now += 1e9
    assert not patience.over(Cause("web-1", "starting", NEVER))
    assert patience.left([Cause("web-1", "starting", NEVER)]) == NEVER


def test_new_pods_may_take_three_times_as_long_to_be_ready_as_those_before() -> None:
    (pod, *_) = recorded("02-rollout/after-pods.json")["items"]
    slow = {**pod, "status": {**pod["status"]}}
    slow["status"]["conditions"] = [
        {"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-23T03:25:29Z"}
    ]
    slow["status"]["containerStatuses"] = [
        {"name": "web", "state": {"running": {"startedAt": "2026-11-23T03:24:29Z"}}}
    ]

    assert ready_grace([]) == NEVER
    assert ready_grace([pod]) == READY_GRACE
    assert ready_grace([slow]) == 180


def test_a_probe_that_fails_for_too_long_has_the_grace_of_the_pods_before() -> None:
    pods, events = (recorded(f"06-failures/unready-{what}.json")["items"] for what in ("pods", "events"))
    warnings = {event["involvedObject"]["name"]: [event] for event in events}

    assert {cause.grace for cause in causes(pods, warnings, 45)} == {45}


def test_a_node_that_is_on_its_way_is_waited_for() -> None:
    event = {"reason": "TriggeredScaleUp", "message": "pod triggered scale-up", "type": "Normal"}
    with playing() as player:
        player.add("GET /api/v1/namespaces/shop/events", listed(event), listed())
        api = Api("main", connect(server=player.url, token="t"))
        reader = Reader(api)

        assert reader.node_comes(PENDING, "f-pending-1")
        assert not reader.node_comes(PENDING, "f-pending-1")
        assert player.asked[0].query["fieldSelector"] == "involvedObject.name=f-pending-1"
        followed = Followed(Follower("main", api).topic(PENDING, 1, "app:1"))

    waits = Cause("f-pending-1", "Insufficient cpu", AT_ONCE, unscheduled=True)
    assert followed.over(waits)
    followed.spared.add("f-pending-1")
    assert not followed.over(waits)
    assert followed.over(Cause("f-pending-1", "exit code 1", AT_ONCE))


def test_the_log_is_that_of_the_run_that_ended_not_of_the_one_that_has_just_begun() -> None:
    """Time stands still but for these steps: the container runs for the second time, and its probe fails again."""
    with cluster(pace=STILL) as here:
        here.call(lambda: shop.create(here.server))
        here.server.images.push(image("hangs"), "hangs", ("run {start} began", "ERROR run {start} waits"))
        kubernetes = Kubernetes("main", connect(server=here.server.url, token="admin"))
        place = Place("trunk", "Deployment", "web", "web")
        generation = kubernetes.set_image(place, image("hangs"), "deploy", "k7f3")

        def runs_again() -> str:
            here.call(here.server.clock.step)
            pods = here.server.pods("trunk", "web")
            new = [pod for pod in pods if pod["spec"]["containers"][0]["image"] == image("hangs")]
            state = new[0]["status"].get("containerStatuses", [{}])[0] if new else {}
            again = state.get("restartCount") == 1 and "running" in state["state"]
            return str(new[0]["metadata"]["name"]) if again else ""

        pod = here.until("the second run", runs_again)
        seen = kubernetes.look(kubernetes.rollout(place, generation, image("hangs")))
        now = kubernetes.pod_log(place, pod)

    assert seen.excerpt == ("run 1 began", "ERROR run 1 waits")
    assert now == ("run 2 began", "ERROR run 2 waits")
