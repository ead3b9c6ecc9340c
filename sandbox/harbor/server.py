"""The sandbox's Harbor: reads what Jenkins pushed and Kubernetes pulls."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Sequence
from urllib.parse import unquote

from aiohttp import web

from sandbox.harbor.artifacts import artifact, scanned
from sandbox.images import Image, Images
from sandbox.server import Handler, Server

ROBOT = ("robot$shipmate", "sandbox-robot-secret")
"""A robot account that may list and read artifacts, and delete them as a retention rule would."""
ARTIFACTS = "/api/v2.0/projects/{project}/repositories/{repository}/artifacts"
PAGE_SIZE, LARGEST_PAGE = 10, 100


class HarborServer(Server):
    """`host`: what the names of its images begin with."""

    name = "harbor"

    def __init__(self, images: Images, registry: str, port: int = 0) -> None:
        super().__init__(port=port)
        self.images = images
        self.registry = registry
        self.reports: dict[str, dict[str, object]] = {}
        """Digest -> what the scanner says of it, instead of what the sandbox makes up."""
        self.app.middlewares.append(_guard)
        self.app.router.add_get(ARTIFACTS, self._list)
        self.app.router.add_get(ARTIFACTS + "/{reference}", self._get)
        self.app.router.add_delete(ARTIFACTS + "/{reference}", self._delete)
        self.app.router.add_route("*", "/{anything:.*}", _nothing_here)

    async def _list(self, request: web.Request) -> web.Response:
        found = self._by_digest(request)
        newest_first = request.query.get("sort") == "-push_time"
        found.sort(key=lambda images: images[0].pushed, reverse=newest_first)
        page, size = _number(request, "page", 1), min(_number(request, "page_size", PAGE_SIZE), LARGEST_PAGE)
        shown = found[(page - 1) * size : page * size]
        answer = [self._artifact(request, number, images) for number, images in enumerate(shown, 1)]
        return web.json_response(answer, headers={"X-Total-Count": str(len(found))})

    async def _get(self, request: web.Request) -> web.Response:
        return web.json_response(self._artifact(request, 1, self._named(request)))

    async def _delete(self, request: web.Request) -> web.Response:
        for image in self._named(request):
            self.images.remove(image.reference)
        return web.Response()

    def _artifact(self, request: web.Request, number: int, images: Sequence[Image]) -> dict[str, object]:
        """With tags unless told otherwise, with the scan only when asked for: the API's defaults."""
        asked = request.query.get("with_scan_overview", "false") == "true"
        report = self.reports.get(images[0].digest) or scanned(images[0], time.time())
        tags = request.query.get("with_tag", "true") == "true"
        return artifact(number, images, report if asked else None, tags=tags)

    def _by_digest(self, request: web.Request) -> list[list[Image]]:
        """The repository's images, those of one digest together. Raises 404 for an unknown repository."""
        info = request.match_info
        repository = unquote(info["repository"])  # slashes arrive encoded twice, and are decoded once by now
        images = self.images.of(f"{self.registry}/{info['project']}/{repository}")
        if not images:
            raise _error(
                web.HTTPNotFound, "NOT_FOUND", f"repository {info['project']}/{repository} not found"
            )
        together: dict[str, list[Image]] = {}
        for image in images:
            together.setdefault(image.digest, []).append(image)
        return list(together.values())

    def _named(self, request: web.Request) -> list[Image]:
        reference = request.match_info["reference"]
        for images in self._by_digest(request):
            if reference == images[0].digest or reference in {image.tag for image in images}:
                return images
        raise _error(web.HTTPNotFound, "NOT_FOUND", f"artifact {reference} not found")


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    login = base64.b64encode(":".join(ROBOT).encode()).decode()
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Basic {login}".encode()):
        raise _error(web.HTTPUnauthorized, "UNAUTHORIZED", "unauthorized")
    return await handler(request)


async def _nothing_here(request: web.Request) -> web.StreamResponse:  # noqa: ARG001  (a handler)
    raise _error(web.HTTPNotFound, "NOT_FOUND", "not found")


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise _error(web.HTTPUnprocessableEntity, "UNPROCESSABLE_ENTITY", f"{name} in query must be positive")
    return int(text)


def _error(kind: type[web.HTTPException], code: str, message: str) -> web.HTTPException:
    body = web.json_response({"errors": [{"code": code, "message": message}]}).text
    return kind(text=body, content_type="application/json")
