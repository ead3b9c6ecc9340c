"""Rights: a manifest that is enforced, impersonation that is logged, and the questions about both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.kubernetes import Right, service_account
from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubernetes_account import unread
from tests.sandbox.kubernetes_support import MERGE, USERS, WEB, Cluster, recorded

DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments"
ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
ACCOUNT = "system:serviceaccount:tools:bot"
MANIFEST = """
kind: Role
metadata: {name: bot, namespace: shop}
rules:
- {apiGroups: [apps], resources: [deployments], verbs: [get, list, patch]}
- {apiGroups: [""], resources: [pods/log], verbs: [get]}
---
kind: ClusterRole
metadata: {name: bot}
rules:
- {apiGroups: [""], resources: [nodes], verbs: [list]}
- {apiGroups: [""], resources: [users], resourceNames: [olga@shop.example], verbs: [impersonate]}
- {apiGroups: [""], resources: [groups], resourceNames: [ops], verbs: [impersonate]}
---
kind: RoleBinding
metadata: {name: bot, namespace: shop}
roleRef: {kind: Role, name: bot}
subjects: [{kind: ServiceAccount, name: bot, namespace: tools}]
---
kind: ClusterRoleBinding
metadata: {name: bot}
roleRef: {kind: ClusterRole, name: bot}
subjects: [{kind: ServiceAccount, name: bot, namespace: tools}]
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    with support.cluster() as cluster:
        cluster.server.tokens["account"] = service_account(MANIFEST, "tools", "bot")
        cluster.create(replicas=1)
        yield cluster


@pytest.fixture
def shop(running: Cluster) -> Cluster:
    running.call(running.server.audit.clear)
    return running


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", WEB, None),
        ("GET", DEPLOYMENTS, None),
        ("PATCH", WEB, {"metadata": {"annotations": {"a": "b"}}}),
        ("GET", "/api/v1/nodes", None),
    ],
)
def test_what_the_manifest_grants_is_done(shop: Cluster, method: str, path: str, body: Any) -> None:
    assert shop.ask(method, path, body, MERGE if body else "", user="account").status == 200


@pytest.mark.parametrize(
    ("method", "path", "refused"),
    [
        ("GET", f"{DEPLOYMENTS}?watch=1", "cannot watch resource"),
        ("DELETE", WEB, "cannot delete resource"),
        ("GET", f"{WEB}/scale", 'cannot get resource "deployments/scale" in API group "apps"'),
        ("GET", "/apis/apps/v1/namespaces/shop/replicasets", 'cannot list resource "replicasets"'),
        ("GET", "/apis/apps/v1/namespaces/dev/deployments", 'in the namespace "dev"'),
        ("GET", "/apis/apps/v1/deployments", "at the cluster scope"),
        ("GET", "/api/v1/nodes/sandbox-node-1", 'cannot get resource "nodes"'),
    ],
)
def test_everything_else_is_refused_with_a_status(
    shop: Cluster, method: str, path: str, refused: str
) -> None:
    answer = shop.ask(method, path, user="account")

    assert (answer.status, answer.body["kind"], answer.body["reason"]) == (403, "Status", "Forbidden")
    assert f'User "{ACCOUNT}" cannot' in answer.body["message"]
    assert refused in answer.body["message"]


def test_what_was_asked_can_be_held_against_what_is_granted(shop: Cluster) -> None:
    shop.ask("GET", WEB, user="account")
    shop.ask("DELETE", WEB, user="account")
    shop.ask("GET", "/api/v1/nodes", user="account")
    account = service_account(MANIFEST, "tools", "bot")

    assert shop.server.asked(ACCOUNT) == {Right("get", "apps", "deployments")}
    assert shop.server.asked(ACCOUNT, everywhere=True) == {Right("list", "", "nodes")}
    assert account.rights(everywhere=False) - shop.server.asked(ACCOUNT) == {
        Right("list", "apps", "deployments"),
        Right("patch", "apps", "deployments"),
        Right("get", "", "pods/log"),
    }


def test_only_those_who_are_named_can_be_impersonated(shop: Cluster) -> None:
    olga = shop.ask("GET", WEB, user="account", Impersonate_User="olga@shop.example", Impersonate_Group="ops")
    root = shop.ask("GET", WEB, user="account", Impersonate_User="root@shop.example")
    masters = shop.ask(
        "GET", WEB, user="account", Impersonate_User="olga@shop.example", Impersonate_Group="system:masters"
    )
    nobody = shop.ask("GET", WEB, user="account", Impersonate_Group="ops")

    assert olga.status == 200
    assert root.body["message"] == (
        f'users "root@shop.example" is forbidden: User "{ACCOUNT}" cannot impersonate resource "users" '
        'in API group "" at the cluster scope'
    )
    assert (masters.status, masters.body["details"]) == (403, {"name": "system:masters", "kind": "groups"})
    assert nobody.status == 500
    (entry,) = [each for each in shop.server.audit if each.impersonated]
    assert (entry.user, entry.impersonated, entry.groups) == (ACCOUNT, "olga@shop.example", ("ops",))
    assert (entry.verb, entry.target.namespace, entry.target.name) == ("get", "shop", "web")


def test_a_group_lends_its_rights(shop: Cluster) -> None:
    shop.call(lambda: shop.server.users.update({"group:readers": USERS["viewer"]}))
    headers = {"Impersonate_User": "rita", "Impersonate_Group": "readers"}

    read = shop.ask("GET", WEB, **headers)
    written = shop.ask("PATCH", WEB, {"metadata": {"labels": {"x": "y"}}}, MERGE, **headers)
    who = shop.ask("POST", WHO, {"kind": "SelfSubjectReview"}, **headers)

    assert (read.status, written.status) == (200, 403)
    assert who.body["status"]["userInfo"] == {
        "username": "rita",
        "groups": ["readers", "system:authenticated"],
    }


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ({"verb": "patch", "group": "apps", "resource": "deployments", "namespace": "shop"}, True),
        ({"verb": "patch", "group": "", "resource": "deployments", "namespace": "shop"}, False),
        ({"verb": "patch", "group": "apps", "resource": "deployments", "namespace": "dev"}, False),
        ({"verb": "get", "resource": "pods", "subresource": "log", "namespace": "shop"}, True),
        ({"verb": "impersonate", "resource": "users", "name": "olga@shop.example"}, True),
        ({"verb": "impersonate", "resource": "users", "name": "root@shop.example"}, False),
    ],
)
def test_may_i(shop: Cluster, asked: Any, allowed: bool) -> None:
    answer = shop.ask("POST", ACCESS, {"spec": {"resourceAttributes": asked}}, user="account")

    assert (answer.status, answer.body["status"]["allowed"]) == (201, allowed)


def test_what_may_i_do_here_has_the_recorded_shape(shop: Cluster) -> None:
    answer = shop.ask("POST", RULES, {"spec": {"namespace": "shop"}}, user="account")

    want = recorded("21-reviews/rules-bot.json")
    assert answer.status == 201
    assert answer.body["status"]["nonResourceRules"][0] == want["status"]["nonResourceRules"][0]
    assert answer.body["status"]["resourceRules"][:2] == want["status"]["resourceRules"][:2]
    assert {"verbs": ["get"], "apiGroups": [""], "resources": ["pods/log"]} in answer.body["status"][
        "resourceRules"
    ]
    assert answer.body.keys() == want.keys()


def test_every_recording_that_this_file_answers_for_was_read() -> None:
    """Runs last: by the tests above."""
    assert unread(__file__) == set()
