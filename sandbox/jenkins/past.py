"""Builds from before today: for a newcomer, to whom a Jenkins that has built nothing has little to show."""

from __future__ import annotations

import time

from sandbox.jenkins.build import Build, Cause
from sandbox.jenkins.history import check_out
from sandbox.jenkins.server import JenkinsServer

DAY = 86_400.0
JOB, LINE = "web-build", "releases"
BUILT = {37: 1788, 38: 1791, 39: 1795, 40: 1798}
"""Build -> revision; those of `sandbox.kubernetes.past` and of today are among them."""
STEP = 3
"""Revisions between two of the builds before."""


def remember(server: JenkinsServer) -> None:
    """What built the images that run: 40 builds of web's line of releases, one a day, the last one of yesterday."""
    project = server.controller.projects[JOB]
    assert not project.builds, "it has built already"
    first, last = min(BUILT), max(BUILT)
    for number in range(1, last + 1):
        revision = BUILT.get(number, BUILT[first] - STEP * (first - number))
        values = {"LINE": LINE, "REVISION": f"r{revision}"}
        found = check_out(project.job, values, project.last_checkout(LINE))
        cause, at = Cause("mei", "Mei Lin"), time.time() - (last + 1 - number) * DAY
        build = Build(project, number, 0, values, [cause], found, None, 1.0, created=at)
        _is_over(build, at)
        project.builds.append(build)


def _is_over(build: Build, at: float) -> None:
    """As if it had begun to work at that time, and ended well."""
    took = build.work()
    assert build.working_since is not None
    back = build.working_since - at
    build.console = [(when - back if when > at else when, line) for when, line in build.console]
    build.working_since = at
    build.finish("SUCCESS")
    build.ended = at + took
