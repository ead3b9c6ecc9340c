"""How soon a failure is told: every cause that Shipmate names, in clusters that take lifelike time.

The graces of `integrations/kubernetes_causes.py` are real seconds whatever the sandbox does; here the pods,
their retries and their probes take real seconds too, and the progress deadline is the ten minutes that
Kubernetes has by default. Measured is from the moment at which the API shows the trouble for the first time (a
pod's status, or a warning) to the moment at which Slack shows it.
"""

from __future__ import annotations

import re
import tempfile
import time
from functools import partial
from pathlib import Path

from benchmarks import troubled_shop, watching
from benchmarks.results import Result
from benchmarks.troubled_shop import GOOD, Case, TroubledShop
from sandbox.chat import eventually, words
from sandbox.kubernetes.resources import EVENTS, PODS, Object
from sandbox.kubernetes.store import Change
from sandbox.slack.records import Message, Revision
from sandbox.stage import staged

BOUND = 15.0


def measure() -> list[Result]:
    """All at once."""
    every, shop = troubled_shop.cases(), TroubledShop(pace=1.0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with staged(folder, 0, config=troubled_shop.configure(folder, every), world=shop) as stage:
            for case in every:
                stage.thread.call(troubled_shop.furnish, shop, case)
            for case in every:
                eventually(partial(troubled_shop.well, shop, case), f"the pods of {case.name}", 60)
            watches = {case.project: _Watch(case) for case in every}
            for case in every:
                listeners = shop.cluster(case).store.listeners
                stage.thread.call(listeners.append, watches[case.project].observe)
                stage.thread.call(troubled_shop.spoil, shop, case)
                watching.say(stage, case.asks)
            eventually(lambda: len(watching.messages(stage)) == len(every), "their messages")
            watching.settled(stage, 180)
            told = {_project(message): message for message in watching.messages(stage).values()}
            return [result for case in every for result in watches[case.project].results(told[case.project])]


def _project(message: Message) -> str:
    found = re.search(r"\bc\d\d\b", message.text)
    assert found, message.text
    return found[0]


class _Watch:
    """When the API showed the trouble of one case first, and what Slack showed when."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._new: set[str] = set()
        """Pods of the new image: what was in the way of the old one's is not what was deployed."""
        self._shown = 0.0

    def observe(self, change: Change) -> None:
        item = change.item
        if self._shown or item["metadata"].get("namespace") != self._case.project:
            return
        if change.resource is PODS and any(c["image"] != GOOD for c in item["spec"]["containers"]):
            self._new.add(item["metadata"]["name"])
            said = [_said(each) for each in _reasons(item["status"])]
        elif change.resource is EVENTS and self._concerned(item):
            said = [_said(item)]
        else:
            return
        if any(each.startswith(self._case.trouble.shows) for each in said):
            self._shown = time.monotonic()

    def _concerned(self, event: Object) -> bool:
        return event["reason"] == "FailedCreate" or event["involvedObject"]["name"] in self._new

    def results(self, message: Message) -> list[Result]:
        """How long until Slack showed the cause with its log and warnings, and until the rollout had failed.

        Raises AssertionError if it never did, or only when the cluster's deadline was over.
        """
        trouble = self._case.trouble
        assert self._shown, f"{self._case.name}: the cluster never showed {trouble.shows}"
        told = self._first(message, trouble.words, trouble.log, "Warnings of the cluster:", trouble.warns)
        ended = self._first(message, trouble.words, "FAILED")
        return [
            Result(f"{self._case.name}: shown to told, with log and warnings", told, "s", BOUND),
            Result(f"{self._case.name}: shown to failed", ended, "s", BOUND),
        ]

    def _first(self, message: Message, *parts: str) -> float:
        texts = [(revision.at, _text(revision)) for revision in message.revisions]
        at = next((at for at, text in texts if all(part in text for part in parts)), None)
        assert at is not None, f"{self._case.name}: never told {parts}, but at last: {texts[-1][1]}"
        assert "No progress" not in texts[-1][1], texts[-1][1]
        return at - self._shown


def _reasons(status: Object) -> list[Object]:
    """Of a pod's status: waiting containers, and conditions that are not met."""
    listed = (*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ()))
    waiting = [each["state"]["waiting"] for each in listed if "waiting" in each["state"]]
    return [*waiting, *(c for c in status.get("conditions", ()) if c["status"] == "False" and "reason" in c)]


def _said(item: Object) -> str:
    return f"{item['reason']}: {item.get('message', '')}"


def _text(revision: Revision) -> str:
    return "\n".join([revision.text, *words(revision.blocks)])
