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

from bot.faults import Unavailable
from bot.outbox import Throttled
from integrations.slack import call

log = logging.getLogger(__name__)

CONNECT_AGAIN_SECONDS = 2.0
LISTENERS = 10
PING_SECONDS = 3
"""How often the SDK looks whether the connection still lives: a cut one is replaced after this."""


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

    Raises bot.outbox.Undeliverable when Slack refuses the tokens.
    """
    handler = SocketModeHandler(app, app_token, concurrency=LISTENERS, ping_interval=PING_SECONDS)
    ear = Ear()
    handler.client.on_message_listeners.append(ear.heard)
    handler.client.on_close_listeners.append(ear.lost)
    handler.client.on_error_listeners.append(ear.lost)
    while not stop.is_set():
        try:
            call(handler.connect)
            break
        except (Unavailable, Throttled) as trouble:
            log.warning("slack: %s: trying again", trouble)
            stop.wait(CONNECT_AGAIN_SECONDS)
    stop.wait()
    handler.client.close()
