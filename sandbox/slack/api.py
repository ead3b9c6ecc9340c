"""The Web API's front: token, rate limit, arguments, method, answer (https://docs.slack.dev/apis/web-api)."""

from __future__ import annotations

import json
from collections.abc import Callable

from aiohttp import web

from sandbox.slack import arguments, chat, lookups, surfaces
from sandbox.slack.arguments import Arguments
from sandbox.slack.rates import Rates
from sandbox.slack.records import APP, Json, SlackError
from sandbox.slack.state import Slack

Method = Callable[[Slack, Arguments], Json]
METHODS: dict[str, Method] = {**chat.METHODS, **lookups.METHODS, **surfaces.METHODS}
CONNECT = "apps.connections.open"
SCOPES = (
    "app_mentions:read,channels:history,channels:read,chat:write,commands,files:write,im:history,im:read,"
    "im:write,reactions:write,usergroups:read,users:read,users:read.email"
)


class Api:
    """`/api/<method>`. `limits` switches Slack's rate limits on; `calls` counts calls by method."""

    def __init__(self, slack: Slack, bot_token: str, app_token: str, socket_url: Callable[[], str]) -> None:
        self.limits = False
        self.rates = Rates()
        self.calls: dict[str, int] = {}
        self._slack = slack
        self._tokens = {bot_token: "bot", app_token: "app"}
        self._socket_url = socket_url

    async def handle(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.calls[method] = self.calls.get(method, 0) + 1
        try:
            given = await arguments.read(request)
            self._check_token(request, method, given)
            if self.limits and (seconds := self.rates.retry_after(method, given.text("channel") or "")):
                return _answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(seconds)})
            return _answer({"ok": True, **self._call(method, given)})
        except SlackError as error:
            return _answer(error.json())

    def _call(self, method: str, given: Arguments) -> Json:
        if method == CONNECT:
            return {"url": self._socket_url()}
        if method not in METHODS:
            raise SlackError("unknown_method")
        return METHODS[method](self._slack, given)

    def _check_token(self, request: web.Request, method: str, given: Arguments) -> None:
        """Raises SlackError `not_authed`, `invalid_auth`, `not_allowed_token_type`."""
        if method == "api.test":
            return
        header = request.headers.get("Authorization", "")
        token = header.removeprefix("Bearer ") or given.text("token")
        if not token:
            raise SlackError("not_authed")
        kind = self._tokens.get(token)
        if kind is None:
            raise SlackError("invalid_auth")
        if kind != ("app" if method == CONNECT else "bot"):
            raise SlackError("not_allowed_token_type")


def _answer(body: Json, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    headers = {"X-OAuth-Scopes": SCOPES, "X-Slack-App-Id": APP, **(headers or {})}
    return web.Response(
        text=json.dumps(body), status=status, headers=headers, content_type="application/json"
    )
