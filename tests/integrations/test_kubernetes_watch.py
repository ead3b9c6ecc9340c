"""Rollouts are followed over watch streams as a real API server sent them, and as they break."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bot.ports import Place, Seen, Topic
from integrations.kubernetes import Kubernetes, connect
from integrations.kubernetes_api import Api
from integrations.kubernetes_watch import Pictures
from tests.integrations.player import HANGS, Played, Player, listed, one, playing, stream
from tests.sandbox.kubernetes_account import unread
from tests.sandbox.kubernetes_support import raw, recorded

WEB = Place("shop", "Deployment", "web", "web")
V2 = "registry.example.com/shop/web:v2"
BAD = "registry.example.com/shop/web:v3-bad"
DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments"
SETS = "/apis/apps/v1/namespaces/shop/replicasets"
PODS, EVENTS = "/api/v1/namespaces/shop/pods", "/api/v1/namespaces/shop/events"
WITHIN = 30.0


def gone() -> Played:
    return stream("25-apiserver-restart/watch-resume-old-rv.ndjson", "end")


@pytest.fixture
def player() -> Iterator[Player]:
    """Before a rollout: everything lists as it was, and nothing more comes."""
    with playing() as server:
        server.add(f"GET {EVENTS}", listed())
        yield server


def before(player: Player) -> None:
    player.add(f"GET {DEPLOYMENTS}", listed(recorded("02-rollout/before-deployment.json"), version="295"))
    player.add(f"GET {SETS}", listed(*recorded("01-create/after-replicasets.json")["items"]))
    player.add(f"GET {PODS}", listed(*recorded("01-create/after-pods.json")["items"]))


@contextmanager
def followed(
    player: Player, generation: int, image: str, place: Place = WEB
) -> Iterator[tuple[list[Seen], Topic]]:
    kubernetes = Kubernetes("main", connect(server=player.url, token="t"), 5)
    topic, told, stop = kubernetes.rollout(place, generation, image), [], threading.Event()
    thread = threading.Thread(
        target=kubernetes.watch, args=(lambda: [topic], lambda _topic, seen: told.append(seen), stop)
    )
    thread.start()
    try:
        yield told, topic
    finally:
        stop.set()
        player.over.set()
        thread.join(WITHIN)


def until(what: str, found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not found():
        assert time.monotonic() < deadline, f"{what}: not within {WITHIN} s"
        time.sleep(0.01)  # other threads are at work; there is nothing to wait on


def ended(told: list[Seen]) -> Seen:
    until("the end of the rollout", lambda: bool(told) and told[-1].done)
    return told[-1]


@pytest.mark.parametrize("size", [0, 1000, 7])
def test_a_recorded_rollout_is_followed_to_its_end_however_its_bytes_are_cut(
    player: Player, size: int
) -> None:
    before(player)
    for path, what in ((DEPLOYMENTS, "deployments"), (SETS, "replicasets"), (PODS, "pods")):
        player.add(f"WATCH {path}", stream(f"02-rollout/watch-{what}.ndjson", size=size))

    with followed(player, 2, V2) as (told, _topic):
        last = ended(told)

    assert last.value == {"ready": 3, "kept": 0}
    assert player.times("GET", DEPLOYMENTS, watch="1", resourceVersion="295") == 1


def test_a_recorded_pull_that_fails_ends_the_rollout_with_its_cause(player: Player) -> None:
    player.add(f"GET {DEPLOYMENTS}", listed(recorded("04-bad-image/get-00.json")))
    player.add(f"GET {SETS}", listed(*recorded("04-bad-image/deadline-replicasets.json")["items"]))
    player.add(f"GET {PODS}", listed(*recorded("02-rollout/after-pods.json")["items"]))
    lines = raw("04-bad-image/watch-deployments.ndjson").splitlines(True)
    player.add(f"WATCH {DEPLOYMENTS}", Played(tuple(lines[:-1]), then="hang"))  # not its deadline
    player.add(f"WATCH {PODS}", stream("04-bad-image/watch-pods.ndjson"))

    with followed(player, 5, BAD) as (told, _topic):
        last = ended(told)

    assert last.failure == (
        "1 pod in ImagePullBackOff: the image cannot be pulled: the registry has no such image. "
        "3 of 3 pods still serve."
    )


def test_a_failure_waits_for_the_warnings_that_the_stream_of_events_has_not_brought_yet(
    player: Player,
) -> None:
    crashing = recorded("06-failures/crash-deployment.json")
    image = crashing["spec"]["template"]["spec"]["containers"][0]["image"]
    place = Place("shop", "Deployment", crashing["metadata"]["name"], crashing["metadata"]["name"])
    player.add(f"GET {DEPLOYMENTS}", listed(crashing))
    player.add(f"GET {SETS}", listed())
    player.add(f"GET {PODS}", listed(*recorded("06-failures/crash-pods.json")["items"]))
    player.add(f"GET {EVENTS}", listed(*recorded("06-failures/crash-events.json")["items"]))

    with followed(player, 1, image, place) as (told, _topic):
        last = ended(told)

    assert "CrashLoopBackOff" in last.failure
    assert any("Back-off restarting failed container" in line for line in last.events)
    assert not any(seen.failure for seen in told[:-1])


def test_a_stream_that_is_cut_in_mid_line_is_begun_anew_from_a_list(player: Player) -> None:
    before(player)
    player.add(f"GET {DEPLOYMENTS}", listed(recorded("02-rollout/after-deployment.json"), version="391"))
    whole = raw("02-rollout/watch-deployments.ndjson")
    middle = whole.index(b"\n", len(whole) // 2) + 200
    player.add(f"WATCH {DEPLOYMENTS}", Played((whole[:middle],), then="cut"), HANGS)

    with followed(player, 2, V2) as (told, _topic):
        last = ended(told)

    assert last.value == {"ready": 3, "kept": 0}
    assert player.times("GET", DEPLOYMENTS, watch="1", resourceVersion="391") <= 1


def test_what_is_gone_is_listed_again(player: Player) -> None:
    before(player)
    player.add(f"GET {DEPLOYMENTS}", listed(recorded("02-rollout/after-deployment.json"), version="391"))
    player.add(f"WATCH {DEPLOYMENTS}", gone(), HANGS)

    with followed(player, 2, V2) as (told, _topic):
        last = ended(told)

    assert last.value == {"ready": 3, "kept": 0}


def test_a_version_that_the_server_cannot_read_is_listed_again(player: Player) -> None:
    before(player)
    player.add(f"GET {DEPLOYMENTS}", listed(recorded("02-rollout/after-deployment.json")))
    player.add(f"WATCH {DEPLOYMENTS}", one("23-watch/500-bad-rv.json", 500), HANGS)

    with followed(player, 2, V2) as (told, _topic):
        last = ended(told)

    assert last.value == {"ready": 3, "kept": 0}


def test_a_killed_server_is_gone_on_with_when_it_is_back(player: Player) -> None:
    """SIGKILL: the stream breaks at once; then nothing listens; the old version is gone when it is back."""
    killed = [event["object"] for event in recorded("25-apiserver-restart/watch-killed.ndjson")]
    image, generation = killed[0]["spec"]["template"]["spec"]["containers"][0]["image"], 28
    after = recorded("25-apiserver-restart/after.json")
    after["metadata"]["generation"] = after["status"]["observedGeneration"] = generation
    after["spec"]["template"] = killed[0]["spec"]["template"]
    player.add(f"GET {DEPLOYMENTS}", listed(killed[0]), Played((), then="cut"), listed(after))
    player.add(f"GET {SETS}", listed())
    player.add(f"GET {PODS}", listed())
    player.add(
        f"WATCH {DEPLOYMENTS}", stream("25-apiserver-restart/watch-killed.ndjson", "cut"), gone(), HANGS
    )

    with followed(player, generation, image) as (told, _topic):
        last = ended(told)

    assert last.value == {"ready": 3, "kept": 0}
    assert "cannot be reached" in " ".join(seen.trouble for seen in told)


def test_a_stream_that_is_silent_after_a_sigterm_is_given_up(player: Player) -> None:
    """The recorded stream stayed open for 60 s without a byte."""
    broken = recorded("25-apiserver-restart/watch-broken.ndjson")
    after = recorded("25-apiserver-restart/after.json")
    player.add(f"GET {DEPLOYMENTS}", listed(broken[0]["object"]), listed(after))
    for path in (SETS, PODS):
        player.add(f"GET {path}", listed())
    player.add(
        f"WATCH {DEPLOYMENTS}", stream("25-apiserver-restart/watch-broken.ndjson", "hang"), gone(), HANGS
    )
    stop = threading.Event()
    pictures = Pictures(Api("main", connect(server=player.url, token="t")), stop, silence=0.3)

    pictures.cover({("shop", "Deployment")})
    key = ("shop", "Deployment", "web")
    until("the state after the restart", lambda: _is(pictures, key, after))

    until("the stream after it", lambda: player.times("GET", DEPLOYMENTS, watch="1") >= 2)
    stop.set()


def _is(pictures: Pictures, key: tuple[str, str, str], wanted: object) -> bool:
    picture = pictures.picture(key)
    return picture is not None and picture.workload == wanted


@pytest.mark.parametrize("line", [b"[]", b"null", b'{"type":"ADDED","object":{"metadata":null}}', b"<html>"])
def test_what_is_no_event_ends_the_stream_and_not_its_reader(player: Player, line: bytes) -> None:
    before(player)
    player.add(f"GET {DEPLOYMENTS}", listed(recorded("02-rollout/after-deployment.json"), version="391"))
    player.add(f"WATCH {DEPLOYMENTS}", Played((line + b"\n",), then="hang"), HANGS)

    with followed(player, 2, V2) as (told, _topic):
        last = ended(told)

    assert last.done
    assert not last.failure


def test_what_a_closed_stream_still_reads_is_not_taken_for_news(player: Player) -> None:
    """The next rollout of the namespace has a stream of its own, whose list is newer."""
    old, new = recorded("02-rollout/before-deployment.json"), recorded("02-rollout/after-deployment.json")
    late = threading.Event()
    slow = replace(listed(old, version="295"), after=late)
    player.add(f"GET {DEPLOYMENTS}", slow, listed(new, version="391"))
    for path in (SETS, PODS):
        player.add(f"GET {path}", listed())
    stop, key = threading.Event(), ("shop", "Deployment", "web")
    pictures = Pictures(Api("main", connect(server=player.url, token="t")), stop)

    pictures.cover({("shop", "Deployment")})
    until("the first list", lambda: player.times("GET", DEPLOYMENTS) == 1)
    pictures.close()
    pictures.cover({("shop", "Deployment")})
    until("the second list", lambda: _is(pictures, key, new))
    until("the second stream", lambda: player.times("GET", DEPLOYMENTS, watch="1") == 1)
    late.set()
    until("the stream after the first list", lambda: player.times("GET", DEPLOYMENTS, watch="1") == 2)

    assert _is(pictures, key, new)
    stop.set()


def test_bookmarks_move_the_version_and_change_nothing(player: Player) -> None:
    before(player)
    bookmarks = recorded("23-watch/bookmarks.ndjson")
    version = bookmarks[-1]["object"]["metadata"]["resourceVersion"]
    player.add(f"WATCH {DEPLOYMENTS}", stream("23-watch/bookmarks.ndjson", "end"), HANGS)

    with followed(player, 1, "registry.example.com/shop/web:v1") as (told, _topic):
        until("the next stream", lambda: player.times("GET", DEPLOYMENTS, resourceVersion=version) == 1)
        last = ended(told)

    assert last.value == {"ready": 3, "kept": 0}
    assert player.times("GET", DEPLOYMENTS) - player.times("GET", DEPLOYMENTS, watch="1") == 1


def test_a_throttling_server_is_left_alone_for_as_long_as_it_asks(player: Player) -> None:
    throttled = one("26-throttle/429-too-many-requests.txt", 429, **{"Retry-After": "2"})
    player.add(f"GET {DEPLOYMENTS}", throttled, listed(recorded("02-rollout/after-deployment.json")))
    for path in (SETS, PODS):
        player.add(f"GET {path}", listed())

    began = time.monotonic()
    with followed(player, 2, V2) as (told, _topic):
        last = ended(told)

    assert time.monotonic() - began >= 2
    assert last.value == {"ready": 3, "kept": 0}
    assert told[0].trouble == "Kubernetes (main) answered 429"


def test_many_rollouts_of_a_namespace_share_its_streams(player: Player) -> None:
    before(player)
    kubernetes = Kubernetes("main", connect(server=player.url, token="t"), 5)
    topics = [kubernetes.rollout(WEB, 1, f"registry.example.com/shop/web:{n}") for n in range(50)]
    told: dict[Topic, Seen] = {}
    stop = threading.Event()
    thread = threading.Thread(target=kubernetes.watch, args=(lambda: topics, told.__setitem__, stop))

    thread.start()
    until("news of all", lambda: len(told) == 50)
    stop.set()
    player.over.set()
    thread.join(WITHIN)

    assert len(player.asked) == 8  # a list and a stream each of deployments, replica sets, pods and events


def test_every_recording_that_this_file_answers_for_was_read() -> None:
    """Runs last: by the tests above."""
    assert unread(__file__) == set()
