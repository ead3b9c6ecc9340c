"""Socket Mode, Slack's side (https://docs.slack.dev/apis/events-api/using-socket-mode)."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import time
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.slack.delivery import Envelope
from sandbox.slack.records import APP, Json

MAX_SOCKETS = 10
PING_SECONDS = 10.0
CLOSE_SECONDS = 0.1
"""How long a closing socket waits for the client's close frame; slack_sdk's builtin client sends none."""
REASONS = ("warning", "refresh_requested", "link_disabled")
_REASON_OF = {"http_timeout": "timeout", "connection_failed": "connection_failed", "": ""}


class SocketMode:
    """The open sockets of the app; each envelope goes to one of them, in turn."""

    def __init__(self) -> None:
        self.sockets: list[web.WebSocketResponse] = []
        self.ping_seconds = PING_SECONDS
        self._tickets: set[str] = set()
        self._turn = itertools.count()
        self._sent: dict[str, Envelope] = {}

    def ticket(self) -> str:
        """A single-use ticket for one connection, as apps.connections.open gives."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return ticket

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """`GET /link/?ticket=...`: one socket from hello until it closes."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.json_response({"ok": False, "error": "invalid_ticket"}, status=403)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(compress=False, timeout=CLOSE_SECONDS)
        await socket.prepare(request)
        if len(self.sockets) >= MAX_SOCKETS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        self.sockets.append(socket)
        pings = asyncio.ensure_future(self._ping(socket))
        try:
            await socket.send_json(self._hello())
            await self._listen(socket)
        finally:
            pings.cancel()
            self._forget(socket)
        return socket

    async def send(self, envelope: Envelope, attempt: int, reason: str) -> str | None:
        frame: Json = {
            "envelope_id": envelope.id,
            "payload": envelope.payload,
            "type": envelope.kind,
            "accepts_response_payload": envelope.accepts_response_payload,
        }
        if envelope.kind == "events_api":
            frame |= {"retry_attempt": attempt, "retry_reason": _REASON_OF.get(reason, reason)}
        text = json.dumps(frame)
        self._sent[envelope.id] = envelope
        # A socket whose peer vanished is dropped and the next one is tried.
        while self.sockets:
            socket = self.sockets[next(self._turn) % len(self.sockets)]
            try:
                sent = time.monotonic()
                await socket.send_str(text)
            except (ConnectionError, RuntimeError):
                self._forget(socket)
            else:
                envelope.sent.append(sent)
                return None
        return "connection_failed"

    async def disconnect(self, reason: str) -> None:
        """Tell every socket to go, as when Slack refreshes a connection; a warning leaves them open."""
        message = {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}}
        for socket in list(self.sockets):
            if reason != "warning":
                self._forget(socket)
            await socket.send_json(message)
            if reason != "warning":
                await socket.close()

    async def close(self) -> None:
        """Close every socket."""
        for socket in list(self.sockets):
            self._forget(socket)
            await socket.close()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.sockets),
            "connection_info": {"app_id": APP},
            "debug_info": {
                "host": "applink-sandbox",
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
        }

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self._acknowledge(json.loads(message.data))

    def _acknowledge(self, frame: dict[str, Any]) -> None:
        envelope = self._sent.get(frame.get("envelope_id", ""))
        if envelope:
            envelope.acknowledge(frame.get("payload"))

    def _forget(self, socket: web.WebSocketResponse) -> None:
        if socket in self.sockets:
            self.sockets.remove(socket)

    async def _ping(self, socket: web.WebSocketResponse) -> None:
        for number in itertools.count(1):
            await asyncio.sleep(self.ping_seconds)
            try:
                await socket.ping(f"Ping from applink-sandbox #{number}".encode())
            except ConnectionError:  # the peer went between two pings
                self._forget(socket)
                return
