"""Watch streams of a cluster, kept as a small picture of its workloads, pods and their warnings.

Rules from the API's conventions (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes):
list first, then watch from the list's resourceVersion; a stream that broke goes on from what it last saw;
410 means list again. After a server's SIGTERM a stream can stay silent for a minute, so each is asked to
end after some seconds and given up when it is silent for longer.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import urllib3
from kubernetes.client.exceptions import ApiException

from bot.language import _
from integrations.kubernetes_api import AWAY, WORKLOADS, Api, Object, Where
from integrations.kubernetes_objects import owner_of
from integrations.rollout import Picture

log = logging.getLogger(__name__)

STREAM_SECONDS = 10.0
"""A stream is asked to end by itself after this, and goes on with a new one: news is never older."""
SILENCE_SECONDS = 12.0
"""Without a byte for so long a stream is dead: it should have ended before."""
RETRY_SECONDS = 1.0
"""Between two streams or two lists at least, whatever ended the first: a server in trouble is not pressed."""
KINDS = {plural: kind for kind, plural in WORKLOADS.items()}

ERRORS = (
    *(ApiException, urllib3.exceptions.HTTPError, OSError),
    *(ValueError, LookupError, TypeError, AttributeError),  # what is no object of the API, whoever sent it
)
"""Nothing of this may end the thread of a stream: what is known would never change again, and nobody be told."""

Key = tuple[str, str, str]
"""(namespace, kind, name) of a workload."""


class Pictures:
    """What is known of all workloads that are awaited; one stream for each namespace and resource."""

    def __init__(self, api: Api, stop: threading.Event, silence: float = SILENCE_SECONDS) -> None:
        self._api = api
        self._silence = silence
        self._stop = stop
        self._news = threading.Condition()
        self._changed: set[Key] = set()
        self._items: dict[str, defaultdict[Key, dict[str, Object]]] = {}
        self._warnings: defaultdict[tuple[str, str], dict[str, Object]] = defaultdict(dict)
        self._streams: dict[tuple[str, str], Stream] = {}

    def cover(self, wanted: set[tuple[str, str]]) -> None:
        """Watch exactly what rollouts of these (namespace, kind) need."""
        streams = {(namespace, resource) for namespace, kind in wanted for resource in resources(kind)}
        for namespace, resource in self._streams.keys() - streams:
            with self._news:
                self._streams.pop((namespace, resource)).close()
                self._forget(namespace, resource)
        for namespace, resource in streams - self._streams.keys():
            self._streams[namespace, resource] = Stream(
                self._api, namespace, resource, self._take, self._stop, self._silence
            )

    def close(self) -> None:
        self.cover(set())

    def changed(self, seconds: float) -> set[Key]:
        """Workloads with news since the last call; waits at most `seconds` for the first."""
        with self._news:
            self._news.wait_for(lambda: bool(self._changed), timeout=seconds)
            changed, self._changed = self._changed, set()
            return changed

    def trouble(self, namespace: str, kind: str) -> str:
        """Why the namespace cannot be listed: "answered 503"; empty while it can."""
        return next((stream.trouble for stream in self._needed(namespace, kind) if stream.trouble), "")

    def gone(self, key: Key) -> bool:
        """Whether everything has been listed, and the workload is not there."""
        namespace, kind, _name = key
        with self._news:
            listed = all(stream.listed for stream in self._needed(namespace, kind))
            return listed and not self._of(WORKLOADS[kind], key)

    def picture(self, key: Key) -> Picture | None:
        """None before its namespace has been listed, and when it is gone."""
        namespace, kind, name = key
        with self._news:
            found = self._of(WORKLOADS[kind], key).get(name)
            if found is None or not all(stream.listed for stream in self._needed(namespace, kind)):
                return None
            pods, sets = (list(self._of(resource, key).values()) for resource in ("pods", "replicasets"))
            names = [item["metadata"]["name"] for item in (found, *pods, *sets)]
            told = {each: list(self._warnings.get((namespace, each), {}).values()) for each in names}
            return Picture(found, pods, sets, told)

    def _needed(self, namespace: str, kind: str) -> Iterator[Stream]:
        return (
            self._streams[namespace, resource]
            for resource in resources(kind)
            if (namespace, resource) in self._streams
        )

    def _of(self, resource: str, key: Key) -> dict[str, Object]:
        of_resource = self._items.get(resource)
        return of_resource.get(key, {}) if of_resource else {}

    def _take(self, stream: Stream, kind: str, item: Object) -> None:
        """What a stream still reads after it was closed is old: another one may have told newer things since."""
        namespace, resource = stream.namespace, stream.resource
        with self._news:
            if stream.closed:
                return
            if resource == "events":
                kept = self._warnings[namespace, item["involvedObject"]["name"]]
            else:
                key = _key(resource, namespace, item)
                kept = self._items.setdefault(resource, defaultdict(dict))[key]
                self._changed.add(key)
            if kind == "DELETED":
                kept.pop(item["metadata"]["name"], None)
            else:
                kept[item["metadata"]["name"]] = item
            if resource == "events":
                self._changed |= _about(namespace, item["involvedObject"])
            self._news.notify_all()

    def _forget(self, namespace: str, resource: str) -> None:
        if resource == "events":
            for about in [about for about in self._warnings if about[0] == namespace]:
                del self._warnings[about]
        items = self._items.get(resource)
        for key in [key for key in items or () if key[0] == namespace]:
            del self._items[resource][key]


def resources(kind: str) -> tuple[str, ...]:
    """What is watched to follow a workload of `kind`."""
    sets = ("replicasets",) if kind == "Deployment" else ()
    return (WORKLOADS[kind], *sets, "pods", "events")


class Stream:
    """Lists, then watches one resource in one namespace, from a thread of its own. Of events: warnings."""

    def __init__(
        self,
        api: Api,
        namespace: str,
        resource: str,
        take: Callable[[Stream, str, Object], None],
        stop: threading.Event,
        silence: float,
    ) -> None:
        self.namespace = namespace
        self.resource = resource
        self.listed = False
        self.trouble = ""
        self._api = api
        self._where = Where(resource, namespace, shown=f"{resource} in {namespace}")  # not said: for the log
        self._query = {"fieldSelector": "type=Warning"} if resource == "events" else {}
        self._take = take
        self._stop = stop
        self._silence = silence
        self._closed = threading.Event()
        self._seen: dict[str, Object] = {}
        threading.Thread(target=self._run, name=f"watch-{namespace}-{resource}", daemon=True).start()

    def close(self) -> None:
        self._closed.set()

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    @property
    def _over(self) -> bool:
        return self.closed or self._stop.is_set()

    def _run(self) -> None:
        version = ""
        while not self._over:
            try:
                version = version or self._list()
                self.trouble = ""
            except ERRORS as error:
                status = getattr(error, "status", None)
                self.trouble = _("answered {status}", status=status) if status else _(AWAY)
                self._closed.wait(max(RETRY_SECONDS, _retry_after(error)))
                continue
            version = self._follow(version)

    def _follow(self, version: str) -> str:
        """Watch until the stream ends; returns the version to go on from, "" to list again.

        A stream may break at any time: that is no trouble as long as it can begin anew.
        """
        began, pause = time.monotonic(), RETRY_SECONDS
        try:
            version = self._watch(version)
        except ERRORS as error:
            log.info("watch of %s: %s", self._where.shown, type(error).__name__)
            version, pause = "", max(pause, _retry_after(error))
        self._closed.wait(max(0.0, pause - (time.monotonic() - began)))
        return version

    def _list(self) -> str:
        listed = self._api.listed(self._where, **self._query)
        items = {item["metadata"]["name"]: item for item in listed["items"]}
        for name in self._seen.keys() - items.keys():
            self._tell("DELETED", self._seen[name])
        for item in items.values():
            self._tell("ADDED", item)
        self._seen = items
        self.listed = True
        return str(listed["metadata"]["resourceVersion"])

    def _watch(self, version: str) -> str:
        response = self._api.stream(
            self._where, STREAM_SECONDS, self._silence, resourceVersion=version, **self._query
        )
        try:
            for line in _lines(response):
                if self._over:
                    return ""
                event = json.loads(line)
                if event["type"] == "ERROR":  # 410: what is gone cannot be gone on from
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
        self._tell(kind, item)

    def _tell(self, kind: str, item: Object) -> None:
        self._take(self, kind, item)


def _lines(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """Complete lines of a stream; what was cut in mid-line is dropped: it comes again."""
    rest = b""
    for chunk in response.stream(amt=None, decode_content=True):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line for line in lines if line.strip())


def _retry_after(error: Exception) -> float:
    """Seconds that a throttling server asks for (429 with Retry-After), at most a minute."""
    headers: Any = getattr(error, "headers", None) or {}
    value = str(headers.get("Retry-After", ""))
    return min(60.0, float(value)) if value.isdigit() else 0.0


def _key(resource: str, namespace: str, item: Object) -> Key:
    """The workload that an object is, or belongs to."""
    name = item["metadata"]["name"]
    if resource in KINDS:
        return namespace, KINDS[resource], name
    return (namespace, *owner_of(item))


def _about(namespace: str, involved: Object) -> set[Key]:
    """Workloads that an event may be about, by the names that controllers give to pods."""
    kind, name = involved.get("kind", ""), involved["name"]
    if kind in WORKLOADS:
        return {(namespace, kind, name)}
    found = {(namespace, other, name.rsplit("-", 1)[0]) for other in ("StatefulSet", "DaemonSet")}
    return {*found, (namespace, "Deployment", name.rsplit("-", 2 if kind == "Pod" else 1)[0])}
