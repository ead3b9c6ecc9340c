"""Watch streams: history first, then changes as they happen, one JSON document a line."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.kubernetes import errors, reading, schema
from sandbox.kubernetes.reading import Form
from sandbox.kubernetes.resources import Object, Resource, key, typed
from sandbox.kubernetes.selectors import Predicate
from sandbox.kubernetes.store import Change, Store

BOOKMARK_EVERY = 60.0
"""Real seconds between bookmarks on a quiet stream, as recorded."""
LONGEST = 3600.0
HUSHED = 60.0
"""Seconds for which a server that was told to stop keeps its streams open, as recorded."""


@dataclass(eq=False)
class Stream:
    """One open watch."""

    resource: Resource
    namespace: str
    keeps: Predicate
    shape: Form
    bookmarks: bool
    deadline: float
    """Loop time at which the server ends it."""
    waiting: list[bytes] = field(default_factory=list)
    awake: asyncio.Event = field(default_factory=asyncio.Event)
    silent: bool = False
    """It gets nothing more, not even bookmarks."""
    end: str = ""
    """"close": end cleanly. "cut": break off in mid-line."""

    def see(self, change: Change) -> None:
        line = self.line(change)
        if line and not self.silent:
            self.waiting.append(line)
            self.awake.set()

    def line(self, change: Change) -> bytes:
        """The change as this watch sees it; nothing if it does not concern it.

        An object that leaves the selection is DELETED here though it lives on; one that enters is ADDED.
        """
        if self.namespace and key(change.item)[0] != self.namespace:
            return b""
        item = reading.view(self.resource, change.item)
        now = change.kind != "DELETED" and self.keeps(item)
        before = change.previous is not None and self.keeps(reading.view(self.resource, change.previous))
        if not now and not before:
            return b""
        kind = "MODIFIED" if now and before else "ADDED" if now else "DELETED"
        if kind == change.kind and not self.shape.name and item is change.item:
            return change.line
        return _line(kind, self.shape.one(self.resource, item))

    def bookmark(self, version: int, *, initial: bool = False) -> bytes:
        metadata: Object = {"resourceVersion": str(version)}
        if initial:
            metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
        item = typed(self.resource, {"metadata": metadata} | schema.empty(self.resource))
        return _line("BOOKMARK", self.shape.one(self.resource, item))


def _line(kind: str, item: Object) -> bytes:
    return json.dumps({"type": kind, "object": item}, separators=(",", ":")).encode() + b"\n"


class Watches:
    """All open watches of the server."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._streams: dict[Resource, set[Stream]] = {}
        store.listeners.append(self._publish)

    def __len__(self) -> int:
        return sum(map(len, self._streams.values()))

    def close(self) -> None:
        """End every stream cleanly, as a server does that shuts down."""
        self._finish("close")

    def cut(self) -> None:
        """Break every stream off in mid-line, as a lost connection does."""
        self._finish("cut")

    def hush(self) -> None:
        """Keep every stream that is open now open and silent for a minute, whatever end its client asked for:
        as from one of several servers that is told to stop. New streams are another server's."""
        for stream in self._all():
            stream.silent = True
            stream.deadline = asyncio.get_running_loop().time() + HUSHED
            stream.awake.set()

    def _finish(self, how: str) -> None:
        for stream in self._all():
            stream.end = how
            stream.awake.set()

    def _all(self) -> list[Stream]:
        return [stream for streams in self._streams.values() for stream in streams]

    def _publish(self, change: Change) -> None:
        for stream in self._streams.get(change.resource, ()):
            stream.see(change)

    async def serve(
        self,
        request: web.Request,
        resource: Resource,
        namespace: str,
        name: str,
        query: Mapping[str, str],
        shape: Form,
    ) -> web.StreamResponse:
        """Stream until the client leaves, `timeoutSeconds` pass or a switch ends it.

        An old version is answered with one ERROR event inside HTTP 200. Raises ApiError 400, 500.
        """
        loop = asyncio.get_running_loop()
        seconds = float(query.get("timeoutSeconds") or 0) or random.uniform(LONGEST / 2, LONGEST)
        chosen = reading.chosen(resource, query)
        keeps: Predicate = (
            (lambda item: item["metadata"]["name"] == name and chosen(item)) if name else chosen
        )
        bookmarks = query.get("allowWatchBookmarks") in ("true", "1")
        stream = Stream(resource, namespace, keeps, shape, bookmarks, loop.time() + seconds)
        stream.waiting.extend(self._history(stream, reading.version(query), query))
        response = web.StreamResponse(
            headers={"Content-Type": "application/json", "Cache-Control": "no-cache, private"}
        )
        response.enable_chunked_encoding()
        streams = self._streams.setdefault(reading.stored_as(resource), set())
        streams.add(stream)
        try:
            await response.prepare(request)
            await self._feed(stream, response, request)
        except ConnectionError:
            pass  # the client left: nobody to tell
        finally:
            streams.discard(stream)
        return response

    def _history(self, stream: Stream, version: int, query: Mapping[str, str]) -> Iterator[bytes]:
        stored = reading.stored_as(stream.resource)
        initial = query.get("sendInitialEvents") in ("true", "1")
        if version == 0 or initial:
            for item in self._store.all(stored, stream.namespace):
                if line := stream.line(Change(0, stored, "ADDED", item)):
                    yield line
            if initial:
                yield stream.bookmark(self._store.version, initial=True)
            return
        changes = self._store.since(stored, version)
        if changes is None:
            gone = errors.expired(version, self._store.oldest(stored))
            yield _line("ERROR", gone.status)
            stream.end = "close"
            return
        yield from filter(None, map(stream.line, changes))

    async def _feed(self, stream: Stream, response: web.StreamResponse, request: web.Request) -> None:
        while True:
            lines, stream.waiting = stream.waiting, []
            stream.awake.clear()
            if lines:
                await response.write(b"".join(lines))
            if stream.end == "cut":
                await response.write(stream.bookmark(self._store.version)[:25])
                _abort(request.transport)
                return
            if stream.end:
                return
            if not stream.waiting and not await self._wait(stream, response):
                return

    async def _wait(self, stream: Stream, response: web.StreamResponse) -> bool:
        """Until there is something to do; False when the stream's time is over."""
        left = stream.deadline - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(min(left, BOOKMARK_EVERY)):
                await stream.awake.wait()
        except TimeoutError:
            if stream.bookmarks and not stream.silent:
                await response.write(stream.bookmark(self._store.version))
            return left > BOOKMARK_EVERY
        return True


def _abort(transport: Any) -> None:
    if isinstance(transport, asyncio.Transport):
        transport.abort()
