"""The processes of the Procfile. Each runs until SIGTERM or SIGINT and ends what it began."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING

from bot.app import App
from bot.chat import Undeliverable
from bot.faults import Unavailable

if TYPE_CHECKING:
    from waitress.server import BaseWSGIServer

log = logging.getLogger(__name__)

SWITCH_SECONDS = 0.0005
"""How long a thread of the bot keeps the interpreter: acknowledgements must not wait behind the outbox."""


def bot(app: App) -> None:
    """Slack over Socket Mode, and the outbox."""
    from integrations.slack_socket import run_socket_mode

    stop = _stop_on_signals()
    sys.setswitchinterval(SWITCH_SECONDS)
    app.backends  # noqa: B018  # settings are read now: a broken file stops the start, not the first command
    app.postman.start()
    try:
        run_socket_mode(app.bolt, app.environment.slack_app_token, stop)
    finally:
        app.postman.stop()


def web(app: App) -> None:
    """HTTP: Slack in HTTP mode, /healthz, /metrics, and the outbox."""
    from waitress.server import create_server

    from bot.web import build

    server = create_server(build(app), host=app.environment.host, port=app.environment.port, threads=8)
    stop = _stop_on_signals()
    app.postman.start()
    threading.Thread(target=_serve, args=(server, stop), name="web", daemon=True).start()
    log.info("listening on http://%s:%s", app.environment.host, app.environment.port)
    stop.wait()
    server.close()
    app.postman.stop()


def _serve(server: BaseWSGIServer, stop: threading.Event) -> None:
    """Waitress' loop does not expect its sockets to be closed from another thread, as the end does."""
    try:
        server.run()
    except OSError:
        if not stop.is_set():
            raise


def worker(app: App) -> None:
    """RQ: every call to Jenkins, Kubernetes and Elasticsearch. RQ handles the signals itself."""
    from bot.jobs import work

    work(app.engine, app.queue_redis)


def watcher(app: App) -> None:
    """Observes what operations wait for; sends the mails of those that ended."""
    stop = _stop_on_signals()
    if app.mailroom is not None:
        threading.Thread(target=app.mailroom.run, args=(stop,), name="mailroom", daemon=True).start()
    app.watcher.run(stop)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    return stop


PROCESSES = {"bot": bot, "web": web, "worker": worker, "watcher": watcher}
NEEDS = {
    "bot": ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"),
    "web": ("SLACK_BOT_TOKEN",),
    "worker": ("SLACK_BOT_TOKEN",),
    "watcher": (),
}


def run(name: str, app: App) -> int:
    """Exit status: 0 after a stop that was asked for, 1 with one line on stderr otherwise."""
    missing = app.environment.needs(*NEEDS[name])
    if missing:
        print(missing, file=sys.stderr)  # noqa: T201
        return 1
    try:
        PROCESSES[name](app)
    except Unavailable as trouble:
        print(f"{trouble.system} {trouble.reason}.", file=sys.stderr)  # noqa: T201
        return 1
    except (OSError, ValueError) as reason:  # a port in use, an address that is none
        print(f"{name} cannot start: {reason}", file=sys.stderr)  # noqa: T201
        return 1
    except Undeliverable as refusal:
        print(f"Slack refuses the tokens: {refusal}.", file=sys.stderr)  # noqa: T201
        return 1
    return 0
