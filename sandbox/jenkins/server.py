"""A Jenkins to develop and test against: real URLs, real answers, simulated builds.

jenkins = JenkinsServer(shop.jobs(), images, accounts=shop.ACCOUNTS, pace=0.1)
await jenkins.start()
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aiohttp import web

from sandbox.images import Images
from sandbox.jenkins.actions import Actions
from sandbox.jenkins.build import Build
from sandbox.jenkins.consoles import MAVEN_COMPILE_ERROR
from sandbox.jenkins.controller import Controller, Trigger
from sandbox.jenkins.job import Failure, Job
from sandbox.jenkins.lookup import CALLER, Lookup
from sandbox.jenkins.queue import Timers
from sandbox.jenkins.reading import Reading
from sandbox.jenkins.security import VERSION, Account, authenticate, check_crumb, not_found
from sandbox.server import Handler, Server

ANONYMOUS = Account("anonymous", "anonymous", permissions=frozenset())


class JenkinsServer(Server):
    """Times in seconds at pace 1; `pace` multiplies all of them. `executors`: how many builds run at once.

    Anonymous callers may do what `anonymous.permissions` says: nothing, unless told otherwise.
    Except for `triggers` and `builds`, call its methods in the server's event loop.
    """

    name = "jenkins"

    def __init__(
        self,
        jobs: Iterable[Job],
        images: Images,
        *,
        accounts: Sequence[Account],
        anonymous: Account = ANONYMOUS,
        pace: float = 1.0,
        executors: int = 4,
        quiet_period: float = 1.0,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        super().__init__(host, port)
        self.images = images
        self._jobs = tuple(jobs)
        self._executors = executors
        self._accounts = {account.name: account for account in accounts}
        self._anonymous = anonymous
        self._timers = Timers(pace)
        self.controller = self._new_controller()
        self.app.middlewares.append(self._guard)
        self.app.on_response_prepare.append(_add_headers)
        lookup = Lookup(lambda: self.controller, self._root)
        Reading(lookup).add_routes(self.app)
        Actions(lookup, quiet_period).add_routes(self.app)
        self.app.router.add_route("*", "/{anything:.*}", _nothing_here)

    @property
    def triggers(self) -> list[Trigger]:
        """Every accepted request for a build, oldest first."""
        return self.controller.triggers

    def builds(self, job: str) -> tuple[Build, ...]:
        """The builds of a job, oldest first. Raises KeyError for an unknown job."""
        return tuple(self.controller.projects[job].builds)

    def discard(self, job: str, number: int) -> None:
        """Forget a build, as log rotation does."""
        project = self.controller.projects[job]
        project.builds.remove(next(build for build in project.builds if build.number == number))

    def fail_next(
        self, job: str, console: Sequence[str] = MAVEN_COMPILE_ERROR, stage: str = "Compile"
    ) -> None:
        """The next build of `job` to start fails in `stage` after printing `console`.

        Raises KeyError for an unknown job, ValueError for a stage it does not have.
        """
        self.controller.fail_next(job, Failure(stage, tuple(console)))

    def reset(self) -> None:
        """Back to the initial state: nothing queued, built or running. Pushed images stay."""
        self._timers.stop_all()
        self.controller.abandon()
        self.controller = self._new_controller()

    async def stop(self) -> None:
        self._timers.stop_all()
        await super().stop()

    def _new_controller(self) -> Controller:
        return Controller(self._jobs, self.images, self._executors, self._timers, self._root, self.spawn)

    def _root(self) -> str:
        return f"{self.url}/"

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        caller = authenticate(request, self._accounts, self._anonymous)
        caller.need("Overall/Read")
        check_crumb(request, caller)
        request[CALLER] = caller
        return await handler(request)


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:  # noqa: ARG001  (a signal)
    response.headers["X-Jenkins"] = VERSION
    response.headers["X-Content-Type-Options"] = "nosniff"


async def _nothing_here(request: web.Request) -> web.StreamResponse:  # noqa: ARG001  (a handler)
    raise not_found()
