"""`GET /api/v1/namespaces/{ns}/pods/{name}/log`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from aiohttp import web

from sandbox.kubernetes import errors, times
from sandbox.kubernetes.errors import bad_request
from sandbox.kubernetes.pods import LogLine, Logs, text
from sandbox.kubernetes.resources import PODS, Object
from sandbox.kubernetes.store import Store
from sandbox.kubernetes.writing import Target


async def serve(request: web.Request, store: Store, logs: Logs, target: Target) -> web.StreamResponse:
    """The lines asked for, as plain text. Raises ApiError 400 (no such container or run), 404 (no pod)."""
    query = request.query
    pod = store.get(PODS, target.namespace, target.name)
    if pod is None:
        raise errors.not_found(PODS, target.name)
    container = _container(pod, query.get("container", ""))
    previous = query.get("previous") in ("true", "1")
    found = _selected(_run(pod, container, logs, previous=previous), query)
    stamped = query.get("timestamps") in ("true", "1")
    body = text(found, timestamps=stamped).encode()[: int(query.get("limitBytes") or 0) or None]
    if query.get("follow") not in ("true", "1") or previous:
        return web.Response(body=body, content_type="text/plain")
    return await _follow(request, logs, (pod["metadata"]["uid"], container), body, stamped)


def _container(pod: Object, name: str) -> str:
    names = [container["name"] for container in pod["spec"]["containers"]]
    pod_name = pod["metadata"]["name"]
    if not name and len(names) > 1:
        raise bad_request(
            f"a container name must be specified for pod {pod_name}, choose one of: [{' '.join(names)}]"
        )
    first = [container["name"] for container in pod["spec"].get("initContainers", ())]
    if name and name not in (*names, *first):
        raise bad_request(f"container {name} is not valid for pod {pod_name}")
    return name or str(names[0])


def _run(pod: Object, container: str, logs: Logs, *, previous: bool) -> list[LogLine]:
    """The lines of the run that kubelet would show: while a container waits to restart, of its last."""
    uid, name = pod["metadata"]["uid"], pod["metadata"]["name"]
    status = pod.get("status", {})
    statuses = (*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ()))
    none: Object = {"state": {}, "lastState": {}}
    status = next((each for each in statuses if each["name"] == container), none)
    waiting = status["state"].get("waiting")
    if previous and "terminated" not in status["lastState"]:
        raise bad_request(f'previous terminated container "{container}" in pod "{name}" not found')
    if waiting and "terminated" not in status["lastState"]:
        why = waiting["reason"]
        shown = "trying and failing to pull image" if "Pull" in why else why
        raise bad_request(f'container "{container}" in pod "{name}" is waiting to start: {shown}')
    return list(logs.lines(uid, container, previous=previous and not waiting) or ())


def _selected(lines: list[LogLine], query: Mapping[str, str]) -> list[LogLine]:
    if since := query.get("sinceSeconds"):
        lines = [line for line in lines if line.at >= time.time() - float(since)]
    if since := query.get("sinceTime"):
        lines = [line for line in lines if line.at >= times.epoch(since)]
    tail = query.get("tailLines")
    return lines if tail is None else lines[-int(tail) :] if int(tail) else []


async def _follow(
    request: web.Request, logs: Logs, where: tuple[str, str], body: bytes, stamped: bool
) -> web.StreamResponse:
    """Send new lines as they are printed, until the client leaves."""
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    lines: asyncio.Queue[LogLine] = asyncio.Queue()
    followers = logs.followers.setdefault(where, [])
    followers.append(lines.put_nowait)
    try:
        await response.prepare(request)
        await response.write(body)
        while True:
            await response.write(text([await lines.get()], timestamps=stamped).encode())
    except ConnectionError:
        return response
    finally:
        followers.remove(lines.put_nowait)
