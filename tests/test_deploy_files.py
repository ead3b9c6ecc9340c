"""deploy/: the manifest grants exactly what the adapter uses; the image holds what the processes import."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.faults import Refused
from bot.ports import Person, Place, Seen, Topic
from integrations.kubernetes import Kubernetes, connect
from sandbox.kubernetes import Granted, Rule, service_account, shop
from sandbox.kubernetes.resources import DAEMONSETS, STATEFULSETS
from tests import sample
from tests.sandbox.kubernetes_support import Cluster, cluster

ROOT = Path(__file__).parents[1]
MANIFEST = ROOT / "deploy" / "kubernetes" / "rbac.yaml"
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
TOKEN = "granted"
WEB = Place("trunk", "Deployment", "web", "web")


def manifest(kind: str) -> list[Any]:
    return [item for item in yaml.safe_load_all(MANIFEST.read_text()) if item["kind"] == kind]


def account() -> Granted:
    """What the manifest grants; a token that holds it gets real refusals beyond."""
    return service_account(MANIFEST.read_text(), "shipmate", "shipmate")


@pytest.fixture
def here() -> Iterator[Cluster]:
    with cluster() as running:
        running.call(lambda: shop.create(running.server))
        running.server.tokens[TOKEN] = account()
        yield running


def adapter(here: Cluster) -> Kubernetes:
    return Kubernetes("main", connect(server=here.server.url, token=TOKEN))


@contextmanager
def watching(kubernetes: Kubernetes, *topics: Topic) -> Iterator[dict[Topic, Seen]]:
    told: dict[Topic, Seen] = {}
    stop = threading.Event()
    arguments = (lambda: topics, told.__setitem__, stop)
    thread = threading.Thread(target=kubernetes.watch, args=arguments, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        stop.set()
        thread.join(5)


def others(here: Cluster, image: str) -> list[Place]:
    """A StatefulSet and a DaemonSet beside the shop's Deployments."""
    labels = {"app": "store"}
    container = {"name": "store", "image": image}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    for resource in (STATEFULSETS, DAEMONSETS):
        spec: dict[str, Any] = {"selector": {"matchLabels": labels}, "template": template}
        spec |= {"serviceName": "store", "replicas": 1} if resource is STATEFULSETS else {}
        item = {"metadata": {"name": resource.kind.lower(), "namespace": "dev"}, "spec": spec}
        here.call(lambda resource=resource, item=item: here.server.create(resource, item))  # type: ignore[misc]
    return [Place("dev", kind, kind.lower(), "store") for kind in ("StatefulSet", "DaemonSet")]


def test_every_right_of_the_manifest_is_used_and_none_is_missing(here: Cluster) -> None:
    kubernetes = adapter(here)
    good, bad = shop.image("web", "good"), shop.image("web", "bad")
    here.call(lambda: here.server.images.push(good))
    here.call(lambda: here.server.images.push(bad, "crashes", ("ERROR no such file",)))
    places = [WEB, *others(here, shop.image("web", shop.TAGS["web"]))]

    kubernetes.set_replicas(WEB, 2, "scale", "a111")
    topics = [
        kubernetes.rollout(place, kubernetes.set_image(place, good, "deploy", "a222"), good)
        for place in places
    ]
    with watching(kubernetes, *topics) as told:
        here.until("good images", lambda: all(topic in told and told[topic].done for topic in topics))
        here.call(here.server.watches.close)
        watches = {right for right in account().rights(everywhere=False) if right.verb == "watch"}
        here.until("all watches in the audit", lambda: here.server.asked(account().user) >= watches)
    topic = kubernetes.rollout(WEB, kubernetes.set_image(WEB, bad, "deploy web", "a333"), bad)
    failure = here.until("a failure with its log", lambda: _failed(kubernetes.look(topic)))
    found = kubernetes.workloads(places)
    bounds = kubernetes.set_bounds(Place("product", "Deployment", "pay", "pay"), (2, 6), "bounds", "a444")
    room = kubernetes.room(WEB, 3)

    assert [told[topic].failure for topic in topics] == ["", "", ""]
    assert told[topics[0]].value == {"ready": 2, "kept": 0}
    assert "ERROR no such file" in failure.excerpt
    assert failure.events
    assert [revision.image for revision in kubernetes.revisions(WEB)][:2] == [bad, good]
    assert [kubernetes.revisions(place)[0].image for place in places[1:]] == [good, good]
    assert [found[place].image for place in places] == [bad, good, good]
    assert (bounds.minimum, bounds.maximum) == (2, 6)
    assert room.fits == 3
    for everywhere in (False, True):
        asked = here.server.asked(account().user, everywhere=everywhere)
        assert asked == account().rights(everywhere=everywhere)
    assert not [entry for entry in here.server.audit if entry.code == 403]


