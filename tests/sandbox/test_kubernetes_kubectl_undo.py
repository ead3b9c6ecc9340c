"""`kubectl rollout undo` as it was traced: its requests sent again one by one, and the command itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox import kubectl_support
from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubectl_session import words
from tests.sandbox.kubernetes_account import unread
from tests.sandbox.kubernetes_shapes import shape
from tests.sandbox.kubernetes_support import MERGE, Cluster, recorded

TRACE = "05-undo/kubectl-undo-v9.txt"
_EXCHANGE = re.compile(
    r'"Request Body" body="(?P<sent>.*)"\n'
    r'.*"Request" curlCommand=<\n\tcurl -v -X(?P<verb>\w+)(?P<headers>.*) \'https://[^/]*(?P<path>[^\']*)\'\n'
    r'(?:.*\n)*?.*"Response" verb=.* status="(?P<status>\d+)'
    r'(?:.*\n)*?.*"Response Body" body=<\n(?:\t(?P<body>.*)\n)?'
)


@dataclass(frozen=True)
class Exchange:
    """One request of the trace and its answer; `body` is None where it was protobuf, which was not written down."""

    verb: str
    path: str
    kind: str
    sent: Any
    status: int
    body: Any


def exchanges() -> list[Exchange]:
    return [
        Exchange(
            each["verb"],
            each["path"],
            "application/json-patch+json" if "json-patch" in each["headers"] else "",
            json.loads(json.loads(f'"{each["sent"]}"')) if each["sent"] else None,
            int(each["status"]),
            json.loads(each["body"]) if (each["body"] or "").startswith("{") else None,
        )
        for each in _EXCHANGE.finditer(recorded(TRACE))
    ]


@pytest.fixture
def shop() -> Iterator[Cluster]:
    """As the cluster was before: v2 complete, v3-bad past its deadline."""
    with support.cluster() as running:
        running.replay("01-create/post-response.json")
        running.until_complete()
        running.replay("02-rollout/patch-response.json")
        running.patch({"metadata": {"annotations": {"shop.example.com/note": "hello"}}}, kind=MERGE)
        running.until_complete()
        running.patch({"spec": {"progressDeadlineSeconds": 10}}, kind=MERGE)
        running.replay("04-bad-image/patch-response.json")
        running.until_reason("ProgressDeadlineExceeded")
        yield running


def test_the_traced_requests_are_answered_as_they_were(shop: Cluster) -> None:
    traced = exchanges()

    answers = [shop.ask(each.verb, each.path, each.sent, each.kind) for each in traced]

    assert [each.verb for each in traced] == ["GET", "GET", "GET", "PATCH"]
    assert [answer.status for answer in answers] == [each.status for each in traced]
    assert shape(answers[0].body) == shape(traced[0].body)
    assert answers[-1].body["metadata"]["generation"] == answers[0].body["metadata"]["generation"] + 1
    after = recorded("05-undo/after-deployment.json")
    assert answers[-1].body["spec"] == after["spec"]
    assert shape(shop.until_complete()) == shape(after)


def test_kubectl_asks_the_same_and_says_the_same(shop: Cluster, tmp_path: Path) -> None:
    kubectl = kubectl_support.runner(kubectl_support.program(shop.server, tmp_path))
    begun = len(shop.server.calls)

    undone = kubectl("rollout", "undo", "deploy/web")
    asked = [call for call in list(shop.server.calls)[begun:] if "/namespaces/" in call.path]
    shop.until_complete()
    history = kubectl("rollout", "history", "deploy/web")

    assert (undone.code, undone.out) == (0, recorded(TRACE).partition("\n")[0] + "\n")
    assert [(call.method, call.path) for call in asked] == [(each.verb, each.path) for each in exchanges()]
    assert (history.code, words(history.lines)) == (
        0,
        words(recorded("05-undo/kubectl-history.txt").splitlines()),
    )


def test_the_warnings_of_a_pod_are_listed_as_recorded(shop: Cluster, tmp_path: Path) -> None:
    kubectl = kubectl_support.runner(kubectl_support.program(shop.server, tmp_path))
    pod = next(p for p in shop.server.pods("shop") if "v3-bad" in p["spec"]["containers"][0]["image"])

    listed = kubectl("get", "events", "--field-selector", f"involvedObject.name={pod['metadata']['name']}")
    described = kubectl("describe", "pod", pod["metadata"]["name"])

    told = [
        event
        for event in recorded("04-bad-image/deadline-events-all.json")["items"]
        if event["involvedObject"]["kind"] == "Pod" and "69db79d679" in event["involvedObject"]["name"]
    ]
    rows = words(
        f"<age> {e['type']} {e['reason']} pod/{e['involvedObject']['name']} {e['message']}" for e in told
    )
    head, *listed_rows = words(listed.lines)
    assert head == "LAST SEEN TYPE REASON OBJECT MESSAGE"
    assert {re.sub(r"^\S+( \(x\d+ over \S+\))?", "<age>", row) for row in listed_rows} == set(rows)
    for event in told:
        assert words([event["message"]])[0] in " ".join(words(described.lines))


def test_every_recording_that_this_file_answers_for_was_read() -> None:
    """Runs last: by the tests above."""
    assert unread(__file__) == set()
