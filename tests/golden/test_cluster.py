"""What the adapter of a cluster says: of what it cannot change, of answers that refuse, of what has room."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest
from kubernetes import client

from bot.faults import Failed, Refused, Unavailable, WayBack
from bot.going_back import question
from bot.language import LANGUAGES, speaking
from bot.ports import Autoscaler, Person, Place, Seen
from bot.workloads import drift
from integrations.kubernetes import Kubernetes, connect
from integrations.kubernetes_api import Api
from integrations.kubernetes_follow import Followed, Follower
from integrations.kubernetes_objects import configuration_of
from integrations.kubernetes_room import room
from integrations.kubernetes_watch import Pictures
from tests.golden.drawn import named
from tests.golden.telling import INDENT, SAID, SCENES, golden

Json = dict[str, Any]
Told = Iterator[tuple[str, str]]

WEB, AGENT = Place("trunk", "Deployment", "web", "web"), Place("trunk", "DaemonSet", "agent", "web")
OLDER = "harbor.shop.example/web/web:r670"
OLD, NEW = "harbor.shop.example/web/web:r671", "harbor.shop.example/web/web:r672"
NOBODY = Person("U0NEW", "", "", "T0SHOP", frozenset())
BY = ("deploy by eva", "k7f3")
PATHS = {language: SAID / "cluster" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())


class Answers(client.ApiClient):
    """A connection on which every GET is answered with `status` and `body`, every PATCH with `patched`."""

    def __init__(self, body: Json | None = None, status: int = 200, patched: int = 200) -> None:
        super().__init__(client.Configuration())
        self._body, self._status, self._patched = body or {}, status, patched

    def call_api(self, method: str, *_args: Any, **_named: Any) -> Any:
        status = self._status if method == "GET" else self._patched
        response = SimpleNamespace(status=status, data=json.dumps(self._body).encode(), headers={})
        return SimpleNamespace(response=response)


class Ruled(Answers):
    """One that shows a workload, and refuses to change it with `body`."""

    def call_api(self, method: str, *_args: Any, **_named: Any) -> Any:
        refuses = method == "PATCH"
        body = self._body if refuses else workload()
        status = 403 if refuses else 200
        response = SimpleNamespace(status=status, data=json.dumps(body).encode(), headers={})
        return SimpleNamespace(response=response)


def cluster(body: Json | None = None, impersonate: str = "", **statuses: int) -> Kubernetes:
    return Kubernetes("main", Answers(body, **statuses), impersonate=impersonate)


def workload(container: Json | None = None, pods: Json | None = None, **spec: Any) -> Json:
    """With `pods`: more of the spec of its pods."""
    one = {"name": "web", "image": OLD, **(container or {})}
    template = {"metadata": {}, "spec": {"containers": [one], **(pods or {})}}
    return {
        "metadata": {"name": "web", "namespace": "trunk", "generation": 1, "annotations": {}},
        "spec": {"replicas": 3, "selector": {}, "template": template, **spec},
    }


def told(act: Callable[[], object]) -> str:
    try:
        act()
    except Refused as refused:
        return refused.words
    except Unavailable as trouble:
        return trouble.words
    except Failed as failed:
        return failed.reason
    raise AssertionError("nothing went wrong")


def acts() -> Told:
    """What a person is told instead of a change."""
    web, by_hand = cluster(workload()), cluster(workload(updateStrategy={"type": "OnDelete"}))
    paused, busy = cluster(workload(paused=True)), cluster(workload(), patched=422)
    scaler = {
        "metadata": {"name": "web", "annotations": {}},
        "spec": {"minReplicas": 2, "maxReplicas": 8, "scaleTargetRef": {"kind": "Deployment", "name": "web"}},
    }
    scaled, before = cluster({**scaler, "items": [scaler]}), Autoscaler("web", 3, 6, 3, 3)
    other = Place("trunk", "Deployment", "web", "worker")
    yield (
        "somebody else has set another image",
        told(lambda: web.set_image(WEB, NEW, *BY, expected=OLDER)),
    )
    yield "somebody else has scaled it", told(lambda: web.set_replicas(WEB, 6, *BY, expected=4))
    yield "somebody else has set its bounds", told(lambda: scaled.set_bounds(WEB, (4, 9), *BY, before))
    yield "somebody sets it again and again", told(lambda: busy.set_image(WEB, NEW, *BY))
    yield "its pods are replaced by hand", told(lambda: by_hand.set_image(WEB, NEW, *BY))
    yield "it has no such container", told(lambda: web.set_image(other, NEW, *BY))
    yield "a DaemonSet is scaled", told(lambda: web.set_replicas(AGENT, 6, *BY))
    yield "a DaemonSet is paused", told(lambda: web.pause(AGENT, *BY))
    yield "what is paused is restarted", told(lambda: paused.restart(WEB, "now", *BY))
    for name in ("email", "name"):
        strict = cluster(impersonate=name)
        yield f"somebody without {name} changes something", told(partial(strict.acting_for, NOBODY))


def answers() -> Told:
    """Each status that an API server may answer with."""
    for status in (401, 403, 404, 429, 500, 503):
        yield f"it answers {status}", told(partial(cluster(status=status).image, WEB))
    for status in (400, 403, 409, 415):
        busy = cluster(workload(), patched=status)
        yield f"it answers a change with {status}", told(partial(busy.pause, WEB, *BY))
    olga = replace(NOBODY, name="olga", email="olga@shop.example")
    not_as = {
        "message": 'users "olga@shop.example" is forbidden: User "x" cannot impersonate resource "users"'
    }
    strict = Kubernetes("main", Answers(not_as, status=403), impersonate="email").acting_for(olga)
    yield "Shipmate may not act for somebody", told(lambda: strict.image(WEB))
    hers = cluster(status=403, impersonate="email").acting_for(olga)
    yield "somebody may not look", told(lambda: hers.pod_log(WEB, "web-0"))
    rule = {"message": 'admission webhook "signed.images.example" denied the request: web has env DB=secret'}
    yield "a rule forbids it", told(lambda: Kubernetes("main", Ruled(rule)).pause(WEB, *BY))
    yield "no log yet", told(lambda: cluster(status=400).pod_log(WEB, "web-0"))
    yield "no log of an earlier run", told(lambda: cluster(status=400).pod_log(WEB, "web-0", previous=True))
    nowhere = told(lambda: connect(kubeconfig="/nonexistent/config"))
    yield "its configuration is not there", nowhere
    gone = SimpleNamespace(trouble=lambda *_place: "", picture=lambda _key: None, gone=lambda _key: True)
    follower, seen = Follower("main", Api("main", Answers())), list[Seen]()
    each = Followed(follower.topic(WEB, 2, NEW))
    follower._follow(each, cast(Pictures, gone), {each.key}, lambda _topic, found: seen.append(found))
    yield "what was followed is there no more", seen[0].failure


def rooms() -> Told:
    """Why fewer fit than were asked for."""
    asks = workload({"resources": {"requests": {"memory": "512Mi"}}})
    picky = workload({"resources": {"requests": {"memory": "512Mi"}}}, {"nodeSelector": {"disk": "ssd"}})
    quota = {"status": {"hard": {"requests.memory": "2Gi"}, "used": {"requests.memory": "1536Mi"}}}
    node = {"metadata": {"name": "n1"}, "spec": {}, "status": {"allocatable": {"memory": "1Gi", "pods": "9"}}}
    for name, of, quotas, nodes in (
        ("a quota is too small", asks, [quota], []),
        ("the nodes are too small", asks, [], [node]),
        ("no node is of the kind that it wants", picky, [], [node]),
    ):
        found = room(of, 9, "trunk", quotas, nodes, [])
        yield f"{name}: {found.fits} of 9", found.why


def differences() -> Told:
    """What a rollback tells beside the image; values are not told."""
    env = [{"name": "LEVEL", "value": "info"}, {"name": "PROXY", "value": "a"}]
    before = {"env": env, "command": ["java", "-jar", "web.jar"]}
    sources = [{"secretRef": {"name": "db"}}, {"configMapRef": {"name": "shop"}}, {"other": {}}]
    limits = {"limits": {"memory": "512Mi"}}
    after = {
        "env": [{"name": "LEVEL", "value": "debug"}, {"name": "CACHE", "value": "1"}],
        "envFrom": sources,
        "resources": limits,
    }
    was, now = (configuration_of(workload(one), WEB) for one in (before, after))
    found = drift(was, now)
    yield "what differs between two revisions", "\n".join(found)
    for name, differs in (
        ("nothing else differs", ()),
        ("this differs", tuple(found)),
        ("nobody knows", None),
    ):
        back = WayBack("rollback web in trunk to r671", "r672", "r671", 86_400, 3, differs)
        yield f"asked before a rollback, {name}", question("web/trunk", back)


@pytest.mark.parametrize("language", LANGUAGES)
def test_cluster(language: str, request: pytest.FixtureRequest) -> None:
    lines = ["# What is said of a cluster that refuses, that has no room, and of what a rollback leaves.", ""]
    with speaking(language):
        for what, words in (*acts(), *answers(), *rooms(), *differences()):
            lines += [f"({what})", "", *(f"{INDENT}{line}" for line in named("told", words)), ""]
    golden(PATHS[language], "\n".join(lines), request.config.getoption("--rewrite-goldens"))
