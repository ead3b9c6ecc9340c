"""Watch streams of a cluster, kept as a small picture of its deployments and pods.

Rules from the API's conventions (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes):
list first, then watch from the list's resourceVersion; 410 means list again. After a server's SIGTERM a
stream can stay silent for a minute, so each stream is bounded in time here and begun anew.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import urllib3
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from integrations.rollout import Object

log = logging.getLogger(__name__)

STREAM_SECONDS = 50
"""A stream is asked to end by itself after this; a silent one is given up shortly after."""
RETRY_SECONDS = 2.0
NOTHING: dict[str, Any] = {}


class NamespaceWatches:
    """The picture of all namespaces that are watched; grows as `cover` asks for more."""

    def __init__(self, apps: client.AppsV1Api, core: client.CoreV1Api, stop: threading.Event) -> None:
        self._apps = apps
        self._core = core
        self._stop = stop
        self._news = threading.Condition()
        self._changed: set[tuple[str, str]] = set()
        self._deployments: dict[tuple[str, str], Object] = {}
        self._pods: defaultdict[tuple[str, str], dict[str, Object]] = defaultdict(dict)
        self._streams: dict[str, list[Stream]] = {}

    def cover(self, namespaces: set[str]) -> None:
        """Watch exactly these."""
        for namespace in namespaces - self._streams.keys():
            lists = (self._apps.list_namespaced_deployment, self._core.list_namespaced_pod)
            takers = (self._take_deployment, self._take_pod)
            self._streams[namespace] = [
                Stream(namespace, method, take, self._stop)
                for method, take in zip(lists, takers, strict=True)
            ]
        for namespace in self._streams.keys() - namespaces:
            for stream in self._streams.pop(namespace):
                stream.close()
            self._forget(namespace)

    def close(self) -> None:
        self.cover(set())

    def changed(self, seconds: float) -> set[tuple[str, str]]:
        """(namespace, workload) with news since the last call; waits at most `seconds` for the first."""
        with self._news:
            self._news.wait_for(lambda: bool(self._changed), timeout=seconds)
            changed, self._changed = self._changed, set()
            return changed

    def trouble(self, namespace: str) -> str:
        """Why the namespace cannot be listed: "answered 503"; empty while it can."""
        return next((stream.trouble for stream in self._streams.get(namespace, ()) if stream.trouble), "")

    def gone(self, namespace: str, name: str) -> bool:
        """Whether the namespace has been listed, and the deployment is not in it."""
        with self._news:
            streams = self._streams.get(namespace, ())
            return all(stream.listed for stream in streams) and (namespace, name) not in self._deployments

    def known(self, namespace: str, name: str) -> tuple[Object, list[Object]] | None:
        """A deployment and its pods, or None before its namespace has been listed."""
        with self._news:
            deployment = self._deployments.get((namespace, name))
            listed = all(stream.listed for stream in self._streams.get(namespace, ()))
            if deployment is None or not listed:
                return None
            return deployment, list(self._pods[namespace, name].values())

    def _take_deployment(self, namespace: str, kind: str, item: Object) -> None:
        key = (namespace, item["metadata"]["name"])
        with self._news:
            if kind == "DELETED":
                self._deployments.pop(key, None)
            else:
                self._deployments[key] = item
            self._mark(key)

    def _take_pod(self, namespace: str, kind: str, item: Object) -> None:
        key = (namespace, _workload_name(item))
        with self._news:
            if kind == "DELETED":
                self._pods[key].pop(item["metadata"]["name"], None)
            else:
                self._pods[key][item["metadata"]["name"]] = item
            self._mark(key)

    def _mark(self, key: tuple[str, str]) -> None:
        self._changed.add(key)
        self._news.notify_all()

    def _forget(self, namespace: str) -> None:
        with self._news:
            for picture in (self._deployments, self._pods):
                for key in [key for key in picture if key[0] == namespace]:
                    del picture[key]


class Stream:
    """Lists, then watches one kind of object in one namespace, from a thread of its own."""

    def __init__(
        self,
        namespace: str,
        method: Callable[..., Any],
        take: Callable[[str, str, Object], None],
        stop: threading.Event,
    ) -> None:
        self.listed = False
        self.trouble = ""
        self._following = False
        self._namespace = namespace
        self._method = method
        self._take = take
        self._stop = stop
        self._closed = threading.Event()
        self._seen: dict[str, Object] = {}
        threading.Thread(target=self._run, name=f"stream-{namespace}", daemon=True).start()

    def close(self) -> None:
        self._closed.set()

    def _run(self) -> None:
        while not self._closed.is_set() and not self._stop.is_set():
            try:
                self._following = False
                version = self._list()
                self._following, self.trouble = True, ""
                while version and not self._closed.is_set():
                    version = self._follow(version)
            except (ApiException, urllib3.exceptions.HTTPError, ValueError, OSError) as trouble:
                log.warning("watch of %s: %s", self._namespace, type(trouble).__name__)
                if not self._following:  # a stream may break at any time; not to begin anew is trouble
                    status = getattr(trouble, "status", None)
                    self.trouble = f"answered {status}" if status else "cannot be reached"
                self._closed.wait(RETRY_SECONDS)

    def _list(self) -> str:
        response = self._method(self._namespace, _preload_content=False, _request_timeout=10)
        listed = json.loads(response.data)
        items = {item["metadata"]["name"]: item for item in listed["items"]}
        for name in self._seen.keys() - items.keys():
            self._take(self._namespace, "DELETED", self._seen[name])
        for item in items.values():
            self._take(self._namespace, "ADDED", item)
        self._seen = items
        self.listed = True
        return str(listed["metadata"]["resourceVersion"])

    def _follow(self, version: str) -> str:
        """Watch from `version` until the stream ends; returns the version to go on from, "" to list again."""
        response = self._method(
            self._namespace, watch=True, resource_version=version, allow_watch_bookmarks=True,
            timeout_seconds=STREAM_SECONDS, _preload_content=False, _request_timeout=(5, STREAM_SECONDS + 10),
        )  # fmt: skip
        try:
            for line in _lines(response):
                if self._closed.is_set() or self._stop.is_set():
                    return ""
                event = json.loads(line)
                if event["type"] == "ERROR":
                    return ""
                version = event["object"]["metadata"]["resourceVersion"]
                if event["type"] != "BOOKMARK":
                    self._keep(event["type"], event["object"])
        finally:
            response.close()
        return version

    def _keep(self, kind: str, item: Object) -> None:
        name = item["metadata"]["name"]
        if kind == "DELETED":
            self._seen.pop(name, None)
        else:
            self._seen[name] = item
        self._take(self._namespace, kind, item)


def _lines(response: urllib3.HTTPResponse) -> Any:
    """Complete lines of a stream; what was cut in mid-line is dropped: it comes again after the re-list."""
    rest = b""
    for chunk in response.stream(amt=None, decode_content=True):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line for line in lines if line.strip())


def _workload_name(pod: Object) -> str:
    """`web` for a pod of ReplicaSet `web-7c5ddbdf54`."""
    owner = next(iter(pod["metadata"].get("ownerReferences", ())), NOTHING)
    return str(owner.get("name", "")).rsplit("-", 1)[0]
