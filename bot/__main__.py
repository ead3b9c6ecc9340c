"""`python -m bot <process>`: imports nothing heavy before it knows what is asked for."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

EPILOG = """\
environment: SHIPMATE_CONFIG (./shipmate.yaml), REDIS_URL, SLACK_BOT_TOKEN, SLACK_APP_TOKEN,
SLACK_SIGNING_SECRET, SLACK_API_URL, HOST, PORT, LOG_LEVEL. See docs/configuration.md.
"""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="Shipmate: ship software from chat.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    processes = parser.add_subparsers(dest="process", required=True, metavar="process")
    processes.add_parser("bot", help="Slack over Socket Mode: understand, authorise, record, acknowledge")
    processes.add_parser("web", help="HTTP: Slack in HTTP mode, /healthz, /metrics")
    processes.add_parser("worker", help="takes jobs: every call to Jenkins, Kubernetes, Elasticsearch")
    processes.add_parser("watcher", help="observes what operations wait for, and wakes them")
    processes.add_parser("check", help="read shipmate.yaml and say what is wrong with it")
    console = processes.add_parser("console", help="the break-glass terminal, for when Slack is down")
    console.add_argument("--as", dest="email", required=True, metavar="EMAIL", help="whom you speak for")
    console.add_argument("--lang", choices=("en", "zh"), help="what it speaks; else as LANG has it")
    processes.add_parser("audit", help="what was typed at the terminal: when, and by whom")
    return _run(parser.parse_args(arguments))


def _run(given: argparse.Namespace) -> int:
    from bot.environment import Environment
    from bot.redact.formatter import RedactingFormatter

    for number in (signal.SIGTERM, signal.SIGINT):  # until the process has its own way to stop
        signal.signal(number, _leave)
    try:
        environment = Environment.read(os.environ)
    except ValueError as error:
        return _fail(str(error))
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=environment.log_level, handlers=[handler])
    from bot.app import App
    from bot.settings import BadSettings

    app = App(environment)
    try:
        app.settings  # noqa: B018  # read before anything is started
        app.catalogue  # noqa: B018
    except BadSettings as problem:
        return _fail(str(problem))
    if given.process == "check":
        print(f"{environment.config} is right: {len(app.settings.projects)} projects.")  # noqa: T201
        return 0
    if given.process == "console":
        from bot import console

        return console.run(app, given.email, given.lang or console.language_here(os.environ))
    if given.process == "audit":
        from bot import console

        return console.audit(app)
    from bot.processes import run

    return run(given.process, app)


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    """Nothing was begun yet."""
    sys.exit(0)


def _fail(message: str) -> int:
    print(message, file=sys.stderr)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
