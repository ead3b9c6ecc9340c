"""The chat page: the sandbox's Slack workspace in a browser.

The page's scripts draw what `Slack.snapshot` and its changes say (`/api/live`), and the small POSTs below
do what a person would: say, press, submit. Names in JSON are those of `sandbox.slack.state`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from inspect import isawaitable
from pathlib import Path
from typing import Any

from aiohttp import WSCloseCode, web
from aiohttp.typedefs import Handler

from sandbox.page.guard import add_headers, guard, json_object
from sandbox.page.switches import Switches
from sandbox.pipeline import Pipeline
from sandbox.server import Server
from sandbox.slack.records import SlackError
from sandbox.slack.state import Slack

STATIC = Path(__file__).parent / "static"
BACKLOG = 1000
"""Changes kept for a browser that does not read; one more and it has to start from a new snapshot."""

Body = dict[str, Any]
LEFT: Body = {"type": "left"}
OVERRUN: Body = {"type": "overrun"}
Act = Callable[[Body], object]


class PageServer(Server):
    """`slack` is the workspace to show; `servers` are those whose faults the page can switch, and `pipeline` is
    whose hops it can stall; `commands` are (usage, summary) of what can be typed."""

    name = "page"

    def __init__(
        self,
        slack: Slack,
        servers: Mapping[str, Server],
        host: str = "127.0.0.1",
        port: int = 0,
        commands: Sequence[tuple[str, str]] = (),
        pipeline: Pipeline | None = None,
    ) -> None:
        super().__init__(host, port)
        self._commands = list(commands)
        self.slack = slack
        self._sockets: set[web.WebSocketResponse] = set()
        self.app.middlewares.extend([guard(host), _explain])
        self.app.on_response_prepare.append(add_headers)
        self.app.on_shutdown.append(self._close_sockets)
        self.app.router.add_get("/", _index)
        self.app.router.add_static("/static", STATIC)
        self.app.router.add_get("/api/state", self._state)
        self.app.router.add_get("/api/commands", self._typeable)
        self.app.router.add_get("/api/live", self._live)
        for path, act in self._acts().items():
            self.app.router.add_post(path, _posted(act))
        Switches(servers, pipeline).add_routes(self.app)

    def _acts(self) -> dict[str, Act]:
        """What a person does, by path. Every body has `as`, the id or name of who does it."""
        slack = self.slack
        return {
            "/api/say": self._say,
            "/api/press": self._press,
            "/api/submit": lambda body: slack.submit_view(body["as"], body["view_id"], body.get("values")),
            "/api/close": lambda body: slack.close_view(body["as"], body["view_id"]),
            "/api/suggest": lambda body: slack.suggest(
                body["as"], body["view_id"], body["action_id"], body.get("value", "")
            ),
            "/api/shortcut": lambda body: slack.shortcut(
                body["as"], body["callback_id"], body.get("channel"), body.get("ts")
            ),
            "/api/home": lambda body: slack.open_home(body["as"]),
            "/api/react": lambda body: slack.react(body["as"], body["channel"], body["ts"], body["name"]),
            "/api/dismiss": self._dismiss,
        }

    # -- what one sees ----------------------------------------------------------------------------

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(self.slack.snapshot(self._whom(request)))

    async def _typeable(self, _: web.Request) -> web.Response:
        """Usage and summary of every command, for the help under the composer."""
        return web.json_response(self._commands)

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        """First `{"type": "snapshot", "snapshot": ...}`, then every change this person may see."""
        person = self._whom(request)
        changes: asyncio.Queue[Body] = asyncio.Queue(BACKLOG)
        first = {"type": "snapshot", "snapshot": self.slack.snapshot(person)}
        socket = web.WebSocketResponse(heartbeat=20)
        # Nothing is awaited between snapshot and subscription, so no change falls between them.
        unsubscribe = self.slack.subscribe(lambda change: _keep(changes, change), person)
        self._sockets.add(socket)
        try:
            await socket.prepare(request)
            await socket.send_json(first)
            await _pump(socket, changes)
        finally:
            unsubscribe()
            self._sockets.discard(socket)
        return socket

    def _whom(self, request: web.Request) -> str:
        """`?as=`, an id or a name; without it the first person of the workspace."""
        people = (person.id for person in self.slack.people.values() if person.bot_id is None)
        return request.query.get("as") or next(people)

    async def _close_sockets(self, _: web.Application) -> None:
        for socket in list(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY, message=b"the sandbox stops")

    # -- what one does ----------------------------------------------------------------------------

    def _say(self, body: Body) -> str:
        person, channel, text = body["as"], body["channel"], body["text"]
        if not isinstance(text, str) or not text.strip():
            raise ValueError("There is nothing to send.")
        command, _, rest = text.strip().partition(" ")
        if not command.startswith("/"):
            return self.slack.say(person, channel, text, body.get("thread_ts"))
        if command not in self.slack.commands:
            offered = ", ".join(self.slack.commands)
            raise ValueError(f"{command} is not a command here. There is: {offered}")
        if body.get("thread_ts"):
            raise ValueError(f"{command} is not supported in threads. Sorry!")  # Slack's own words
        return self.slack.slash(person, channel, command, rest.strip())

    def _press(self, body: Body) -> str:
        chosen = {name: body.get(name) for name in ("block_id", "value", "selected_option", "values")}
        if "view_id" in body:
            return self.slack.press_view(body["as"], body["view_id"], body["action_id"], **chosen)
        return self.slack.press(body["as"], body["channel"], body["ts"], body["action_id"], **chosen)

    def _dismiss(self, body: Body) -> None:
        message = self.slack.ephemerals.get(body["ts"])
        if message and message.only_for == self.slack.person(body["as"]).id:
            self.slack.delete(message)


async def _index(_: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html")


def _posted(act: Act) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        result = act(await json_object(request))
        return web.json_response({"ok": True, "result": await result if isawaitable(result) else result})

    return handle


@web.middleware
async def _explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What the workspace refuses, in words the page can show."""
    try:
        return await handler(request)
    except KeyError as unknown:
        return web.json_response({"error": f"Unknown or missing: {unknown.args[0]}"}, status=404)
    except (LookupError, SlackError) as refusal:
        return web.json_response({"error": str(refusal)}, status=409)
    except ValueError as wrong:
        return web.json_response({"error": str(wrong)}, status=400)


def _keep(changes: asyncio.Queue[Body], change: Body) -> None:
    """Queue a change; a queue that is full gives way to the one word that ends the socket."""
    if changes.full():
        while not changes.empty():
            changes.get_nowait()
        change = OVERRUN
    changes.put_nowait(change)


async def _pump(socket: web.WebSocketResponse, changes: asyncio.Queue[Body]) -> None:
    """Send changes until the browser leaves, or was too slow and has to come back for a snapshot."""
    leaving = asyncio.ensure_future(socket.receive())
    leaving.add_done_callback(lambda _: _keep(changes, LEFT))
    try:
        while (change := await changes.get()) not in (LEFT, OVERRUN):
            await socket.send_json(change)
        if change is OVERRUN:
            await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
    finally:
        leaving.cancel()
