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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.faults import Failed
from bot.ports import Place, Seen, Topic
from integrations.kubernetes import Kubernetes, connect
from sandbox.kubernetes import Rule, shop
from tests import sample
from tests.sandbox.kubernetes_support import Cluster, cluster

ROOT = Path(__file__).parents[1]
MANIFEST = ROOT / "deploy" / "kubernetes" / "rbac.yaml"
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
TOKEN = "granted"
WEB = Place("trunk", "Deployment", "web", "web")

Right = tuple[str, str, str]
"""(verb, API group, resource with subresource)."""


def manifest(kind: str) -> list[Any]:
    return [item for item in yaml.safe_load_all(MANIFEST.read_text()) if item["kind"] == kind]


def granted() -> set[Right]:
    (role,) = manifest("ClusterRole")
    return {
        (verb, group, resource)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


@dataclass(frozen=True)
class Bound(Rule):
    """A token of the sandbox that may do what the manifest grants, where it is bound."""

    rights: frozenset[tuple[str, str]] = frozenset()

    def allows(self, verb: str, resource: str, namespace: str) -> bool:
        return namespace in self.namespaces and (verb, resource) in self.rights


def bound() -> Bound:
    namespaces = tuple(binding["metadata"]["namespace"] for binding in manifest("RoleBinding"))
    rights = frozenset((verb, resource) for verb, _group, resource in granted())
    return Bound(namespaces, user=TOKEN, rights=rights)


@pytest.fixture
def here() -> Iterator[Cluster]:
    with cluster() as running:
        running.call(lambda: shop.create(running.server))
        running.server.tokens[TOKEN] = bound()
        yield running


def adapter(here: Cluster) -> Kubernetes:
    return Kubernetes("main", connect(server=here.server.url, token=TOKEN))


def used(here: Cluster) -> set[Right]:
    """What the adapter asked for; a watch counts when it has ended."""
    asked = [entry for entry in list(here.server.audit) if entry.user == TOKEN]
    assert not [entry for entry in asked if entry.code == 403]
    return {
        (
            entry.verb,
            entry.target.resource.group,
            "/".join(filter(None, (entry.target.resource.plural, entry.target.subresource))),
        )
        for entry in asked
    }


@contextmanager
def watching(kubernetes: Kubernetes, topic: Topic) -> Iterator[list[Seen]]:
    told: list[Seen] = []
    stop = threading.Event()
    arguments = (lambda: [topic], lambda _topic, seen: told.append(seen), stop)
    thread = threading.Thread(target=kubernetes.watch, args=arguments, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        stop.set()
        thread.join(5)


def test_every_right_of_the_manifest_is_used_and_none_is_missing(here: Cluster) -> None:
    kubernetes = adapter(here)
    good, bad = shop.image("web", "good"), shop.image("web", "bad")
    here.call(lambda: here.server.images.push(good))
    here.call(lambda: here.server.images.push(bad, "crashes", ("ERROR no such file",)))

    kubernetes.set_replicas(WEB, 2, "a111")
    topic = kubernetes.rollout(WEB, kubernetes.set_image(WEB, good, "deploy web", "a222"), good)
    with watching(kubernetes, topic) as told:
        here.until("the good image", lambda: told and told[-1].done)
        here.call(here.server.watches.close)
        here.until("both watches in the audit", lambda: {verb for verb, *_ in used(here)} >= {"watch"})
    topic = kubernetes.rollout(WEB, kubernetes.set_image(WEB, bad, "deploy web", "a333"), bad)
    failure = here.until("a failure with its log", lambda: _failed(kubernetes.look(topic)))

    assert told[-1].value == {"ready": 2}
    assert "ERROR no such file" in failure.excerpt
    assert failure.events
    assert [revision.image for revision in kubernetes.revisions(WEB)][:2] == [bad, good]
    here.until("both kinds of watch in the audit", lambda: used(here) == granted())


def _failed(seen: Seen) -> Seen | None:
    return seen if seen.failure and seen.excerpt and seen.events else None


def test_nothing_is_granted_in_a_namespace_that_is_not_bound(here: Cluster) -> None:
    here.call(lambda: shop.namespace(here.server, "elsewhere"))
    here.call(lambda: shop.deploy(here.server, "elsewhere", "web", shop.image("web", "x"), 1))

    with pytest.raises(Failed, match="403"):
        adapter(here).workload(Place("elsewhere", "Deployment", "web", "web"))


def test_the_bindings_name_the_role_and_the_account_that_stand_beside_them() -> None:
    (role,), (account,) = manifest("ClusterRole"), manifest("ServiceAccount")

    for binding in manifest("RoleBinding"):
        assert binding["roleRef"]["name"] == role["metadata"]["name"]
        (subject,) = binding["subjects"]
        assert (subject["kind"], subject["name"]) == ("ServiceAccount", account["metadata"]["name"])
        assert subject["namespace"] == account["metadata"]["namespace"]


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
