"""The recorded session told again: every recorded request in its order, against a sandbox cluster.

What was recorded by other means than a recorded request (kubectl's undo, objects created beforehand) shows in
the answers after it, and is done from them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.kubernetes.deployments import LAG
from sandbox.kubernetes.nodes import Size
from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubernetes_shapes import core, shape
from tests.sandbox.kubernetes_support import Cluster, recorded

DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments"
STILL = 1e6
"""A pace at which time stands still but for the steps that are taken here."""
PATIENCE = 60.0
"""Lifelike seconds until an answer that has not come in the recorded shape is taken as it is."""
REVISION = "deployment.kubernetes.io/revision"
SCALE = f"{DEPLOYMENTS}/web/scale"
FRESH = ("07-scale/put-5.json",)
"""Writes whose body has the version that was read just before."""
ROOM = {"06-failures/pending-pods.json": Size(pods="0"), "06-failures/config-pods.json": Size()}
"""The recorded scheduler refused by the image's name; this one does for want of room."""
SLOW = 3600.0
"""Lifelike seconds that a controller lags which was stopped in the recording."""


@dataclass(frozen=True)
class Got:
    """What the sandbox answered; `shapes`: every one that could be seen in its place, the best one first."""

    status: int
    shapes: list[Any]


@dataclass
class Story:
    """One cluster that lives through the scenes one after the other."""

    shop: Cluster
    answers: dict[str, Got] = field(default_factory=dict)
    _since: str = "0"
    _before: str = ""
    """The last answer about a Deployment that the recording shows before the next write."""

    def tell(self, scene: str) -> None:
        """Send the scene's requests and keep what came back."""
        self._since = self.shop.get(DEPLOYMENTS)["metadata"]["resourceVersion"]
        for name, entry in support.index().items():
            if not name.startswith(scene) or not entry["request"]:
                continue
            if entry["request"]["method"] == "GET":
                self._prepare(name)
                self._read(name, entry)
            else:
                self._settle()
                self._prepare(name)
                self._write(name)

    def _prepare(self, name: str) -> None:
        """What happened to the recorded cluster outside of requests."""
        if name == "10-quota/get-04.json":
            self.shop.ask("DELETE", "/api/v1/namespaces/shop/resourcequotas/pods")
        if name == "11-lag/patch-response.json":
            self._lag(SLOW)
        if name == "11-lag/get-after.json":
            self._lag(LAG)
            self.shop.call(lambda: self.shop.server.deployments.queue.add(("shop", "web"), 0.0))
        if name == "14-delete/delete-background.json":
            self._before = ""
            self._catch_up(recorded("13-recreate/get-08.json"))
        if name == "22-lists/table-deployments.json":
            self._only(recorded("22-lists/deployments.json")["items"][0])
        if name in ROOM:
            self.shop.call(lambda: self.shop.server.resize_nodes(ROOM[name]))
        if name.startswith("06-failures/") and name.endswith("-pods.json"):
            self._catch_up(recorded(name.replace("-pods", "-deployment")))

    def _only(self, want: Any) -> None:
        """No Deployment but this one, and it complete."""
        for item in self.shop.get(DEPLOYMENTS)["items"]:
            if item["metadata"]["name"] != want["metadata"]["name"]:
                self.shop.ask("DELETE", f"{DEPLOYMENTS}/{item['metadata']['name']}")
        self._before = ""
        self._catch_up(want)
        path = f"{DEPLOYMENTS}/{want['metadata']['name']}"
        self._until(
            lambda: core(self.shop.get(path)) == core(want) and len(self.shop.server.pods("shop")) == 3
        )

    def _lag(self, seconds: float) -> None:
        self.shop.call(lambda: setattr(self.shop.server.deployments.queue, "lag", seconds))

    def _write(self, name: str) -> None:
        fresh = self.shop.get(SCALE)["metadata"]["resourceVersion"] if name in FRESH else ""
        answer = self.shop.replay(name, fresh)
        self.answers[name] = Got(answer.status, [shape(answer.body)])

    def _settle(self) -> None:
        """Wait for how far the Deployment was in the recording before this write."""
        if not self._before:
            return
        want, self._before = recorded(self._before), ""
        metadata = want["metadata"]
        if (
            want["status"].get("observedGeneration") != metadata["generation"]
            or "deletionTimestamp" in metadata
        ):
            return  # it was on its way, and is here
        path = f"{DEPLOYMENTS}/{want['metadata']['name']}"
        self._until(lambda: core(self.shop.get(path)) == core(want))

    def _read(self, name: str, entry: Any) -> None:
        path = entry["request"]["path"].partition("?")[0]
        if name.endswith(".ndjson"):
            self.answers[name] = self._watch(name, entry)
        elif "/during-" in name:
            self.answers[name] = self._passing(name, path)
        elif path.startswith(f"{DEPLOYMENTS}/") and path.count("/") == DEPLOYMENTS.count("/") + 1:
            self.answers[name] = self._poll(name, entry)
        else:
            self.answers[name] = self._get(name, entry)

    def _poll(self, name: str, entry: Any) -> Got:
        """One of many looks at a Deployment: the states it goes through are all in the watch history."""
        if entry["status"] != 200:
            return self._get(name, entry)
        want = recorded(name)
        self._catch_up(want)
        self._before = name
        target = shape(want)
        path = f"{DEPLOYMENTS}?watch=1&resourceVersion={self._since}"
        found: list[Any] = []

        def seen() -> bool:
            items = [event["object"] for event in self.shop.changes(path)]
            items.append(self.shop.get(f"{DEPLOYMENTS}/{want['metadata']['name']}"))
            found[:] = [shape(item) for item in items if item.get("metadata")]
            return target in found

        self._until(seen)
        return Got(200, [target] if target in found else found[::-1])

    def _passing(self, name: str, path: str) -> Got:
        """A list in mid-rollout: its items are all in the watch history, if not at one moment."""
        wanted = [shape(item) for item in recorded(name)["items"]]
        found: list[Any] = []

        def seen() -> bool:
            events = self.shop.changes(f"{path}?watch=1&resourceVersion={self._since}")
            found[:] = [shape(bare(event["object"])) for event in events]
            found.extend(shape(item) for item in self.shop.get(path)["items"])
            return all(each in found for each in wanted)

        self._until(seen)
        return Got(200, found)

    def _get(self, name: str, entry: Any) -> Got:
        target = (entry["status"], shape(recorded(name)) if name.endswith(".json") else "str")
        found: list[Any] = []

        def same() -> bool:
            answer = self.shop.replay(name)
            found[:] = [answer.status, shape(answer.body)]
            return (answer.status, found[1]) == target

        self._until(same)
        return Got(found[0], [found[1]])

    def _watch(self, name: str, entry: Any) -> Got:
        """Everything since the scene began, as that watch shows it."""
        path, _, query = entry["request"]["path"].partition("?")
        kept = [
            part for part in query.split("&") if part.partition("=")[0] in ("labelSelector", "fieldSelector")
        ]
        path = f"{path}?{'&'.join(['watch=1', f'resourceVersion={self._since}', *kept])}"
        wanted = [shape(event) for event in recorded(name)]
        found: list[Any] = []

        def all_seen() -> bool:
            found[:] = [shape(event) for event in self.shop.changes(path)]
            return all(each in found for each in wanted)

        self._until(all_seen)
        return Got(200, found)

    def _catch_up(self, want: Any) -> None:
        """Make the Deployment what the recording says, if nobody else did: as kubectl would have."""
        name = want["metadata"]["name"]
        now = self.shop.ask("GET", f"{DEPLOYMENTS}/{name}")
        kept = {k: v for k, v in want["metadata"].get("annotations", {}).items() if k != REVISION}
        if now.status == 404 and "deletionTimestamp" not in want["metadata"]:
            body = {
                "metadata": {"name": name, "labels": want["metadata"].get("labels", {}), "annotations": kept}
            }
            self.shop.ask("POST", DEPLOYMENTS, body | {"spec": want["spec"]})
        elif now.status == 200 and now.body["spec"] != want["spec"]:
            self._settle()
            kept[REVISION] = now.body["metadata"]["annotations"][REVISION]
            metadata = now.body["metadata"] | {"annotations": kept}
            metadata = {k: v for k, v in metadata.items() if k != "resourceVersion"}
            self.shop.ask(
                "PUT", f"{DEPLOYMENTS}/{name}", now.body | {"metadata": metadata, "spec": want["spec"]}
            )

    def _until(self, done: Callable[[], bool]) -> None:
        clock = self.shop.server.clock
        end = clock.now() + PATIENCE
        while not done() and clock.now() < end:
            self.shop.call(clock.step)


def bare(item: Any) -> Any:
    """An object as it stands in a list."""
    return {name: value for name, value in item.items() if name not in ("kind", "apiVersion")}
