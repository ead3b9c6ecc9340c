"""From a request to the object its URL names, and from an object to its `api/json` answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from sandbox.jenkins.build import Build
from sandbox.jenkins.controller import Controller
from sandbox.jenkins.export import Bean, ByDepth, Pruner, export, parse_tree
from sandbox.jenkins.project import PERMALINKS, Project
from sandbox.jenkins.security import Caller, Permission, not_found, oops
from sandbox.jenkins.views import Folder

ITEM = r"/job/{item:[^/]+(?:/job/[^/]+)*}"
CALLER = web.RequestKey("caller", Caller)
BUILD = ITEM + r"/{build:\d+|last[A-Za-z]+}"


class Lookup:
    """Finds what URLs name. Raises Jenkins' 404 and 403 answers. The controller is asked for anew each time,
    because a reset replaces it; `root` is the server's address, which ends in `/`."""

    def __init__(self, controller: Callable[[], Controller], root: Callable[[], str]) -> None:
        self._controller = controller
        self._root = root

    @property
    def controller(self) -> Controller:
        return self._controller()

    def folder(self, name: str = "") -> Folder:
        """A folder by full name; the empty name is the whole server."""
        return Folder(name, self.controller.projects, self._root())

    def item(self, request: web.Request) -> Project | Folder:
        name = request.match_info["item"].replace("/job/", "/")
        caller(request).need("Job/Read")
        if name in self.controller.projects:
            return self.controller.projects[name]
        folder = self.folder(name)
        if not folder.exists:
            raise not_found()
        return folder

    def project(self, request: web.Request, permission: Permission = "Job/Read") -> Project:
        item = self.item(request)
        if isinstance(item, Folder):
            raise not_found()
        caller(request).need(permission)
        return item

    def build(self, request: web.Request, permission: Permission = "Job/Read") -> Build:
        project = self.project(request, permission)
        number = request.match_info["build"]
        build = project.build(number) if number.isdigit() or number in PERMALINKS else None
        if build is None:
            raise not_found()
        return build


def caller(request: web.Request) -> Caller:
    return request[CALLER]


def answer(request: web.Request, bean: Bean[Any] | Mapping[str, object]) -> web.Response:
    """`api/json` of an object, as `tree=` or else `depth=` wants it."""
    return web.json_response(export(bean, _pruner(request)))


def _pruner(request: web.Request) -> Pruner:
    tree = request.query.get("tree")
    try:
        return ByDepth(1 - int(request.query.get("depth", "0"))) if tree is None else parse_tree(tree)
    except ValueError as error:
        problem = (
            "Depth parameter must be a number" if tree is None else f"Malformed tree expression: {error}"
        )
        raise oops(problem) from None
