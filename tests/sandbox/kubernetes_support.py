"""A cluster in a thread, a plain HTTP client, and the answers recorded from a real API server (v1.36.2)."""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import urllib3

from sandbox.images import Images
from sandbox.kubernetes import KubernetesServer, LogLine, Rule
from sandbox.kubernetes.resources import NAMESPACES

T = TypeVar("T")
RECORDINGS = Path(__file__).parents[1] / "data" / "kubernetes"
RECORDINGS_READ: defaultdict[str, set[str]] = defaultdict(set)
"""Test file -> the recordings whose answers its tests have read so far, to hold the sandbox or the adapter to."""
PACE = 0.02
WITHIN = 15.0
"""Seconds until something that must happen counts as missing."""

READ = ("get", "list", "watch")
CHATOPS = ("chatops", "system:authenticated")
ACCOUNTS = ("system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated")
USERS = {
    "admin": Rule(user="admin"),
    "bot": Rule(("shop",), (*READ, "patch", "update"), user="deploy-bot", groups=CHATOPS, uid="u-bot"),
    "viewer": Rule(("shop",), READ, user="viewer"),
    "nobody": Rule((), (), (), user="nobody"),
    "sa": Rule(("shop",), READ, user="system:serviceaccount:shop:deploy-bot", groups=ACCOUNTS, uid="u-sa"),
}
"""The users of the recordings; the token is the name."""

STRATEGIC = "application/strategic-merge-patch+json"
MERGE = "application/merge-patch+json"
WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
IMAGE = "registry.example.com/shop/web"


@dataclass(frozen=True)
class Answer:
    """What came back; `body` is decoded JSON, or text."""

    status: int
    body: Any
    headers: urllib3.HTTPHeaderDict


class Cluster:
    """A running server and the means to talk to it from a test."""

    def __init__(
        self, server: KubernetesServer, loop: asyncio.AbstractEventLoop, lines: list[LogLine]
    ) -> None:
        self.server = server
        self.lines = lines
        self._loop = loop
        self._http = urllib3.PoolManager()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WITHIN)

    def call(self, work: Callable[[], T]) -> T:
        """Do `work` in the server's event loop, where its state may be changed."""

        async def done() -> T:
            return work()

        return self.run(done())

    def ask(
        self, method: str, path: str, body: Any = None, kind: str = "", user: str = "admin", **headers: str
    ) -> Answer:
        sent = {"Accept": "application/json"} | ({"Content-Type": kind or "application/json"} if body else {})
        sent |= {} if user == "anon" else {"Authorization": f"Bearer {user}"}
        data = body if body is None or isinstance(body, str | bytes) else json.dumps(body)
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        got = self._http.request(method, self.server.url + path, body=data, headers=sent, retries=False)
        text = got.data.decode()
        return Answer(got.status, json.loads(text) if text.startswith("{") else text, got.headers)

    def get(self, path: str, **more: Any) -> Any:
        return self.ask("GET", path, **more).body

    def patch(self, body: Any, path: str = WEB, kind: str = STRATEGIC) -> Any:
        answer = self.ask("PATCH", path, body, kind)
        assert answer.status == 200, answer.body
        return answer.body

    def set_image(self, tag: str, name: str = "web") -> Any:
        containers = [{"name": name, "image": f"registry.example.com/shop/{name}:{tag}"}]
        return self.patch(
            {"spec": {"template": {"spec": {"containers": containers}}}}, WEB.replace("web", name)
        )

    def create(self, name: str = "web", tag: str = "v1", **spec: Any) -> Any:
        """A Deployment `name` of 3 replicas; `container` adds to its container, the rest to its spec."""
        labels = {"app": name}
        container = {"name": name, "image": f"registry.example.com/shop/{name}:{tag}"}
        containers = [container | spec.pop("container", {})]
        template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
        body: Any = {"metadata": {"name": name, "labels": labels}}
        body |= {"spec": {"replicas": 3, "selector": {"matchLabels": labels}, "template": template} | spec}
        answer = self.ask("POST", WEB.removesuffix("/web"), body)
        assert answer.status == 201, answer.body
        return answer.body

    def push(self, reference: str, *behaviour: Any) -> None:
        self.call(lambda: self.server.images.push(f"registry.example.com/shop/{reference}", *behaviour))

    def replay(self, name: str, version: str = "") -> Answer:
        """Send the request that recording `name` answers; `version`: the resourceVersion that its body has here."""
        request = index()[name]["request"]
        body = request.get("body")
        if version:
            body = body | {"metadata": body["metadata"] | {"resourceVersion": version}}
        headers = {"Accept": request["accept"]} if request.get("accept") else {}
        return self.ask(
            request["method"],
            request["path"],
            body,
            request.get("contentType") or "",
            request["user"],
            **headers,
        )

    def watch(self, path: str, user: str = "admin") -> Iterator[Any]:
        """The events of one watch, until the server ends it."""
        pending = b""
        for chunk in self.open(path, user).stream(4096):
            *whole, pending = (pending + chunk).split(b"\n")
            yield from map(json.loads, whole)
        assert not pending, f"the stream ended in mid-line: {pending!r}"

    def changes(self, path: str, user: str = "admin") -> list[Any]:
        """The events that a watch shows at once; the server is told to end it then."""
        stream = self.open(path, user)
        self.call(self.server.watches.close)
        return [json.loads(line) for line in stream.read().splitlines()]

    def open(self, path: str, user: str = "admin") -> urllib3.BaseHTTPResponse:
        """An answer whose body is yet to be read."""
        headers = {"Authorization": f"Bearer {user}"}
        return self._http.request("GET", self.server.url + path, headers=headers, preload_content=False)

    def until(self, what: str, found: Callable[[], T | None]) -> T:
        """The first true answer of `found`; fails after WITHIN seconds."""
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline:
            if value := found():
                return value
            time.sleep(0.005)  # the real API is asked again, as a client would
        raise AssertionError(f"{what}: not within {WITHIN:.0f} s")

    def until_complete(self, name: str = "web") -> Any:
        path = WEB.replace("web", name)

        def done() -> Any:
            item = self.get(path)
            status, wanted = item["status"], item["spec"]["replicas"]
            counters = [status.get(n, 0) for n in ("replicas", "updatedReplicas", "availableReplicas")]
            seen = status.get("observedGeneration") == item["metadata"]["generation"]
            still = status.get("terminatingReplicas") == 0
            return item if seen and still and counters == [wanted] * 3 else None

        return self.until(f"{name} complete", done)

    def until_reason(self, reason: str, name: str = "web") -> Any:
        """The Deployment once one of its conditions has `reason`."""
        path = WEB.replace("web", name)

        def shown() -> Any:
            item = self.get(path)
            listed = item["status"].get("conditions", [])
            return item if any(c["reason"] == reason for c in listed) else None

        return self.until(reason, shown)


