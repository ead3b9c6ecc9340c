"""The URLs that change something, all POST.

Sources: jenkins.model.ParameterizedJobMixIn (doBuild, doBuildWithParameters),
hudson.model.ParametersDefinitionProperty, hudson.model.Queue (doCancelItem), hudson.model.Executor (doStop).
"""

from __future__ import annotations

import json
import re

from aiohttp import web

from sandbox.jenkins.lookup import BUILD, ITEM, Lookup, caller
from sandbox.jenkins.project import Project
from sandbox.jenkins.security import error, oops


class Actions:
    """POST handlers over a `Lookup`. `quiet_period` in seconds, before pace."""

    def __init__(self, lookup: Lookup, quiet_period: float) -> None:
        self._lookup = lookup
        self._quiet_period = quiet_period

    def add_routes(self, app: web.Application) -> None:
        for path, handler in {
            f"{ITEM}/build": self.build,
            f"{ITEM}/buildWithParameters": self.build_with_parameters,
            f"{ITEM}/{{switch:enable|disable}}": self.switch,
            f"{BUILD}/{{how:stop|term|kill}}": self.stop,
            f"{BUILD}/submitDescription": self.describe,
            "/queue/cancelItem": self.cancel_item,
        }.items():
            app.router.add_post(path, handler)
        app.router.add_get(f"{ITEM}/{{action:build|buildWithParameters}}", self.not_by_get)

    async def build_with_parameters(self, request: web.Request) -> web.Response:
        """201 with the queue item, also when it was merged into one that waits. 409: disabled."""
        project = self._buildable(request)
        if not project.job.parameters:
            raise oops("This build is not parameterized!")
        return await self._schedule(request, project, await _fields(request))

    async def build(self, request: web.Request) -> web.Response:
        """A parameterised job wants the form of the web page here: `json={"parameter": [{name, value}]}`."""
        project = self._buildable(request)
        if not project.job.parameters:
            return await self._schedule(request, project, {})
        form = (await _fields(request)).get("json")
        if form is None:
            raise error(400, "Nothing is submitted")
        listed = json.loads(form).get("parameter", [])
        given = {
            entry["name"]: str(entry["value"]) for entry in (listed if isinstance(listed, list) else [listed])
        }
        unknown = given.keys() - {parameter.name for parameter in project.job.parameters}
        if unknown:
            raise oops(f"No such parameter definition: {unknown.pop()}")
        return await self._schedule(request, project, given)

    async def not_by_get(self, request: web.Request) -> web.Response:
        self._buildable(request)
        raise error(405, "Form post required", {"Allow": "POST"})

    async def switch(self, request: web.Request) -> web.Response:
        project = self._lookup.project(request, "Job/Configure")
        project.disabled = request.match_info["switch"] == "disable"
        raise web.HTTPFound(project.url)

    async def stop(self, request: web.Request) -> web.Response:
        """Aborts; for a build that has ended nothing happens. Always back to the page before."""
        build = self._lookup.build(request, "Job/Cancel")
        self._lookup.controller.stop(build, caller(request).account.full_name)
        raise web.HTTPFound(request.headers.get("Referer", build.url))

    async def describe(self, request: web.Request) -> web.Response:
        build = self._lookup.build(request, "Job/Build")
        build.description = (await _fields(request)).get("description") or None
        raise web.HTTPFound(build.url)

    async def cancel_item(self, request: web.Request) -> web.Response:
        """204 cancelled, 500 too late, 404 never heard of or forgotten."""
        wanted = (await _fields(request)).get("id", "")
        item = self._lookup.controller.queue.find(int(wanted)) if wanted.isdigit() else None
        if item is None:
            raise error(404, f"Provided id ({wanted}) not found")
        account = caller(request).account
        if "Job/Cancel" not in account.permissions:
            raise error(422, f"Item for id ({wanted}) is not cancellable")
        if not self._lookup.controller.cancel(item, account.full_name):
            raise error(500, f"Could not cancel run for id {wanted}")
        return web.Response(status=204)

    def _buildable(self, request: web.Request) -> Project:
        project = self._lookup.project(request, "Job/Build")
        if project.disabled:
            raise error(409, f"{project.job.full_name} is not buildable")
        return project

    async def _schedule(self, request: web.Request, project: Project, given: dict[str, str]) -> web.Response:
        quiet = _delay((await _fields(request)).get("delay"), self._quiet_period)
        item, _ = self._lookup.controller.schedule(project, given, caller(request).account.cause, quiet)
        location = f"{request.scheme}://{request.host}/queue/item/{item.id}/"
        return web.Response(status=201, headers={"Location": location})


async def _fields(request: web.Request) -> dict[str, str]:
    """Query and form together, as a servlet sees them."""
    form = await request.post()
    return {name: value for name, value in form.items() if isinstance(value, str)} | dict(request.query)


def _delay(text: str | None, default: float) -> float:
    """`5`, `5sec`, `5secs` in seconds (jenkins.util.TimeDuration). Raises the 500 for anything else."""
    if text is None:
        return default
    found = re.fullmatch(r"(\d+) ?(?:s|secs?)?", text.strip())
    if found is None:
        raise oops(f"Invalid delay: {text}")
    return float(found[1])