def _failed(seen: Seen) -> Seen | None:
    return seen if seen.failure and seen.excerpt and seen.events else None


def test_nothing_is_granted_in_a_namespace_that_is_not_bound(here: Cluster) -> None:
    here.call(lambda: shop.namespace(here.server, "elsewhere"))
    here.call(lambda: shop.deploy(here.server, "elsewhere", "web", shop.image("web", "x"), 1))

    with pytest.raises(Refused, match="403"):
        adapter(here).workload(Place("elsewhere", "Deployment", "web", "web"))


def test_the_bindings_name_the_role_and_the_account_that_stand_beside_them() -> None:
    roles = {role["metadata"]["name"] for role in manifest("ClusterRole")}
    (account,) = manifest("ServiceAccount")
    inside, everywhere = manifest("RoleBinding"), manifest("ClusterRoleBinding")

    assert {binding["roleRef"]["name"] for binding in inside} == {"shipmate"}
    assert {binding["roleRef"]["name"] for binding in everywhere} == roles - {"shipmate"}
    for binding in inside + everywhere:
        (subject,) = binding["subjects"]
        assert (subject["kind"], subject["name"]) == ("ServiceAccount", account["metadata"]["name"])
        assert subject["namespace"] == account["metadata"]["namespace"]


def test_acting_for_people_needs_the_one_right_that_its_own_manifest_grants(here: Cluster) -> None:
    olga = Person("U1", "olga", "olga@shop.example")
    both = f"{MANIFEST.read_text()}\n---\n{(MANIFEST.parent / 'impersonation.yaml').read_text()}"
    here.server.users[olga.email] = Rule(("trunk",), ("get", "list"), ("deployments", "pods"), olga.email)
    kubernetes = Kubernetes("main", connect(server=here.server.url, token=TOKEN), impersonate="email")

    with pytest.raises(Refused, match=r"does not let Shipmate act in the name of olga@shop\.example"):
        kubernetes.acting_for(olga).image(WEB)
    here.server.tokens[TOKEN] = service_account(both, "shipmate", "shipmate")
    image = kubernetes.acting_for(olga).image(WEB)
    with pytest.raises(Refused, match=r"olga@shop\.example may not change"):
        kubernetes.acting_for(olga).set_replicas(WEB, 2, "scale", "a111")

    with pytest.raises(Refused, match=r"in the name of nina@shop\.example"):
        kubernetes.acting_for(Person("U4", "nina", "nina@shop.example")).image(WEB)
    assert image == kubernetes.image(WEB)
    assert [entry.impersonated for entry in here.server.audit][-1] == ""
    assert kubernetes.acting_for(Person("U2", "hook", is_bot=True)) is kubernetes
    with pytest.raises(Refused, match="your profile in chat has none"):
        kubernetes.acting_for(Person("U3", "guest"))


def test_the_bindings_cover_the_environments_of_the_sample() -> None:
    bindings = [binding["metadata"]["namespace"] for binding in manifest("RoleBinding")]

    assert bindings == list(sample.settings().environments)


# -- the image


def copied() -> list[str]:
    """What the Dockerfile copies beside the requirements."""
    lines = re.findall(r"^COPY (\S+) \S+$", DOCKERFILE, re.MULTILINE)
    assert lines
    return lines


def test_the_processes_start_with_what_the_image_holds(tmp_path: Path) -> None:
    for folder in copied():
        shutil.copytree(ROOT / folder, tmp_path / folder)

    command = [sys.executable, "-m", "bot", "check"]
    environment = {**os.environ, **sample.ENV, "SHIPMATE_CONFIG": str(sample.PATH)}
    checked = subprocess.run(  # noqa: S603  # our own argument list
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_image_leaves_out_only_packages_that_the_processes_do_not_import() -> None:
    mark = re.search(r"sed '/\^(.+)/,\$d' requirements.txt", DOCKERFILE)
    assert mark
    _kept, _mark, rest = (ROOT / "requirements.txt").read_text().partition(f"\n{mark[1]}")
    left_out = set(re.findall(r"^([\w.-]+)==", rest, re.MULTILINE))

    files = [path for folder in copied() for path in (ROOT / folder).rglob("*.py")]
    imported = {module for path in files for module in _imports(path)}

    assert left_out
    assert not imported & left_out


def _imports(path: Path) -> set[str]:
    """Top-level names of the modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found
