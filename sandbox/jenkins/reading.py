"""The URLs that only read."""

from __future__ import annotations

import contextlib
import html
import io
import mimetypes
import zipfile
from collections.abc import Mapping

from aiohttp import web

from sandbox.jenkins import pages, stages
from sandbox.jenkins.build import Build
from sandbox.jenkins.log import Log
from sandbox.jenkins.lookup import BUILD, ITEM, Lookup, answer, caller
from sandbox.jenkins.project import Project
from sandbox.jenkins.security import issue_crumb, not_found
from sandbox.jenkins.system_views import computer_bean, computers_bean, item_bean, queue_bean, top_bean
from sandbox.jenkins.views import build_bean, folder_bean, job_bean

NODE_NAMES = {"(master)", "(built-in)", "Built-In Node"}


class Reading:
    """GET handlers over a `Lookup`."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def add_routes(self, app: web.Application) -> None:
        for path, handler in {
            "/": self.top_page,
            "/api/json": self.top,
            "/crumbIssuer/api/json": self.crumb,
            "/me/api/json": self.me,
            "/user/{name}/api/json": self.me,
            "/view/all/api/json": self.view,
            "/queue/api/json": self.queue,
            r"/queue/item/{id:\d+}/api/json": self.queue_item,
            "/computer/api/json": self.computers,
            "/computer/{node}/api/json": self.computer,
            f"{ITEM}/api/json": self.item,
            f"{ITEM}{{slash:/?}}": self.item_page,
            f"{BUILD}/api/json": self.build,
            f"{BUILD}{{slash:/?}}": self.build_page,
            f"{BUILD}/console{{slash:/?}}": self.console_page,
            f"{BUILD}/consoleText": self.console_text,
            f"{BUILD}/logText/{{form:progressiveText|progressiveHtml}}": self.progressive,
            f"{BUILD}/wfapi/describe{{slash:/?}}": self.describe,
            f"{BUILD}/wfapi/artifacts{{slash:/?}}": self.artifacts,
            f"{BUILD}/artifact/{{path:.+}}": self.artifact,
        }.items():
            app.router.add_get(path, handler)

    async def top(self, request: web.Request) -> web.Response:
        return answer(request, top_bean(self._lookup.folder()))

    async def crumb(self, request: web.Request) -> web.Response:
        return issue_crumb(request, caller(request))

    async def me(self, request: web.Request) -> web.Response:
        account = caller(request).account
        if request.match_info.get("name", account.name) != account.name:
            raise not_found()
        url = f"{self._lookup.folder().url}user/{account.name}"
        user = {"_class": "hudson.model.User", "absoluteUrl": url, "description": None}
        return answer(request, user | {"fullName": account.full_name, "id": account.name, "property": []})

    async def view(self, request: web.Request) -> web.Response:
        top = self._lookup.folder()
        view = {"_class": "hudson.model.AllView", "description": None, "jobs": top.children, "name": "all"}
        return answer(request, view | {"property": [], "url": top.url})

    async def queue(self, request: web.Request) -> web.Response:
        return answer(request, queue_bean(self._lookup.controller))

    async def queue_item(self, request: web.Request) -> web.Response:
        item = self._lookup.controller.queue.find(int(request.match_info["id"]))
        if item is None:
            raise not_found()
        return answer(request, item_bean(item))

    async def computers(self, request: web.Request) -> web.Response:
        return answer(request, computers_bean(self._lookup.controller))

    async def computer(self, request: web.Request) -> web.Response:
        if request.match_info["node"] not in NODE_NAMES:
            raise not_found()
        return answer(request, computer_bean(self._lookup.controller))

    async def item(self, request: web.Request) -> web.Response:
        item = self._lookup.item(request)
        return answer(request, job_bean(item) if isinstance(item, Project) else folder_bean(item))

    async def build(self, request: web.Request) -> web.Response:
        return answer(request, build_bean(self._lookup.build(request)))

    async def console_text(self, request: web.Request) -> web.StreamResponse:
        return await _streamed(request, self._lookup.build(request).log())

    async def progressive(self, request: web.Request) -> web.StreamResponse:
        """The console from byte `start`; X-Text-Size is where to go on, X-More-Data says that more will come.

        A start beyond the end begins anew (org.kohsuke.stapler.framework.io.LargeText).
        """
        build = self._lookup.build(request)
        more = build.building  # asked before the text: a line that appears between the two is not lost
        log = build.log()
        start = int(request.query.get("start", "0"))
        start = start if start <= log.size else 0
        headers = {"X-Text-Size": str(log.size)} | ({"X-More-Data": "true"} if more else {})
        if request.match_info["form"] == "progressiveHtml":
            part = b"".join(log.chunks(start)).decode(errors="replace")
            return web.Response(text=html.escape(part), content_type="text/html", headers=headers)
        return await _streamed(request, log, start, headers)

    async def describe(self, request: web.Request) -> web.Response:
        return web.json_response(stages.describe(self._pipeline_build(request)))

    async def artifacts(self, request: web.Request) -> web.Response:
        return web.json_response(stages.artifacts(self._pipeline_build(request)))

    async def artifact(self, request: web.Request) -> web.Response:
        build = self._lookup.build(request)
        path = request.match_info["path"]
        if path == "*zip*/archive.zip":
            return web.Response(body=_archive(build), content_type="application/zip")
        if path not in build.artifacts:
            raise not_found()
        content_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
        return web.Response(body=build.artifacts[path].encode(), content_type=content_type)

    async def top_page(self, request: web.Request) -> web.Response:  # noqa: ARG002  (a handler)
        return _html(pages.folder_page(self._lookup.folder()))

    async def item_page(self, request: web.Request) -> web.Response:
        item = self._lookup.item(request)
        return _html(pages.job_page(item) if isinstance(item, Project) else pages.folder_page(item))

    async def build_page(self, request: web.Request) -> web.Response:
        return _html(pages.build_page(self._lookup.build(request)))

    async def console_page(self, request: web.Request) -> web.Response:
        return _html(pages.console_page(self._lookup.build(request)))

    def _pipeline_build(self, request: web.Request) -> Build:
        """Freestyle builds have no `wfapi`."""
        build = self._lookup.build(request)
        if build.project.job.kind != "pipeline":
            raise not_found()
        return build


async def _streamed(
    request: web.Request, log: Log, start: int = 0, headers: Mapping[str, str] | None = None
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/plain;charset=utf-8", **(headers or {})})
    await response.prepare(request)
    with contextlib.suppress(ConnectionResetError):  # the client has read enough
        for chunk in log.chunks(start):
            await response.write(chunk)
        await response.write_eof()
    return response


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html")


def _archive(build: Build) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, content in build.artifacts.items():
            archive.writestr(f"archive/{path}", content)
    return packed.getvalue()
