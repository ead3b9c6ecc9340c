"""Slack over Socket Mode: connect, stay connected, and say so when we were deaf for a while.

The SDK reconnects by itself after `disconnect` messages and dropped sockets. Slack delivers again what was
not acknowledged; the dispatcher knows such repetitions by their keys.
"""

from __future__ import annotations

import logging
import threading
import time

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot.chat import Throttled
from bot.faults import Unavailable
from integrations.slack_web import call

log = logging.getLogger(__name__)

CONNECT_AGAIN_SECONDS = 2.0
LOOK_SECONDS = 0.25
"""How soon a lost socket is noticed. The SDK looks every 10 s, and means to reconnect as a socket closes, but
takes it for open still; Slack delivers an event again at once and then after a minute, a tap never."""
LISTENERS = 10
PING_SECONDS = 2
"""The SDK gives a connection up after four pings without an answer, or five that cannot be sent."""


class Ear:
    """Notices the time between a lost connection and the next `hello`."""

    def __init__(self) -> None:
        self._deaf_since: float | None = None

    def lost(self, *_: object) -> None:
        if self._deaf_since is None:
            self._deaf_since = time.monotonic()

    def heard(self, frame: str) -> None:
        if self._deaf_since is not None and '"hello"' in frame[:100]:
            log.warning(
                "slack gap=%.1fs: what was not acknowledged comes again", time.monotonic() - self._deaf_since
            )
            self._deaf_since = None


def run_socket_mode(app: App, app_token: str, stop: threading.Event) -> None:
    """Receive until `stop`; a Slack that does not answer yet is waited for.

    Raises bot.chat.Undeliverable when Slack refuses the tokens.
    """
    handler = SocketModeHandler(app, app_token, concurrency=LISTENERS, ping_interval=PING_SECONDS)
    ear = Ear()
    handler.client.on_message_listeners.append(ear.heard)
    handler.client.on_close_listeners.append(ear.lost)
    handler.client.on_error_listeners.append(ear.lost)
    while not stop.wait(LOOK_SECONDS):
        if handler.client.is_connected():
            continue
        try:
            call(handler.client.connect_to_new_endpoint)
        except (Unavailable, Throttled) as trouble:
            log.warning("slack: %s: trying again", trouble)
            stop.wait(CONNECT_AGAIN_SECONDS)
    handler.client.close()
