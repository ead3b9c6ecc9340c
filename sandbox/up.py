"""`make up`: Redis, the sandbox shop (or your own systems) and the Procfile, in one terminal.

With SLACK_BOT_TOKEN and SLACK_APP_TOKEN in the environment and a shipmate.yaml here, the same processes
work on the real Slack and the real systems; otherwise the whole shop runs on this machine.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from honcho.environ import expand_processes, parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer

from sandbox import terminal
from sandbox.redis import RedisServer

DATA = terminal.DATA
SAMPLE = Path(__file__).parent / "shipmate.yaml"
FIRST_PORT = 7420
PORTS = {
    name: FIRST_PORT + number
    for number, name in enumerate(
        ("page", "slack", "jenkins", "kubernetes", "elasticsearch", "redis", "web", "harbor", "mail")
    )
}


class CannotStart(Exception):
    """One line for the person at the terminal."""


def up(variables: Mapping[str, str]) -> int:
    """Run until Ctrl-C or until a process ends. Returns the exit status."""
    try:
        with ExitStack() as stack:
            environment = _prepare(stack, variables)
            return _run_procfile(environment)
    except CannotStart as reason:
        print(reason, file=sys.stderr)  # noqa: T201
        return 1


def is_real(variables: Mapping[str, str]) -> bool:
    config = Path(variables.get("SHIPMATE_CONFIG", "shipmate.yaml"))
    return bool(variables.get("SLACK_BOT_TOKEN") and variables.get("SLACK_APP_TOKEN") and config.exists())


def _prepare(stack: ExitStack, variables: Mapping[str, str]) -> dict[str, str]:
    """Start what the processes need, and check the configuration before any of them starts."""
    real = is_real(variables)
    environment = {**variables, "PYTHONUNBUFFERED": "1", "PATH": _path(variables)}
    environment["PORT"] = variables.get("PORT", str(PORTS["web"]))
    _check_free({"web": int(environment["PORT"])} if real else PORTS)
    if not real:  # the shop is born anew: what is remembered of an earlier one would be untrue
        shutil.rmtree(DATA / "redis", ignore_errors=True)
    if "REDIS_URL" not in variables or not real:
        environment["REDIS_URL"] = stack.enter_context(running_redis(DATA / "redis", PORTS["redis"]))
    if not real:
        shop = {**stack.enter_context(running_world(1.0, PORTS)), "SHIPMATE_CONFIG": str(SAMPLE)}
        environment.update(shop)
        terminal.remember({**shop, "REDIS_URL": environment["REDIS_URL"]})
    _check_configuration(environment)
    where = "your Slack workspace" if real else f"http://127.0.0.1:{PORTS['page']}"
    print(f"Shipmate is up: {where}   (Ctrl-C stops it; the log is in {DATA / 'shipmate.log'})", flush=True)  # noqa: T201
    return environment


@contextmanager
def running_redis(folder: Path, port: int) -> Iterator[str]:
    """Gives the address."""
    server = RedisServer(folder, port)
    try:
        server.start()
    except RuntimeError as reason:
        raise CannotStart(str(reason)) from None
    try:
        yield server.url
    finally:
        server.stop()


@contextmanager
def running_world(pace: float, ports: Mapping[str, int]) -> Iterator[dict[str, str]]:
    """The sandbox as a process of its own; gives the environment variables with which others find it."""
    options = json.dumps({"pace": pace, "ports": dict(ports)})
    process = subprocess.Popen(  # noqa: S603  # our own argument list
        [sys.executable, "-m", "sandbox.serve", options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C goes to us first: the sandbox stops after what uses it
        text=True,
    )
    assert process.stdout is not None
    try:
        facts = json.loads(process.stdout.readline() or '{"error": "it ended at once"}')
        if "error" in facts:
            raise CannotStart(f"The sandbox cannot start: {facts['error']}.")
        yield facts["variables"]
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _check_free(ports: Mapping[str, int]) -> None:
    for name, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise CannotStart(
                    f"Port {port} (for {name}) is in use: is Shipmate up already? Stop what listens there."
                ) from None


def _check_configuration(environment: Mapping[str, str]) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "bot", "check"],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if checked.returncode:
        raise CannotStart(checked.stderr.strip())


def _path(variables: Mapping[str, str]) -> str:
    """`python` in the Procfile is the one that runs this."""
    return f"{Path(sys.executable).parent}{os.pathsep}{variables.get('PATH', '')}"


def _run_procfile(environment: Mapping[str, str]) -> int:
    DATA.mkdir(exist_ok=True)
    with (DATA / "shipmate.log").open("w", encoding="utf-8", buffering=1) as log:
        manager = Manager(Printer(log))
        processes = parse_procfile(Path("Procfile").read_text()).processes
        workers = int(environment.get("SHIPMATE_WORKERS", "2"))
        for process in expand_processes(processes, {"worker": workers}, env={"HONCHO": "1"}):
            manager.add_process(process.name, process.cmd, env={**environment, **process.env})
        manager.loop()
    stopped_by_hand = manager.returncode in (130, 143)
    if not stopped_by_hand:
        print(f"A process ended by itself: see {DATA / 'shipmate.log'}.", file=sys.stderr)  # noqa: T201
    return 0 if stopped_by_hand else 1


if __name__ == "__main__":
    sys.exit(up(os.environ))