@contextmanager
def cluster(
    pace: float = PACE, history: int = 20_000, chatter: float = 0.0, nodes: int = 3
) -> Iterator[Cluster]:
    """A fresh server with the namespace `shop` and the recordings' users."""
    lines: list[LogLine] = []
    server = KubernetesServer(
        Images(), lines.append, pace=pace, history=history, chatter=chatter, nodes=nodes
    )
    server.tokens.update(USERS)
    for tag in ("v1", "v2", "v4", "v5", "v6", "v7", "v8", "v9", "v10"):
        server.images.push(f"{IMAGE}:{tag}")
    server.create(NAMESPACES, {"metadata": {"name": "shop"}})
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="cluster", daemon=True)
    thread.start()
    running = Cluster(server, loop, lines)
    running.run(server.start())
    try:
        yield running
    finally:
        running.run(server.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(WITHIN)
        loop.close()


def index() -> dict[str, Any]:
    """File name -> request, note and HTTP status of each recording."""
    found: dict[str, Any] = json.loads((RECORDINGS / "index.json").read_text())
    return found


def raw(name: str) -> bytes:
    """A recording as its bytes; which test file reads which is kept in `RECORDINGS_READ`."""
    RECORDINGS_READ[os.environ.get("PYTEST_CURRENT_TEST", "").partition("::")[0]].add(name)
    return (RECORDINGS / name).read_bytes()


def recorded(name: str) -> Any:
    """A recorded body; a watch as the list of its events."""
    text = raw(name).decode()
    if name.endswith(".ndjson"):
        return [json.loads(line) for line in text.splitlines()]
    return json.loads(text) if name.endswith(".json") else text


_PLACEHOLDERS = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uid>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<time>"),
    (
        re.compile(r"(?<=[a-z]-)[bcdfghjklmnpqrstvwxz2456789]{7,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b"),
        "<pod>",
    ),
    (re.compile(r"(?<=[a-z]-)[bcdfghjklmnpqrstvwxz2456789]{7,10}\b"), "<hash>"),
    (re.compile(r"kube-api-access-\w{5}"), "kube-api-access-<id>"),
    (re.compile(r"(sha256:|containerd://)[0-9a-f]{64}"), r"\1<digest>"),
    (re.compile(r"\.18[0-9a-f]{14}\b"), ".<nano>"),
    (re.compile(r"(fake|sandbox)-node-\d"), "<node>"),
    (re.compile(r"\b(192\.0\.2|10\.244\.\d+)\.\d+\b"), "<ip>"),
)
_VALUES = {"resourceVersion": "<version>", "pod-template-hash": "<hash>"}
_UNLIKE = {"name": "openshift-service-ca.crt"}
"""A config map that only the recorded cluster mounts."""


def normal(value: Any) -> Any:
    """`value` with what differs between any two clusters replaced: ids, times, versions, addresses."""
    if isinstance(value, dict):
        shown = {k: _VALUES[k] if k in _VALUES else normal(v) for k, v in value.items()}
        if "conditions" in shown:  # their order is not stable in a real cluster either
            shown["conditions"] = sorted(shown["conditions"], key=lambda condition: condition["type"])
        return shown
    if isinstance(value, list):
        return [normal(item) for item in value if not _foreign(item)]
    if isinstance(value, str):
        for pattern, placeholder in _PLACEHOLDERS:
            value = pattern.sub(placeholder, value)
    return value


def _foreign(item: Any) -> bool:
    config = item.get("configMap", {}) if isinstance(item, dict) else {}
    return bool(config) and config.get("name") == _UNLIKE["name"]


def without(value: Any, *names: str) -> Any:
    """`value` without the fields called `names`, at any depth."""
    if isinstance(value, dict):
        return {k: without(v, *names) for k, v in value.items() if k not in names}
    return [without(item, *names) for item in value] if isinstance(value, list) else value


def assert_same(answer: Any, recording: str, *but: str) -> None:
    """Equal in every field and value, ids and times aside; `but`: fields that depend on the story so far."""
    assert without(normal(answer), *but) == without(normal(recorded(recording)), *but)
